#ifdef MPSNN_ONEDNN

#include "kernels/cpu/convolution_transpose_weights.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/loops.hpp"

namespace mpsnn::cpu::onednn {

namespace {

constexpr std::size_t kGrain = 32768;  // numbers worth a thread

class WindowWeights final : public PlanKernel {
 public:
  WindowWeights(const KernelRequest& request, const ConvolutionAttributes& op)
      : op_(op),
        gradient_(request.sources[0]),
        small_(request.sources[1]),
        taps_(op.kernel_width * op.kernel_height),
        source_(small_, op.input_feature_channels),
        window_channels_(taps_ * op.output_feature_channels) {
    const TensorDescriptor windows{small_.n, small_.h, small_.w, window_channels_, window_channels_};
    const auto outputs = std::int64_t(window_channels_), inputs = std::int64_t(op.input_feature_channels);
    constexpr auto kDirect = dnnl::algorithm::convolution_direct;
    const Desc from = source_.desc(), to = image(windows), weights = any({outputs, inputs, 1, 1}),
               biases = dense({outputs}, Tag::x);
    const Dims ones = {1, 1}, zeros = {0, 0};
    const dnnl::convolution_forward::primitive_desc hint(engine(), dnnl::prop_kind::forward_training, kDirect, from, weights,
                                                         biases, to, ones, zeros, zeros);
    const dnnl::convolution_backward_weights::primitive_desc desc(engine(), kDirect, from, weights, biases, to, ones, zeros,
                                                                  zeros, hint, attributes());
    primitive_ = Primitive(desc);
    primitive_.bind(DNNL_ARG_SRC, from);
    primitive_.bind(DNNL_ARG_DIFF_DST, to);
    primitive_.bind(DNNL_ARG_DIFF_WEIGHTS, desc.diff_weights_desc());
    primitive_.bind(DNNL_ARG_DIFF_BIAS, biases);
    in_order_ = Reorder(desc.diff_weights_desc(), dense({outputs, inputs}, Tag::ab).reshape({outputs, inputs, 1, 1}));
    made_bytes_ = aligned(desc.diff_weights_desc().get_size());
  }

  std::size_t scratch_bytes() const override {
    return source_.scratch_bytes() + windows_bytes() + made_bytes_ + weights_bytes() + biases_bytes() +
           std::max(primitive_.scratch_bytes(), in_order_.scratch_bytes());
  }

  void run(const RunArguments& arguments) override {
    std::byte* scratch = arguments.scratch;
    const auto take = [&](std::size_t bytes) {
      auto* memory = reinterpret_cast<float*>(scratch);
      scratch += bytes;
      return memory;
    };
    const float* source = source_.read(arguments.sources[1], scratch);
    float *windows = take(windows_bytes()), *made = take(made_bytes_), *weights = take(weights_bytes()),
          *biases = take(biases_bytes());
    gather(arguments.sources[0], windows);
    primitive_.set(DNNL_ARG_SRC, source);
    primitive_.set(DNNL_ARG_DIFF_DST, windows);
    primitive_.set(DNNL_ARG_DIFF_WEIGHTS, made);
    primitive_.set(DNNL_ARG_DIFF_BIAS, biases);
    primitive_.run(scratch);
    if (in_order_.is_needed()) in_order_.run(made, weights, scratch);
    spread(in_order_.is_needed() ? weights : made, biases, static_cast<float*>(arguments.states[0]),
           static_cast<float*>(arguments.states[1]));
  }

 private:
  std::size_t windows_bytes() const { return aligned(small_.pixels() * window_channels_ * sizeof(float)); }
  std::size_t weights_bytes() const { return aligned(op_.weight_count() * sizeof(float)); }
  std::size_t biases_bytes() const { return aligned(window_channels_ * sizeof(float)); }

  // The pixels of each window, row by row, become the channels of one pixel.
  void gather(const float* gradient, float* windows) const {
    const std::size_t rows = op_.kernel_height, columns = op_.kernel_width, channels = op_.output_feature_channels;
    parallel_ranges(small_.n * small_.h, kGrain / (small_.w * window_channels_) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        for (std::size_t r = 0; r < rows; ++r) {
          const float* pixel = gradient + (row * rows + r) * gradient_.w * gradient_.pixel_stride;
          float* to = windows + row * small_.w * window_channels_ + r * columns * channels;
          for (std::size_t x = 0; x < small_.w; ++x, to += window_channels_) {
            for (std::size_t c = 0; c < columns; ++c, pixel += gradient_.pixel_stride) {
              std::memcpy(to + c * channels, pixel, channels * sizeof(float));
            }
          }
        }
      }
    });
  }

  // From window pixel and output channel to output channel and tap; taps count from the window's other end.
  void spread(const float* weights, const float* biases, float* for_weights, float* for_biases) const {
    const std::size_t inputs = op_.input_feature_channels, outputs = op_.output_feature_channels;
    for (std::size_t o = 0; o < outputs; ++o) {
      float bias = 0;
      for (std::size_t tap = 0; tap < taps_; ++tap) {
        const std::size_t row = (taps_ - 1 - tap) * outputs + o;
        std::memcpy(for_weights + (o * taps_ + tap) * inputs, weights + row * inputs, inputs * sizeof(float));
        bias += biases[row];
      }
      for_biases[o] = bias;
    }
  }

  const ConvolutionAttributes& op_;
  const TensorDescriptor gradient_, small_;
  const std::size_t taps_;
  const DenseImage source_;
  const std::size_t window_channels_;
  Primitive primitive_;
  Reorder in_order_;
  std::size_t made_bytes_ = 0;
};

}  // namespace

std::unique_ptr<PlanKernel> make_window_weights(KernelRequest& request, const ConvolutionAttributes& op,
                                                const ConvolutionWindow& window) {
  const TensorDescriptor &large = request.sources[0], &small = request.sources[1];
  const bool is_plain = op.group_count() == 1 && op.dilation_rate_x == 1 && op.dilation_rate_y == 1 && !window.is_padded;
  const bool lie_side_by_side = op.stride_in_pixels_x == op.kernel_width && op.stride_in_pixels_y == op.kernel_height &&
                                large.w == small.w * op.kernel_width && large.h == small.h * op.kernel_height;
  if (!is_plain || !lie_side_by_side || op.kernel_width * op.kernel_height == 1) return nullptr;
  return std::make_unique<WindowWeights>(request, op);
}

}  // namespace mpsnn::cpu::onednn

#endif  // MPSNN_ONEDNN
