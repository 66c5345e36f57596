#pragma once

#include <cstddef>

#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu {

inline constexpr std::size_t kTransposed = kVec;  ///< rows and columns of a block

#if defined(__has_builtin) && __has_builtin(__builtin_shufflevector)

/// to[column][row] = from[row][column], of 8 rows and columns.
inline void transpose_block(const float* from, std::size_t from_row, float* to, std::size_t to_row) {
  Vec rows[8], pairs[8], fours[8];
#pragma GCC unroll 8
  for (std::size_t i = 0; i < 8; ++i) rows[i] = load(from + i * from_row);
    // Columns of two rows side by side, within each half of four lanes; then of four rows; then the halves change places.
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 8; i += 2) {
    pairs[i] = __builtin_shufflevector(rows[i], rows[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
    pairs[i + 1] = __builtin_shufflevector(rows[i], rows[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
  }
#pragma GCC unroll 2
  for (std::size_t i = 0; i < 8; i += 4) {
    fours[i] = __builtin_shufflevector(pairs[i], pairs[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
    fours[i + 1] = __builtin_shufflevector(pairs[i], pairs[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
    fours[i + 2] = __builtin_shufflevector(pairs[i + 1], pairs[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
    fours[i + 3] = __builtin_shufflevector(pairs[i + 1], pairs[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) {
    store(to + i * to_row, __builtin_shufflevector(fours[i], fours[i + 4], 0, 1, 2, 3, 8, 9, 10, 11));
    store(to + (i + 4) * to_row, __builtin_shufflevector(fours[i], fours[i + 4], 4, 5, 6, 7, 12, 13, 14, 15));
  }
}

#else

inline void transpose_block(const float* from, std::size_t from_row, float* to, std::size_t to_row) {
  for (std::size_t row = 0; row < kTransposed; ++row) {
    for (std::size_t column = 0; column < kTransposed; ++column) to[column * to_row + row] = from[row * from_row + column];
  }
}

#endif

/// The same of any number of rows and columns.
inline void transpose(const float* from, std::size_t from_row, std::size_t rows, std::size_t columns, float* to,
                      std::size_t to_row) {
  const std::size_t whole_rows = rows / kTransposed * kTransposed, whole_columns = columns / kTransposed * kTransposed;
  for (std::size_t row = 0; row < whole_rows; row += kTransposed) {
    for (std::size_t column = 0; column < whole_columns; column += kTransposed) {
      transpose_block(from + row * from_row + column, from_row, to + column * to_row + row, to_row);
    }
  }
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t column = row < whole_rows ? whole_columns : 0; column < columns; ++column) {
      to[column * to_row + row] = from[row * from_row + column];
    }
  }
}

}  // namespace mpsnn::cpu
