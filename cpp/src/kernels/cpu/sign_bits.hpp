#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/instruction_set.hpp"
#include "nodes/signs.hpp"

#if defined(__AVX__)
#include <immintrin.h>
#endif

namespace mpsnn::cpu {

using SignGroup [[gnu::vector_size(kSignGroup * sizeof(std::int32_t))]] = std::int32_t;

/// A bit for each lane that is all ones.
MPSNN_INLINE std::uint8_t packed(const SignGroup& lanes) {
#if defined(__AVX__)
  Vector<kSignGroup> signs;
  std::memcpy(&signs, &lanes, sizeof signs);
  return std::uint8_t(_mm256_movemask_ps(signs));
#else
  std::uint8_t bits = 0;
  for (std::size_t l = 0; l < kSignGroup; ++l) bits |= std::uint8_t((lanes[l] & 1) << l);
  return bits;
#endif
}

/// The two bytes of eight numbers.
MPSNN_INLINE void store_signs(std::uint8_t* to, const Vector<kSignGroup>& v) {
  to[0] = packed(v < 0.f);
  to[1] = packed(v != v);
}

}  // namespace mpsnn::cpu
