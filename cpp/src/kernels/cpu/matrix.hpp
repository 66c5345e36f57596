#pragma once

#include <cstddef>

namespace mpsnn::cpu {

/// c(m, j) [+]= sum over k of a[m * a_row + k * a_column] * b[k * b_row + j]; c has rows of c_row numbers. Uses threads.
struct Product {
  std::size_t rows, columns, inner;
  const float* a;
  std::size_t a_row, a_column;
  const float* b;
  std::size_t b_row;
  float* c;
  std::size_t c_row;
};
void multiply(const Product& product);
/// c(m, o) = biases[o] + sum over k of a[m * a_row + k] * b[o * inner + k]. Biases may be null. Uses threads, each of which goes
/// through its part of b in one direction or the other; the sums are the same.
void multiply_transposed(const Product& product, const float* biases, bool from_the_end);

}  // namespace mpsnn::cpu
