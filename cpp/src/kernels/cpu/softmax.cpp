#include "mpsnn/nodes/softmax.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/same_pixels.hpp"
#include "kernels/cpu/vector_math.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGrain = 8192;  // values worth a thread
constexpr std::size_t kLanes = 32;    // partial results of a reduction

/// The largest value that is not NaN; -infinity where there is none.
float largest(const float* v, std::size_t length) {
  constexpr float kLowest = -std::numeric_limits<float>::infinity();
  float m = kLowest;
  std::size_t k = 0;
  if (length >= kLanes) {
    float lanes[kLanes];
    std::fill_n(lanes, kLanes, kLowest);
    for (; k + kLanes <= length; k += kLanes) {
      for (std::size_t l = 0; l < kLanes; ++l) lanes[l] = v[k + l] > lanes[l] ? v[k + l] : lanes[l];
    }
    for (const float lane : lanes) m = lane > m ? lane : m;
  }
  for (; k < length; ++k) m = v[k] > m ? v[k] : m;
  return m;
}

/// The sum over k < length of f(k). In double precision: terms of a gradient may cancel.
template <class F>
float sum_of(std::size_t length, const F& f) {
  double s = 0;
  std::size_t k = 0;
  if (length >= kLanes) {
    double lanes[kLanes] = {};
    for (; k + kLanes <= length; k += kLanes) {
      for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += double(f(k + l));
    }
    for (const double lane : lanes) s += lane;
  }
  for (; k < length; ++k) s += double(f(k));
  return float(s);
}

/// Pixels are taken in blocks, so that the exponentials, which cost the most, are one long loop also where channels are few.
class Blocks {
 public:
  static constexpr std::size_t kValues = 2048, kPixels = 256;

  explicit Blocks(const TensorDescriptor& shape) : pixels_(shape.pixels()), channels_(shape.c) {
    at_once_ = std::clamp<std::size_t>(kValues / channels_, 1, kPixels);
  }

  /// `body(first, count, buffer)` for blocks of pixels; the buffer holds min(count * channels, kValues) values.
  template <class Body>
  void run(const Body& body) const {
    parallel_ranges(pixels_, kGrain / channels_ + 1, [&](std::size_t begin, std::size_t end) {
      float buffer[kValues];
      for (std::size_t i = begin; i < end; i += at_once_) body(i, std::min(at_once_, end - i), buffer);
    });
  }

 private:
  std::size_t pixels_, channels_, at_once_;
};

// With m = max v, e = exp(v - m) and s = sum e: softmax is e / s, log-softmax (v - m) - ln s. Whatever is not finite follows from
// IEEE arithmetic: infinity - infinity is NaN and reaches every channel of the pixel through s.
template <bool kIsLog>
class SoftMaxLoops final : public PlanKernel {
 public:
  explicit SoftMaxLoops(const KernelRequest& request) : source_(request.sources[0]), result_(*request.result), blocks_(result_) {}

  bool can_run_in_place() const override { return source_.pixel_stride == result_.pixel_stride; }

  void run(const RunArguments& arguments) override {
    blocks_.run([&](std::size_t first, std::size_t count, float* buffer) {
      const float* from = arguments.sources[0] + first * source_.pixel_stride;
      float* to = arguments.result + first * result_.pixel_stride;
      if (result_.c <= Blocks::kValues) {
        run_block(from, to, count, buffer);
      } else {
        run_large_pixel(from, to, buffer);
      }
    });
  }

 private:
  void run_block(const float* from, float* to, std::size_t count, float* buffer) const {
    const std::size_t channels = result_.c;
    float maxima[Blocks::kPixels];
    for (std::size_t i = 0; i < count; ++i) {
      const float* v = from + i * source_.pixel_stride;
      const float m = maxima[i] = largest(v, channels);
      for (std::size_t k = 0; k < channels; ++k) buffer[i * channels + k] = v[k] - m;
    }
    for (std::size_t k = 0; k < count * channels; ++k) buffer[k] = exp_of(buffer[k]);
    for (std::size_t i = 0; i < count; ++i) {
      const float* e = buffer + i * channels;
      const float s = sum_of(channels, [&](std::size_t k) { return e[k]; });
      finish(from + i * source_.pixel_stride, maxima[i], e, s, to + i * result_.pixel_stride, channels);
    }
  }

  /// A pixel that the buffer does not hold.
  void run_large_pixel(const float* v, float* to, float* buffer) const {
    const float m = largest(v, result_.c);
    float s = 0;
    for (std::size_t c = 0; c < result_.c; c += Blocks::kValues) {
      const std::size_t length = std::min(Blocks::kValues, result_.c - c);
      for (std::size_t k = 0; k < length; ++k) buffer[k] = exp_of(v[c + k] - m);
      s += sum_of(length, [&](std::size_t k) { return buffer[k]; });
      if (!kIsLog) std::copy_n(buffer, length, to + c);
    }
    finish(v, m, to, s, to, result_.c);
  }

  static void finish(const float* v, float m, const float* e, float s, float* to, std::size_t length) {
    if (kIsLog) {
      const float log_s = std::log(s);
      for (std::size_t k = 0; k < length; ++k) to[k] = (v[k] - m) - log_s;
    } else {
      const float scale = 1.f / s;
      for (std::size_t k = 0; k < length; ++k) to[k] = e[k] * scale;
    }
  }

  TensorDescriptor source_, result_;
  Blocks blocks_;
};

template <bool kIsLog>
std::unique_ptr<PlanKernel> make_forward(KernelRequest& request) {
  if (!has_same_pixels(request)) return nullptr;
  return std::make_unique<SoftMaxLoops<kIsLog>>(request);
}

// Sources: incoming gradient g, forward result. Softmax y: y (g - sum g y). Log-softmax z: g - exp(z) sum g.
template <bool kIsLog>
class SoftMaxGradientLoops final : public PlanKernel {
 public:
  explicit SoftMaxGradientLoops(const KernelRequest& request)
      : gradient_(request.sources[0]), forward_(request.sources[1]), result_(*request.result) {}

  bool can_run_in_place() const override { return gradient_.pixel_stride == result_.pixel_stride; }

  void run(const RunArguments& arguments) override {
    parallel_ranges(result_.pixels(), kGrain / result_.c + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        run_pixel(arguments.sources[0] + i * gradient_.pixel_stride, arguments.sources[1] + i * forward_.pixel_stride,
                  arguments.result + i * result_.pixel_stride);
      }
    });
  }

 private:
  void run_pixel(const float* g, const float* y, float* to) const {
    if (kIsLog) {
      const float s = sum_of(result_.c, [&](std::size_t k) { return g[k]; });
      for (std::size_t k = 0; k < result_.c; ++k) to[k] = g[k] - exp_of(y[k]) * s;
    } else {
      const float s = sum_of(result_.c, [&](std::size_t k) { return g[k] * y[k]; });
      for (std::size_t k = 0; k < result_.c; ++k) to[k] = y[k] * (g[k] - s);
    }
  }

  TensorDescriptor gradient_, forward_, result_;
};

template <bool kIsLog>
std::unique_ptr<PlanKernel> make_gradient(KernelRequest& request) {
  if (!has_same_pixels(request)) return nullptr;
  return std::make_unique<SoftMaxGradientLoops<kIsLog>>(request);
}

}  // namespace

void register_softmax(KernelTable& table) {
  table.add<SoftMaxOp>("loops", make_forward<false>);
  table.add<LogSoftMaxOp>("loops", make_forward<true>);
  table.add<SoftMaxGradientOp>("loops", make_gradient<false>);
  table.add<LogSoftMaxGradientOp>("loops", make_gradient<true>);
}

}  // namespace mpsnn::cpu
