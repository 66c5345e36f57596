#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/panel_product.hpp"
#include "kernels/kernel.hpp"

// The gradient of a convolution's weights as a matrix product: of the gradient's pixels with the patches of the source that
// belong to them. Panels of patches are put together a block of pixels at a time, so that they never leave the caches (the
// patches of a whole image are known as im2col: K. Chellapilla, S. Puri, P. Simard, "High Performance Convolutional Neural
// Networks for Document Processing", 2006).
namespace mpsnn::cpu::patches {

/// What pixels of a result read of a source: the numbers of all taps, one after another, 0 for those outside the image.
class Patches {
 public:
  /// Of a convolution forward, with zeros outside the image.
  Patches(const Axes& axes, const TensorDescriptor& source);

  std::size_t size() const { return axes_.y.taps * axes_.x.taps * source_.c; }
  /// A patch is one pixel of the source, in the same order.
  bool are_pixels() const;

  /// Where the first tap of a pixel lies, maybe outside.
  struct Corner {
    std::ptrdiff_t row, column, at;  ///< `at` in numbers
  };
  /// Of the result's pixels from `first` on.
  void find(std::size_t first, std::size_t count, Corner* corners) const;
  /// to[pixel][width] = the numbers of the patch from `first` on, as many as are there, then zeros.
  template <std::size_t width>
  void pack(const float* source, const Corner* corners, std::size_t pixels, std::size_t first, float* to) const;

 private:
  /// Numbers of a patch that one tap reads.
  struct Piece {
    std::ptrdiff_t row, column, at;  // of the tap's first number, from the corner on
    std::size_t count;
  };
  std::size_t find_pieces(std::size_t first, std::size_t count, Piece* pieces) const;

  const Axes axes_;
  const TensorDescriptor source_;
};

/// The gradient of the weights, and of the biases: sums over all pixels of a patch and its result's gradient.
class WeightsGradient {
 public:
  WeightsGradient(const Axes& axes, const TensorDescriptor& source, const TensorDescriptor& gradient, int threads);
  std::size_t part_scratch_bytes() const;
  /// `biases` may be null.
  void run(const float* source, const float* gradient, float* weights, float* biases, const PartScratch& parts) const;

 private:
  std::size_t own_sums() const;
  template <std::size_t lanes>
  void run_part(std::size_t part, const float* source, const float* gradient, float* weights, float* biases,
                float* scratch) const;
  template <std::size_t step>
  void pack_gradient(const float* gradient, std::size_t pixels, std::size_t outputs, std::size_t rows, std::size_t readable,
                     float* to) const;
  template <std::size_t step>
  void add_to_biases(const float* gradients, std::size_t pixels, std::size_t outputs, std::size_t rows, float* biases) const;

  const PanelLoops& loops_;
  const TensorDescriptor source_, gradient_;
  const Patches patches_;
  const std::size_t inputs_;  // numbers of a patch
  const std::size_t panels_;
  const bool reads_source_;                                           // its pixels lie side by side: no copy is needed
  std::size_t output_parts_ = 1, panel_parts_ = 1, pixel_parts_ = 1;  // one of them is divided
  std::size_t blocks_, block_, chunk_step_;                           // block: pixels that are packed at a time
  std::size_t outputs_, group_;                                       // outputs and panels that are packed at a time
};

/// The same for few inputs, whose patches would take long to put together: those of one row of the result overlap in a strip of
/// the source, [column][tap's row][input], so that each is read where it begins.
class StripWeightsGradient {
 public:
  /// False where taps of a row are not side by side, or windows so far apart that most of a strip would be read by none.
  static bool accepts(const Axes& axes);
  StripWeightsGradient(const Axes& axes, const TensorDescriptor& source, const TensorDescriptor& gradient, int threads);
  std::size_t part_scratch_bytes() const { return (numbers_of_sums() + gradient_.c + strip_) * sizeof(float); }
  /// `biases` may be null.
  void run(const float* source, const float* gradient, float* weights, float* biases, const PartScratch& parts) const;

 private:
  std::size_t numbers_of_sums() const { return gradient_.c * (row_ + 1); }
  void add_up(std::size_t first_row, std::size_t last_row, const float* source, const float* gradient, float* sums,
              float* strip) const;
  void make_strip(const float* source, std::size_t row, float* strip) const;

  const PanelLoops& loops_;
  const Axes axes_;
  const TensorDescriptor source_, gradient_;
  const std::size_t column_, row_;     // numbers of a strip's column; of a patch in whole panels
  const std::size_t columns_, strip_;  // of a strip, and its numbers
  const std::size_t parts_;
  const std::vector<float> zeros_;  // a row outside the image
};

/// The half of a gradient that has no image. `plain` does the work again where a gradient is not finite: a tap outside the image
/// makes NaN of it; null where there are none.
std::unique_ptr<PlanKernel> make_weights_gradient(const KernelRequest& request, const Axes& axes,
                                                  std::unique_ptr<PlanKernel> plain);

}  // namespace mpsnn::cpu::patches
