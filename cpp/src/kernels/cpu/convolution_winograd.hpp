#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/kernel.hpp"
#include "nodes/scaled_weights.hpp"

// Convolutions with 3 x 3 taps side by side, by Winograd's F(4 x 4, 3 x 3) or F(2 x 2, 3 x 3): tiles of 4 x 4 results from 36
// products for each pair of channels instead of 144, or 2 x 2 from 16 instead of 36; and with 5 x 5 by F(2 x 2, 5 x 5), from 36
// instead of 100. A number that is infinite or NaN spreads over the tiles it is in: the filters say when a sum was not finite,
// and others have to do the work again.
namespace mpsnn::cpu::winograd {

struct Loops;

/// Where windows lie: the source pixel of tap 0 of result pixel 0.
struct Window {
  std::ptrdiff_t x = 0, y = 0;
  bool is_turned = false;  ///< taps count backwards
  /// False where an axis has not so many taps side by side and a stride of 1.
  bool set(const Axes& axes, std::size_t side);
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
  std::size_t step() const { return step_; }  ///< numbers from point to point
  void make(const ScaledWeights& weights, float* points) const;
  /// Those of some inputs of one panel: [point][input][output], points `step` numbers apart.
  void make(const ScaledWeights& weights, std::size_t panel, std::size_t first_input, std::size_t inputs, float* points,
            std::size_t step) const;

 private:
  const Loops& loops_;
  const WeightsView view_;
  const bool is_turned_;
  const std::size_t panels_, step_;
};

/// What the ways from a source to a result have in common: the two transforms.
class TileFilter {
 protected:
  TileFilter(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& result, const Window& window,
             int threads);
  void set_blocks(std::size_t tiles, std::size_t panels);
  void transform(const float* source, std::size_t first, std::size_t begin, std::size_t end, float* to) const;
  /// False when a sum was no finite number, as in all that follows.
  bool write(const float* from, std::size_t first, std::size_t count, std::size_t first_panel, std::size_t panels, float* result,
             const FilterEnding& ending) const;

  const Loops& loops_;
  const TensorDescriptor source_, result_;
  const Window window_;
  const Tiles tiles_;
  const std::size_t parts_, panels_;
  std::size_t block_ = 0, group_ = 0;  // tiles of a block, panels of a group
  std::size_t source_row_, source_step_ = 0, source_count_ = 0;
  std::size_t result_row_ = 0, result_step_ = 0, result_count_ = 0;
  const std::vector<float> zeros_;
};

/// From a source to a result; `scratch` has `scratch_bytes()`.
class Filter : protected TileFilter {
 public:
  Filter(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& result, const Window& window, int threads);
  std::size_t scratch_bytes() const { return 0; }
  std::size_t part_scratch_bytes() const { return (source_count_ + result_count_) * sizeof(float); }
  /// `points` are those of the weights.
  bool run(const float* source, float* result, const float* points, const FilterEnding& ending, std::byte* scratch,
           const PartScratch& parts) const;

 protected:
  void run_part(std::size_t part, const float* source, float* result, const float* points, const FilterEnding& ending,
                float* scratch, std::atomic<bool>& is_finite) const;

 private:
  void multiply(const float* points, std::size_t first_panel, std::size_t panels, std::size_t tiles, const float* from,
                float* to) const;
  const std::size_t points_step_;
  std::size_t blocks_, splits_;  // splits: parts of a block's panels
};

/// The same for weights that are others in every run and few beside the tiles: each part makes all points, so that none waits for
/// those that another has made.
class OwnPointsFilter : Filter {
 public:
  OwnPointsFilter(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& result, const Window& window,
                  const Points& points, int threads)
      : Filter(loops, source, result, window, threads), points_(points) {}
  /// Whether to make the points takes little beside the products, and little memory.
  static bool suits(const Loops& loops, const Points& points, const TensorDescriptor& result, int threads);
  std::size_t scratch_bytes() const { return 0; }
  std::size_t part_scratch_bytes() const { return points_.count() * sizeof(float) + Filter::part_scratch_bytes(); }
  bool run(const float* source, float* result, const ScaledWeights& weights, const FilterEnding& ending, std::byte* scratch,
           const PartScratch& parts) const;

 private:
  const Points points_;
};

/// The same for weights that are others in every run: the points of a few channels are made where they are multiplied, and stay
/// in the second cache. The transforms of all tiles are in memory.
class ChangingFilter : TileFilter {
 public:
  ChangingFilter(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& result, const Window& window,
                 const Points& points, int threads);
  /// Whether the points are more than the transforms of the tiles.
  static bool suits(const Loops& loops, const TensorDescriptor& result);
  std::size_t scratch_bytes() const { return source_count_ * sizeof(float); }
  std::size_t part_scratch_bytes() const { return (points_count_ + result_count_) * sizeof(float); }
  bool run(const float* source, float* result, const ScaledWeights& weights, const FilterEnding& ending, std::byte* scratch,
           const PartScratch& parts) const;

 private:
  void multiply(const float* points, std::size_t step, std::size_t panels, std::size_t first_input, std::size_t inputs,
                const float* from, float* to) const;
  const Points points_;
  std::size_t inputs_, points_count_;  // inputs whose points are there at a time
};

/// The gradient of the weights: sums over all tiles of a source and its result's gradient. Threads divide tiles or outputs, so
/// that none waits for transforms that another has made.
class WeightsGradient {
 public:
  WeightsGradient(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& gradient, const Window& window,
                  const WeightsView& view, int threads);
  std::size_t part_scratch_bytes() const;
  bool run(const float* source, const float* gradient, float* weights, const PartScratch& parts) const;

 private:
  struct Parts {
    std::size_t tiles = 1, outputs = 1;
    Parts(const Loops& loops, std::size_t all_tiles, std::size_t inputs, std::size_t all_outputs, int threads);
    std::size_t count() const { return tiles * outputs; }
  };
  std::size_t sums_step() const;
  std::size_t own_weights() const;
  std::size_t first_output(std::size_t output_part) const { return gradient_.c * output_part / parts_.outputs; }
  void transform_source(const float* source, std::size_t first, std::size_t tiles, std::size_t channels, float* to) const;
  void transform_gradient(const float* gradient, std::size_t first, std::size_t tiles, std::size_t channels, float* to) const;
  void multiply(std::size_t tiles, std::size_t outputs, std::size_t panels, const float* sources, const float* gradients,
                bool adds, float* sums) const;
  bool write(const float* sums, std::size_t first_output, std::size_t outputs, std::size_t first_input, std::size_t inputs,
             bool adds, float* weights) const;
  bool run_part(std::size_t part, const float* source, const float* gradient, float* weights, float* scratch) const;

  const Loops& loops_;
  const TensorDescriptor source_, gradient_;
  const Window window_;
  const WeightsView view_;
  const Tiles tiles_;
  const Parts parts_;
  const std::size_t panels_, outputs_, block_;                    // outputs of a part, tiles whose transforms are there at a time
  const bool sums_fit_;                                           // in the second cache, all of a part
  const std::size_t group_panels_;                                // whose transforms are there at a time
  const std::size_t source_step_, gradient_row_, gradient_step_;  // numbers from point to point, of a tile's gradient
  std::size_t group_outputs_;                                     // whose sums are there at a time, with those panels
  const std::vector<float> zeros_;
};

}  // namespace mpsnn::cpu::winograd
