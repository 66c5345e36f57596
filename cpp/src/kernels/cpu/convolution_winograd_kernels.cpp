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
// many, the more the less of them stay in a cache until the next run; a number of a transform takes so many in place of its few,
// one of the weights' as well. All were found by timing layers of 16 to 1024 channels within networks.
constexpr double kCostOfFarByte = 24, kCostOfNearByte = 12, kCostOfTransform = 32, kCostOfPoint = 40;
constexpr double kFarBytes = 8 << 20;

double cost_of_bytes(double bytes) { return bytes * (bytes > kFarBytes ? kCostOfFarByte : kCostOfNearByte); }

/// What the weights' numbers are to a convolution, or to one half of its gradient.
enum class Weights { Kept, Changing, Gradient };

/// A convolution, or one half of its gradient.
struct Work {
  std::size_t inputs;
  TensorDescriptor result;
  Weights weights;

  double direct() const {
    const double weights = double(winograd::kTaps * inputs * result.c);
    return 2 * weights * double(result.pixels()) + cost_of_bytes(weights * sizeof(float));
  }
  double in_tiles(std::size_t side) const {
    const double points = double(winograd::loops(side).points()), tiles = double(winograd::Tiles(result, side).count());
    return 2 * points * double(inputs * result.c) * tiles + kCostOfTransform * points * tiles * double(inputs + result.c) +
           cost_of_points(winograd::loops(side));
  }
  double cost_of_points(const Loops& loops) const {
    const double pairs = double(inputs * result.c), numbers = double(loops.points()) * pairs;
    const double read = cost_of_bytes(numbers * sizeof(float));
    const double made_in_cache = cost_of_bytes(double(winograd::kTaps) * pairs * sizeof(float)) + kCostOfPoint * numbers;
    switch (weights) {
      case Weights::Kept:
        return read;
      case Weights::Changing:  // or written and read
        return winograd::ChangingFilter::suits(loops, result) ? made_in_cache : 3 * read;
      case Weights::Gradient:  // or added up
        return winograd::WeightsGradient::is_at_once(loops, inputs, result) ? made_in_cache : 5 * read;
    }
    return read;
  }
  /// Whether tiles of this size are the fastest way.
  bool suits(std::size_t side) const {
    constexpr double kSmall = 2e6;  // below, neither way takes long
    constexpr std::size_t kFewChannels = 12;
    if (direct() < kSmall || std::min(inputs, result.c) < kFewChannels) return false;
    return in_tiles(side) < 0.9 * direct() && in_tiles(side) < in_tiles(side == 4 ? 2 : 4);
  }
};

/// A convolution, or the gradient of one's source, which is a convolution with the weights turned around.
class Convolution final : public PlanKernel {
 public:
  Convolution(const KernelRequest& request, const Loops& loops, const winograd::Window& window, const WeightsView& view,
              bool keeps_points)
      : parameters_(*request.parameters),
        result_(*request.result),
        outputs_(view.outputs),
        points_(loops, view, window.is_turned),
        filter_(loops, first_channels(request.sources[0], view.inputs), first_channels(result_, outputs_), window,
                request.threads),
        kept_(keeps_points ? points_.count() * sizeof(float) : 0) {
    if (!keeps_points && winograd::ChangingFilter::suits(loops, result_)) {
      changing_ = std::make_unique<winograd::ChangingFilter>(loops, first_channels(request.sources[0], view.inputs),
                                                             first_channels(result_, outputs_), window, points_, request.threads);
    }
  }

  /// What a convolution ends with and its gradient does not.
  void set_ending(const ConvolutionOp& op, const TensorDescriptor* addend) {
    has_biases_ = true;
    if (!ending_.rectifier.set(op.neuron)) neuron_ = op.neuron;
    if (addend) ending_.addend_stride = addend->pixel_stride;
  }

  std::size_t scratch_bytes() const override {
    if (changing_) return changing_->scratch_bytes();
    return filter_.scratch_bytes() + (kept_.length() > 0 ? 0 : points_.count() * sizeof(float));
  }

  void run(const RunArguments& arguments) override {
    const Parameter& weights = parameters_.parameters[0];
    winograd::Ending ending = ending_;
    if (has_biases_) ending.biases = biases_of(parameters_);
    if (ending.addend_stride > 0) ending.addend = arguments.sources[1];
    if (changing_) {
      changing_->run(arguments.sources[0], arguments.result, static_cast<const float*>(weights.values->data()), ending,
                     arguments.scratch);
    } else {
      std::byte* scratch = arguments.scratch;
      float* points;
      if (kept_.length() > 0) {
        points = static_cast<float*>(kept_.data());
      } else {
        points = reinterpret_cast<float*>(scratch);
        scratch += points_.count() * sizeof(float);
      }
      const bool are_new = seen_.are_new(weights);
      if (are_new || kept_.length() == 0) points_.make(static_cast<const float*>(weights.values->data()), points);
      if (kept_.length() > 0) parameters_.drop_weights();
      filter_.run(arguments.sources[0], arguments.result, points, ending, scratch);
    }
    clear_channels(arguments.result, result_, outputs_);
    if (neuron_.neuron_type != CNNNeuronType::None) {
      apply_neuron(neuron_, arguments.result, arguments.result, result_.pixels(), outputs_, result_.pixel_stride,
                   result_.pixel_stride);
    }
  }

 private:
  ParameterSet& parameters_;
  const TensorDescriptor result_;
  const std::size_t outputs_;
  const winograd::Points points_;
  const winograd::Filter filter_;
  std::unique_ptr<winograd::ChangingFilter> changing_;  // in place of `filter_` where weights change and are many
  NNNeuronDescriptor neuron_;                           // one that is more than a rectifier
  bool has_biases_ = false;
  winograd::Ending ending_;
  SeenWeights seen_;
  Buffer kept_;  // the points; empty where weights change, and with them the points: they are scratch memory then
};

class WeightsGradient final : public PlanKernel {
 public:
  WeightsGradient(const KernelRequest& request, const ConvolutionAttributes& op, const Loops& loops,
                  const winograd::Window& window)
      : gradient_(first_channels(request.sources[0], op.output_feature_channels)),
        sums_(loops, first_channels(request.sources[1], op.input_feature_channels), gradient_, window, forward_view(op),
              request.threads) {}

  std::size_t scratch_bytes() const override { return sums_.scratch_bytes(); }

  void run(const RunArguments& arguments) override {
    sums_.run(arguments.sources[1], arguments.sources[0], static_cast<float*>(arguments.states[0]), arguments.scratch);
    sum_pixels(arguments.sources[0], gradient_, gradient_.c, static_cast<float*>(arguments.states[1]));
  }

 private:
  const TensorDescriptor gradient_;
  const winograd::WeightsGradient sums_;
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
                  request.parameters_change ? Weights::Changing : Weights::Kept};
  winograd::Window window;
  if (op.sub_pixel_scale_factor != 1) {
    request.decline("sub-pixel convolution");
  } else if (!window.set(convolution_axes(op, request.geometry, source, result))) {
    request.decline(kWrongWindow);
  } else if (!request.is_asked_for && !work.suits(side)) {
    request.decline(kSlower);
  } else {
    auto kernel =
        std::make_unique<Convolution>(request, winograd::loops(side), window, forward_view(op), !request.parameters_change);
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
  winograd::Window forward, backward;
  if (!forward.set(convolution_axes(op, request.geometry, source, gradient)) ||
      !backward.set(convolution_gradient_axes(op, request.geometry, gradient, source))) {
    request.decline(kWrongWindow);
    return nullptr;
  }
  const auto suits = [&](const Work& work) { return request.is_asked_for || work.suits(side); };
  std::unique_ptr<PlanKernel> data, weights;
  if (request.result && suits({outputs, first_channels(*request.result, inputs), Weights::Changing})) {
    data = std::make_unique<Convolution>(request, loops, backward, transposed_view(op), false);
  }
  if (!request.states.empty() && suits({inputs, first_channels(gradient, outputs), Weights::Gradient})) {
    weights = std::make_unique<WeightsGradient>(request, op, loops, forward);
  }
  if (!data && !weights) {
    request.decline(kSlower);
    return nullptr;
  }
  KernelRequest rest = request;
  if (request.result && !data) {
    rest.states = {};
    data = make_direct_gradient(rest);
  } else if (!request.states.empty() && !weights) {
    rest.result = nullptr;
    weights = make_direct_gradient(rest);
  }
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
