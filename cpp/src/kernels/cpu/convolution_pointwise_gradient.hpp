#pragma once

#include <cstddef>

#include "kernels/cpu/convolution_pointwise.hpp"

namespace mpsnn::cpu::pointwise {

/// Both halves of the gradient of a convolution that makes each pixel of one: a block of pixels after the other, whose gradient
/// comes from memory once and stays in the second cache for both products. For weights so few that a part has all of them, and
/// all sums, beside that.
class Gradient {
 public:
  /// Of the forward convolution's weights; `source` and `gradient` have as many pixels.
  Gradient(const WeightsView& forward, const TensorDescriptor& gradient, const TensorDescriptor& source,
           const TensorDescriptor& result, int threads);
  static bool suits(std::size_t inputs, std::size_t outputs, std::size_t pixels, int threads);
  std::size_t part_scratch_bytes() const;
  /// `biases` may be null.
  void run(const PixelSource& gradient, const float* source, const float* weights, float* result, float* weight_sums,
           float* biases, const PartScratch& parts) const;

 private:
  /// Memory of one part.
  struct Room {
    float *sums, *biases, *panels, *gradients, *sources;
  };
  Room room_of(const PartScratch& parts, std::size_t part) const;
  void read(const PixelSource& gradient, std::size_t first, std::size_t count, float* to) const;
  RowsAhead ahead_of(const PixelSource& gradient, std::size_t first, std::size_t count, std::size_t panel) const;
  void run_part(std::size_t part, const PixelSource& gradient, const float* source, const float* weights, float* result,
                bool has_biases, const Room& room) const;
  void add_up(std::size_t first, std::size_t pixels, const float* source, bool is_first, const Room& room) const;
  void add_up_biases(std::size_t pixels, float* biases, const float* gradients) const;

  const PanelLoops& loops_;
  const TensorDescriptor gradient_, source_, result_;
  const Panels transposed_;  // the weights, for the image's gradient
  const PanelRows rows_;
  const std::size_t inputs_, outputs_, panels_, parts_;
  const std::size_t gradient_row_;  // numbers of a pixel in a block
  const std::size_t block_;
};

}  // namespace mpsnn::cpu::pointwise
