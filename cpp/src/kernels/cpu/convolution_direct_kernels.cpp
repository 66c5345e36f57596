#include <algorithm>
#include <memory>

#include "kernels/cpu/convolution_direct.hpp"
#include "kernels/cpu/convolution_packed.hpp"

namespace mpsnn::cpu {

namespace {

/// With the weights that a view sees; `forward` is null for a gradient.
std::unique_ptr<PlanKernel> make_convolution(const KernelRequest& request, const Axes& axes, const WeightsView& view,
                                             const ConvolutionOp* forward) {
  const TensorDescriptor source = first_channels(request.sources[0], view.inputs),
                         result = first_channels(*request.result, view.outputs);
  const direct::Panels panels(view, axes.x.taps * axes.y.taps);
  if (!forward || reads_as_they_are(request, panels.count(), result)) {
    const direct::UnpackedFilter filter(axes, panels, view, source, result, request.threads);
    return make_packed(request, forward, view.outputs, AsTheyAre(), filter, false);
  }
  const direct::Filter filter(axes, panels, view, source, result, pointwise::kCostOfKeptWeight, request.threads);
  return make_packed(request, forward, view.outputs, panels, filter, true);
}

/// Where it takes less time than the others: vectors of outputs that are full, sums long beside what begins and ends them,
/// weights that are used so often that it does not matter who puts them in order, and a panel of them that stays in a cache.
bool suits(const ConvolutionAttributes& op, const WeightsView& view, const TensorDescriptor& source,
           const TensorDescriptor& result) {
  constexpr std::size_t kFewOutputs = 64, kShortSum = 256, kLongSum = 16384, kFewUses = 64;
  const std::size_t sum = view.inputs * op.kernel_width * op.kernel_height;
  return view.outputs >= kFewOutputs && sum >= kShortSum && sum <= kLongSum &&
         std::min(source.pixels(), result.pixels()) >= kFewUses;
}
constexpr const char* kUnsuited = "few outputs or pixels, or sums that are short or too long for a cache";

std::unique_ptr<PlanKernel> make_forward(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionOp&>(request.op);
  if (!is_dense_with_zeros(request, op)) return nullptr;
  const Axes axes = convolution_axes(op, request.geometry, request.sources[0], *request.result);
  if (op.sub_pixel_scale_factor != 1) {
    request.decline("sub-pixel convolution");
  } else if (!request.is_asked_for && !suits(op, forward_view(op), request.sources[0], *request.result)) {
    request.decline(kUnsuited);
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
  if (!request.is_asked_for && !suits(op, transposed_view(op), request.sources[0], *request.result)) {
    request.decline(kUnsuited);
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
