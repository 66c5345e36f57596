#pragma once

#ifdef _OPENMP
#include <omp.h>
#endif

namespace mpsnn {

/// Ends the threads that OpenMP keeps for this thread's next parallel loop, for a thread that others take the work from. GNU's
/// library lets threads wait awake only while there are no more of them than processors, and those of every thread that has had
/// a parallel loop count: with two such threads, each loop wakes sleepers, which takes ten times as long.
inline void release_thread_team() {
#if defined(_OPENMP) && defined(__GNUC__) && !defined(__clang__)
  omp_pause_resource(omp_pause_soft, omp_get_initial_device());
#endif
}

}  // namespace mpsnn
