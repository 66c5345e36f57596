#include <algorithm>
#include <utility>

#include "kernels/cpu/convolution_packed.hpp"
#include "kernels/cpu/convolution_winograd.hpp"
#include "kernels/cpu/convolution_winograd_loops.hpp"

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

  double direct(const Loops& loops) const {
    const double weights = double(loops.taps() * inputs * result.c);
    return 2 * weights * double(result.pixels()) + cost_of_bytes(weights * sizeof(float));
  }
  double in_tiles(const Loops& loops) const {
    const double points = double(loops.points()), tiles = double(winograd::Tiles(result, loops.tile).count());
    return 2 * points * double(inputs * result.c) * tiles + kCostOfTransform * points * tiles * double(inputs + result.c) +
           cost_of_points(loops);
  }
  double cost_of_points(const Loops& loops) const {
    const double pairs = double(inputs * result.c), numbers = double(loops.points()) * pairs;
    const double read = cost_of_bytes(numbers * sizeof(float));
    const double made_in_cache = cost_of_bytes(double(loops.taps()) * pairs * sizeof(float)) + kCostOfPoint * numbers;
    switch (weights) {
      case Weights::Kept:
        return read;
      case Weights::Changing:  // or written and read
        return winograd::ChangingFilter::suits(loops, result) ? made_in_cache : 3 * read;
      case Weights::Gradient:
        return made_in_cache;
    }
    return read;
  }
  bool keeps_too_much(const Loops& loops) const {
    return weights == Weights::Kept && double(loops.points() * inputs * result.c * sizeof(float)) > double(kMostKeptBytes);
  }
  /// Whether these tiles are the fastest way.
  bool suits(const Loops& loops) const {
    constexpr double kSmall = 2e6;  // below, neither way takes long
    constexpr std::size_t kFewChannels = 12;
    if (direct(loops) < kSmall || std::min(inputs, result.c) < kFewChannels) return false;
    if (in_tiles(loops) > 0.9 * direct(loops) || keeps_too_much(loops)) return false;
    if (loops.side != 3) return true;
    const Loops& other = winograd::loops(loops.tile == 4 ? 2 : 4, loops.side);
    return keeps_too_much(other) || in_tiles(loops) < in_tiles(other);
  }
};

class WeightsGradient final : public PlanKernel {
 public:
  WeightsGradient(const KernelRequest& request, const ConvolutionAttributes& op, const Loops& loops,
                  const winograd::Window& window, std::unique_ptr<PlanKernel> plain)
      : gradient_(first_channels(request.sources[0], op.output_feature_channels)),
        sums_(loops, first_channels(request.sources[1], op.input_feature_channels), gradient_, window, forward_view(op),
              request.threads),
        plain_(std::move(plain)),
        wants_biases_(wants_biases(request)) {}

  std::size_t scratch_bytes() const override { return plain_->scratch_bytes(); }
  std::size_t part_scratch_bytes() const override { return sums_.part_scratch_bytes(); }

  void run(const RunArguments& arguments) override {
    auto* weights = static_cast<float*>(arguments.states[0]);
    if (sums_.run(arguments.sources[1], arguments.sources[0], weights, arguments.parts)) {
      if (wants_biases_) sum_pixels(arguments.sources[0], gradient_, gradient_.c, static_cast<float*>(arguments.states[1]));
    } else {
      plain_->run(arguments);
    }
  }

 private:
  const TensorDescriptor gradient_;
  const winograd::WeightsGradient sums_;
  const std::unique_ptr<PlanKernel> plain_;
  const bool wants_biases_;
};

/// With the weights that a view sees; `forward` is null for a gradient. The plain kernel makes what is not finite of those
/// numbers only that are to be.
std::unique_ptr<PlanKernel> make_convolution(const KernelRequest& request, const Loops& loops, const winograd::Window& window,
                                             const WeightsView& view, std::unique_ptr<PlanKernel> plain,
                                             const ConvolutionOp* forward) {
  const TensorDescriptor source = first_channels(request.sources[0], view.inputs),
                         result = first_channels(*request.result, view.outputs);
  const winograd::Points points(loops, view, window.is_turned);
  const bool changes = !forward || request.parameters_change;
  if (changes && winograd::ChangingFilter::suits(loops, result)) {
    const winograd::ChangingFilter filter(loops, source, result, window, points, request.threads);
    return make_packed(request, forward, view.outputs, AsTheyAre(), filter, false, std::move(plain));
  }
  if (changes && winograd::OwnPointsFilter::suits(loops, points, result, request.threads)) {
    const winograd::OwnPointsFilter filter(loops, source, result, window, points, request.threads);
    return make_packed(request, forward, view.outputs, AsTheyAre(), filter, false, std::move(plain));
  }
  const winograd::Filter filter(loops, source, result, window, request.threads);
  return make_packed(request, forward, view.outputs, points, filter, !changes, std::move(plain));
}

/// Takes the windows of the axes; declines others than `side` x `side` taps.
bool set_window(KernelRequest& request, const Axes& axes, std::size_t side, winograd::Window& window) {
  if (window.set(axes, side)) return true;
  return request.decline(side == 3 ? "not 3 x 3 taps side by side with a stride of 1"
                                   : "not 5 x 5 taps side by side with a stride of 1");
}
constexpr const char* kSlower = "another way is faster for these shapes";

template <std::size_t tile, std::size_t side>
std::unique_ptr<PlanKernel> make_forward(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionOp&>(request.op);
  if (!is_dense_with_zeros(request, op)) return nullptr;
  const TensorDescriptor &source = request.sources[0], &result = *request.result;
  const Work work{op.input_feature_channels, first_channels(result, op.output_feature_channels),
                  request.parameters_change ? Weights::Changing : Weights::Kept};
  const Loops& loops = winograd::loops(tile, side);
  const Axes axes = convolution_axes(op, request.geometry, source, result);
  winograd::Window window;
  if (op.sub_pixel_scale_factor != 1) {
    request.decline("sub-pixel convolution");
  } else if (set_window(request, axes, side, window)) {
    if (request.is_asked_for || work.suits(loops)) {
      return make_convolution(request, loops, window, forward_view(op), make_forward_loops(request, axes), &op);
    }
    request.decline(kSlower);
  }
  return nullptr;
}

template <std::size_t tile, std::size_t side>
std::unique_ptr<PlanKernel> make_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  if (!is_dense_with_zeros(request, op)) return nullptr;
  const TensorDescriptor &gradient = request.sources[0], &source = request.sources[1];
  const std::size_t inputs = op.input_feature_channels, outputs = op.output_feature_channels;
  const Loops& loops = winograd::loops(tile, side);
  const Axes forward_axes = convolution_axes(op, request.geometry, source, gradient);
  const Axes backward_axes = convolution_gradient_axes(op, request.geometry, gradient, source);
  winograd::Window forward, backward;
  if (!set_window(request, forward_axes, side, forward) || !set_window(request, backward_axes, side, backward)) return nullptr;
  const auto suits = [&](const Work& work) { return request.is_asked_for || work.suits(loops); };
  KernelRequest for_data = request, for_weights = request;
  for_data.states = {};
  for_weights.result = nullptr;
  std::unique_ptr<PlanKernel> data, weights;
  if (request.result && suits({outputs, first_channels(*request.result, inputs), Weights::Changing})) {
    data = make_convolution(request, loops, backward, transposed_view(op),
                            make_gradient_loops(for_data, backward_axes, forward_axes, true), nullptr);
  }
  if (!request.states.empty() && suits({inputs, first_channels(gradient, outputs), Weights::Gradient})) {
    weights = std::make_unique<WeightsGradient>(request, op, loops, forward,
                                                make_gradient_loops(for_weights, backward_axes, forward_axes, true));
  }
  if (!data && !weights) {
    request.decline(kSlower);
    return nullptr;
  }
  return make_both_gradients(request, std::move(data), std::move(weights));
}

}  // namespace

void register_winograd(KernelTable& table) {
  table.add<ConvolutionOp>("winograd 4x4", make_forward<4, 3>);
  table.add<ConvolutionOp>("winograd 2x2", make_forward<2, 3>);
  table.add<ConvolutionOp>("winograd 5x5", make_forward<2, 5>);
  table.add<ConvolutionGradientOp>("winograd 4x4", make_gradient<4, 3>);
  table.add<ConvolutionGradientOp>("winograd 2x2", make_gradient<2, 3>);
  table.add<ConvolutionGradientOp>("winograd 5x5", make_gradient<2, 5>);
}

}  // namespace mpsnn::cpu
