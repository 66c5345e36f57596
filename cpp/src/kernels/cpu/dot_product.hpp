#pragma once

#include <cstddef>

// Products of rows with rows, whose sums fit into registers.
namespace mpsnn::cpu {

/// c[row][column] = or += biases[column], which may be null, and the product of a row of a and a row of b.
struct DotProduct {
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

struct DotLoops {
  std::size_t rows, columns;  ///< at most so many
  void (*multiply)(const DotProduct& product);
};
/// For this processor.
const DotLoops& dot_loops();

}  // namespace mpsnn::cpu
