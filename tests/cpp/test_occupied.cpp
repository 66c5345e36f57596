#include <algorithm>
#include <random>
#include <vector>

#include "check.hpp"
#include "plan/occupied.hpp"

namespace {

using namespace mpsnn;

/// What `Occupied` finds, from the definitions.
struct Plain {
  std::vector<Interval> intervals;
  std::vector<std::size_t> offsets;

  bool is_free(const Interval& wanted, std::size_t offset) const {
    for (std::size_t i = 0; i < intervals.size(); ++i) {
      const Interval& other = intervals[i];
      const bool together = wanted.first <= other.last && other.first <= wanted.last;
      if (together && offsets[i] < offset + wanted.bytes && offset < offsets[i] + other.bytes) return false;
    }
    return true;
  }

  /// Nothing is at a lower place than at the start of memory or at the end of something.
  std::size_t lowest(const Interval& wanted) const {
    std::size_t best = is_free(wanted, 0) ? 0 : std::size_t(-1);
    for (std::size_t i = 0; i < intervals.size(); ++i) {
      const std::size_t end = offsets[i] + intervals[i].bytes;
      if (end < best && is_free(wanted, end)) best = end;
    }
    return best;
  }
};

/// Layers of a deep network in training: images kept from their step to the one that mirrors it, gradients of a moment, small
/// ones.
std::vector<Interval> training(int layers, std::mt19937& random) {
  std::vector<Interval> intervals;
  const auto size = [&] { return 64 * (1 + std::size_t(random() % 4)); };
  for (int i = 0; i < layers; ++i) {
    const int mirrored = 2 * layers - i;
    intervals.push_back({1024 * (1 + std::size_t(random() % 2)), i, mirrored});
    intervals.push_back({1024, mirrored, mirrored + 1});
    intervals.push_back({size(), mirrored, mirrored + int(random() % 3)});
    if (random() % 8 == 0) intervals.push_back({size(), int(random() % layers), 2 * layers});
  }
  std::sort(intervals.begin(), intervals.end(),
            [](const Interval& a, const Interval& b) { return a.bytes != b.bytes ? a.bytes > b.bytes : a.first < b.first; });
  return intervals;
}

TEST(the_lowest_place_is_the_lowest) {
  std::mt19937 random(1);
  for (int layers : {3, 40, 300}) {
    Occupied occupied;
    Plain plain;
    for (const Interval& interval : training(layers, random)) {
      const std::size_t offset = occupied.lowest(interval);
      CHECK_EQUAL(offset, plain.lowest(interval));
      occupied.add(interval, offset);
      plain.intervals.push_back(interval);
      plain.offsets.push_back(offset);
    }
  }
}

TEST(a_place_in_the_middle_is_free) {
  std::mt19937 random(2);
  Occupied occupied;
  Plain plain;
  int in_a_middle = 0;
  for (const Interval& interval : training(300, random)) {
    const std::size_t offset = occupied.in_the_middle(interval);
    CHECK(plain.is_free(interval, offset));
    in_a_middle += offset != plain.lowest(interval);
    occupied.add(interval, offset);
    plain.intervals.push_back(interval);
    plain.offsets.push_back(offset);
  }
  CHECK(in_a_middle > 100);
}

}  // namespace
