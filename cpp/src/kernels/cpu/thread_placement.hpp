#pragma once

#ifdef __linux__
#include <sched.h>
#endif

namespace mpsnn::cpu {

/// Of this thread, at this moment; -1 where nobody says.
inline int current_processor() {
#ifdef __linux__
  return sched_getcpu();
#else
  return -1;
#endif
}

/// From now on the system runs this thread, one of a team of `count`, on others of the processors that it may use than this one.
/// Nothing where it may use fewer than `count`.
void keep_off(int processor, int count);

/// Called by the threads of a loop that work for another, which runs on `processor`. A system may wake them where that one runs
/// while other processors are idle: Linux does after a pause, in virtual machines above all. Both then wait for each other, and
/// a network takes longer than on one thread, for as long as it takes the system to notice.
inline void make_way_on(int processor, int count) {
  if (processor >= 0 && current_processor() == processor) keep_off(processor, count);
}

}  // namespace mpsnn::cpu
