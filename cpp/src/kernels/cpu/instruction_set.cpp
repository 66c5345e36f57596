#include "kernels/cpu/instruction_set.hpp"

#include <cstdlib>
#include <string_view>

namespace mpsnn::cpu {

namespace {

std::size_t find_lanes() {
#if MPSNN_HAS_AVX512
  const char* most = std::getenv("MPSNN_VECTOR_LANES");
  const bool has_avx512 = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
                          __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
  if (has_avx512 && !(most && std::string_view(most) == "8")) return 16;
#endif
  return 8;
}

}  // namespace

std::size_t vector_lanes() {
  static const std::size_t lanes = find_lanes();
  return lanes;
}

}  // namespace mpsnn::cpu
