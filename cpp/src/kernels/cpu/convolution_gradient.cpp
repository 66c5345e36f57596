#include <algorithm>
#include <utility>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/onednn_convolution.hpp"

namespace mpsnn::cpu {

namespace {

std::unique_ptr<PlanKernel> make_plain(const KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  const TensorDescriptor &gradient = request.sources[0], &source = request.sources[1];
  return make_gradient_loops(request, convolution_gradient_axes(op, request.geometry, gradient, source),
                             convolution_axes(op, request.geometry, source, gradient), true);
}

/// The half for the image.
std::unique_ptr<PlanKernel> make_plain_data(KernelRequest request) {
  request.states = {};
  return make_plain(request);
}

/// The half for the weights.
std::unique_ptr<PlanKernel> make_plain_weights(KernelRequest request) {
  request.result = nullptr;
  return make_plain(request);
}

std::unique_ptr<PlanKernel> make_loops(KernelRequest& request) {
  if (!accepts_edge_mode(request)) return nullptr;
  return make_plain(request);
}

/// The loops where they are faster than oneDNN's.
std::unique_ptr<PlanKernel> make_grouped(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  if (request.geometry.edge_mode != ImageEdgeMode::Zero) {
    request.decline("edge mode other than Zero");
    return nullptr;
  }
  const TensorDescriptor &gradient = request.sources[0], &source = request.sources[1];
  const Axes back = convolution_gradient_axes(op, request.geometry, gradient, source),
             forward = convolution_axes(op, request.geometry, source, gradient);
  std::unique_ptr<PlanKernel> data, weights;
  if (request.result && has_grouped_window(back.x, back.y, transposed_view(op))) data = make_plain_data(request);
  // Of a depthwise convolution, oneDNN is as fast or faster.
  const bool is_faster = request.is_asked_for || !is_depthwise(forward_view(op));
  if (!request.states.empty() && is_faster && has_grouped_gradient(forward.x, forward.y, forward_view(op))) {
    weights = make_plain_weights(request);
  }
  if (data || weights) return make_both_gradients(request, std::move(data), std::move(weights));
  request.decline("no small groups with three taps in a row or a small square window");
  return nullptr;
}

#ifdef MPSNN_ONEDNN
std::unique_ptr<PlanKernel> make_onednn(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  if (request.geometry.edge_mode != ImageEdgeMode::Zero) {
    request.decline("edge mode other than Zero");
    return nullptr;
  }
  const Axes axes = convolution_axes(op, request.geometry, request.sources[1], request.sources[0]);
  onednn::ConvolutionWindow window;
  if (!window.set(request, op, axes.x.shift, axes.y.shift, request.sources[1], request.sources[0])) return nullptr;
  return onednn::make_or_decline(request, [&]() -> std::unique_ptr<PlanKernel> {
    constexpr auto kDirect = dnnl::algorithm::convolution_direct;
    const auto& engine = onednn::engine();
    auto kernel = std::make_unique<onednn::Gradient>(request, op, false);
    const onednn::Desc source = kernel->source_desc(), gradient = kernel->gradient_desc(), biases = onednn::biases_desc(op);
    const onednn::Desc weights = onednn::any(onednn::weights_dims(op));
    const auto attributes = onednn::attributes();
    const dnnl::convolution_forward::primitive_desc hint(engine, dnnl::prop_kind::forward_training, kDirect, source, weights,
                                                         biases, gradient, window.strides, window.dilations, window.low,
                                                         window.high);
    bool any_is_good = false;
    if (request.result) {
      const dnnl::convolution_backward_data::primitive_desc desc(engine, kDirect, source, weights, gradient, window.strides,
                                                                 window.dilations, window.low, window.high, hint, attributes);
      if (onednn::is_good(request, desc, window, op)) {
        any_is_good = true;
        kernel->set_data(desc);
      } else {
        kernel->set_data(make_plain_data(request));
      }
    }
    if (!request.states.empty()) {
      const dnnl::convolution_backward_weights::primitive_desc desc(engine, kDirect, source, weights, biases, gradient,
                                                                    window.strides, window.dilations, window.low, window.high,
                                                                    hint, attributes);
      const bool is_wasteful = is_narrow(forward_view(op)) && op.kernel_height * op.kernel_width > 1;
      if (is_wasteful) request.decline("few outputs would leave its blocks mostly empty");
      if (!is_wasteful && onednn::is_good(request, desc, window, op)) {
        any_is_good = true;
        kernel->set_weights(desc);
      } else {
        kernel->set_weights(make_plain_weights(request));
      }
    }
    if (!any_is_good) return nullptr;
    return kernel;
  });
}
#endif

/// Two kernels for the two halves of a gradient.
class BothGradients final : public PlanKernel {
 public:
  BothGradients(std::unique_ptr<PlanKernel> data, std::unique_ptr<PlanKernel> weights)
      : data_(std::move(data)), weights_(std::move(weights)) {}
  std::size_t scratch_bytes() const override { return std::max(data_->scratch_bytes(), weights_->scratch_bytes()); }
  std::size_t part_scratch_bytes() const override {
    return std::max(data_->part_scratch_bytes(), weights_->part_scratch_bytes());
  }
  void run(const RunArguments& arguments) override {
    RunArguments half = arguments;
    half.states = {};
    data_->run(half);
    half.states = arguments.states;
    half.result = nullptr;
    weights_->run(half);
  }

 private:
  std::unique_ptr<PlanKernel> data_, weights_;
};

}  // namespace

std::unique_ptr<PlanKernel> make_half_gradient(KernelRequest& request) {
  if (auto kernel = make_direct_gradient(request)) return kernel;
#ifdef MPSNN_ONEDNN
  if (auto kernel = make_onednn(request)) return kernel;
#endif
  return make_loops(request);
}

std::unique_ptr<PlanKernel> make_both_gradients(KernelRequest& request, std::unique_ptr<PlanKernel> data,
                                                std::unique_ptr<PlanKernel> weights) {
  KernelRequest rest = request;
  rest.is_asked_for = false;  // the other half was
  if (request.result && !data) {
    rest.states = {};
    data = make_half_gradient(rest);
  } else if (!request.states.empty() && !weights) {
    rest.result = nullptr;
    weights = make_half_gradient(rest);
  }
  if (!weights) return data;
  if (!data) return weights;
  return std::make_unique<BothGradients>(std::move(data), std::move(weights));
}

void register_convolution_gradient(KernelTable& table) {
  table.add<ConvolutionGradientOp>("depthwise", make_depthwise_gradient);
  table.add<ConvolutionGradientOp>("grouped", make_grouped);
#ifdef MPSNN_ONEDNN
  table.add<ConvolutionGradientOp>("onednn", make_onednn);
#endif
  table.add<ConvolutionGradientOp>("loops", make_loops);
}

}  // namespace mpsnn::cpu
