#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>

// Blocks of numbers that fill the processor's registers, for plain kernels that multiply and add.
// Vectors are passed between functions of one file only: how they are passed without AVX does not matter.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

namespace mpsnn::cpu {

/// Eight numbers; the compiler splits them where registers are shorter.
using Vec = float __attribute__((vector_size(32)));
inline constexpr std::size_t kVec = 8;
inline constexpr std::size_t kLanes = 2 * kVec;  ///< numbers in a row of a block
/// Rows of a block: with two vectors each they fill the registers, and leave some for the operands.
#if defined(__AVX__) || defined(__aarch64__)
inline constexpr std::size_t kRows = 6;
#else
inline constexpr std::size_t kRows = 3;
#endif
inline constexpr std::size_t kMultiplicationsWorthAThread = 65536;

inline Vec load(const float* p) {
  Vec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void store(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }

/// Copies `count` numbers; a call for each vector would take longer than its numbers.
inline void copy_vector(const float* from, std::size_t count, float* to) {
  if (count == 16) {
    store(to, load(from));
    store(to + kVec, load(from + kVec));
  } else if (count == 8) {
    store(to, load(from));
  } else {
    std::copy_n(from, count, to);
  }
}

/// Calls `body.operator()<rows>()`, so that the sums of a block are registers. `rows` is at most kRows.
template <class Body>
void with_rows(std::size_t rows, const Body& body) {
  switch (rows) {
    case 1:
      return body.template operator()<1>();
    case 2:
      return body.template operator()<2>();
    case 3:
      return body.template operator()<3>();
    case 4:
      return body.template operator()<4>();
    case 5:
      return body.template operator()<5>();
    default:
      return body.template operator()<6>();
  }
}

/// Multiplies the first `count` numbers of each row, of `width`, with as many factors.
inline void scale_rows(float* numbers, std::size_t rows, std::size_t width, const float* factors, std::size_t count) {
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < count; ++i) numbers[r * width + i] *= factors[i];
  }
}

inline std::size_t blocks_of(std::size_t count, std::size_t size) { return (count + size - 1) / size; }

}  // namespace mpsnn::cpu
