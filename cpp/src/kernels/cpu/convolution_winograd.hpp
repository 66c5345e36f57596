#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/kernel.hpp"

// Convolutions with 3 x 3 taps side by side, by Winograd's F(4 x 4, 3 x 3) or F(2 x 2, 3 x 3): tiles of 4 x 4 results from 36
// products for each pair of channels instead of 144, or 2 x 2 from 16 instead of 36. A number that is infinite or NaN spreads
// over the tiles it is in: the filters say when a sum was not finite, and others have to do the work again.
namespace mpsnn::cpu::winograd {

struct Loops;

/// Where windows lie: the source pixel of tap 0 of result pixel 0.
struct Window {
  std::ptrdiff_t x = 0, y = 0;
  bool is_turned = false;  ///< taps count backwards
  /// False where an axis has no such form.
  bool set(const Axes& axes);
};

/// The tiles of a batch of images.
struct Tiles {
  std::size_t side, columns, rows, images;
  Tiles(const TensorDescriptor& result, std::size_t side);
  std::size_t count() const { return columns * rows * images; }
};

/// The numbers of each pair of channels that stand for its taps: [point][panel][input][output], panels of two vectors of outputs.
class Points {
 public:
  Points(const Loops& loops, const WeightsView& view, bool is_turned);
  std::size_t count() const;
  void make(const float* weights, float* points) const;

 private:
  void make_panel(const float* weights, std::size_t panel, float* points) const;
  const Loops& loops_;
  const WeightsView view_;
  const bool is_turned_;
  const std::size_t panels_;
};

/// From a source to a result; `scratch` has `scratch_bytes()`.
class Filter {
 public:
  Filter(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& result, const Window& window, int threads);
  std::size_t scratch_bytes() const { return parts_ * (source_count_ + result_count_) * sizeof(float); }
  /// `points` are those of the weights. False when a sum was no finite number.
  bool run(const float* source, float* result, const float* points, const FilterEnding& ending, std::byte* scratch) const;

 private:
  void transform(const float* source, std::size_t first, std::size_t count, float* to) const;
  void multiply(const float* points, std::size_t first_panel, std::size_t panels, std::size_t tiles, const float* from,
                float* to) const;
  bool write(const float* from, std::size_t first, std::size_t count, std::size_t first_panel, std::size_t panels, float* result,
             const FilterEnding& ending) const;

  const Loops& loops_;
  const TensorDescriptor source_, result_;
  const Window window_;
  const Tiles tiles_;
  const std::size_t parts_, panels_;
  std::size_t block_, blocks_, group_, splits_;  // tiles of a block, panels of a group, parts of a block's panels
  std::size_t source_row_, source_count_, result_count_;
  const std::vector<float> zeros_;
};

/// The gradient of the weights: sums over all tiles of a source and its result's gradient.
class WeightsGradient {
 public:
  WeightsGradient(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& gradient, const Window& window,
                  const WeightsView& view);
  std::size_t scratch_bytes() const;
  /// False when a sum was no finite number.
  bool run(const float* source, const float* gradient, float* weights, std::byte* scratch) const;

 private:
  const Loops& loops_;
  const TensorDescriptor source_, gradient_;
  const Window window_;
  const WeightsView view_;
  const Tiles tiles_;
  const std::size_t panels_, block_;
  const std::size_t gradient_row_;
  const std::vector<float> zeros_;
};

}  // namespace mpsnn::cpu::winograd
