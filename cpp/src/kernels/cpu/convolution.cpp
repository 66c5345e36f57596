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
    const auto describe = [=, source = source.desc(), result = result.desc(), biases = onednn::biases_desc(op)](
                              const onednn::Desc& weights, const dnnl::primitive_attr& attributes) {
      return dnnl::convolution_forward::primitive_desc(onednn::engine(), dnnl::prop_kind::forward_inference,
                                                       dnnl::algorithm::convolution_direct, source, weights, biases, result,
                                                       window.strides, window.dilations, window.low, window.high, attributes);
    };
    return onednn::make_forward(request, op, window, onednn::user_weights(op), onednn::any(onednn::weights_dims(op)),
                                result.desc(), false, describe);
  });
}
#endif

/// From the source to the result before a sub-pixel convolution spreads its channels.
Axes loops_axes(const KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionOp&>(request.op);
  TensorDescriptor made = *request.result;
  made.w = (made.w + op.sub_pixel_scale_factor - 1) / op.sub_pixel_scale_factor;
  made.h = (made.h + op.sub_pixel_scale_factor - 1) / op.sub_pixel_scale_factor;
  return convolution_axes(op, request.geometry, request.sources[0], made);
}

std::unique_ptr<PlanKernel> make_loops(KernelRequest& request) {
  if (!accepts_edge_mode(request)) return nullptr;
  return make_forward_loops(request, loops_axes(request));
}

// The loops where they are faster than oneDNN's.

std::unique_ptr<PlanKernel> make_grouped(KernelRequest& request) {
  const Axes axes = loops_axes(request);
  if (!has_grouped_window(axes.x, axes.y, forward_view(dynamic_cast<const ConvolutionOp&>(request.op)))) {
    request.decline("no small groups with a small square window and steps of 1 or 2");
    return nullptr;
  }
  return make_loops(request);
}

std::unique_ptr<PlanKernel> make_narrow(KernelRequest& request) {
  if (!is_narrow(forward_view(dynamic_cast<const ConvolutionOp&>(request.op)))) {
    request.decline("more than a few outputs, or short sums");
    return nullptr;
  }
  return make_loops(request);
}

}  // namespace

void register_convolution(KernelTable& table) {
  register_winograd(table);
  table.add<ConvolutionOp>("grouped", make_grouped);
  table.add<ConvolutionOp>("narrow", make_narrow);
  register_pointwise(table);
  register_patches(table);
  register_direct(table);
#ifdef MPSNN_ONEDNN
  table.add<ConvolutionOp>("onednn", make_onednn);
#endif
  table.add<ConvolutionOp>("loops", make_loops);
  register_convolution_gradient(table);
  register_fully_connected(table);
  register_convolution_transpose(table);
}

}  // namespace mpsnn::cpu
