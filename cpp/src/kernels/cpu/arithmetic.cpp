#include "mpsnn/nodes/arithmetic.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "kernels/cpu/arithmetic_loops.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kTile = 256;  // numbers a gradient computes before it adds them up

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

/// Whether reading with these strides stays within the source.
bool covers(const TensorDescriptor& source, const TensorDescriptor& result, std::size_t stride_x, std::size_t stride_y,
            std::size_t stride_channels) {
  return (!stride_x || source.w == result.w) && (!stride_y || source.h == result.h) && (!stride_channels || source.c == result.c);
}

bool covers(KernelRequest& request, const ArithmeticOp& op) {
  const TensorDescriptor &p = request.sources[0], &s = request.sources[1];
  if (!request.result || (covers(p, *request.result, op.primary_stride_in_pixels_x, op.primary_stride_in_pixels_y,
                                 op.primary_stride_in_feature_channels) &&
                          covers(s, *request.result, op.secondary_stride_in_pixels_x, op.secondary_stride_in_pixels_y,
                                 op.secondary_stride_in_feature_channels))) {
    return true;
  }
  return request.decline("the padding policy changes the result's size");
}

template <class F>
std::unique_ptr<PlanKernel> make_loops(const KernelRequest& request, const ArithmeticOp& op) {
  return std::make_unique<ArithmeticLoops<F>>(request, op, F{op.primary_scale, op.secondary_scale, op.bias},
                                              Limits{op.minimum_value, op.maximum_value});
}

std::unique_ptr<PlanKernel> make_arithmetic(KernelRequest& request) {
  const auto& op = static_cast<const ArithmeticOp&>(request.op);
  if (!covers(request, op)) return nullptr;
  switch (op.operation) {
    case ArithmeticOperation::Addition:
      return make_loops<Addition>(request, op);
    case ArithmeticOperation::Subtraction:
      return make_loops<Subtraction>(request, op);
    case ArithmeticOperation::Multiplication:
      return make_loops<Multiplication>(request, op);
    default:
      return make_loops<Division>(request, op);
  }
}

// Comparison ------------------------------------------------------------------------------------------------------------

/// Infinities are equal although their difference is no number.
struct Equal {
  float threshold;
  bool operator()(float p, float s) const { return (p == s) | (std::abs(p - s) <= threshold); }
};

/// 1 where it holds, else 0.
template <class Holds>
std::unique_ptr<PlanKernel> make_comparison(const KernelRequest& request, const ComparisonOp& op, const Holds& holds) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const auto compare = [holds](float p, float s) { return holds(p, s) ? 1.f : 0.f; };
  return std::make_unique<ArithmeticLoops<decltype(compare)>>(request, op, compare, Limits{-kInfinity, kInfinity});
}

std::unique_ptr<PlanKernel> make_comparison(KernelRequest& request) {
  const auto& op = static_cast<const ComparisonOp&>(request.op);
  if (!covers(request, op)) return nullptr;
  const Equal equal{op.threshold};
  switch (op.comparison_type) {
    case NNComparisonType::Equal:
      return make_comparison(request, op, equal);
    case NNComparisonType::NotEqual:
      return make_comparison(request, op, [equal](float p, float s) { return !equal(p, s); });
    case NNComparisonType::Less:
      return make_comparison(request, op, std::less<float>());
    case NNComparisonType::LessOrEqual:
      return make_comparison(request, op, std::less_equal<float>());
    case NNComparisonType::Greater:
      return make_comparison(request, op, std::greater<float>());
    default:
      return make_comparison(request, op, std::greater_equal<float>());
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
    parallel_ranges(gradient_.n * parts_, kArithmeticGrain / std::max<std::size_t>(work, 1) + 1,
                    [&](std::size_t begin, std::size_t end) {
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
    parallel_ranges(result_.n * result_.h, kArithmeticGrain / (result_.w * result_.c) + 1,
                    [&](std::size_t begin, std::size_t end) {
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
  table.add<ComparisonOp>("loops", make_comparison);
  table.add<ArithmeticGradientOp>("loops", make_arithmetic_gradient);
}

}  // namespace mpsnn::cpu
