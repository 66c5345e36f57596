#pragma once

#include <cstddef>
#include <vector>

namespace mpsnn {

inline constexpr std::size_t kAlignment = 64;

// Something that needs memory from step `first` to step `last`.
struct Interval {
  std::size_t bytes;
  int first, last;
};

// Who lies where in memory, and when. Thousands of images lie there while a deep network is trained: neighbours are looked at
// together, and one by one only where some of them live at the time in question and others do not.
class Occupied {
 public:
  void add(const Interval& interval, std::size_t offset);

  // The lowest offset where the interval meets nobody who lives at the same time.
  std::size_t lowest(const Interval& interval) const;

  // The lowest one where it lies in the middle of one that lives at another time; as `lowest` where there is none.
  std::size_t in_the_middle(const Interval& interval) const;

 private:
  struct Placed {
    std::size_t offset, end;
    int first, last;
  };

  struct Neighbours {
    std::vector<Placed> placed;  // by offset
    std::size_t end = 0, most_bytes = 0;
    int earliest_first = 0, latest_first = 0, earliest_last = 0, latest_last = 0;
    // From step `full_from` to step `full_to` those who live then leave no gap wider than `widest_gap` from `full_offset` to the
    // end.
    int full_from = 0, full_to = 0;
    std::size_t full_offset = 0, widest_gap = 0;

    std::size_t offset() const { return placed.front().offset; }
    bool some_live(const Interval& i) const { return i.first <= latest_last && earliest_first <= i.last; }
    bool all_live(const Interval& i) const { return i.first <= earliest_last && latest_first <= i.last; }
    // For the interval at `from` or higher.
    bool leave_no_room(const Interval& i, std::size_t from) const {
      return i.first <= full_to && full_from <= i.last && widest_gap < i.bytes && full_offset < from + i.bytes;
    }
    void summarize();
  };

  static bool live_together(const Interval& a, const Placed& b) { return a.first <= b.last && b.first <= a.last; }
  bool is_free(const Interval& interval, std::size_t offset) const;

  std::vector<Neighbours> all_;  // by offset
};

}  // namespace mpsnn
