#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "kernels/cpu/rectifier.hpp"
#include "kernels/kernel.hpp"
#include "mpsnn/nodes/convolution.hpp"

// The plain loops that the kernels of the convolution family are made of. Taps outside an image are left out, not multiplied by
// 0.
namespace mpsnn::cpu {

/// One axis of a filter: for result pixel u, tap k reads source pixel (scale * u + shift + step * k) / divisor, where that is
/// whole. One of scale and divisor is 1.
struct TapAxis {
  std::ptrdiff_t scale = 1, shift = 0, step = 1, divisor = 1;
  std::size_t taps = 1, source = 1, result = 1;
  bool clamp = false;  ///< pixels outside the source are those at its edge; with divisor 1 only
};

/// A tap and the source pixel that a run's first result pixel reads with it.
struct Tap {
  std::size_t tap;
  std::ptrdiff_t source;
};

/// Result pixels first, first + stride, ... that use the same taps; from each to the next the source moves on by `source_step`.
struct TapRun {
  std::size_t first = 0, count = 0, stride = 1;
  std::ptrdiff_t source_step = 1;
  std::vector<Tap> taps;
};
/// Every result pixel once.
std::vector<TapRun> make_runs(const TapAxis& axis);
/// Every pair of result pixel and tap that reads a pixel once, one tap a run.
std::vector<TapRun> make_single_tap_runs(const TapAxis& axis);

/// How a filter sees the weights: element (group, output, tap, input) is the sum of index * stride.
struct WeightsView {
  std::size_t groups = 1, outputs = 1, inputs = 1;  ///< outputs and inputs of one group
  std::size_t group_stride = 0, output_stride = 0, tap_stride = 0, input_stride = 1;
};

/// A convolution forward: results are the filter's outputs.
WeightsView forward_view(const ConvolutionAttributes& op);
/// Its gradient: results are the filter's inputs.
WeightsView transposed_view(const ConvolutionAttributes& op);

/// Groups of one channel on one side, so small that a block of one group's channels would be mostly empty.
bool is_separate(const WeightsView& view);

/// What a kernel makes of weights is made anew when they have changed.
class SeenWeights {
 public:
  /// True for weights other than those of the last call.
  bool are_new(const Parameter& weights) {
    const void* values = weights.values ? weights.values->data() : values_;  // dropped: unchanged
    const bool changed = version_ != weights.version || values_ != values;
    version_ = weights.version;
    values_ = values;
    return changed;
  }

 private:
  std::uint64_t version_ = 0;
  const void* values_ = nullptr;
};

/// result(u, o) = bias(o) + sum over taps and inputs of weight(o, tap, i) * source(pixel of (u, tap), i).
class TapFilter {
 public:
  virtual ~TapFilter();
  static std::unique_ptr<TapFilter> make(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                         const TensorDescriptor& source, const TensorDescriptor& result);
  /// Makes the neuron part of the results, or returns false: then it is still to be applied.
  virtual bool fuse(const NNNeuronDescriptor& neuron) { return neuron.neuron_type == CNNNeuronType::None; }
  /// Brings the weights into the order the loops read them; nothing to do when they have not changed.
  void prepare(const Parameter& weights);
  /// Biases and addend (an image like the result) may be null.
  virtual void run(const float* source, float* result, const float* biases, const float* addend,
                   std::size_t addend_stride) const = 0;
  /// Whether `run_rows` works.
  virtual bool has_rows() const { return false; }
  /// The same of some rows of the result, counted through all images, by the thread that asks; its pixels go to where they are
  /// `to_pixel` numbers apart.
  virtual void run_rows(const float* source, std::size_t first, std::size_t rows, const float* biases, float* to,
                        std::size_t to_pixel) const;

 protected:
  virtual void pack(const float* weights) = 0;

 private:
  SeenWeights seen_;
};

/// Groups of one channel on both sides, enough of them to fill a vector.
bool is_depthwise(const WeightsView& view);
/// Groups of as many inputs as outputs, and few, of one among them; vectors of each group's channels would be mostly empty.
bool has_small_groups(const TapAxis& x, const TapAxis& y, const WeightsView& view);
/// Whether the filter for these has loops that use a pixel for all the windows that hold it.
bool has_grouped_window(const TapAxis& x, const TapAxis& y, const WeightsView& view);
std::unique_ptr<TapFilter> make_grouped_filter(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                               const TensorDescriptor& source, const TensorDescriptor& result);

/// One group of so few outputs that vectors of these would be mostly empty, of inputs that fill vectors, and long sums.
bool is_narrow(const WeightsView& view);
/// The filter for `is_narrow`.
std::unique_ptr<TapFilter> make_narrow_filter(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                              const TensorDescriptor& source, const TensorDescriptor& result);

/// gradient(r, tap, m) = sum over the images' pixels u of looped(u, r) * mapped(pixel of (u, tap), m), where the axes' results
/// are the looped image's pixels. `view.outputs` belong to the looped image when `looped_is_output`.
class WeightGradient {
 public:
  virtual ~WeightGradient();
  static std::unique_ptr<WeightGradient> make(const TapAxis& x, const TapAxis& y, const WeightsView& view, bool looped_is_output,
                                              const TensorDescriptor& looped, const TensorDescriptor& mapped, int threads);
  virtual std::size_t scratch_bytes() const = 0;
  /// Fills the whole gradient.
  virtual void run(const float* looped, const float* mapped, float* gradient, std::byte* scratch) const = 0;
};

/// Whether the loops for small groups have one: for three taps in a row.
bool has_grouped_gradient(const TapAxis& x, const TapAxis& y, const WeightsView& view);
/// Looped is the gradient.
std::unique_ptr<WeightGradient> make_grouped_gradient(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                                      const TensorDescriptor& gradient, const TensorDescriptor& source,
                                                      int threads);

/// sums[c] = sum over all pixels.
void sum_pixels(const float* image, const TensorDescriptor& descriptor, std::size_t channels, float* sums);
/// Zeros in the channels from `first` on.
void clear_channels(float* image, const TensorDescriptor& descriptor, std::size_t first);
/// Copies `channels` channels of every pixel; strides in numbers.
void copy_channels(const float* from, std::size_t from_stride, float* to, std::size_t to_stride, std::size_t pixels,
                   std::size_t channels);

}  // namespace mpsnn::cpu
