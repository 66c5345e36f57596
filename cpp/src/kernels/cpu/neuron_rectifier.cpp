#include "kernels/cpu/neuron_rectifier.hpp"

#include <cstring>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/sign_bits.hpp"
#include "mpsnn/nodes/neuron.hpp"
#include "nodes/signs.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGroup = kSignGroup;
using Numbers = Vector<kGroup>;
using Bits = SignGroup;
constexpr Bits kBits = {1, 2, 4, 8, 16, 32, 64, 128};

Numbers load(const float* from, std::size_t count) {
  Numbers v{};
  std::memcpy(&v, from, count * sizeof(float));
  return v;
}

void rectify_group(float a, const float* x, float* y, std::uint8_t* signs, std::size_t count) {
  const Numbers v = load(x, count), scaled = a == 0.f ? Numbers{} : a * v;
  const Bits is_negative = v < 0.f;
  const Numbers result = is_negative ? scaled : v;
  std::memcpy(y, &result, count * sizeof(float));
  store_signs(signs, v);
}

/// y = (g + h) * the derivative where the signs were taken; `g` may be `y`, null is no `h`.
void differentiate_group(float a, const float* g, const float* h, const std::uint8_t* signs, float* y, std::size_t count) {
  const Numbers slopes = (kBits & std::int32_t(signs[0])) != 0 ? Numbers{} + a : Numbers{} + 1.f;
  const Numbers nan = Numbers{} + __builtin_nanf("");
  Numbers sum = load(g, count);
  if (h) sum += load(h, count);
  const Numbers result = sum * ((kBits & std::int32_t(signs[1])) != 0 ? nan : slopes);
  std::memcpy(y, &result, count * sizeof(float));
}

// Calls `body(first number, count)` for the groups of a row of numbers.
template <class Body>
void for_groups(std::size_t count, const Body& body) {
  std::size_t i = 0;
  for (; i + kGroup <= count; i += kGroup) body(i, std::integral_constant<std::size_t, kGroup>());
  if (i < count) body(i, count - i);
}

// Pixels that follow one another without gaps and without groups that are not full are one row.
void join_pixels(std::size_t& pixels, std::size_t& channels, std::size_t a_stride, std::size_t b_stride) {
  if (a_stride != channels || b_stride != channels || channels % kGroup != 0) return;
  channels *= pixels;
  pixels = 1;
}

constexpr std::size_t kGrain = 16384;  // numbers that are worth a thread

class Rectifier final : public PlanKernel {
 public:
  explicit Rectifier(const KernelRequest& request)
      : a_(static_cast<const NeuronOp&>(request.op).neuron.a), source_(request.sources[0]), result_(*request.result) {}
  bool can_run_in_place() const override { return source_.pixel_stride == result_.pixel_stride; }
  void run(const RunArguments& arguments) override {
    auto* signs = static_cast<std::uint8_t*>(arguments.states[0]);
    parallel_ranges(result_.pixels(), kGrain / result_.c, [&](std::size_t begin, std::size_t end) {
      rectify(a_, arguments.sources[0] + begin * source_.pixel_stride, source_.pixel_stride,
              arguments.result + begin * result_.pixel_stride, result_.pixel_stride, signs + begin * sign_bytes(result_.c),
              end - begin, result_.c);
    });
  }

 private:
  const float a_;
  const TensorDescriptor source_, result_;
};

/// Of one gradient, or of the sum of two.
class RectifierGradient final : public PlanKernel {
 public:
  explicit RectifierGradient(const KernelRequest& request)
      : a_(static_cast<const NeuronGradientOp&>(request.op).descriptor.a),
        gradients_(request.sources.begin(), request.sources.end()),
        result_(*request.result) {}
  bool can_run_in_place() const override { return gradients_[0].pixel_stride == result_.pixel_stride; }
  void run(const RunArguments& arguments) override {
    parallel_ranges(result_.pixels(), kGrain / result_.c, [&](std::size_t begin, std::size_t end) {
      std::size_t pixels = end - begin, channels = result_.c;
      const std::size_t g_stride = gradients_[0].pixel_stride, h_stride = gradients_.back().pixel_stride;
      const float* g = arguments.sources[0] + begin * g_stride;
      const float* h = gradients_.size() > 1 ? arguments.sources[1] + begin * h_stride : nullptr;
      const auto* signs = static_cast<const std::uint8_t*>(arguments.source_states[0]) + begin * sign_bytes(channels);
      float* y = arguments.result + begin * result_.pixel_stride;
      if (h_stride == channels) join_pixels(pixels, channels, g_stride, result_.pixel_stride);
      for (std::size_t p = 0; p < pixels; ++p, g += g_stride, h = h ? h + h_stride : nullptr, y += result_.pixel_stride) {
        for_groups(channels, [&](std::size_t i, auto count) {
          differentiate_group(a_, g + i, h ? h + i : nullptr, signs + i / kGroup * 2, y + i, count);
        });
        signs += sign_bytes(channels);
      }
    });
  }

 private:
  const float a_;
  const std::vector<TensorDescriptor> gradients_;
  const TensorDescriptor result_;
};

}  // namespace

void rectify(float a, const float* x, std::size_t x_stride, float* y, std::size_t y_stride, std::uint8_t* signs,
             std::size_t pixels, std::size_t channels) {
  join_pixels(pixels, channels, x_stride, y_stride);
  for (std::size_t p = 0; p < pixels; ++p, x += x_stride, y += y_stride, signs += sign_bytes(channels)) {
    for_groups(channels, [&](std::size_t i, auto count) { rectify_group(a, x + i, y + i, signs + i / kGroup * 2, count); });
  }
}

std::unique_ptr<PlanKernel> make_rectifier(const KernelRequest& request) { return std::make_unique<Rectifier>(request); }

std::unique_ptr<PlanKernel> make_rectifier_gradient(const KernelRequest& request) {
  return std::make_unique<RectifierGradient>(request);
}

}  // namespace mpsnn::cpu
