#include "kernels/cpu/neuron.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/neuron_rectifier.hpp"
#include "kernels/cpu/vector_math.hpp"
#include "kernels/kernel.hpp"

// Comparisons are written so that NaN takes the path that returns NaN.
namespace mpsnn::cpu {

namespace {

constexpr std::size_t kCheap = 16384, kCostly = 8192;  // numbers that are worth a thread
constexpr float kLargest = std::numeric_limits<float>::max();

/// a * x for negative x; 0 * -infinity is 0 here, so that a rectifier makes no NaN.
MPSNN_INLINE float leak(float a, float x) {
  const float product = a * x;
  return a == 0.f ? 0.f : product;
}

// Not inlined: only a loop that stands alone becomes vector code reliably.
template <class F>
[[gnu::noinline]] void map_row(const float* x, float* y, std::size_t count, F f) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) y[i] = f(x[i]);
}

/// y = g * f(x).
template <class F>
[[gnu::noinline]] void map_row(const float* g, const float* x, float* y, std::size_t count, F f) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) y[i] = g[i] * f(x[i]);
}

[[gnu::noinline]] void map_prelu(const float* slopes, const float* x, float* y, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) {
    const float negative = leak(slopes[i], x[i]);
    y[i] = x[i] < 0.f ? negative : x[i];
  }
}

[[gnu::noinline]] void map_prelu_gradient(const float* slopes, const float* g, const float* x, float* y, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) {
    const float a = slopes[i], slope = x[i] < 0.f ? a : 1.f;
    y[i] = g[i] * (x[i] == x[i] ? slope : x[i]);
  }
}

/// Calls `run(pixel, count)` for runs of numbers without gaps.
template <class Run>
void for_each_run(std::size_t pixels, std::size_t channels, bool is_dense, std::size_t grain, const Run& run) {
  if (is_dense)
    return parallel_ranges(pixels, grain / channels, [&](auto begin, auto end) { run(begin, (end - begin) * channels); });
  parallel_ranges(pixels, grain / channels, [&](auto begin, auto end) {
    for (std::size_t p = begin; p < end; ++p) run(p, channels);
  });
}

/// e^(-x^2 / 2).
MPSNN_INLINE float bell(float x) { return exp_of(-0.5f * x * x); }

/// Half of erfc(|x| / sqrt 2), given e^(-x^2 / 2); 0 beyond |x| = 14.5 like the exponential.
MPSNN_INLINE float half_erfc(float magnitude, float e) {
  return 0.5f * e * erfcx_of(clamped(magnitude, 0.f, 14.5f) * 0.707106781f);
}

/// Calls `use(grain, f)` with the type's function of one number. PReLU has none.
template <class Use>
void with_function(const NNNeuronDescriptor& neuron, const Use& use) {
  const float a = neuron.a, b = neuron.b, c = neuron.c;
  switch (neuron.neuron_type) {
    case CNNNeuronType::ReLU:
      if (a == 0.f) return use(kCheap, [](float x) { return x < 0.f ? 0.f : x; });
      return use(kCheap, [a](float x) {
        const float negative = a * x;
        return x < 0.f ? negative : x;
      });
    case CNNNeuronType::Linear:
      return use(kCheap, [a, b](float x) { return a * x + b; });
    case CNNNeuronType::Sigmoid:
      return use(kCostly, [](float x) { return sigmoid_of(x); });
    case CNNNeuronType::HardSigmoid:
      return use(kCheap, [a, b](float x) { return clamped(a * x + b, 0.f, 1.f); });
    case CNNNeuronType::TanH:
      return use(kCostly, [a, b](float x) { return a * tanh_of(b * x); });
    case CNNNeuronType::Absolute:
      return use(kCheap, [](float x) { return std::fabs(x); });
    case CNNNeuronType::SoftPlus:
      return use(kCostly, [a, b](float x) { return a * softplus_of(b * x); });
    case CNNNeuronType::SoftSign:
      return use(kCheap, [](float x) {
        const float finite = clamped(x, -kLargest, kLargest);
        return finite / (1.f + std::fabs(finite));
      });
    case CNNNeuronType::ELU:
      return use(kCostly, [a](float x) {
        const float negative = a * expm1_of_negative(x);
        return x >= 0.f ? x : negative;
      });
    case CNNNeuronType::ReLUN:
      return use(kCheap, [a, b](float x) {
        const float negative = leak(a, x), y = x < 0.f ? negative : x;
        return y > b ? b : y;
      });
    case CNNNeuronType::Power:
      return use(kCostly, [a, b, c](float x) {
        const float v = a * x + b;
        return v == v ? std::pow(v, c) : v;
      });
    case CNNNeuronType::Exponential:
      if (c == -1.f) return use(kCostly, [a, b](float x) { return exp_of(a * x + b); });
      return use(kCostly, [a, b, c](float x) {
        const float v = a * x + b;
        return v == v ? std::pow(c, v) : v;
      });
    case CNNNeuronType::Logarithm: {
      const float divisor = c == -1.f ? 1.f : std::log(c);
      return use(kCostly, [a, b, divisor](float x) { return log_of(a * x + b) / divisor; });
    }
    case CNNNeuronType::GeLU:
      return use(kCostly, [](float x) {
        const float magnitude = std::fabs(x), q = half_erfc(magnitude, bell(x));
        return x < 0.f ? clamped(x, -20.f, 0.f) * q : x * (1.f - q);
      });
    default:
      return use(kCheap, [](float x) { return x; });
  }
}

/// The same with the derivative.
template <class Use>
void with_derivative(const NNNeuronDescriptor& neuron, const Use& use) {
  const float a = neuron.a, b = neuron.b, c = neuron.c;
  switch (neuron.neuron_type) {
    case CNNNeuronType::ReLU:
      return use(kCheap, [a](float x) {
        const float slope = x < 0.f ? a : 1.f;
        return x == x ? slope : x;
      });
    case CNNNeuronType::Linear:
      return use(kCheap, [a](float x) { return x == x ? a : x; });
    case CNNNeuronType::Sigmoid:
      return use(kCostly, [](float x) {
        const float e = exp_of(-std::fabs(x)), s = 1.f / (1.f + e);
        return e * s * s;
      });
    case CNNNeuronType::HardSigmoid:
      // Compared without the sum, which a fused multiply-add would round differently at the ends of the slope.
      return use(kCheap, [a, low = -b, high = 1.f - b](float x) {
        const float v = a * x, inside = v >= low ? a : 0.f, other = v <= high ? inside : 0.f;
        return v == v ? other : v;
      });
    case CNNNeuronType::TanH:
      return use(kCostly, [a, b](float x) {
        const float e = exp_of(-2.f * std::fabs(b * x)), s = 1.f / (1.f + e);
        return 4.f * a * b * e * s * s;
      });
    case CNNNeuronType::Absolute:
      return use(kCheap, [](float x) {
        const float other = x < 0.f ? -1.f : x;
        return x > 0.f ? 1.f : other;
      });
    case CNNNeuronType::SoftPlus:
      return use(kCostly, [a, b](float x) { return a * b * sigmoid_of(b * x); });
    case CNNNeuronType::SoftSign:
      return use(kCheap, [](float x) {
        const float s = 1.f / (1.f + std::fabs(x));
        return s * s;
      });
    case CNNNeuronType::ELU:
      return use(kCostly, [a](float x) {
        const float negative = a * exp_of(x);
        return x >= 0.f ? 1.f : negative;
      });
    case CNNNeuronType::ReLUN:
      return use(kCheap, [a, b](float x) {
        const float negative = leak(a, x), v = x < 0.f ? negative : x, slope = x < 0.f ? a : 1.f, other = v < b ? slope : 0.f;
        return x == x ? other : x;
      });
    case CNNNeuronType::Power:
      if (c == 0.f) return use(kCheap, [](float x) { return x == x ? 0.f : x; });
      return use(kCostly, [a, b, c](float x) {
        const float v = a * x + b;
        return v == v ? a * c * std::pow(v, c - 1.f) : v;
      });
    case CNNNeuronType::Exponential: {
      if (c == -1.f) return use(kCostly, [a, b](float x) { return a * exp_of(a * x + b); });
      const float factor = a * std::log(c);
      return use(kCostly, [a, b, c, factor](float x) {
        const float v = a * x + b;
        return v == v ? factor * std::pow(c, v) : v;
      });
    }
    case CNNNeuronType::Logarithm: {
      const float factor = c == -1.f ? a : a / std::log(c);
      return use(kCheap, [a, b, factor](float x) { return factor / (a * x + b); });
    }
    case CNNNeuronType::GeLU:
      return use(kCostly, [](float x) {
        const float e = bell(x), q = half_erfc(std::fabs(x), e);
        return (x < 0.f ? q : 1.f - q) + clamped(x, -20.f, 20.f) * e * 0.398942280f;
      });
    default:
      return use(kCheap, [](float x) { return x == x ? 1.f : x; });
  }
}

}  // namespace

void apply_neuron(const NNNeuronDescriptor& neuron, const float* x, float* y, std::size_t pixels, std::size_t channels,
                  std::size_t x_stride, std::size_t y_stride) {
  if (neuron.neuron_type == CNNNeuronType::PReLU) {
    const float* slopes = neuron.data.data();
    for_each_run(pixels, channels, false, kCheap,
                 [=](std::size_t p, std::size_t count) { map_prelu(slopes, x + p * x_stride, y + p * y_stride, count); });
    return;
  }
  with_function(neuron, [=](std::size_t grain, const auto& f) {
    for_each_run(pixels, channels, x_stride == channels && y_stride == channels, grain,
                 [&](std::size_t p, std::size_t count) { map_row(x + p * x_stride, y + p * y_stride, count, f); });
  });
}

void apply_neuron_gradient(const NNNeuronDescriptor& neuron, const float* gradient, const float* x, float* y, std::size_t pixels,
                           std::size_t channels, std::size_t gradient_stride, std::size_t x_stride, std::size_t y_stride) {
  if (neuron.neuron_type == CNNNeuronType::PReLU) {
    const float* slopes = neuron.data.data();
    for_each_run(pixels, channels, false, kCheap, [=](std::size_t p, std::size_t count) {
      map_prelu_gradient(slopes, gradient + p * gradient_stride, x + p * x_stride, y + p * y_stride, count);
    });
    return;
  }
  with_derivative(neuron, [=](std::size_t grain, const auto& f) {
    const bool is_dense = gradient_stride == channels && x_stride == channels && y_stride == channels;
    for_each_run(pixels, channels, is_dense, grain, [&](std::size_t p, std::size_t count) {
      map_row(gradient + p * gradient_stride, x + p * x_stride, y + p * y_stride, count, f);
    });
  });
}

namespace {

/// Whether result pixel (x, y) belongs to source pixel (x, y).
bool is_aligned(const Geometry& g, const TensorDescriptor& source, const TensorDescriptor& result) {
  return g.offset_x == 0 && g.offset_y == 0 && source.h == result.h && source.w == result.w;
}

/// A position kept within [0, count).
std::ptrdiff_t nearest(std::ptrdiff_t position, std::size_t count) {
  return std::clamp<std::ptrdiff_t>(position, 0, std::ptrdiff_t(count) - 1);
}

class NeuronLoops final : public PlanKernel {
 public:
  explicit NeuronLoops(const KernelRequest& request)
      : neuron_(static_cast<const NeuronOp&>(request.op).neuron),
        source_(request.sources[0]),
        result_(*request.result),
        geometry_(request.geometry),
        is_aligned_(is_aligned(geometry_, source_, result_)),
        zeros_(is_aligned_ ? 0 : source_.c) {}

  bool can_run_in_place() const override { return is_aligned_ && source_.pixel_stride == result_.pixel_stride; }

  void run(const RunArguments& arguments) override {
    const float* x = arguments.sources[0];
    float* y = arguments.result;
    if (is_aligned_) return apply_neuron(neuron_, x, y, result_.pixels(), result_.c, source_.pixel_stride, result_.pixel_stride);
    for (std::size_t p = 0; p < result_.pixels(); ++p) {
      apply_neuron(neuron_, source_pixel(x, p), y + p * result_.pixel_stride, 1, result_.c, result_.c, result_.c);
    }
  }

 private:
  // What a padding policy that moves the image makes result pixel `p` read.
  const float* source_pixel(const float* x, std::size_t p) const {
    const std::size_t n = p / (result_.h * result_.w), row = p / result_.w % result_.h, column = p % result_.w;
    const std::ptrdiff_t v = std::ptrdiff_t(row) + geometry_.offset_y, u = std::ptrdiff_t(column) + geometry_.offset_x;
    const std::ptrdiff_t inside_v = nearest(v, source_.h), inside_u = nearest(u, source_.w);
    if (geometry_.edge_mode == ImageEdgeMode::Zero && (v != inside_v || u != inside_u)) return zeros_.data();
    return x + ((n * source_.h + std::size_t(inside_v)) * source_.w + std::size_t(inside_u)) * source_.pixel_stride;
  }

  NNNeuronDescriptor neuron_;
  TensorDescriptor source_, result_;
  Geometry geometry_;
  bool is_aligned_;
  std::vector<float> zeros_;
};

class NeuronGradientLoops final : public PlanKernel {
 public:
  explicit NeuronGradientLoops(const KernelRequest& request)
      : neuron_(static_cast<const NeuronGradientOp&>(request.op).descriptor),
        gradient_(request.sources[0]),
        source_(request.sources[1]),
        result_(*request.result),
        geometry_(request.geometry),
        is_aligned_(is_aligned(geometry_, source_, gradient_)) {}

  bool can_run_in_place() const override { return is_aligned_ && gradient_.pixel_stride == result_.pixel_stride; }

  void run(const RunArguments& arguments) override {
    const float *g = arguments.sources[0], *x = arguments.sources[1];
    float* y = arguments.result;
    if (is_aligned_) {
      return apply_neuron_gradient(neuron_, g, x, y, result_.pixels(), result_.c, gradient_.pixel_stride, source_.pixel_stride,
                                   result_.pixel_stride);
    }
    for (std::size_t p = 0; p < result_.pixels(); ++p) {
      float* to = y + p * result_.pixel_stride;
      if (const float* from = gradient_pixel(g, p)) {
        apply_neuron_gradient(neuron_, from, x + p * source_.pixel_stride, to, 1, result_.c, result_.c, result_.c, result_.c);
      } else {
        std::fill_n(to, result_.c, 0.f);
      }
    }
  }

 private:
  // The gradient of the result pixel that read source pixel `p`, or null. Reads beyond the edge have no gradient.
  const float* gradient_pixel(const float* g, std::size_t p) const {
    const std::size_t n = p / (result_.h * result_.w), row = p / result_.w % result_.h, column = p % result_.w;
    const std::ptrdiff_t v = std::ptrdiff_t(row) - geometry_.offset_y, u = std::ptrdiff_t(column) - geometry_.offset_x;
    if (v != nearest(v, gradient_.h) || u != nearest(u, gradient_.w)) return nullptr;
    return g + ((n * gradient_.h + std::size_t(v)) * gradient_.w + std::size_t(u)) * gradient_.pixel_stride;
  }

  NNNeuronDescriptor neuron_;
  TensorDescriptor gradient_, source_, result_;
  Geometry geometry_;
  bool is_aligned_;
};

}  // namespace

void register_neuron(KernelTable& table) {
  table.add<NeuronOp>("loops", [](KernelRequest& request) -> std::unique_ptr<PlanKernel> {
    if (!request.states.empty()) return make_rectifier(request);
    return std::make_unique<NeuronLoops>(request);
  });
  table.add<NeuronGradientOp>("loops", [](KernelRequest& request) -> std::unique_ptr<PlanKernel> {
    if (!request.source_states.empty()) return make_rectifier_gradient(request);
    if (request.result->shape() != request.sources[1].shape()) {
      request.decline("the result is not of the source image's size");
      return nullptr;
    }
    return std::make_unique<NeuronGradientLoops>(request);
  });
}

}  // namespace mpsnn::cpu
