#include <utility>

#include "kernels/cpu/convolution_direct.hpp"
#include "kernels/cpu/convolution_packed.hpp"
#include "kernels/cpu/convolution_patches.hpp"

namespace mpsnn::cpu {

namespace {

using Convolution = PackedConvolution<AsTheyAre, direct::Filter>;

/// With the weights that a view sees; `forward` is null for a gradient.
std::unique_ptr<PlanKernel> make_convolution(const KernelRequest& request, const Axes& axes, const WeightsView& view,
                                             const ConvolutionOp* forward) {
  const direct::Filter filter(axes, view, first_channels(request.sources[0], view.inputs),
                              first_channels(*request.result, view.outputs), request.threads);
  auto kernel = std::make_unique<Convolution>(request, view.outputs, AsTheyAre(), filter, false);
  if (forward) kernel->set_ending(*forward, forward->adds_source ? &request.sources[1] : nullptr);
  return kernel;
}

/// Where it takes less time than the others: vectors of outputs that are full, and sums long beside what begins and ends them.
bool suits(const ConvolutionAttributes& op, const WeightsView& view) {
  constexpr std::size_t kFewOutputs = 16, kShortSum = 256;
  return view.outputs >= kFewOutputs && view.inputs * op.kernel_width * op.kernel_height >= kShortSum;
}
constexpr const char* kFew = "few outputs or short sums";

std::unique_ptr<PlanKernel> make_forward(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionOp&>(request.op);
  if (!is_dense_with_zeros(request, op)) return nullptr;
  const Axes axes = convolution_axes(op, request.geometry, request.sources[0], *request.result);
  if (op.sub_pixel_scale_factor != 1) {
    request.decline("sub-pixel convolution");
  } else if (!request.is_asked_for && !request.parameters_change) {
    request.decline("weights that do not change");
  } else if (!request.is_asked_for && !suits(op, forward_view(op))) {
    request.decline(kFew);
  } else {
    return make_convolution(request, axes, forward_view(op), &op);
  }
  return nullptr;
}

}  // namespace

std::unique_ptr<PlanKernel> make_direct_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  if (!is_dense_with_zeros(request, op)) return nullptr;
  if (!request.result) {
    request.decline("the image's gradient is not asked for");
    return nullptr;
  }
  if (!request.is_asked_for && !suits(op, transposed_view(op))) {
    request.decline(kFew);
    return nullptr;
  }
  KernelRequest data_only = request;
  data_only.states = {};
  const Axes axes = convolution_gradient_axes(op, request.geometry, request.sources[0], request.sources[1]);
  return make_both_gradients(request, make_convolution(data_only, axes, transposed_view(op), nullptr), nullptr);
}

void register_direct(KernelTable& table) {
  table.add<ConvolutionOp>("direct", make_forward);
  table.add<ConvolutionGradientOp>("direct", make_direct_gradient);
}

}  // namespace mpsnn::cpu
