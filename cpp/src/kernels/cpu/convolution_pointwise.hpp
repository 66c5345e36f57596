#pragma once

#include <cstddef>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/panel_product.hpp"
#include "kernels/kernel.hpp"
#include "nodes/scaled_weights.hpp"

// Convolutions with a single tap within the image: each result pixel is a matrix times one source pixel.
namespace mpsnn::cpu::pointwise {

/// The weights in panels: [panel][input][output].
class Panels {
 public:
  explicit Panels(const WeightsView& view);
  std::size_t count() const { return panels_ * view_.inputs * loops_.width(); }
  void make(const ScaledWeights& weights, float* panels) const;

 private:
  const PanelLoops& loops_;
  const WeightsView view_;
  const std::size_t panels_;
};

/// Which source pixels belong to the result's.
struct Window {
  std::size_t x = 0, y = 0, stride_x = 1, stride_y = 1;
  /// False where pixels have more than one tap, or one outside the image.
  bool set(const Axes& axes);
  /// Calls `body(pixel - first, number in the source)` for pixels of the result in order.
  template <class Body>
  void for_pixels(const TensorDescriptor& source, const TensorDescriptor& result, std::size_t first, std::size_t count,
                  const Body& body) const {
    std::size_t column = first % result.w, row = first / result.w % result.h, image = first / result.w / result.h;
    for (std::size_t i = 0; i < count; ++i) {
      body(i, ((image * source.h + row * stride_y + y) * source.w + column * stride_x + x) * source.pixel_stride);
      if (++column < result.w) continue;
      column = 0;
      if (++row < result.h) continue;
      row = 0;
      ++image;
    }
  }
};

class Filter {
 public:
  Filter(const TensorDescriptor& source, const TensorDescriptor& result, const Window& window, int threads);
  std::size_t scratch_bytes() const { return parts_ * block_ * copied_row_ * sizeof(float); }
  /// True: what is not finite reaches the results of its own pixel only.
  bool run(const float* source, float* result, const float* panels, const FilterEnding& ending, std::byte* scratch) const;

 private:
  const float* find_rows(const float* source, std::size_t first, std::size_t count, float* copy) const;

  const PanelLoops& loops_;
  const TensorDescriptor source_, result_;
  const Window window_;
  const std::size_t parts_, panels_;
  std::size_t row_parts_ = 1, panel_parts_ = 1;  // in how many parts rows and panels are divided
  std::size_t block_;                            // rows whose source stays in the second cache
  std::size_t copied_row_ = 0;                   // numbers of a copied pixel; 0 where the source's are read
};

}  // namespace mpsnn::cpu::pointwise
