#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/rectifier.hpp"

// The loops over rows of lanes that normalization and its gradient spend their time in, for each length of vectors. They read
// what memory gives them once and leave the rest in registers.

namespace mpsnn::cpu {

/// A lane's x becomes (x - mean) * scale + shift. The difference comes first: with a large scale the products would cancel badly.
struct NormalizingLanes {
  const float *mean, *scale, *shift;
};

struct NormalizedRows {
  std::size_t rows, lanes;
  const float* x;
  std::size_t x_row;
  float* y;  ///< may be `x`, or `addend`, with the same distance from row to row
  std::size_t y_row;
  NormalizingLanes by;
  const float* addend = nullptr;
  std::size_t addend_row = 0;
  Rectifier rectifier = {};       ///< of the sum
  std::uint8_t* signs = nullptr;  ///< of what the rectifier is given; the lanes are a multiple of 8
};

/// A gradient and what the forward filter read.
struct GradientRows {
  std::size_t rows, lanes;
  const float* g;
  std::size_t g_row;
  const float* x;
  std::size_t x_row;
  NormalizingLanes by;       ///< the mean is enough where nothing is rectified
  Rectifier rectifier = {};  ///< g is the gradient of what it made of the normalized x
  bool are_near = false;     ///< both have just been read, and a cache holds them
};

/// d = ((g * weight + shift) + (x - mean) * slope) * scale; a weight of null is 1.
struct DifferentiatingLanes {
  const float *weight, *shift, *slope, *scale;
};

struct NormalizationLoops {
  /// sum = of x - centre, squares = of its squares.
  void (*add_up)(const float* x, std::size_t x_row, std::size_t rows, std::size_t lanes, const float* centre, float* sum,
                 float* squares);
  void (*normalize)(const NormalizedRows& rows);
  /// sum = of g, sum_x = of g * (x - mean)
  void (*add_up_gradient)(const GradientRows& rows, float* sum, float* sum_x);
  /// `d` may be g or x, with the same distance from row to row.
  void (*differentiate)(const GradientRows& rows, const DifferentiatingLanes& by, float* d, std::size_t d_row);
};
/// For this processor.
const NormalizationLoops& normalization_loops();

}  // namespace mpsnn::cpu
