#include "kernels/cpu/neuron_rectifier.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/sign_bits.hpp"
#include "mpsnn/nodes/neuron.hpp"
#include "nodes/signs.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGroup = kSignGroup;
constexpr std::size_t kGrain = 16384;  // numbers that are worth a thread
using Numbers = Vector<kGroup>;
using Bits = SignGroup;
constexpr Bits kBits = {1, 2, 4, 8, 16, 32, 64, 128};

/// An image of a step, and the numbers from one pixel to the next.
template <class Number>
struct Pixels {
  Number* numbers;
  std::size_t stride;

  Number* at(std::size_t pixel, std::size_t channel) const { return numbers + pixel * stride + channel; }
};

/// Calls `body(source groups, result group, signs, count)` for all groups of eight numbers, with one source or more.
template <std::size_t sources, class Signs, class Body>
void for_groups(const TensorDescriptor& shape, const std::array<Pixels<const float>, sources>& from, Pixels<float> to,
                Signs* signs, const Body& body) {
  using Whole = std::integral_constant<std::size_t, kGroup>;
  const std::size_t channels = shape.c, numbers = shape.count();
  const bool are_dense =
      to.stride == channels && std::ranges::all_of(from, [&](const auto& image) { return image.stride == channels; });
  // Groups that follow one another. Where they are is this call's own: signs, as bytes, could be part of anything else.
  const auto run_from = [&](std::size_t pixel, std::size_t channel, std::size_t groups) {
    std::array<const float*, sources> at;
    for (std::size_t s = 0; s < sources; ++s) at[s] = from[s].at(pixel, channel);
    float* result = to.at(pixel, channel);
    Signs* bytes = signs + (pixel * channels + channel) / kGroup * 2;
    for (; groups > 0; --groups, result += kGroup, bytes += 2) {
      body(at, result, bytes, Whole());
      for (const float*& source : at) source += kGroup;
    }
  };
  if (!are_dense && begin_with_bytes(channels)) {
    return parallel_ranges(shape.pixels(), kGrain / channels, [&](std::size_t begin, std::size_t end) {
      for (std::size_t p = begin; p < end; ++p) run_from(p, 0, channels / kGroup);
    });
  }
  // The numbers of a group belong to several pixels, which may lie apart.
  const auto run_scattered = [&](std::size_t first, std::size_t count) {
    struct {
      std::size_t pixel, channel;
    } places[kGroup];
    for (std::size_t i = 0, pixel = first / channels, channel = first % channels; i < count; ++i) {
      places[i] = {pixel, channel};
      if (++channel < channels) continue;
      channel = 0;
      ++pixel;
    }
    float rooms[sources][kGroup], result[kGroup];
    std::array<const float*, sources> at;
    for (std::size_t s = 0; s < sources; ++s) {
      for (std::size_t i = 0; i < count; ++i) rooms[s][i] = *from[s].at(places[i].pixel, places[i].channel);
      at[s] = rooms[s];
    }
    body(at, result, signs + first / kGroup * 2, count);
    for (std::size_t i = 0; i < count; ++i) *to.at(places[i].pixel, places[i].channel) = result[i];
  };
  parallel_ranges((numbers + kGroup - 1) / kGroup, kGrain / kGroup, [&](std::size_t begin, std::size_t end) {
    const std::size_t whole = are_dense ? std::min(end, numbers / kGroup) : begin;
    run_from(0, begin * kGroup, whole - begin);
    for (std::size_t i = whole * kGroup; i < end * kGroup; i += kGroup) run_scattered(i, std::min(kGroup, numbers - i));
  });
}

/// y = x < 0 ? a * x : x, and the signs of x.
class Rectifier final : public PlanKernel {
 public:
  explicit Rectifier(const KernelRequest& request)
      : a_(static_cast<const NeuronOp&>(request.op).neuron.a), source_(request.sources[0]), result_(*request.result) {}
  bool can_run_in_place() const override { return source_.pixel_stride == result_.pixel_stride; }
  void run(const RunArguments& arguments) override {
    const std::array from = {Pixels<const float>{arguments.sources[0], source_.pixel_stride}};
    const auto rectify = [a = a_](const auto& x, float* y, std::uint8_t* signs, auto count) {
      const Numbers v = loaded<kGroup>(x[0], count), scaled = a == 0.f ? Numbers{} : a * v;
      const Bits is_negative = v < 0.f;
      store<kGroup>(y, is_negative ? scaled : v, count);
      store_signs(signs, v);
    };
    for_groups(result_, from, {arguments.result, result_.pixel_stride}, static_cast<std::uint8_t*>(arguments.states[0]), rectify);
  }

 private:
  const float a_;
  const TensorDescriptor source_, result_;
};

/// Of one gradient, or of the sum of two: times the derivative where the signs were taken.
class RectifierGradient final : public PlanKernel {
 public:
  explicit RectifierGradient(const KernelRequest& request)
      : a_(static_cast<const NeuronGradientOp&>(request.op).descriptor.a),
        gradients_(request.sources.begin(), request.sources.end()),
        result_(*request.result) {}
  bool can_run_in_place() const override { return gradients_[0].pixel_stride == result_.pixel_stride; }
  void run(const RunArguments& arguments) override {
    gradients_.size() > 1 ? differentiate<2>(arguments) : differentiate<1>(arguments);
  }

 private:
  template <std::size_t gradients>
  void differentiate(const RunArguments& arguments) const {
    std::array<Pixels<const float>, gradients> from;
    for (std::size_t i = 0; i < gradients; ++i) from[i] = {arguments.sources[i], gradients_[i].pixel_stride};
    const auto multiply = [a = a_](const auto& g, float* y, const std::uint8_t* signs, auto count) {
      const Numbers slopes = (kBits & std::int32_t(signs[0])) != 0 ? Numbers{} + a : Numbers{} + 1.f;
      const Numbers nan = Numbers{} + __builtin_nanf("");
      Numbers sum = loaded<kGroup>(g[0], count);
      if constexpr (gradients > 1) sum += loaded<kGroup>(g[1], count);
      store<kGroup>(y, sum * ((kBits & std::int32_t(signs[1])) != 0 ? nan : slopes), count);
    };
    for_groups(result_, from, {arguments.result, result_.pixel_stride},
               static_cast<const std::uint8_t*>(arguments.source_states[0]), multiply);
  }

  const float a_;
  const std::vector<TensorDescriptor> gradients_;
  const TensorDescriptor result_;
};

}  // namespace

std::unique_ptr<PlanKernel> make_rectifier(const KernelRequest& request) { return std::make_unique<Rectifier>(request); }

std::unique_ptr<PlanKernel> make_rectifier_gradient(const KernelRequest& request) {
  return std::make_unique<RectifierGradient>(request);
}

}  // namespace mpsnn::cpu
