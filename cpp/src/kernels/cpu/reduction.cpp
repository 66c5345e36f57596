#include "mpsnn/nodes/reduction.hpp"

#include <algorithm>
#include <limits>
#include <memory>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/reduction_binary.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGrain = 16384;  // numbers that are worth a thread
constexpr std::size_t kTile = 256;     // numbers that are reduced side by side

// NaN stays.
struct Smallest {
  using Number = float;
  static constexpr Number kStart = std::numeric_limits<float>::infinity();
  static Number fold(Number a, Number v) { return ((v < a) | (v != v)) ? v : a; }
};
struct Largest {
  using Number = float;
  static constexpr Number kStart = -std::numeric_limits<float>::infinity();
  static Number fold(Number a, Number v) { return ((v > a) | (v != v)) ? v : a; }
};
struct Sum {
  using Number = double;
  static constexpr Number kStart = 0;
  static Number fold(Number a, Number v) { return a + v; }
};

// Not inlined: only a loop that stands alone becomes vector code reliably.
template <class F, class T>
[[gnu::noinline]] void fold_each(const T* from, typename F::Number* to, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) to[i] = F::fold(to[i], typename F::Number(from[i]));
}

/// Each channel of pixels, at most `kTile` channels; `to` has room for `kTile` numbers. Narrow pixels are taken several at a
/// time.
template <class F>
void fold_pixels(const float* from, std::size_t pixels, std::size_t pixel_stride, std::size_t channels, typename F::Number* to) {
  const std::size_t group = pixel_stride == channels ? std::min(pixels, kTile / channels) : 1;
  const std::size_t width = group * channels, step = group > 1 ? width : pixel_stride, whole = pixels / group;
  std::fill_n(to, width, F::kStart);
  for (std::size_t i = 0; i < whole; ++i) fold_each<F>(from + i * step, to, width);
  fold_each<F>(from + whole * step, to, (pixels - whole * group) * channels);
  for (std::size_t g = 1; g < group; ++g) fold_each<F>(to + g * channels, to, channels);
}

/// One channel of pixels.
template <class F>
[[gnu::noinline]] void fold_channel(const float* from, std::size_t pixel_stride, typename F::Number* to, std::size_t pixels) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < pixels; ++i) to[i] = F::fold(to[i], typename F::Number(from[i * pixel_stride]));
}

constexpr std::size_t kLanes = 16;

/// All channels of a pixel, `kLanes` of them or more.
template <class F>
[[gnu::noinline]] typename F::Number fold_all(const float* from, std::size_t count) {
  typename F::Number lanes[kLanes];
  std::fill_n(lanes, kLanes, F::kStart);
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    // Unrolled, comparisons become branches.
#pragma GCC unroll 1
    for (std::size_t l = 0; l < kLanes; ++l) lanes[l] = F::fold(lanes[l], typename F::Number(from[i + l]));
  }
  for (std::size_t l = 0; l < count - i; ++l) lanes[l] = F::fold(lanes[l], typename F::Number(from[i + l]));
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t l = 0; l < half; ++l) lanes[l] = F::fold(lanes[l], lanes[l + half]);
  }
  return lanes[0];
}

/// The first place of a value, or of a NaN.
std::size_t index_of(float value, const float* in) {
  std::size_t i = 0;
  if (value != value) {
    while (in[i] == in[i]) ++i;
  } else {
    while (in[i] != value) ++i;
  }
  return i;
}

template <class F>
class ReductionLoops final : public PlanKernel {
  using Number = typename F::Number;

 public:
  ReductionLoops(const KernelRequest& request, const ReductionOp& op)
      : axis_(op.axis),
        is_argument_(op.operation == ReductionOperation::ArgumentMin || op.operation == ReductionOperation::ArgumentMax),
        source_(request.sources[0]),
        result_(*request.result),
        region_(op.region(source_.shape())) {
    const std::size_t width = region_.size.width, height = region_.size.height;
    if (op.operation == ReductionOperation::Mean) {
      const std::size_t counts[] = {width, height, source_.c, width * height};
      scale_ = 1.0 / double(counts[int(axis_)]);
    } else if (op.is_sum_of_channels()) {
      scale_ = double(op.weight);
    }
  }

  std::size_t scratch_bytes() const override {
    return axis_ == ReductionAxis::Spatial ? source_.n * region_.size.height * source_.c * sizeof(Number) : 0;
  }

  void run(const RunArguments& arguments) override {
    const float* source = arguments.sources[0];
    float* result = arguments.result;
    switch (axis_) {
      case ReductionAxis::Row:
        rows(source, [&](std::size_t row, std::size_t channel, const Number* numbers, std::size_t count) {
          store(numbers, result + row * result_.pixel_stride + channel, count);
        });
        break;
      case ReductionAxis::Column:
        columns(source, result);
        break;
      case ReductionAxis::FeatureChannels:
        channels(source, result);
        break;
      case ReductionAxis::Spatial:
        auto* sums = reinterpret_cast<Number*>(arguments.scratch);
        rows(source, [&](std::size_t row, std::size_t channel, const Number* numbers, std::size_t count) {
          std::copy_n(numbers, count, sums + row * source_.c + channel);
        });
        add_rows(sums, result);
        break;
    }
  }

 private:
  /// Of the region, in image `n`.
  const float* pixel(const float* source, std::size_t n, std::size_t y, std::size_t x) const {
    const std::size_t row = n * source_.h + region_.origin.y + y;
    return source + (row * source_.w + region_.origin.x + x) * source_.pixel_stride;
  }

  void store(const Number* numbers, float* to, std::size_t count) const {
    for (std::size_t i = 0; i < count; ++i) to[i] = float(double(numbers[i]) * scale_);
  }

  /// Calls `done(row of all images, first channel, numbers, count)`.
  template <class Done>
  void rows(const float* source, const Done& done) const {
    const std::size_t height = region_.size.height, width = region_.size.width;
    parallel_ranges(source_.n * height, kGrain / (width * source_.c) + 1, [&](std::size_t begin, std::size_t end) {
      Number numbers[kTile];
      for (std::size_t row = begin; row < end; ++row) {
        const float* from = pixel(source, row / height, row % height, 0);
        for (std::size_t c = 0; c < source_.c; c += kTile) {
          const std::size_t count = std::min(kTile, source_.c - c);
          fold_pixels<F>(from + c, width, source_.pixel_stride, count, numbers);
          done(row, c, numbers, count);
        }
      }
    });
  }

  // The sums of the rows are added up in place, into each image's first.
  void add_rows(Number* sums, float* result) const {
    const std::size_t height = region_.size.height;
    for (std::size_t n = 0; n < source_.n; ++n) {
      Number* first = sums + n * height * source_.c;
      for (std::size_t y = 1; y < height; ++y) fold_each<F>(first + y * source_.c, first, source_.c);
      store(first, result + n * result_.pixel_stride, source_.c);
    }
  }

  // Down the image in strips: of a whole row of pixels where they follow one another, else of each pixel's channels.
  void columns(const float* source, float* result) const {
    const bool is_dense = source_.is_dense() && result_.is_dense();
    const std::size_t height = region_.size.height, width = region_.size.width;
    const std::size_t length = is_dense ? width * source_.c : source_.c, runs = is_dense ? 1 : width;
    const std::size_t tiles = (length + kTile - 1) / kTile, row_step = source_.w * source_.pixel_stride;
    parallel_ranges(source_.n * runs * tiles, kGrain / (std::min(kTile, length) * height) + 1,
                    [&](std::size_t begin, std::size_t end) {
                      Number numbers[kTile];
                      for (std::size_t i = begin; i < end; ++i) {
                        const std::size_t n = i / (runs * tiles), x = i / tiles % runs, first = i % tiles * kTile;
                        const std::size_t count = std::min(kTile, length - first);
                        const float* from = pixel(source, n, 0, x) + first;
                        std::fill_n(numbers, count, F::kStart);
                        for (std::size_t y = 0; y < height; ++y) fold_each<F>(from + y * row_step, numbers, count);
                        store(numbers, result + (n * width + x) * result_.pixel_stride + first, count);
                      }
                    });
  }

  void channels(const float* source, float* result) const {
    const std::size_t height = region_.size.height, width = region_.size.width;
    parallel_ranges(source_.n * height, kGrain / (width * source_.c) + 1, [&](std::size_t begin, std::size_t end) {
      Number numbers[kTile];
      for (std::size_t row = begin; row < end; ++row) {
        const float* from = pixel(source, row / height, row % height, 0);
        float* to = result + row * width * result_.pixel_stride;
        for (std::size_t x = 0; x < width; x += kTile) {
          const std::size_t count = std::min(kTile, width - x);
          fold_pixels_alone(from + x * source_.pixel_stride, count, numbers);
          for (std::size_t i = 0; i < count; ++i) {
            const float* pixel = from + (x + i) * source_.pixel_stride;
            to[(x + i) * result_.pixel_stride] =
                is_argument_ ? float(index_of(float(numbers[i]), pixel)) : float(double(numbers[i]) * scale_);
          }
        }
      }
    });
  }

  // Pixels with few channels side by side, others one after another.
  void fold_pixels_alone(const float* from, std::size_t count, Number* to) const {
    if (source_.c < kLanes) {
      std::fill_n(to, count, F::kStart);
      for (std::size_t c = 0; c < source_.c; ++c) fold_channel<F>(from + c, source_.pixel_stride, to, count);
    } else {
      for (std::size_t i = 0; i < count; ++i) to[i] = fold_all<F>(from + i * source_.pixel_stride, source_.c);
    }
  }

  const ReductionAxis axis_;
  const bool is_argument_;
  const TensorDescriptor source_, result_;
  const mtl::Region region_;
  double scale_ = 1;
};

std::unique_ptr<PlanKernel> make_reduction(KernelRequest& request) {
  const auto& op = static_cast<const ReductionOp&>(request.op);
  switch (op.operation) {
    case ReductionOperation::Min:
    case ReductionOperation::ArgumentMin:
      return std::make_unique<ReductionLoops<Smallest>>(request, op);
    case ReductionOperation::Max:
    case ReductionOperation::ArgumentMax:
      return std::make_unique<ReductionLoops<Largest>>(request, op);
    default:
      return std::make_unique<ReductionLoops<Sum>>(request, op);
  }
}

[[gnu::noinline]] void multiply(const float* from, float factor, float* to, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) to[i] = from[i] * factor;
}

class SpatialMeanGradientLoops final : public PlanKernel {
 public:
  SpatialMeanGradientLoops(const KernelRequest& request, const ReductionOp& forward)
      : gradient_(request.sources[0]), result_(*request.result), region_(forward.region(result_.shape())) {}

  void run(const RunArguments& arguments) override {
    const mtl::Origin& origin = region_.origin;
    const mtl::Size& size = region_.size;
    const float share = float(1.0 / double(size.width * size.height));
    parallel_ranges(result_.n * result_.h, kGrain / (result_.w * result_.c) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t y = row % result_.h;
        const bool has_row = y >= origin.y && y - origin.y < size.height;
        const float* gradient = arguments.sources[0] + row / result_.h * gradient_.pixel_stride;
        float* to = arguments.result + row * result_.w * result_.pixel_stride;
        for (std::size_t x = 0; x < result_.w; ++x, to += result_.pixel_stride) {
          if (has_row && x >= origin.x && x - origin.x < size.width) {
            multiply(gradient, share, to, result_.c);
          } else {
            std::fill_n(to, result_.c, 0.f);
          }
        }
      }
    });
  }

 private:
  const TensorDescriptor gradient_, result_;
  const mtl::Region region_;
};

std::unique_ptr<PlanKernel> make_spatial_mean_gradient(KernelRequest& request) {
  return std::make_unique<SpatialMeanGradientLoops>(request, dynamic_cast<const ReductionOp&>(*request.forward->op));
}

}  // namespace

void register_reduction(KernelTable& table) {
  table.add<ReductionOp>("loops", make_reduction);
  table.add<ReductionSpatialMeanGradientOp>("loops", make_spatial_mean_gradient);
  table.add<WeightedSumOp>("loops", make_weighted_sum);
  table.add<WeightedMeanOp>("loops", make_weighted_mean);
  table.add<LocalCorrelationOp>("loops", make_local_correlation);
}

}  // namespace mpsnn::cpu
