#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/onednn_convolution.hpp"

namespace mpsnn::cpu {

namespace {

#ifdef MPSNN_ONEDNN
std::unique_ptr<PlanKernel> make_onednn(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionOp&>(request.op);
  if (!onednn::is_worth_starting(request, op)) return nullptr;
  if (request.geometry.edge_mode != ImageEdgeMode::Zero) {
    request.decline("edge mode other than Zero");
    return nullptr;
  }
  if (op.sub_pixel_scale_factor != 1) {
    request.decline("sub-pixel convolution");
    return nullptr;
  }
  const Axes axes = convolution_axes(op, request.geometry, request.sources[0], *request.result);
  onednn::ConvolutionWindow window;
  if (!window.set(request, op, axes.x.shift, axes.y.shift, request.sources[0], *request.result)) return nullptr;
  return onednn::make_or_decline(request, [&]() -> std::unique_ptr<PlanKernel> {
    const onednn::DenseImage source(request.sources[0], op.input_feature_channels),
        result(*request.result, op.output_feature_channels);
    bool neuron_is_fused = false;
    const auto attributes = onednn::forward_attributes(op, result.desc(), neuron_is_fused);
    const dnnl::convolution_forward::primitive_desc desc(
        onednn::engine(), dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, source.desc(),
        onednn::any(onednn::weights_dims(op)), onednn::biases_desc(op), result.desc(), window.strides, window.dilations,
        window.low, window.high, attributes);
    if (!onednn::is_good(request, desc, window, op)) return nullptr;
    return std::make_unique<onednn::Forward>(request, op, desc, false, neuron_is_fused);
  });
}
#endif

std::unique_ptr<PlanKernel> make_loops(KernelRequest& request) {
  if (!accepts_edge_mode(request)) return nullptr;
  const auto& op = dynamic_cast<const ConvolutionOp&>(request.op);
  TensorDescriptor made = *request.result;
  made.w = (made.w + op.sub_pixel_scale_factor - 1) / op.sub_pixel_scale_factor;
  made.h = (made.h + op.sub_pixel_scale_factor - 1) / op.sub_pixel_scale_factor;
  return make_forward_loops(request, convolution_axes(op, request.geometry, request.sources[0], made));
}

}  // namespace

void register_convolution(KernelTable& table) {
#ifdef MPSNN_ONEDNN
  table.add<ConvolutionOp>("onednn", make_onednn);
#endif
  table.add<ConvolutionOp>("loops", make_loops);
  register_convolution_gradient(table);
  register_fully_connected(table);
  register_convolution_transpose(table);
}

}  // namespace mpsnn::cpu
