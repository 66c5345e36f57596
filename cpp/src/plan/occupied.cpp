#include "plan/occupied.hpp"

#include <algorithm>

namespace mpsnn {

namespace {

// Of neighbours looked at together: that many make two.
constexpr std::size_t kMostNeighbours = 128;

}  // namespace

void Occupied::Neighbours::summarize() {
  end = most_bytes = 0;
  earliest_first = latest_first = placed.front().first;
  earliest_last = latest_last = placed.front().last;
  const Placed* longest = &placed.front();
  for (const Placed& p : placed) {
    end = std::max(end, p.end);
    most_bytes = std::max(most_bytes, p.end - p.offset);
    earliest_first = std::min(earliest_first, p.first);
    latest_first = std::max(latest_first, p.first);
    earliest_last = std::min(earliest_last, p.last);
    latest_last = std::max(latest_last, p.last);
    if (p.last - p.first > longest->last - longest->first) longest = &p;
  }
  // Images kept for the backward pass live in the middle of each other.
  const int middle = longest->first + (longest->last - longest->first) / 2;
  full_from = longest->first;
  full_to = longest->last;
  std::size_t reached = 0;
  widest_gap = 0;
  for (const Placed& p : placed) {
    if (p.first > middle || p.last < middle) continue;
    full_from = std::max(full_from, p.first);
    full_to = std::min(full_to, p.last);
    if (reached == 0) full_offset = reached = p.offset;
    if (p.offset > reached) widest_gap = std::max(widest_gap, p.offset - reached);
    reached = std::max(reached, p.end);
  }
  if (reached != end) widest_gap = std::size_t(-1);
}

void Occupied::add(const Interval& interval, std::size_t offset) {
  if (all_.empty()) all_.emplace_back();
  auto group = std::upper_bound(all_.begin() + 1, all_.end(), offset,
                                [](std::size_t wanted, const Neighbours& other) { return wanted < other.offset(); }) -
               1;
  std::vector<Placed>& placed = group->placed;
  placed.insert(std::upper_bound(placed.begin(), placed.end(), offset,
                                 [](std::size_t wanted, const Placed& other) { return wanted < other.offset; }),
                {offset, offset + interval.bytes, interval.first, interval.last});
  if (placed.size() == kMostNeighbours) {
    Neighbours upper;
    upper.placed.assign(placed.begin() + kMostNeighbours / 2, placed.end());
    upper.summarize();
    placed.resize(kMostNeighbours / 2);
    group->summarize();
    all_.insert(group + 1, std::move(upper));
  } else {
    group->summarize();
  }
}

std::size_t Occupied::lowest(const Interval& interval) const {
  std::size_t offset = 0;
  for (const Neighbours& group : all_) {
    if (group.offset() >= offset + interval.bytes) break;
    if (!group.some_live(interval)) continue;
    if (group.leave_no_room(interval, offset)) {
      offset = std::max(offset, group.end);
      continue;
    }
    for (const Placed& other : group.placed) {
      if (!live_together(interval, other)) continue;
      if (other.offset >= offset + interval.bytes) return offset;
      offset = std::max(offset, other.end);
    }
  }
  return offset;
}

bool Occupied::is_free(const Interval& interval, std::size_t offset) const {
  for (const Neighbours& group : all_) {
    if (group.offset() >= offset + interval.bytes) break;
    if (group.end <= offset || !group.some_live(interval)) continue;
    for (const Placed& other : group.placed) {
      if (other.offset < offset + interval.bytes && offset < other.end && live_together(interval, other)) return false;
    }
  }
  return true;
}

std::size_t Occupied::in_the_middle(const Interval& interval) const {
  constexpr int kMostTrials = 64;
  int trials = 0;
  std::size_t tried = std::size_t(-1);
  for (const Neighbours& group : all_) {
    if (group.most_bytes < interval.bytes || group.all_live(interval)) continue;
    for (const Placed& around : group.placed) {
      if (around.end - around.offset < interval.bytes || live_together(interval, around)) continue;
      const std::size_t offset = around.offset + (around.end - around.offset - interval.bytes) / 2 / kAlignment * kAlignment;
      if (offset == tried) continue;
      if (++trials > kMostTrials) return lowest(interval);
      tried = offset;
      if (is_free(interval, offset)) return offset;
    }
  }
  return lowest(interval);
}

}  // namespace mpsnn
