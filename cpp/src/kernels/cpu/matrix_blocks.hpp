#pragma once

#include <cstddef>

// The parts of a matrix product whose sums fit into registers.
namespace mpsnn::cpu {

/// Of any processor's blocks.
inline constexpr std::size_t kMostBlockRows = 14, kMostBlockWidth = 32;

/// c[rows][width] = or += a[inner][rows], transposed, times b[inner][width].
struct MatrixBlock {
  std::size_t rows, inner;
  const float *a, *b;
  std::size_t b_row;
  float* c;
  std::size_t c_row;
};

/// c[rows][columns] = or += biases[columns], which may be null, and the products of rows of a and rows of b.
struct DotBlock {
  std::size_t rows, columns, inner;
  const float* a;
  std::size_t a_row;
  const float* b;
  std::size_t b_row;
  const float* biases;
  bool adds;
  float* c;
  std::size_t c_row;
};

struct MatrixBlocks {
  std::size_t lanes, rows, dot_rows, dot_columns;  ///< numbers in a vector; at most so many in a block
  std::size_t width() const { return 2 * lanes; }
  void (*multiply)(const MatrixBlock& block);
  void (*multiply_add)(const MatrixBlock& block);
  void (*dot)(const DotBlock& block);
};
/// For this processor.
const MatrixBlocks& matrix_blocks();

}  // namespace mpsnn::cpu
