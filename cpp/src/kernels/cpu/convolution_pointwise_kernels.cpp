#include <algorithm>
#include <utility>

#include "kernels/cpu/convolution_packed.hpp"
#include "kernels/cpu/convolution_patches.hpp"
#include "kernels/cpu/convolution_pointwise.hpp"
#include "kernels/cpu/convolution_pointwise_gradient.hpp"
#include "kernels/cpu/loops.hpp"

namespace mpsnn::cpu {

namespace {

// Where oneDNN takes longer, found by timing layers of 16 to 2048 channels within networks.
#ifdef MPSNN_ONEDNN

/// Its products are faster where weights stay as they are, but it waits longer for what is no longer in a cache, of images where
/// vectors are long, and copies those whose pixels do not follow one another.
bool is_fastest_forward(const KernelRequest& request, std::size_t inputs, std::size_t outputs) {
  const bool has_long_vectors = panel_loops().lanes == 16;
  if (request.parameters_change || (has_long_vectors && pointwise::is_far(request.sources[0]))) return true;
  // Products that each number of these is worth.
  constexpr double worth_of_weights = 600, worth_of_copies = 400;
  const TensorDescriptor &source = request.sources[0], &result = *request.result;
  const auto copied = [](const TensorDescriptor& t, std::size_t channels) {
    return t.pixel_stride == channels ? 0.0 : double(t.pixels() * channels);
  };
  const double weights = double(inputs * outputs), products = weights * double(result.pixels());
  return products < worth_of_weights * weights + worth_of_copies * (copied(source, inputs) + copied(result, outputs));
}

/// With few weights, the time goes into putting the gradient in order.
bool is_fastest_weights_gradient(std::size_t inputs, std::size_t outputs) {
  constexpr std::size_t kFewInputs = 16, kFewWeights = 1024;
  return inputs >= kFewInputs && inputs * outputs >= kFewWeights;
}

#else

bool is_fastest_forward(const KernelRequest&, std::size_t, std::size_t) { return true; }
bool is_fastest_weights_gradient(std::size_t, std::size_t) { return true; }

#endif
constexpr const char* kSlower = "oneDNN is faster for these shapes";

/// Whether the source is to be made where it is read: it need not pass from thread to thread, which takes long where they have
/// caches of their own. One thread is as fast with an image in memory, or faster by what other kernels are.
bool reads_made(const KernelRequest& request, const ConvolutionAttributes& op, const pointwise::Window& window) {
  if (!request.maker || request.threads < 2 || request.parameters_change) return false;
  const TensorDescriptor &source = request.sources[0], &result = *request.result;
  const bool has_all = source.c == op.input_feature_channels && source.h == result.h && source.w == result.w;
  return has_all && window.is_pixel() && pointwise::MadeFilter::suits(source, *request.maker, request.threads);
}

/// With the weights that a view sees; `forward` is null for a gradient.
std::unique_ptr<PlanKernel> make_convolution(const KernelRequest& request, const pointwise::Window& window,
                                             const WeightsView& view, const ConvolutionOp* forward) {
  const TensorDescriptor source = first_channels(request.sources[0], view.inputs),
                         result = first_channels(*request.result, view.outputs);
  const pointwise::Panels panels(view);
  if (forward && reads_made(request, *forward, window)) {
    const pointwise::MadeFilter filter(source, result, *request.maker, request.threads);
    return make_packed(request, forward, view.outputs, panels, filter, true);
  }
  if (!forward || reads_as_they_are(request, panels.count(), result)) {
    const pointwise::UnpackedFilter filter(panels, source, result, window, request.threads);
    return make_packed(request, forward, view.outputs, AsTheyAre(), filter, false);
  }
  const pointwise::Filter filter(source, result, window, request.threads);
  return make_packed(request, forward, view.outputs, panels, filter, true);
}

constexpr const char* kOther = "windows that are not one pixel of the image";

std::unique_ptr<PlanKernel> make_forward(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionOp&>(request.op);
  const TensorDescriptor &source = request.sources[0], &result = *request.result;
  pointwise::Window window;
  if (op.sub_pixel_scale_factor != 1) {
    request.decline("sub-pixel convolution");
    return nullptr;
  }
  if (!is_dense_with_zeros(request, op)) return nullptr;
  if (!window.set(convolution_axes(op, request.geometry, source, result))) {
    request.decline(kOther);
    return nullptr;
  }
  if (!request.is_asked_for && !reads_made(request, op, window) &&
      !is_fastest_forward(request, op.input_feature_channels, op.output_feature_channels)) {
    request.decline(kSlower);
    return nullptr;
  }
  return make_convolution(request, window, forward_view(op), &op);
}

/// The gradient of an image of which only pixels a stride apart were read: those of a dense image, where they belong, and zeros.
class SpreadConvolution final : public PlanKernel {
 public:
  /// False where pixels have more than one tap.
  static bool accepts(const Axes& axes) {
    const auto is_single = [](const TapAxis& a) { return a.taps == 1 && a.scale == 1 && !a.clamp; };
    return is_single(axes.x) && is_single(axes.y);
  }
  SpreadConvolution(const KernelRequest& request, const Axes& axes, const WeightsView& view)
      : axes_(axes),
        result_(*request.result),
        dense_(dense_tensor(result_.n, axes.y.source, axes.x.source, view.outputs)),
        dense_bytes_((dense_.count() * sizeof(float) + kAlignment - 1) / kAlignment * kAlignment) {
    KernelRequest dense_request = request;
    dense_request.result = &dense_;
    convolution_ = make_convolution(dense_request, pointwise::Window(), view, nullptr);
  }
  std::size_t scratch_bytes() const override { return dense_bytes_ + convolution_->scratch_bytes(); }
  std::size_t part_scratch_bytes() const override { return convolution_->part_scratch_bytes(); }
  void run(const RunArguments& arguments) override {
    RunArguments dense = arguments;
    dense.result = reinterpret_cast<float*>(arguments.scratch);
    dense.scratch = arguments.scratch + dense_bytes_;
    convolution_->run(dense);
    spread(dense.result, arguments.result);
  }

 private:
  static constexpr std::size_t kAlignment = 64, kGrain = 16384;  // bytes; numbers a thread writes at least

  static std::ptrdiff_t source_of(const TapAxis& axis, std::size_t pixel) {
    const std::ptrdiff_t at = std::ptrdiff_t(pixel) + axis.shift;
    return at >= 0 && at % axis.divisor == 0 && at / axis.divisor < std::ptrdiff_t(axis.source) ? at / axis.divisor : -1;
  }
  void spread(const float* from, float* to) const {
    parallel_ranges(result_.n * result_.h, kGrain / (result_.w * result_.c) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::ptrdiff_t y = source_of(axes_.y, row % result_.h);
        float* pixel = to + row * result_.w * result_.pixel_stride;
        for (std::size_t column = 0; column < result_.w; ++column, pixel += result_.pixel_stride) {
          const std::ptrdiff_t x = y < 0 ? -1 : source_of(axes_.x, column);
          const std::size_t at = ((row / result_.h * dense_.h + std::size_t(y)) * dense_.w + std::size_t(x)) * dense_.c;
          const std::size_t count = x < 0 ? 0 : dense_.c;
          if (count > 0) std::copy_n(from + at, count, pixel);
          std::fill_n(pixel + count, result_.c - count, 0.0f);
        }
      }
    });
  }

  const Axes axes_;
  const TensorDescriptor result_, dense_;
  const std::size_t dense_bytes_;
  std::unique_ptr<PlanKernel> convolution_;
};

/// Both halves of a gradient at once.
class GradientKernel final : public PlanKernel, public MadeSource<pointwise::PixelSource> {
 public:
  GradientKernel(const KernelRequest& request, const ConvolutionAttributes& op)
      : MadeSource(request),
        parameters_(*request.parameters),
        result_(*request.result),
        inputs_(op.input_feature_channels),
        gradient_(transposed_view(op), first_channels(request.sources[0], op.output_feature_channels),
                  first_channels(request.sources[1], inputs_), first_channels(result_, inputs_), request.threads),
        wants_biases_(wants_biases(request)) {}
  std::size_t part_scratch_bytes() const override { return gradient_.part_scratch_bytes(); }
  bool can_read_from(const MakesPixels& maker) const override { return maker.pixels_at_once() == 1; }
  void run(const RunArguments& arguments) override {
    gradient_.run(source_of(arguments, 2), arguments.sources[1],
                  static_cast<const float*>(parameters_.parameters[0].values->data()), arguments.result,
                  static_cast<float*>(arguments.states[0]), wants_biases_ ? static_cast<float*>(arguments.states[1]) : nullptr,
                  arguments.parts);
    clear_channels(arguments.result, result_, inputs_);
  }

 private:
  ParameterSet& parameters_;
  const TensorDescriptor result_;
  const std::size_t inputs_;
  const pointwise::Gradient gradient_;
  const bool wants_biases_;
};

std::unique_ptr<PlanKernel> make_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  const TensorDescriptor &gradient = request.sources[0], &source = request.sources[1];
  if (!is_dense_with_zeros(request, op)) return nullptr;
  pointwise::Window forward, backward;
  const Axes axes = convolution_axes(op, request.geometry, source, gradient);
  const bool has_weights = !request.states.empty() && forward.set(axes);
  const Axes data_axes = convolution_gradient_axes(op, request.geometry, gradient, source);
  const bool is_dense = request.result && backward.set(data_axes);
  const bool has_data = is_dense || (request.result && SpreadConvolution::accepts(data_axes));
  if (!has_weights && !has_data) {
    request.decline(kOther);
    return nullptr;
  }
  const std::size_t inputs = op.input_feature_channels, outputs = op.output_feature_channels;
  const bool takes_weights = has_weights && (request.is_asked_for || is_fastest_weights_gradient(inputs, outputs));
  const bool same_pixels = source.w == gradient.w && source.h == gradient.h;
  if (takes_weights && is_dense && same_pixels &&
      pointwise::Gradient::suits(inputs, outputs, gradient.pixels(), request.threads)) {
    return std::make_unique<GradientKernel>(request, op);
  }
  std::unique_ptr<PlanKernel> data, weights;
  if (is_dense) {
    data = make_convolution(request, backward, transposed_view(op), nullptr);
  } else if (has_data) {
    data = std::make_unique<SpreadConvolution>(request, data_axes, transposed_view(op));
  }
  if (takes_weights) weights = patches::make_weights_gradient(request, axes, nullptr);
  if (!data && !weights) {
    request.decline(kSlower);
    return nullptr;
  }
  return make_both_gradients(request, std::move(data), std::move(weights));
}

}  // namespace

void register_pointwise(KernelTable& table) {
  table.add<ConvolutionOp>("pointwise", make_forward);
  table.add<ConvolutionGradientOp>("pointwise", make_gradient);
}

}  // namespace mpsnn::cpu
