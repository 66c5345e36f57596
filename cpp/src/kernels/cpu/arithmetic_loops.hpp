#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_math.hpp"
#include "kernels/kernel.hpp"
#include "mpsnn/nodes/arithmetic.hpp"

// Filters that combine two images element by element.

namespace mpsnn::cpu {

inline constexpr std::size_t kArithmeticGrain = 16384;  // numbers that are worth a thread

/// How far the next image, row, pixel and channel of an operand is; 0 repeats.
struct Steps {
  std::size_t image = 0, row = 0, pixel = 0, channel = 0;
};

inline Steps steps_of(const TensorDescriptor& t, std::size_t stride_x, std::size_t stride_y, std::size_t stride_channels) {
  return {t.h * t.w * t.pixel_stride, stride_y ? t.w * t.pixel_stride : 0, stride_x ? t.pixel_stride : 0,
          stride_channels ? 1u : 0u};
}

inline Steps steps_of(const TensorDescriptor& t) { return steps_of(t, 1, 1, 1); }

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
      parallel_ranges(length_, kArithmeticGrain, [&](std::size_t begin, std::size_t end) {
        run(begin, begin * a_.channel, begin * b_.channel, begin, end - begin);
      });
      return;
    }
    parallel_ranges(
        result_.n * result_.h, kArithmeticGrain / (result_.w * result_.c) + 1, [&](std::size_t begin, std::size_t end) {
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

/// `f(p, s)`, held between the limits.
template <class F>
class ArithmeticLoops final : public PlanKernel {
 public:
  ArithmeticLoops(const KernelRequest& request, const ArithmeticOp& op, F f, Limits limits)
      : f_(f),
        limits_(limits),
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

}  // namespace mpsnn::cpu
