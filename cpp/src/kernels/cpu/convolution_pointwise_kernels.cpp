#include <utility>

#include "kernels/cpu/convolution_packed.hpp"
#include "kernels/cpu/convolution_patches.hpp"
#include "kernels/cpu/convolution_pointwise.hpp"

namespace mpsnn::cpu {

namespace {

using Convolution = PackedConvolution<pointwise::Panels, pointwise::Filter>;

// Where oneDNN takes longer, found by timing layers of 16 to 2048 channels within networks.
#ifdef MPSNN_ONEDNN

/// Its products are faster, but it waits longer for weights that are no longer in a cache, puts them in order more slowly when
/// they have changed, and copies images whose pixels do not follow one another.
bool is_fastest_forward(const KernelRequest& request, std::size_t inputs, std::size_t outputs) {
  // Products that each number of these is worth.
  const double worth_of_weights = request.parameters_change ? 5000 : 600, worth_of_copies = 400;
  const TensorDescriptor &source = request.sources[0], &result = *request.result;
  const auto copied = [](const TensorDescriptor& t, std::size_t channels) {
    return t.pixel_stride == channels ? 0.0 : double(t.pixels() * channels);
  };
  const double weights = double(inputs * outputs), products = weights * double(result.pixels());
  return products < worth_of_weights * weights + worth_of_copies * (copied(source, inputs) + copied(result, outputs));
}

/// With few pixels, the time goes into putting the weights in order; of a gradient it wants them as they are.
bool is_fastest_gradient(const KernelRequest& request) {
  constexpr std::size_t kFewPixels = 400;
  return request.result->pixels() >= kFewPixels;
}

/// With few weights, the time goes into putting the gradient in order.
bool is_fastest_weights_gradient(std::size_t inputs, std::size_t outputs) {
  constexpr std::size_t kFewInputs = 16, kFewWeights = 1024;
  return inputs >= kFewInputs && inputs * outputs >= kFewWeights;
}

#else

bool is_fastest_forward(const KernelRequest&, std::size_t, std::size_t) { return true; }
bool is_fastest_gradient(const KernelRequest&) { return true; }
bool is_fastest_weights_gradient(std::size_t, std::size_t) { return true; }

#endif
constexpr const char* kSlower = "oneDNN is faster for these shapes";

/// With the weights that a view sees.
std::unique_ptr<Convolution> make_convolution(const KernelRequest& request, const pointwise::Window& window,
                                              const WeightsView& view, bool keeps_weights) {
  return std::make_unique<Convolution>(request, view.outputs, pointwise::Panels(view),
                                       pointwise::Filter(first_channels(request.sources[0], view.inputs),
                                                         first_channels(*request.result, view.outputs), window, request.threads),
                                       keeps_weights);
}

/// Declines edge modes and groups; the axes say the rest.
bool is_plain(KernelRequest& request, const ConvolutionAttributes& op) {
  if (request.geometry.edge_mode != ImageEdgeMode::Zero) return request.decline("edge mode other than Zero");
  if (op.group_count() != 1) return request.decline("groups");
  return true;
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
  if (!is_plain(request, op)) return nullptr;
  if (!window.set(convolution_axes(op, request.geometry, source, result))) {
    request.decline(kOther);
    return nullptr;
  }
  if (!request.is_asked_for && !is_fastest_forward(request, op.input_feature_channels, op.output_feature_channels)) {
    request.decline(kSlower);
    return nullptr;
  }
  auto kernel = make_convolution(request, window, forward_view(op), !request.parameters_change);
  kernel->set_ending(op, op.adds_source ? &request.sources[1] : nullptr);
  return kernel;
}

std::unique_ptr<PlanKernel> make_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  const TensorDescriptor &gradient = request.sources[0], &source = request.sources[1];
  if (!is_plain(request, op)) return nullptr;
  pointwise::Window forward, backward;
  const Axes axes = convolution_axes(op, request.geometry, source, gradient);
  const bool has_weights = !request.states.empty() && forward.set(axes);
  const bool has_data = request.result && backward.set(convolution_gradient_axes(op, request.geometry, gradient, source));
  if (!has_weights && !has_data) {
    request.decline(kOther);
    return nullptr;
  }
  std::unique_ptr<PlanKernel> data, weights;
  if (has_data && (request.is_asked_for || is_fastest_gradient(request))) {
    data = make_convolution(request, backward, transposed_view(op), false);
  }
  if (has_weights &&
      (request.is_asked_for || is_fastest_weights_gradient(op.input_feature_channels, op.output_feature_channels))) {
    weights = patches::make_weights_gradient(request, axes, nullptr);
  }
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
