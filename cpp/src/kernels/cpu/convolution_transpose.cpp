#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/convolution_transpose_weights.hpp"
#include "kernels/cpu/onednn_convolution.hpp"

// A transposed convolution reads 0 outside its enlarged source whatever the edge mode is.
namespace mpsnn::cpu {

namespace {

std::unique_ptr<PlanKernel> make_loops(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionTransposeOp&>(request.op);
  return make_forward_loops(request, transpose_axes(op, request.geometry, request.sources[0], *request.result));
}

std::unique_ptr<PlanKernel> make_plain_gradient(const KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionTransposeGradientOp&>(request.op);
  const Axes axes = transpose_gradient_axes(op, request.geometry, request.sources[0], request.sources[1]);
  return make_gradient_loops(request, axes, axes, false);
}

std::unique_ptr<PlanKernel> make_gradient_loops(KernelRequest& request) { return make_plain_gradient(request); }

#ifdef MPSNN_ONEDNN
/// oneDNN's window slides over the large image; it is this kernel's turned by 180 degrees.
bool set_window(KernelRequest& request, const ConvolutionAttributes& op, const TensorDescriptor& large,
                const TensorDescriptor& small, onednn::ConvolutionWindow& window) {
  const Axes axes = transpose_gradient_axes(op, request.geometry, large, small);
  const auto first = [](const TapAxis& axis) { return axis.shift + axis.step * std::ptrdiff_t(axis.taps - 1); };
  return window.set(request, op, first(axes.x), first(axes.y), large, small);
}

std::unique_ptr<PlanKernel> make_onednn(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionTransposeOp&>(request.op);
  onednn::ConvolutionWindow window;
  if (!set_window(request, op, *request.result, request.sources[0], window)) return nullptr;
  return onednn::make_or_decline(request, [&]() -> std::unique_ptr<PlanKernel> {
    const onednn::DenseImage source(request.sources[0], op.input_feature_channels),
        result(*request.result, op.output_feature_channels);
    const auto describe = [=, source = source.desc(), result = result.desc(), biases = onednn::biases_desc(op)](
                              const onednn::Desc& weights, const dnnl::primitive_attr& attributes) {
      return dnnl::deconvolution_forward::primitive_desc(onednn::engine(), dnnl::prop_kind::forward_inference,
                                                         dnnl::algorithm::deconvolution_direct, source, weights, biases, result,
                                                         window.strides, window.dilations, window.low, window.high, attributes);
    };
    return onednn::make_forward(request, op, window, onednn::user_weights(op), onednn::any(onednn::weights_dims(op)),
                                result.desc(), true, describe);
  });
}

std::unique_ptr<PlanKernel> make_onednn_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionTransposeGradientOp&>(request.op);
  onednn::ConvolutionWindow window;
  if (!set_window(request, op, request.sources[0], request.sources[1], window)) return nullptr;
  return onednn::make_or_decline(request, [&]() -> std::unique_ptr<PlanKernel> {
    constexpr auto kDirect = dnnl::algorithm::deconvolution_direct;
    const auto& engine = onednn::engine();
    auto kernel = std::make_unique<onednn::Gradient>(request, op, true);
    const onednn::Desc source = kernel->source_desc(), gradient = kernel->gradient_desc(), biases = onednn::biases_desc(op);
    const onednn::Desc weights = onednn::any(onednn::weights_dims(op));
    const auto attributes = onednn::attributes();
    const dnnl::deconvolution_forward::primitive_desc hint(engine, dnnl::prop_kind::forward_training, kDirect, source, weights,
                                                           biases, gradient, window.strides, window.dilations, window.low,
                                                           window.high);
    bool any_is_good = false;
    if (request.result) {
      const dnnl::deconvolution_backward_data::primitive_desc desc(engine, kDirect, source, weights, gradient, window.strides,
                                                                   window.dilations, window.low, window.high, hint, attributes);
      if (onednn::is_good(request, desc, window, op)) {
        any_is_good = true;
        kernel->set_data(desc);
      } else {
        KernelRequest data_only = request;
        data_only.states = {};
        kernel->set_data(make_plain_gradient(data_only));
      }
    }
    if (auto windows = request.states.empty() ? nullptr : onednn::make_window_weights(request, op, window)) {
      any_is_good = true;
      kernel->set_weights(std::move(windows));
    } else if (!request.states.empty()) {
      const dnnl::deconvolution_backward_weights::primitive_desc desc(engine, kDirect, source, weights, biases, gradient,
                                                                      window.strides, window.dilations, window.low, window.high,
                                                                      hint, attributes);
      if (onednn::is_good(request, desc, window, op)) {
        any_is_good = true;
        kernel->set_weights(desc);
      } else {
        KernelRequest weights_only = request;
        weights_only.result = nullptr;
        kernel->set_weights(make_plain_gradient(weights_only));
      }
    }
    if (!any_is_good) return nullptr;
    return kernel;
  });
}
#endif

}  // namespace

void register_convolution_transpose(KernelTable& table) {
#ifdef MPSNN_ONEDNN
  table.add<ConvolutionTransposeOp>("onednn", make_onednn);
  table.add<ConvolutionTransposeGradientOp>("onednn", make_onednn_gradient);
#endif
  table.add<ConvolutionTransposeOp>("loops", make_loops);
  table.add<ConvolutionTransposeGradientOp>("loops", make_gradient_loops);
}

}  // namespace mpsnn::cpu
