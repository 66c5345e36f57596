#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/panel_product.hpp"
#include "kernels/cpu/vector_block.hpp"
#include "kernels/kernel.hpp"
#include "nodes/scaled_weights.hpp"

// Convolutions with a single tap within the image: each result pixel is a matrix times one source pixel.
namespace mpsnn::cpu::pointwise {

// Rows of numbers a power of two apart would share few lines of the first cache.
inline constexpr std::size_t kPadding = 16;
inline std::size_t padded(std::size_t numbers) { return blocks_of(numbers, kPadding) * kPadding + kPadding; }

/// Whether so much of an image comes from memory that it is worth while to fetch it ahead.
bool is_far(const TensorDescriptor& source);

/// The weights in panels: [panel][input][output].
class Panels {
 public:
  explicit Panels(const WeightsView& view);
  std::size_t count() const { return panels_ * view_.inputs * loops_.width(); }
  void make(const ScaledWeights& weights, float* panels) const;
  /// Those of some inputs of some panels, by the thread that asks.
  void make(const ScaledWeights& weights, std::size_t first_panel, std::size_t panels, std::size_t first_input,
            std::size_t inputs, float* to) const;
  /// What that reads of one panel.
  RowsAhead ahead(const float* weights, std::size_t panel, std::size_t first_input, std::size_t inputs) const;

 private:
  struct Range {
    std::size_t first_panel, panels, first_input, inputs;
    std::size_t blocks() const;
  };
  /// Blocks of the range, counted in the order in which the weights lie; `to` is where the range begins.
  void make_blocks(const ScaledWeights& weights, const Range& range, std::size_t begin, std::size_t end, float* to) const;
  void make_block(const ScaledWeights& weights, std::size_t panel, std::size_t first_input, std::size_t inputs, float* to) const;

  const PanelLoops& loops_;
  const WeightsView view_;
  const std::size_t panels_;
};

/// Which source pixels belong to the result's.
struct Window {
  std::size_t x = 0, y = 0, stride_x = 1, stride_y = 1;
  /// False where pixels have more than one tap, or one outside the image.
  bool set(const Axes& axes);
  bool is_pixel() const { return x == 0 && y == 0 && stride_x == 1 && stride_y == 1; }
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

/// The time, in products, that it takes a part to read a number of the weights; and to put it in order besides.
inline constexpr double kCostOfKeptWeight = 16, kCostOfUnpackedWeight = 24;

/// How threads divide the rows, which are pixels of the result, and the panels.
struct Parts {
  std::size_t rows = 1, panels = 1;
  explicit Parts(std::size_t rows) : rows(rows) {}
  /// `cost_of_weight`: the time, in products, that a number of the weights takes a part that needs it.
  Parts(const TensorDescriptor& source, const TensorDescriptor& result, double cost_of_weight, int threads);
  std::size_t count() const { return rows * panels; }
};

/// Where the pixels of an image come from: memory, or a kernel that makes them.
struct PixelSource {
  const MakesPixels* maker;               ///< may be null
  std::span<const float* const> sources;  ///< what it makes them from, or the image
};

/// Rows of a product that become pixels of a result.
class PanelRows {
 public:
  explicit PanelRows(const TensorDescriptor& result);
  /// Those from `row` on, of one panel. What becomes of them is that of the first row and panel of the result. Each product
  /// fetches its share of the rows ahead.
  void multiply(std::size_t row, std::size_t count, std::size_t panel, std::size_t inputs, const float* a, std::size_t a_row,
                const float* b, const FilterEnding& ending, float* result, const RowsAhead& ahead = {}) const;

 private:
  const PanelLoops& loops_;
  const TensorDescriptor result_;
};

/// What the filters have in common.
class RowFilter {
 protected:
  RowFilter(const TensorDescriptor& source, const TensorDescriptor& result, const Window& window, const Parts& parts);
  struct Range {
    std::size_t first_row, last_row, first_panel, last_panel;
  };
  Range range_of(std::size_t part) const;
  /// Their channels.
  PixelRange channels_of(std::size_t first_panel, std::size_t last_panel) const;
  /// Copies those numbers of the pixels that rows from `first` on need.
  void copy_rows(const float* source, std::size_t first, std::size_t count, std::size_t first_input, std::size_t inputs,
                 float* copy, std::size_t copied_row) const;

  const PanelLoops& loops_;
  const TensorDescriptor source_, result_;
  const Window window_;
  const Parts parts_;
  const PanelRows rows_;
  const std::size_t panels_;
  const bool follow_;  // the rows can be read where the source has them, one after the other
};

class Filter : RowFilter {
 public:
  Filter(const TensorDescriptor& source, const TensorDescriptor& result, const Window& window, int threads);
  std::size_t scratch_bytes() const { return 0; }
  std::size_t part_scratch_bytes() const { return block_ * copied_row_ * sizeof(float); }
  /// True: what is not finite reaches the results of its own pixel only.
  bool run(const float* source, float* result, const float* panels, const FilterEnding& ending, std::byte* scratch,
           const PartScratch& parts) const;

 private:
  std::size_t block_;           // rows whose source stays in the second cache
  std::size_t copied_row_ = 0;  // numbers of a copied pixel; 0 where the source's are read
  bool fetches_ = false;        // the next block's source while this one's is read
};

/// The same of an image that another kernel makes a block of pixels at a time, each by the thread that multiplies it.
class MadeFilter : RowFilter {
 public:
  using Source = PixelSource;
  MadeFilter(const TensorDescriptor& source, const TensorDescriptor& result, const MakesPixels& maker, int threads);
  /// Whether its pixels can be divided almost evenly.
  static bool suits(const TensorDescriptor& source, const MakesPixels& maker, int threads);
  std::size_t scratch_bytes() const { return 0; }
  std::size_t part_scratch_bytes() const { return block_ * copied_row_ * sizeof(float); }
  bool run(const PixelSource& source, float* result, const float* panels, const FilterEnding& ending, std::byte* scratch,
           const PartScratch& parts) const;

 private:
  const std::size_t step_, copied_row_, block_;  // block: pixels that are made at a time, whole steps
};

/// The same for weights that are read as they are, being others in every run or very many: each part makes the panels it needs
/// where it multiplies them, so that none waits for what another has made. Where its panels are many it makes them of a few
/// inputs at a time, for as many rows as stay in the second cache with those.
class UnpackedFilter : RowFilter {
 public:
  UnpackedFilter(const Panels& panels, const TensorDescriptor& source, const TensorDescriptor& result, const Window& window,
                 int threads);
  std::size_t scratch_bytes() const { return 0; }
  std::size_t part_scratch_bytes() const { return (held_ * inputs_ * loops_.width() + block_ * copied_row_) * sizeof(float); }
  std::vector<PixelRange> given_parts() const;
  bool run(const float* source, float* result, const ScaledWeights& weights, const FilterEnding& ending, std::byte* scratch,
           const PartScratch& parts) const;

 private:
  void run_part(std::size_t part, const float* source, float* result, const ScaledWeights& weights, const FilterEnding& ending,
                float* scratch) const;

  const Panels all_panels_;
  std::size_t block_, inputs_;  // rows and inputs that are multiplied at a time
  std::size_t held_;            // panels that are there at a time
  std::size_t copied_row_ = 0;
};

}  // namespace mpsnn::cpu::pointwise
