#include "kernels/cpu/thread_placement.hpp"

namespace mpsnn::cpu {

#ifdef __linux__

void keep_off(int processor, int count) {
  thread_local cpu_set_t allowed, chosen;  // chosen: what this function has left of the allowed ones; at first none
  cpu_set_t current;
  // Where a machine has more processors than such a set has room for, or they are none of ours to choose, they stay as they are.
  if (sched_getaffinity(0, sizeof(current), &current) != 0) return;
  if (!CPU_EQUAL(&current, &chosen)) allowed = current;  // somebody else has chosen
  if (CPU_COUNT(&allowed) < count || !CPU_ISSET(processor, &allowed)) return;
  cpu_set_t others = allowed;
  CPU_CLR(processor, &others);
  if (sched_setaffinity(0, sizeof(others), &others) == 0) chosen = others;
}

#else

void keep_off(int, int) {}

#endif

}  // namespace mpsnn::cpu
