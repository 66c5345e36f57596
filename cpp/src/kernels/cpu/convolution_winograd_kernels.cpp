#include <algorithm>
#include <utility>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/convolution_winograd.hpp"
#include "kernels/cpu/convolution_winograd_loops.hpp"
#include "kernels/cpu/neuron.hpp"
#include "mpsnn/buffer.hpp"

namespace mpsnn::cpu {

namespace {

using winograd::Loops;

// What a form of a convolution costs, counted in multiplications and additions. Each byte of the weights takes the time of so
// many, the more the less of them stay in a cache until the next run; a number of a transform takes so many in place of its few.
// All were found by timing layers of 16 to 1024 channels within networks.
constexpr double kCostOfFarByte = 24, kCostOfNearByte = 12, kCostOfTransform = 32;
constexpr double kFarBytes = 8 << 20;

double cost_of_bytes(double bytes) { return bytes * (bytes > kFarBytes ? kCostOfFarByte : kCostOfNearByte); }

constexpr double kRead = 1, kWrittenAndRead = 3, kAddedUp = 5;

/// A convolution, or one half of its gradient.
struct Work {
  std::size_t inputs;
  TensorDescriptor result;
  double passes;  ///< over the weights' numbers in each run: read; written before, too; or added up

  double direct() const {
    const double weights = double(winograd::kTaps * inputs * result.c);
    return 2 * weights * double(result.pixels()) + cost_of_bytes(weights * sizeof(float));
  }
  double in_tiles(std::size_t side) const {
    const double points = double(winograd::loops(side).points()), tiles = double(winograd::Tiles(result, side).count());
    const double weights = points * double(inputs * result.c);
    return 2 * weights * tiles + kCostOfTransform * points * tiles * double(inputs + result.c) +
           passes * cost_of_bytes(weights * sizeof(float));
  }
  /// Whether tiles of this size are the fastest way.
  bool suits(std::size_t side) const {
    constexpr double kSmall = 2e6;  // below, neither way takes long
    constexpr std::size_t kFewChannels = 12;
    if (direct() < kSmall || std::min(inputs, result.c) < kFewChannels) return false;
    return in_tiles(side) < 0.9 * direct() && in_tiles(side) < in_tiles(side == 4 ? 2 : 4);
  }
};

/// A convolution, or the gradient of one's source, which is a convolution with the weights turned around. Where it makes a number
/// that is not finite of one, the plain kernel does the work again: it makes only those that are to be.
class Convolution final : public PlanKernel {
 public:
  Convolution(const KernelRequest& request, const Loops& loops, const winograd::Window& window, const WeightsView& view,
              bool keeps_points, std::unique_ptr<PlanKernel> plain)
      : parameters_(*request.parameters),
        result_(*request.result),
        outputs_(view.outputs),
        points_(loops, view, window.is_turned),
        filter_(loops, first_channels(request.sources[0], view.inputs), first_channels(result_, outputs_), window,
                request.threads),
        plain_(std::move(plain)),
        kept_(keeps_points ? points_.count() * sizeof(float) : 0) {}

  /// What a convolution ends with and its gradient does not.
  void set_ending(const ConvolutionOp& op, const TensorDescriptor* addend) {
    has_biases_ = true;
    if (!ending_.rectifier.set(op.neuron)) neuron_ = op.neuron;
    if (addend) ending_.addend_stride = addend->pixel_stride;
  }

  std::size_t scratch_bytes() const override {
    const std::size_t points = kept_.length() > 0 ? 0 : points_.count() * sizeof(float);
    return std::max(filter_.scratch_bytes() + points, plain_->scratch_bytes());
  }

  void run(const RunArguments& arguments) override {
    std::byte* scratch = arguments.scratch;
    float* points;
    if (kept_.length() > 0) {
      points = static_cast<float*>(kept_.data());
    } else {
      points = reinterpret_cast<float*>(scratch);
      scratch += points_.count() * sizeof(float);
    }
    const Parameter& weights = parameters_.parameters[0];
    const bool are_new = seen_.are_new(weights);
    if (are_new || kept_.length() == 0) points_.make(static_cast<const float*>(weights.values->data()), points);
    winograd::Ending ending = ending_;
    if (has_biases_) ending.biases = biases_of(parameters_);
    if (ending.addend_stride > 0) ending.addend = arguments.sources[1];
    if (filter_.run(arguments.sources[0], arguments.result, points, ending, scratch)) {
      clear_channels(arguments.result, result_, outputs_);
      if (neuron_.neuron_type != CNNNeuronType::None) {
        apply_neuron(neuron_, arguments.result, arguments.result, result_.pixels(), outputs_, result_.pixel_stride,
                     result_.pixel_stride);
      }
    } else {
      parameters_.restore_weights();
      plain_->run(arguments);
    }
    if (kept_.length() > 0) parameters_.drop_weights();
  }

 private:
  ParameterSet& parameters_;
  const TensorDescriptor result_;
  const std::size_t outputs_;
  const winograd::Points points_;
  const winograd::Filter filter_;
  NNNeuronDescriptor neuron_;  // one that is more than a rectifier
  bool has_biases_ = false;
  winograd::Ending ending_;
  SeenWeights seen_;
  const std::unique_ptr<PlanKernel> plain_;
  Buffer kept_;  // the points; empty where weights change, and with them the points: they are scratch memory then
};

class WeightsGradient final : public PlanKernel {
 public:
  WeightsGradient(const KernelRequest& request, const ConvolutionAttributes& op, const Loops& loops,
                  const winograd::Window& window, std::unique_ptr<PlanKernel> plain)
      : gradient_(first_channels(request.sources[0], op.output_feature_channels)),
        sums_(loops, first_channels(request.sources[1], op.input_feature_channels), gradient_, window, forward_view(op)),
        plain_(std::move(plain)) {}

  std::size_t scratch_bytes() const override { return std::max(sums_.scratch_bytes(), plain_->scratch_bytes()); }

  void run(const RunArguments& arguments) override {
    auto* weights = static_cast<float*>(arguments.states[0]);
    if (sums_.run(arguments.sources[1], arguments.sources[0], weights, arguments.scratch)) {
      sum_pixels(arguments.sources[0], gradient_, gradient_.c, static_cast<float*>(arguments.states[1]));
    } else {
      plain_->run(arguments);
    }
  }

 private:
  const TensorDescriptor gradient_;
  const winograd::WeightsGradient sums_;
  const std::unique_ptr<PlanKernel> plain_;
};

/// Two kernels for the two halves of a gradient.
class BothGradients final : public PlanKernel {
 public:
  BothGradients(std::unique_ptr<PlanKernel> data, std::unique_ptr<PlanKernel> weights)
      : data_(std::move(data)), weights_(std::move(weights)) {}
  std::size_t scratch_bytes() const override { return std::max(data_->scratch_bytes(), weights_->scratch_bytes()); }
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

/// Declines edge modes, groups and sub-pixels; the axes say the rest.
bool is_plain(KernelRequest& request, const ConvolutionAttributes& op) {
  if (request.geometry.edge_mode != ImageEdgeMode::Zero) return request.decline("edge mode other than Zero");
  if (op.group_count() != 1) return request.decline("groups");
  return true;
}
constexpr const char* kWrongWindow = "not 3 x 3 taps side by side with a stride of 1";
constexpr const char* kSlower = "another way is faster for these shapes";

template <std::size_t side>
std::unique_ptr<PlanKernel> make_forward(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionOp&>(request.op);
  if (!is_plain(request, op)) return nullptr;
  const TensorDescriptor &source = request.sources[0], &result = *request.result;
  const Work work{op.input_feature_channels, first_channels(result, op.output_feature_channels),
                  request.parameters_change ? kWrittenAndRead : kRead};
  winograd::Window window;
  if (op.sub_pixel_scale_factor != 1) {
    request.decline("sub-pixel convolution");
  } else if (!window.set(convolution_axes(op, request.geometry, source, result))) {
    request.decline(kWrongWindow);
  } else if (!request.is_asked_for && !work.suits(side)) {
    request.decline(kSlower);
  } else {
    auto plain = make_forward_loops(request, convolution_axes(op, request.geometry, source, result));
    auto kernel = std::make_unique<Convolution>(request, winograd::loops(side), window, forward_view(op),
                                                !request.parameters_change, std::move(plain));
    kernel->set_ending(op, op.adds_source ? &request.sources[1] : nullptr);
    return kernel;
  }
  return nullptr;
}

template <std::size_t side>
std::unique_ptr<PlanKernel> make_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  if (!is_plain(request, op)) return nullptr;
  const TensorDescriptor &gradient = request.sources[0], &source = request.sources[1];
  const std::size_t inputs = op.input_feature_channels, outputs = op.output_feature_channels;
  const Loops& loops = winograd::loops(side);
  const Axes forward_axes = convolution_axes(op, request.geometry, source, gradient);
  const Axes backward_axes = convolution_gradient_axes(op, request.geometry, gradient, source);
  winograd::Window forward, backward;
  if (!forward.set(forward_axes) || !backward.set(backward_axes)) {
    request.decline(kWrongWindow);
    return nullptr;
  }
  const auto suits = [&](const Work& work) { return request.is_asked_for || work.suits(side); };
  KernelRequest for_data = request, for_weights = request;
  for_data.states = {};
  for_weights.result = nullptr;
  std::unique_ptr<PlanKernel> data, weights;
  if (request.result && suits({outputs, first_channels(*request.result, inputs), kWrittenAndRead})) {
    data = std::make_unique<Convolution>(request, loops, backward, transposed_view(op), false,
                                         make_gradient_loops(for_data, backward_axes, forward_axes, true));
  }
  if (!request.states.empty() && suits({inputs, first_channels(gradient, outputs), kAddedUp})) {
    weights = std::make_unique<WeightsGradient>(request, op, loops, forward,
                                                make_gradient_loops(for_weights, backward_axes, forward_axes, true));
  }
  if (!data && !weights) {
    request.decline(kSlower);
    return nullptr;
  }
  if (request.result && !data) data = make_direct_gradient(for_data);
  if (!request.states.empty() && !weights) weights = make_direct_gradient(for_weights);
  if (!weights) return data;
  if (!data) return weights;
  return std::make_unique<BothGradients>(std::move(data), std::move(weights));
}

}  // namespace

void register_winograd(KernelTable& table) {
  table.add<ConvolutionOp>("winograd 4x4", make_forward<4>);
  table.add<ConvolutionOp>("winograd 2x2", make_forward<2>);
  table.add<ConvolutionGradientOp>("winograd 4x4", make_gradient<4>);
  table.add<ConvolutionGradientOp>("winograd 2x2", make_gradient<2>);
}

}  // namespace mpsnn::cpu
