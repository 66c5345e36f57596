#include <algorithm>

#include "plan/passes.hpp"

namespace mpsnn {

namespace {

constexpr std::size_t kAlignment = 64;

std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

// Something that needs memory from step `first` to step `last`.
struct Interval {
  std::size_t bytes;
  int first, last;
  std::size_t* offset;
};

// The same where it lies, side by side in memory: each is looked at for every other.
struct Placed {
  std::size_t offset, end;
  int first, last;
};

bool live_together(const Interval& a, const Placed& b) { return a.first <= b.last && b.first <= a.last; }

// The lowest offset where the interval meets nobody who lives at the same time.
std::size_t lowest(const Interval& interval, const std::vector<Placed>& placed) {
  std::size_t offset = 0;
  for (const Placed& other : placed) {
    if (!live_together(interval, other)) continue;
    if (other.offset >= offset + interval.bytes) break;
    offset = std::max(offset, other.end);
  }
  return offset;
}

// The lowest one where it lies in the middle of one that lives at another time; as `lowest` where there is none.
std::size_t in_the_middle(const Interval& interval, const std::vector<Placed>& placed) {
  constexpr int kMostTrials = 64;
  int trials = 0;
  std::size_t tried = std::size_t(-1);
  for (const Placed& around : placed) {
    if (around.end - around.offset < interval.bytes || live_together(interval, around)) continue;
    const std::size_t offset = around.offset + (around.end - around.offset - interval.bytes) / 2 / kAlignment * kAlignment;
    if (offset == tried) continue;
    if (++trials > kMostTrials) break;
    tried = offset;
    const bool is_free = std::none_of(placed.begin(), placed.end(), [&](const Placed& other) {
      return other.offset < offset + interval.bytes && offset < other.end && live_together(interval, other);
    });
    if (is_free) return offset;
  }
  return lowest(interval, placed);
}

using Place = std::size_t (*)(const Interval&, const std::vector<Placed>&);

// Largest first, then earliest. `place` is null where each has memory of its own.
std::size_t place_all(const std::vector<Interval>& intervals, Place place, std::vector<std::size_t>& offsets) {
  std::size_t total = 0;
  std::vector<Placed> placed;  // by offset
  placed.reserve(intervals.size());
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    const Interval& interval = intervals[i];
    const std::size_t offset = offsets[i] = place ? place(interval, placed) : total;
    total = std::max(total, offset + interval.bytes);
    const auto at = std::upper_bound(placed.begin(), placed.end(), offset,
                                     [](std::size_t wanted, const Placed& other) { return wanted < other.offset; });
    placed.insert(at, {offset, offset + interval.bytes, interval.first, interval.last});
  }
  return total;
}

// Threads divide images as they lie in memory. Where those that follow one another there have their middles at the same place,
// two threads each keep their half of it, and its lines in their own cache.
std::size_t place(std::vector<Interval>& intervals, bool reuse) {
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.bytes != b.bytes ? a.bytes > b.bytes : a.first < b.first; });
  std::vector<std::size_t> offsets(intervals.size()), middle(intervals.size());
  std::size_t total = place_all(intervals, reuse ? lowest : nullptr, offsets);
  if (reuse) {
    const std::size_t total_of_middle = place_all(intervals, in_the_middle, middle);
    if (total_of_middle <= total) {
      total = total_of_middle;
      offsets = middle;
    }
  }
  for (std::size_t i = 0; i < intervals.size(); ++i) *intervals[i].offset = offsets[i];
  return total;
}

void extend(int& first, int& last, int step) {
  first = first == kNone ? step : std::min(first, step);
  last = std::max(last, step);
}

}  // namespace

void assign_memory(Draft& draft, bool reuse) {
  Plan& plan = draft.plan;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const PlanStep& step = plan.steps[i];
    const auto touch = [&](int value) {
      PlanValue& root = plan.values[plan.values[value].root];
      extend(root.first, root.last, int(i));
    };
    for (int id : step.sources) touch(id);
    if (step.result != kNone) touch(step.result);
    for (int id : step.source_blocks) extend(plan.blocks[id].first, plan.blocks[id].last, int(i));
    for (int id : step.blocks) extend(plan.blocks[id].first, plan.blocks[id].last, int(i));
  }
  std::vector<Interval> intervals;
  for (std::size_t i = 0; i < plan.values.size(); ++i) {
    PlanValue& value = plan.values[i];
    if (value.root != int(i) || value.slot != kNone || value.first == kNone) continue;
    value.byte_count = plan.batch * value.shape.count() * sizeof(float);
    intervals.push_back({aligned(value.byte_count), value.first, value.last, &value.arena_offset});
  }
  for (PlanBlock& block : plan.blocks) {
    if (block.slot == kNone && block.first != kNone) {
      intervals.push_back({aligned(block.byte_count), block.first, block.last, &block.arena_offset});
    }
  }
  plan.arena_bytes = place(intervals, reuse);
  plan.parts = std::size_t(draft.planner.threads);
  for (const PlanStep& step : plan.steps) {
    if (!step.kernel) continue;
    plan.scratch_bytes = std::max(plan.scratch_bytes, aligned(step.kernel->scratch_bytes()));
    plan.part_scratch_bytes = std::max(plan.part_scratch_bytes, aligned(step.kernel->part_scratch_bytes()));
    plan.passing_bytes = std::max(plan.passing_bytes, step.kernel->passing_bytes());
  }
}

}  // namespace mpsnn
