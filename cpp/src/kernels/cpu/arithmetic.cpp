#include "mpsnn/nodes/arithmetic.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_math.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGrain = 16384;  // numbers that are worth a thread
constexpr std::size_t kTile = 256;     // numbers a gradient computes before it adds them up

// Reading with repetition -----------------------------------------------------------------------------------------------

/// How far the next image, row, pixel and channel of an operand is; 0 repeats.
struct Steps {
  std::size_t image = 0, row = 0, pixel = 0, channel = 0;
};

Steps steps_of(const TensorDescriptor& t, std::size_t stride_x, std::size_t stride_y, std::size_t stride_channels) {
  return {t.h * t.w * t.pixel_stride, stride_y ? t.w * t.pixel_stride : 0, stride_x ? t.pixel_stride : 0,
          stride_channels ? 1u : 0u};
}

Steps steps_of(const TensorDescriptor& t) { return steps_of(t, 1, 1, 1); }

/// Cuts a result into runs of numbers without gaps, along which each operand either goes on by ones or stays.
class Runs {
 public:
  Runs(const TensorDescriptor& result, const Steps& a, const Steps& b) : result_(result), a_(a), b_(b) {
    const std::size_t row = result.w * result.c;
    const auto goes_on = [&](const Steps& s) { return s.channel == 1 && s.pixel == result.c; };
    const auto stays = [](const Steps& s) { return s.channel == 0 && s.pixel == 0; };
    const auto is_whole = [&](const Steps& s) { return goes_on(s) && s.row == row && s.image == row * result.h; };
    const bool rows = result.is_dense() && (goes_on(a) || stays(a)) && (goes_on(b) || stays(b));
    length_ = !rows ? result.c : is_whole(a) && is_whole(b) ? result.count() : row;
  }

  /// Calls `run(result offset, offset of a, offset of b, offset in a dense image, count)` on several threads.
  template <class Run>
  void for_each(const Run& run) const {
    if (length_ == result_.count()) {
      parallel_ranges(length_, kGrain, [&](std::size_t begin, std::size_t end) {
        run(begin, begin * a_.channel, begin * b_.channel, begin, end - begin);
      });
      return;
    }
    parallel_ranges(result_.n * result_.h, kGrain / (result_.w * result_.c) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t r = begin; r < end; ++r) {
        const std::size_t n = r / result_.h, y = r % result_.h;
        const std::size_t a = n * a_.image + y * a_.row, b = n * b_.image + y * b_.row, first = r * result_.w;
        const std::size_t pixels = length_ / result_.c;
        for (std::size_t x = 0; x < result_.w; x += pixels) {
          run((first + x) * result_.pixel_stride, a + x * a_.pixel, b + x * b_.pixel, (first + x) * result_.c, length_);
        }
      }
    });
  }

 private:
  TensorDescriptor result_;
  Steps a_, b_;
  std::size_t length_ = 0;
};

// Forward ---------------------------------------------------------------------------------------------------------------

struct Addition {
  float a, b, bias;
  float operator()(float p, float s) const { return a * p + b * s + bias; }
};
struct Subtraction {
  float a, b, bias;
  float operator()(float p, float s) const { return a * p - b * s + bias; }
};
struct Multiplication {
  float a, b, bias;
  float operator()(float p, float s) const { return (a * p) * (b * s) + bias; }
};
struct Division {
  float a, b, bias;
  float operator()(float p, float s) const { return (a * p) / (b * s) + bias; }
};

/// NaN stays.
struct Limits {
  float low, high;
};

// Not inlined: only a loop that stands alone becomes vector code reliably. `y` may be `p`.
template <bool kPrimaryStep, bool kSecondaryStep, class F>
[[gnu::noinline]] void compute(const float* p, const float* s, float* y, std::size_t count, F f, Limits limits) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) y[i] = clamped(f(p[i * kPrimaryStep], s[i * kSecondaryStep]), limits.low, limits.high);
}

template <bool kPrimaryStep, bool kSecondaryStep, class F>
[[gnu::noinline]] void compute_mask(const float* p, const float* s, std::uint8_t* mask, std::size_t count, F f, Limits limits) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) {
    const float r = f(p[i * kPrimaryStep], s[i * kSecondaryStep]);
    mask[i] = std::uint8_t((r > limits.low) & (r < limits.high));
  }
}

template <class F>
class ArithmeticLoops final : public PlanKernel {
 public:
  ArithmeticLoops(const KernelRequest& request, const ArithmeticOp& op)
      : f_{op.primary_scale, op.secondary_scale, op.bias},
        limits_{op.minimum_value, op.maximum_value},
        primary_(steps_of(request.sources[0], op.primary_stride_in_pixels_x, op.primary_stride_in_pixels_y,
                          op.primary_stride_in_feature_channels)),
        secondary_(steps_of(request.sources[1], op.secondary_stride_in_pixels_x, op.secondary_stride_in_pixels_y,
                            op.secondary_stride_in_feature_channels)),
        runs_(*request.result, primary_, secondary_),
        leaves_mask_(!request.states.empty()) {
    const TensorDescriptor &p = request.sources[0], &r = *request.result;
    const Steps all = steps_of(r);
    can_run_in_place_ = p.pixel_stride == r.pixel_stride && p.shape() == r.shape() && (primary_.row == all.row || r.h == 1) &&
                        (primary_.pixel == all.pixel || r.w == 1) && (primary_.channel == 1 || r.c == 1);
  }

  bool can_run_in_place() const override { return can_run_in_place_; }

  void run(const RunArguments& arguments) override {
    auto* masks = leaves_mask_ ? static_cast<std::uint8_t*>(arguments.states[0]) : nullptr;
    runs_.for_each([&](std::size_t result, std::size_t a, std::size_t b, std::size_t dense, std::size_t count) {
      const float *p = arguments.sources[0] + a, *s = arguments.sources[1] + b;
      float* y = arguments.result ? arguments.result + result : nullptr;
      std::uint8_t* mask = masks ? masks + dense : nullptr;
      if (!primary_.channel) {
        secondary_.channel ? run_row<false, true>(p, s, y, mask, count) : run_row<false, false>(p, s, y, mask, count);
      } else {
        secondary_.channel ? run_row<true, true>(p, s, y, mask, count) : run_row<true, false>(p, s, y, mask, count);
      }
    });
  }

 private:
  // The mask first: the result may take the place of the primary source.
  template <bool kPrimaryStep, bool kSecondaryStep>
  void run_row(const float* p, const float* s, float* y, std::uint8_t* mask, std::size_t count) const {
    if (mask) compute_mask<kPrimaryStep, kSecondaryStep>(p, s, mask, count, f_, limits_);
    if (y) compute<kPrimaryStep, kSecondaryStep>(p, s, y, count, f_, limits_);
  }

  F f_;
  Limits limits_;
  Steps primary_, secondary_;
  Runs runs_;
  bool leaves_mask_, can_run_in_place_ = false;
};

/// Whether reading with these strides stays within the source.
bool covers(const TensorDescriptor& source, const TensorDescriptor& result, std::size_t stride_x, std::size_t stride_y,
            std::size_t stride_channels) {
  return (!stride_x || source.w == result.w) && (!stride_y || source.h == result.h) && (!stride_channels || source.c == result.c);
}

std::unique_ptr<PlanKernel> make_arithmetic(KernelRequest& request) {
  const auto& op = static_cast<const ArithmeticOp&>(request.op);
  if (request.result && (!covers(request.sources[0], *request.result, op.primary_stride_in_pixels_x,
                                 op.primary_stride_in_pixels_y, op.primary_stride_in_feature_channels) ||
                         !covers(request.sources[1], *request.result, op.secondary_stride_in_pixels_x,
                                 op.secondary_stride_in_pixels_y, op.secondary_stride_in_feature_channels))) {
    request.decline("the padding policy changes the result's size");
    return nullptr;
  }
  switch (op.operation) {
    case ArithmeticOperation::Addition:
      return std::make_unique<ArithmeticLoops<Addition>>(request, op);
    case ArithmeticOperation::Subtraction:
      return std::make_unique<ArithmeticLoops<Subtraction>>(request, op);
    case ArithmeticOperation::Multiplication:
      return std::make_unique<ArithmeticLoops<Multiplication>>(request, op);
    default:
      return std::make_unique<ArithmeticLoops<Division>>(request, op);
  }
}

// Gradient --------------------------------------------------------------------------------------------------------------

struct Constants {
  float primary_scale, secondary_scale, bias;
};

/// `q` null: an addition; else its numbers, or one number for all where it does not step. `y` may be `g`.
template <bool kHasMask>
[[gnu::noinline]] void gradient_of_sum(const float* g, const std::uint8_t* mask, float* y, std::size_t count, Constants k) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) {
    const float v = g[i], passed = !kHasMask || mask[i] ? v : 0.f;
    y[i] = k.primary_scale * passed + k.bias;
  }
}

template <bool kHasMask, bool kStep>
[[gnu::noinline]] void gradient_of_product(const float* g, const float* q, const std::uint8_t* mask, float* y, std::size_t count,
                                           Constants k) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) {
    const float v = g[i], passed = !kHasMask || mask[i] ? v : 0.f;
    y[i] = (k.primary_scale * passed) * (k.secondary_scale * q[i * kStep]) + k.bias;
  }
}

[[gnu::noinline]] void add(const float* from, double* to, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) to[i] += double(from[i]);
}

double sum_of(const float* values, std::size_t count) {
  constexpr std::size_t kLanes = 8;
  double lanes[kLanes] = {};
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += double(values[i + l]);
  }
  for (; i < count; ++i) lanes[0] += double(values[i]);
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

class ArithmeticGradientLoops final : public PlanKernel {
 public:
  ArithmeticGradientLoops(const KernelRequest& request, const ArithmeticGradientOp& op, const ArithmeticOp& forward)
      : constants_{op.primary_scale, op.secondary_scale, op.bias},
        is_product_(op.operation == ArithmeticOperation::Multiplication),
        gradient_(request.sources[0]),
        result_(*request.result),
        g_(steps_of(gradient_)),
        // A sum does not read its source image, which may be of another size.
        q_(is_product_ ? steps_of(request.sources[1], op.secondary_stride_in_pixels_x, op.secondary_stride_in_pixels_y,
                                  op.secondary_stride_in_feature_channels)
                       : Steps()),
        has_mask_(!request.source_states.empty()) {
    const bool is_secondary = op.is_secondary_source_filter;
    sums_x_ = !(is_secondary ? forward.secondary_stride_in_pixels_x : forward.primary_stride_in_pixels_x);
    sums_y_ = !(is_secondary ? forward.secondary_stride_in_pixels_y : forward.primary_stride_in_pixels_y);
    sums_channels_ = !(is_secondary ? forward.secondary_stride_in_feature_channels : forward.primary_stride_in_feature_channels);
    is_plain_ = !sums_x_ && !sums_y_ && !sums_channels_;
    parts_ = sums_y_ ? std::min<std::size_t>(gradient_.h, 16) : gradient_.h;
    part_width_ = sums_x_ ? 1 : gradient_.w;
    part_channels_ = sums_channels_ ? 1 : gradient_.c;
  }

  bool can_run_in_place() const override { return is_plain_ && gradient_.pixel_stride == result_.pixel_stride; }
  std::size_t scratch_bytes() const override {
    return is_plain_ ? 0 : gradient_.n * parts_ * part_width_ * part_channels_ * sizeof(double);
  }

  void run(const RunArguments& arguments) override {
    const float *g = arguments.sources[0], *q = arguments.sources[1];
    const auto* masks = has_mask_ ? static_cast<const std::uint8_t*>(arguments.source_states[0]) : nullptr;
    if (!is_plain_) {
      auto* sums = reinterpret_cast<double*>(arguments.scratch);
      add_up(g, q, masks, sums);
      store(sums, arguments.result);
      return;
    }
    // Without sums the result has the gradient's steps, and the runs are cut by the result.
    Runs(result_, g_, is_product_ ? q_ : g_)
        .for_each([&](std::size_t to, std::size_t a, std::size_t b, std::size_t dense, std::size_t n) {
          compute(g + a, q + (is_product_ ? b : 0), masks ? masks + dense : nullptr, arguments.result + to, n);
        });
  }

 private:
  void compute(const float* g, const float* q, const std::uint8_t* mask, float* y, std::size_t count) const {
    if (!is_product_) {
      mask ? gradient_of_sum<true>(g, mask, y, count, constants_) : gradient_of_sum<false>(g, mask, y, count, constants_);
    } else if (q_.channel) {
      mask ? gradient_of_product<true, true>(g, q, mask, y, count, constants_)
           : gradient_of_product<false, true>(g, q, mask, y, count, constants_);
    } else {
      mask ? gradient_of_product<true, false>(g, q, mask, y, count, constants_)
           : gradient_of_product<false, false>(g, q, mask, y, count, constants_);
    }
  }

  // The rows of an image are added up in parts, as many for any number of threads, so that the result does not depend on it.
  void add_up(const float* g, const float* q, const std::uint8_t* masks, double* sums) const {
    const std::size_t part_size = part_width_ * part_channels_;
    const std::size_t work = gradient_.h / parts_ * gradient_.w * gradient_.c;
    parallel_ranges(gradient_.n * parts_, kGrain / std::max<std::size_t>(work, 1) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        const std::size_t n = i / parts_, part = i % parts_;
        double* sum = sums + i * part_size;
        std::fill_n(sum, part_size, 0.0);
        for (std::size_t y = gradient_.h * part / parts_; y < gradient_.h * (part + 1) / parts_; ++y) {
          const std::uint8_t* mask = masks ? masks + (n * gradient_.h + y) * gradient_.w * gradient_.c : nullptr;
          add_row(g + n * g_.image + y * g_.row, q + n * q_.image + y * q_.row, mask, sum);
        }
      }
    });
  }

  void add_row(const float* g, const float* q, const std::uint8_t* mask, double* sum) const {
    float tile[kTile];
    for (std::size_t x = 0; x < gradient_.w; ++x) {
      double* at = sum + (sums_x_ ? 0 : x * part_channels_);
      for (std::size_t c = 0; c < gradient_.c; c += kTile) {
        const std::size_t count = std::min(kTile, gradient_.c - c);
        const std::uint8_t* m = mask ? mask + x * gradient_.c + c : nullptr;
        compute(g + x * g_.pixel + c, q + x * q_.pixel + c * q_.channel, m, tile, count);
        if (sums_channels_) {
          *at += sum_of(tile, count);
        } else {
          add(tile, at + c, count);
        }
      }
    }
  }

  // Elements that the forward filter did not read have no gradient.
  void store(double* sums, float* result) const {
    const std::size_t part_size = part_width_ * part_channels_;
    for (std::size_t n = 0; n < result_.n; ++n) {
      double* first = sums + n * parts_ * part_size;
      for (std::size_t part = 1; sums_y_ && part < parts_; ++part) {
        for (std::size_t i = 0; i < part_size; ++i) first[i] += first[part * part_size + i];
      }
    }
    parallel_ranges(result_.n * result_.h, kGrain / (result_.w * result_.c) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t n = row / result_.h, y = row % result_.h;
        const bool has_row = !sums_y_ || y == 0;
        const double* sum = sums + (n * parts_ + (sums_y_ ? 0 : y)) * part_size;
        for (std::size_t x = 0; x < result_.w; ++x) {
          float* to = result + (row * result_.w + x) * result_.pixel_stride;
          std::fill_n(to, result_.c, 0.f);
          if (!has_row || x >= part_width_) continue;
          for (std::size_t c = 0; c < part_channels_; ++c) to[c] = float(sum[x * part_channels_ + c]);
        }
      }
    });
  }

  Constants constants_;
  bool is_product_;
  TensorDescriptor gradient_, result_;
  Steps g_, q_;
  bool has_mask_, sums_x_ = false, sums_y_ = false, sums_channels_ = false, is_plain_ = true;
  std::size_t parts_ = 1, part_width_ = 1, part_channels_ = 1;
};

std::unique_ptr<PlanKernel> make_arithmetic_gradient(KernelRequest& request) {
  const auto& op = static_cast<const ArithmeticGradientOp&>(request.op);
  const auto* forward = request.forward ? dynamic_cast<const ArithmeticOp*>(request.forward->op) : nullptr;
  if (!forward) {
    request.decline("the gradient state is not that of an arithmetic filter");
    return nullptr;
  }
  if (request.result->shape() != request.forward->sources.at(op.is_secondary_source_filter ? 1 : 0)) {
    request.decline("the padding policy changes the result's size");
    return nullptr;
  }
  return std::make_unique<ArithmeticGradientLoops>(request, op, *forward);
}

}  // namespace

void register_arithmetic(KernelTable& table) {
  table.add<ArithmeticOp>("loops", make_arithmetic);
  table.add<ArithmeticGradientOp>("loops", make_arithmetic_gradient);
}

}  // namespace mpsnn::cpu
