#pragma once

#include <algorithm>
#include <cstddef>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "kernels/cpu/thread_placement.hpp"

namespace mpsnn::cpu {

/// Threads a kernel may use; one where OpenMP is absent.
inline int thread_count() {
#ifdef _OPENMP
  return omp_get_max_threads();
#else
  return 1;
#endif
}

/// Calls `body(begin, end)` on parts of [0, count), at most one part a thread. A part has `grain` items or more, so that
/// small work stays on one thread. The split depends on the number of threads only: results are deterministic.
template <class Body>
void parallel_ranges(std::size_t count, std::size_t grain, const Body& body) {
  const std::size_t parts =
      std::min<std::size_t>(std::size_t(thread_count()), std::max<std::size_t>(count / std::max<std::size_t>(grain, 1), 1));
  if (parts <= 1) {
    if (count > 0) body(std::size_t(0), count);
    return;
  }
#ifdef _OPENMP  // otherwise there is one part
  const int processor = current_processor();
#pragma omp parallel for schedule(static) num_threads(int(parts))
  for (std::size_t part = 0; part < parts; ++part) {
    if (omp_get_thread_num() > 0) make_way_on(processor, int(parts));
    body(count * part / parts, count * (part + 1) / parts);
  }
#endif
}

/// The sum, added up in double precision; one lane each, so that it becomes vector code.
inline double sum_of(const float* values, std::size_t count) {
  constexpr std::size_t kLanes = 8;
  double lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += double(values[i + l]);
  }
  for (; i < count; ++i) lanes[0] += double(values[i]);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

}  // namespace mpsnn::cpu
