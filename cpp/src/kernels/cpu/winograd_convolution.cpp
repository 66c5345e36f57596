#include <algorithm>
#include <utility>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/neuron.hpp"
#include "kernels/cpu/winograd.hpp"
#include "kernels/cpu/winograd_loops.hpp"
#include "mpsnn/buffer.hpp"

namespace mpsnn::cpu {

namespace {

using winograd::Loops;

// What a form of a convolution costs, counted in multiplications and additions. The weights beyond the last cache, or beyond the
// second, come in at a rate of so many of them for each byte; a number of a transform takes so many in place of its few. All
// three were found by timing layers of 16 to 1024 channels.
constexpr double kCostOfFarByte = 16, kCostOfNearByte = 8, kCostOfTransform = 32;
constexpr double kFarBytes = 16 << 20;

double cost_of_bytes(double bytes) { return bytes * (bytes > kFarBytes ? kCostOfFarByte : kCostOfNearByte); }

double direct_cost(double inputs, const TensorDescriptor& result) {
  const double weights = winograd::kTaps * inputs * double(result.c);
  return 2 * weights * double(result.pixels()) + cost_of_bytes(weights * sizeof(float));
}

double winograd_cost(double inputs, const TensorDescriptor& result, std::size_t tile) {
  const Loops& form = winograd::loops(tile);
  const double points = double(form.points()), tiles = double(winograd::Tiles(result, tile).count());
  const double weights = points * inputs * double(result.c);
  return 2 * weights * tiles + kCostOfTransform * points * tiles * (inputs + double(result.c)) +
         cost_of_bytes(weights * sizeof(float));
}

// Below, neither way takes long.
constexpr double kSmall = 2e6;
constexpr std::size_t kFewChannels = 12;

/// Whether tiles of this size are the fastest way from `inputs` channels to a result.
bool is_fastest(std::size_t inputs, const TensorDescriptor& result, std::size_t tile) {
  const double direct = direct_cost(double(inputs), result);
  if (direct < kSmall || std::min(inputs, result.c) < kFewChannels) return false;
  const double cost = winograd_cost(double(inputs), result, tile),
               other = winograd_cost(double(inputs), result, tile == 4 ? 2 : 4);
  return cost < 0.95 * direct && cost < other;
}

class Convolution final : public PlanKernel {
 public:
  Convolution(const KernelRequest& request, const ConvolutionOp& op, const Loops& loops, const winograd::Window& window)
      : parameters_(*request.parameters),
        result_(*request.result),
        neuron_(op.neuron),
        points_(loops, forward_view(op), window.is_turned),
        filter_(loops, first_channels(request.sources[0], op.input_feature_channels),
                first_channels(result_, op.output_feature_channels), window, request.threads),
        outputs_(op.output_feature_channels),
        prepared_(points_.count() * sizeof(float)) {
    ending_.is_rectified = neuron_.neuron_type == CNNNeuronType::ReLU;
    ending_.slope = neuron_.a;
    if (op.adds_source) ending_.addend_stride = request.sources[1].pixel_stride;
  }

  std::size_t scratch_bytes() const override { return filter_.scratch_bytes(); }

  void run(const RunArguments& arguments) override {
    const Parameter& weights = parameters_.parameters[0];
    auto* points = static_cast<float*>(prepared_.data());
    if (seen_.are_new(weights)) points_.make(static_cast<const float*>(weights.values->data()), points);
    winograd::Ending ending = ending_;
    ending.biases = biases_of(parameters_);
    if (ending.addend_stride > 0) ending.addend = arguments.sources[1];
    filter_.run(arguments.sources[0], arguments.result, points, ending, arguments.scratch);
    clear_channels(arguments.result, result_, outputs_);
    if (neuron_.neuron_type != CNNNeuronType::None && !ending.is_rectified) {
      apply_neuron(neuron_, arguments.result, arguments.result, result_.pixels(), outputs_, result_.pixel_stride,
                   result_.pixel_stride);
    }
  }

 private:
  const ParameterSet& parameters_;
  const TensorDescriptor result_;
  const NNNeuronDescriptor neuron_;
  const winograd::Points points_;
  const winograd::Filter filter_;
  winograd::Ending ending_;
  const std::size_t outputs_;
  SeenWeights seen_;
  Buffer prepared_;
};

/// The gradient of the source: a convolution with the weights turned around. They are new in every step of a training, so that
/// what becomes of them is scratch memory.
class DataGradient final : public PlanKernel {
 public:
  DataGradient(const KernelRequest& request, const ConvolutionAttributes& op, const Loops& loops, const winograd::Window& window)
      : parameters_(*request.parameters),
        result_(*request.result),
        points_(loops, transposed_view(op), window.is_turned),
        filter_(loops, first_channels(request.sources[0], op.output_feature_channels),
                first_channels(result_, op.input_feature_channels), window, request.threads),
        inputs_(op.input_feature_channels) {}

  std::size_t scratch_bytes() const override { return filter_.scratch_bytes() + points_.count() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    auto* points = reinterpret_cast<float*>(arguments.scratch);
    points_.make(static_cast<const float*>(parameters_.parameters[0].values->data()), points);
    filter_.run(arguments.sources[0], arguments.result, points, {}, arguments.scratch + points_.count() * sizeof(float));
    clear_channels(arguments.result, result_, inputs_);
  }

 private:
  const ParameterSet& parameters_;
  const TensorDescriptor result_;
  const winograd::Points points_;
  const winograd::Filter filter_;
  const std::size_t inputs_;
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

template <std::size_t tile>
std::unique_ptr<PlanKernel> make_forward(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionOp&>(request.op);
  if (!is_plain(request, op)) return nullptr;
  const TensorDescriptor &source = request.sources[0], &result = *request.result;
  winograd::Window window;
  if (op.sub_pixel_scale_factor != 1) {
    request.decline("sub-pixel convolution");
  } else if (!window.set(convolution_axes(op, request.geometry, source, result))) {
    request.decline(kWrongWindow);
  } else if (!request.is_preferred &&
             !is_fastest(op.input_feature_channels, first_channels(result, op.output_feature_channels), tile)) {
    request.decline(kSlower);
  } else {
    return std::make_unique<Convolution>(request, op, winograd::loops(tile), window);
  }
  return nullptr;
}

template <std::size_t tile>
std::unique_ptr<PlanKernel> make_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  if (!is_plain(request, op)) return nullptr;
  const TensorDescriptor &gradient = request.sources[0], &source = request.sources[1];
  winograd::Window window;
  if (!window.set(convolution_axes(op, request.geometry, source, gradient))) {
    request.decline(kWrongWindow);
    return nullptr;
  }
  const bool weights_are_fast =
      request.is_preferred || is_fastest(op.input_feature_channels, first_channels(gradient, op.output_feature_channels), tile);
  std::unique_ptr<PlanKernel> data, weights;
  if (request.result) {
    const TensorDescriptor result = first_channels(*request.result, op.input_feature_channels);
    winograd::Window back;
    if (back.set(convolution_gradient_axes(op, request.geometry, gradient, source)) &&
        (request.is_preferred || is_fastest(op.output_feature_channels, result, tile))) {
      data = std::make_unique<DataGradient>(request, op, winograd::loops(tile), back);
    }
  }
  if (!request.states.empty() && weights_are_fast) {
    weights = std::make_unique<WeightsGradient>(request, op, winograd::loops(tile), window);
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
