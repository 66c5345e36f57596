#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/cpu/convolution_patches.hpp"

namespace mpsnn::cpu {

namespace patches {

namespace {

constexpr std::size_t kFewInputs = 16;

template <class Sums>
class WeightsGradientKernel final : public PlanKernel {
 public:
  WeightsGradientKernel(const KernelRequest& request, const ConvolutionAttributes& op, const Axes& axes,
                        std::unique_ptr<PlanKernel> plain)
      : outputs_(op.output_feature_channels),
        sums_(axes, first_channels(request.sources[1], op.input_feature_channels), first_channels(request.sources[0], outputs_),
              request.threads),
        plain_(std::move(plain)),
        needs_biases_(plain_ || wants_biases(request)) {}
  std::size_t scratch_bytes() const override { return plain_ ? plain_->scratch_bytes() : 0; }
  std::size_t part_scratch_bytes() const override { return sums_.part_scratch_bytes(); }
  void run(const RunArguments& arguments) override {
    auto* weights = static_cast<float*>(arguments.states[0]);
    float* biases = needs_biases_ ? static_cast<float*>(arguments.states[1]) : nullptr;
    sums_.run(arguments.sources[1], arguments.sources[0], weights, biases, arguments.parts);
    // A bias's gradient is the sum of an output's.
    if (plain_ && !std::all_of(biases, biases + outputs_, [](float sum) { return std::isfinite(sum); })) plain_->run(arguments);
  }

 private:
  const std::size_t outputs_;
  const Sums sums_;
  const std::unique_ptr<PlanKernel> plain_;
  const bool needs_biases_;  // they show whether the sums are finite
};

}  // namespace

std::unique_ptr<PlanKernel> make_weights_gradient(const KernelRequest& request, const Axes& axes,
                                                  std::unique_ptr<PlanKernel> plain) {
  const auto& op = dynamic_cast<const ConvolutionAttributes&>(request.op);
  if (op.input_feature_channels < kFewInputs && StripWeightsGradient::accepts(axes)) {
    return std::make_unique<WeightsGradientKernel<StripWeightsGradient>>(request, op, axes, std::move(plain));
  }
  return std::make_unique<WeightsGradientKernel<WeightsGradient>>(request, op, axes, std::move(plain));
}

}  // namespace patches

namespace {

/// Patches of few inputs take long to put together; found by timing the first layers of networks.
bool is_worth_while(const ConvolutionAttributes& op, const Axes& axes) {
  constexpr std::size_t kProductsOfCopy = 400;
  const std::size_t products = op.output_feature_channels * op.kernel_width * op.kernel_height * op.input_feature_channels;
  const std::size_t copies = op.kernel_height * std::size_t(axes.x.scale);
  return op.input_feature_channels >= patches::kFewInputs ||
         (patches::StripWeightsGradient::accepts(axes) && products >= kProductsOfCopy * copies);
}

std::unique_ptr<PlanKernel> make_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  const TensorDescriptor &gradient = request.sources[0], &source = request.sources[1];
  const Axes axes = convolution_axes(op, request.geometry, source, gradient);
  if (!is_dense_with_zeros(request, op)) return nullptr;
  if (request.states.empty()) {
    request.decline("the weights' gradient is not asked for");
    return nullptr;
  }
  if (!request.is_asked_for && !is_worth_while(op, axes)) {
    request.decline("few inputs for what it takes to copy them");
    return nullptr;
  }
  KernelRequest weights_only = request;
  weights_only.result = nullptr;
  const Axes backward = convolution_gradient_axes(op, request.geometry, gradient, source);
  auto plain = make_gradient_loops(weights_only, backward, axes, true);
  return make_both_gradients(request, nullptr, patches::make_weights_gradient(request, axes, std::move(plain)));
}

}  // namespace

void register_patches(KernelTable& table) { table.add<ConvolutionGradientOp>("patches", make_gradient); }

}  // namespace mpsnn::cpu
