#include "kernels/cpu/reduction_binary.hpp"

#include <algorithm>
#include <cstddef>

#include "kernels/cpu/loops.hpp"
#include "mpsnn/nodes/reduction.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGrain = 8192;  // products that are worth a thread
constexpr std::size_t kLanes = 16;

/// The sum of the products of two pixels' channels.
template <class Number>
[[gnu::noinline]] Number dot(const float* a, const float* b, std::size_t count) {
  Number few = 0;
  for (std::size_t i = 0; i < count % kLanes; ++i) few += Number(a[i]) * Number(b[i]);
  if (count < kLanes) return few;
  Number lanes[kLanes] = {};
  for (std::size_t i = count % kLanes; i < count; i += kLanes) {
#pragma GCC unroll 1
    for (std::size_t l = 0; l < kLanes; ++l) lanes[l] += Number(a[i + l]) * Number(b[i + l]);
  }
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t l = 0; l < half; ++l) lanes[l] += lanes[l + half];
  }
  return few + lanes[0];
}

/// Where the pixels of two images are that are read together.
class PixelPairs {
 public:
  PixelPairs(const KernelRequest& request, const BinaryReductionOp& op)
      : sources_{request.sources[0], request.sources[1]},
        regions_{op.region(0, sources_[0].shape()), op.region(1, sources_[1].shape())} {}
  const TensorDescriptor& source(std::size_t i) const { return sources_[i]; }
  const mtl::Origin& origin(std::size_t i) const { return regions_[i].origin; }
  /// Of the region of source `i`, in image `n`.
  const float* pixel(const RunArguments& arguments, std::size_t i, std::size_t n, std::size_t y, std::size_t x) const {
    const TensorDescriptor& s = sources_[i];
    const mtl::Origin& o = regions_[i].origin;
    return arguments.sources[i] + ((n * s.h + o.y + y) * s.w + o.x + x) * s.pixel_stride;
  }

 private:
  TensorDescriptor sources_[2];
  mtl::Region regions_[2];
};

enum class Divisor { one, channels, nonzero_weights };

class WeightedReductionLoops final : public PlanKernel {
 public:
  WeightedReductionLoops(const KernelRequest& request, const BinaryReductionOp& op, Divisor divisor)
      : pairs_(request, op), result_(*request.result), divisor_(divisor) {}

  void run(const RunArguments& arguments) override {
    const std::size_t channels = pairs_.source(0).c;
    parallel_ranges(result_.n * result_.h, kGrain / (channels * result_.w) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t n = row / result_.h, y = row % result_.h;
        float* to = arguments.result + row * result_.w * result_.pixel_stride;
        for (std::size_t x = 0; x < result_.w; ++x, to += result_.pixel_stride) {
          const float* weights = pairs_.pixel(arguments, 1, n, y, x);
          const double sum = dot<double>(pairs_.pixel(arguments, 0, n, y, x), weights, channels);
          *to = float(divided(sum, weights, channels));
        }
      }
    });
  }

 private:
  double divided(double sum, const float* weights, std::size_t channels) const {
    if (divisor_ == Divisor::one) return sum;
    if (divisor_ == Divisor::channels) return sum / double(channels);
    const auto count = std::ptrdiff_t(channels) - std::count(weights, weights + channels, 0.f);
    return count == 0 ? 0 : sum / double(count);
  }

  const PixelPairs pairs_;
  const TensorDescriptor result_;
  const Divisor divisor_;
};

class LocalCorrelationLoops final : public PlanKernel {
 public:
  LocalCorrelationLoops(const KernelRequest& request, const LocalCorrelationOp& op)
      : pairs_(request, op), result_(*request.result), op_(op), edge_mode_(request.geometry.edge_mode) {}

  void run(const RunArguments& arguments) override {
    const std::size_t products = pairs_.source(0).c * result_.c;
    parallel_ranges(result_.n * result_.h, kGrain / (products * result_.w) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t n = row / result_.h, y = row % result_.h;
        float* to = arguments.result + row * result_.w * result_.pixel_stride;
        for (std::size_t x = 0; x < result_.w; ++x) correlate(arguments, n, y, x, to + x * result_.pixel_stride);
      }
    });
  }

 private:
  void correlate(const RunArguments& arguments, std::size_t n, std::size_t y, std::size_t x, float* to) const {
    const TensorDescriptor& other = pairs_.source(1);
    const float* primary = pairs_.pixel(arguments, 0, n, y, x);
    const float* image = arguments.sources[1] + n * other.h * other.w * other.pixel_stride;
    const auto columns = std::ptrdiff_t(op_.window_in_x), rows = std::ptrdiff_t(op_.window_in_y);
    for (std::ptrdiff_t j = -rows; j <= rows; ++j) {
      std::ptrdiff_t v = std::ptrdiff_t(pairs_.origin(1).y + y) + j * std::ptrdiff_t(op_.stride_in_y);
      const bool has_row = moves_inside(v, other.h);
      for (std::ptrdiff_t i = -columns; i <= columns; ++i, ++to) {
        std::ptrdiff_t u = std::ptrdiff_t(pairs_.origin(1).x + x) + i * std::ptrdiff_t(op_.stride_in_x);
        *to = moves_inside(u, other.w) && has_row
                  ? dot<float>(primary, image + (std::size_t(v) * other.w + std::size_t(u)) * other.pixel_stride, other.c)
                  : 0.f;
      }
    }
  }

  /// False for a place outside that reads 0; others outside become the nearest one inside.
  bool moves_inside(std::ptrdiff_t& place, std::size_t extent) const {
    const auto last = std::ptrdiff_t(extent) - 1;
    const std::ptrdiff_t inside = std::clamp<std::ptrdiff_t>(place, 0, last);
    if (inside != place && edge_mode_ == ImageEdgeMode::Zero) return false;
    place = inside;
    return true;
  }

  const PixelPairs pairs_;
  const TensorDescriptor result_;
  const LocalCorrelationOp op_;
  const ImageEdgeMode edge_mode_;
};

}  // namespace

std::unique_ptr<PlanKernel> make_weighted_sum(KernelRequest& request) {
  const auto& op = static_cast<const WeightedSumOp&>(request.op);
  return std::make_unique<WeightedReductionLoops>(
      request, op, op.do_weighted_sum_by_non_zero_weights ? Divisor::nonzero_weights : Divisor::one);
}

std::unique_ptr<PlanKernel> make_weighted_mean(KernelRequest& request) {
  return std::make_unique<WeightedReductionLoops>(request, static_cast<const WeightedMeanOp&>(request.op), Divisor::channels);
}

std::unique_ptr<PlanKernel> make_local_correlation(KernelRequest& request) {
  return std::make_unique<LocalCorrelationLoops>(request, static_cast<const LocalCorrelationOp&>(request.op));
}

}  // namespace mpsnn::cpu
