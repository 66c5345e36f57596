#include <algorithm>

#include "plan/occupied.hpp"
#include "plan/passes.hpp"

namespace mpsnn {

namespace {

std::size_t aligned(std::size_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

struct Wanted {
  Interval interval;
  std::size_t* offset;
};

using Place = std::size_t (Occupied::*)(const Interval&) const;

// Largest first, then earliest. `place` is null where each has memory of its own.
std::size_t place_all(const std::vector<Wanted>& wanted, Place place, std::vector<std::size_t>& offsets) {
  std::size_t total = 0;
  Occupied occupied;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    const Interval& interval = wanted[i].interval;
    offsets[i] = place ? (occupied.*place)(interval) : total;
    total = std::max(total, offsets[i] + interval.bytes);
    if (place) occupied.add(interval, offsets[i]);
  }
  return total;
}

// Threads divide images as they lie in memory. Where those that follow one another there have their middles at the same place,
// two threads each keep their half of it, and its lines in their own cache.
std::size_t place(std::vector<Wanted>& wanted, bool reuse) {
  std::sort(wanted.begin(), wanted.end(), [](const Wanted& a, const Wanted& b) {
    const Interval &x = a.interval, &y = b.interval;
    return x.bytes != y.bytes ? x.bytes > y.bytes : x.first < y.first;
  });
  std::vector<std::size_t> offsets(wanted.size()), middle(wanted.size());
  std::size_t total = place_all(wanted, reuse ? &Occupied::lowest : nullptr, offsets);
  if (reuse) {
    const std::size_t total_of_middle = place_all(wanted, &Occupied::in_the_middle, middle);
    if (total_of_middle <= total) {
      total = total_of_middle;
      offsets = middle;
    }
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) *wanted[i].offset = offsets[i];
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
  std::vector<Wanted> wanted;
  for (std::size_t i = 0; i < plan.values.size(); ++i) {
    PlanValue& value = plan.values[i];
    if (value.root != int(i) || value.slot != kNone || value.first == kNone) continue;
    value.byte_count = plan.batch * value.shape.count() * sizeof(float);
    wanted.push_back({{aligned(value.byte_count), value.first, value.last}, &value.arena_offset});
  }
  for (PlanBlock& block : plan.blocks) {
    if (block.slot == kNone && block.first != kNone) {
      wanted.push_back({{aligned(block.byte_count), block.first, block.last}, &block.arena_offset});
    }
  }
  plan.arena_bytes = place(wanted, reuse);
  plan.parts = std::size_t(draft.planner.threads);
  for (const PlanStep& step : plan.steps) {
    if (!step.kernel) continue;
    plan.scratch_bytes = std::max(plan.scratch_bytes, aligned(step.kernel->scratch_bytes()));
    plan.part_scratch_bytes = std::max(plan.part_scratch_bytes, aligned(step.kernel->part_scratch_bytes()));
    plan.passing_bytes = std::max(plan.passing_bytes, step.kernel->passing_bytes());
  }
}

}  // namespace mpsnn
