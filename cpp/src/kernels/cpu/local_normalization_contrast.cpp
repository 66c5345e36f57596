#include <algorithm>

#include "kernels/cpu/local_normalization_windows.hpp"
#include "kernels/cpu/power.hpp"
#include "mpsnn/nodes/local_normalization.hpp"

namespace mpsnn::cpu {

namespace {

/// Finds the mean of each window, and delta + alpha * variance, for rows of windows. Means come first and variances from
/// differences, so that a large mean does no harm: columns of each window, then the windows.
class WindowMoments {
 public:
  static constexpr std::size_t kRows = 5;  ///< of memory; mean and base are the first two

  WindowMoments(const LocalContrastNormalizationOp& op, const WindowGrid& grid, const TensorDescriptor& source)
      : grid_(grid), source_(source), alpha_(op.alpha), delta_(op.delta) {}

  void find(const float* image, std::ptrdiff_t y, float* memory) const {
    const std::size_t row = grid_.row();
    float *mean = memory, *base = memory + row, *column_mean = memory + 2 * row, *column_m2 = memory + 3 * row,
          *middle = memory + 4 * row;
    find_columns(image, y, column_mean, column_m2);

    const std::ptrdiff_t length = grid_.result_row(), channels = grid_.channels;
    for (std::ptrdiff_t x = 0; x < grid_.x.result; ++x) {
      const float* from = column_mean + grid_.x.middle(x) * channels;
      const float zeros = float(grid_.x.zeros(x));
      for (std::ptrdiff_t c = 0; c < channels; ++c) {
        const float reference = grid_.x.has_middle(x) ? from[c] : 0.0f;
        middle[x * channels + c] = reference;
        mean[x * channels + c] = -zeros * reference;
      }
    }
    add_taps(mean, column_mean, [middle](float from, std::ptrdiff_t at) { return from - middle[at]; });
    const float width = float(1 / double(grid_.x.kernel)), taps = float(1 / grid_.taps());
    for (std::ptrdiff_t k = 0; k < length; ++k) mean[k] = middle[k] + mean[k] * width;

    float* between = middle;  // sum of squared differences between the means of columns and of windows
    for (std::ptrdiff_t x = 0; x < grid_.x.result; ++x) {
      const float zeros = float(grid_.x.zeros(x));
      for (std::ptrdiff_t k = x * channels; k < (x + 1) * channels; ++k) between[k] = zeros * (mean[k] * mean[k]);
    }
    add_taps(between, column_mean, [mean](float from, std::ptrdiff_t at) {
      const float d = from - mean[at];
      return d * d;
    });
    std::fill(base, base + length, 0.0f);
    add_taps(base, column_m2, [](float from, std::ptrdiff_t) { return from; });
    for (std::ptrdiff_t k = 0; k < length; ++k) base[k] = delta_ + alpha_ * (base[k] * taps + between[k] * width);
  }

 private:
  /// to[window] += weight * value(from[tap], window) for every tap of every window of a row.
  template <class Value>
  void add_taps(float* to, const float* from, const Value& value) const {
    grid_.x.for_runs([&](std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t count, float weight) {
      const std::ptrdiff_t at = i * grid_.channels;
      const float* taps = from + j * grid_.channels;
      for (std::ptrdiff_t k = 0; k < count * grid_.channels; ++k) to[at + k] += weight * value(taps[k], at + k);
    });
  }

  /// Mean and sum of squared differences from it, over the rows of the windows, for each column of the source.
  void find_columns(const float* image, std::ptrdiff_t y, float* mean, float* m2) const {
    const float height = float(1 / double(grid_.y.kernel)), zeros = float(grid_.y.zeros(y));
    const bool has_middle = grid_.y.has_middle(y);
    const float* middle = row_of(image, source_, grid_.y.middle(y));
    for_segments(source_, [&](std::ptrdiff_t pixels, std::ptrdiff_t offset, std::ptrdiff_t length) {
      float *to_mean = mean + offset, *to_m2 = m2 + offset, *reference = to_m2;
      for (std::ptrdiff_t k = 0; k < length; ++k) {
        reference[k] = has_middle ? middle[pixels + k] : 0.0f;
        to_mean[k] = -zeros * reference[k];
      }
      grid_.y.for_taps(y, [&](std::ptrdiff_t v, float weight) {
        const float* from = row_of(image, source_, v) + pixels;
        for (std::ptrdiff_t k = 0; k < length; ++k) to_mean[k] += weight * (from[k] - reference[k]);
      });
      for (std::ptrdiff_t k = 0; k < length; ++k) {
        to_mean[k] = reference[k] + to_mean[k] * height;
        to_m2[k] = zeros * (to_mean[k] * to_mean[k]);
      }
      grid_.y.for_taps(y, [&](std::ptrdiff_t v, float weight) {
        const float* from = row_of(image, source_, v) + pixels;
        for (std::ptrdiff_t k = 0; k < length; ++k) {
          const float d = from[k] - to_mean[k];
          to_m2[k] += weight * (d * d);
        }
      });
    });
  }

  const WindowGrid& grid_;
  const TensorDescriptor& source_;
  float alpha_, delta_;
};

class LocalContrastNormalization final : public PlanKernel {
 public:
  explicit LocalContrastNormalization(const KernelRequest& request)
      : op_(static_cast<const LocalContrastNormalizationOp&>(request.op)),
        source_(request.sources[0]),
        result_(*request.result),
        grid_(op_.window(), request.geometry, source_, result_),
        moments_(op_, grid_, source_),
        threads_(result_.count(), WindowMoments::kRows, grid_.row(), request.threads) {}
  std::size_t scratch_bytes() const override { return threads_.count() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    const double exponent = -double(op_.beta);
    threads_.run(reinterpret_cast<float*>(arguments.scratch), result_.n * result_.h, [&](float* memory, std::size_t unit) {
      const float *mean = memory, *base = memory + grid_.row();
      float* values = memory + 2 * grid_.row();
      const float* image = image_of(arguments.sources[0], source_, unit / result_.h);
      const auto y = std::ptrdiff_t(unit % result_.h);
      moments_.find(image, y, memory);
      copy_middles(grid_, source_, image, y, values);
      for (std::ptrdiff_t k = 0; k < grid_.result_row(); ++k) {
        values[k] = op_.pm + op_.ps * (values[k] - op_.p0 * mean[k]) * power_of(base[k], exponent);
      }
      float* row = row_of(image_of(arguments.result, result_, unit / result_.h), result_, y);
      for_segments(result_, [&](std::ptrdiff_t pixels, std::ptrdiff_t offset, std::ptrdiff_t length) {
        std::copy(values + offset, values + offset + length, row + pixels);
      });
    });
  }

 private:
  const LocalContrastNormalizationOp& op_;
  TensorDescriptor source_, result_;
  WindowGrid grid_;
  WindowMoments moments_;
  RowThreads threads_;
};

/// For each image two steps: what the rows of windows give the columns of the source, then the sums over the rows of windows. The
/// gradient through the variance is F * (x - M) summed over windows, where both x and the means M may be large and alike: only
/// differences are multiplied, of M from the mean of the window at the column, of x from that mean.
class LocalContrastNormalizationGradient final : public PlanKernel {
 public:
  explicit LocalContrastNormalizationGradient(const KernelRequest& request)
      : op_(static_cast<const LocalContrastNormalizationGradientOp&>(request.op)),
        gradient_(request.sources[0]),
        source_(request.sources[1]),
        result_(*request.result),
        grid_(op_.window(), request.forward->geometry, source_, gradient_),
        moments_(op_, grid_, source_),
        threads_(source_.count() / source_.n, WindowMoments::kRows, grid_.row(), request.threads),
        plane_(gradient_.h * std::size_t(grid_.source_row())) {}
  std::size_t scratch_bytes() const override { return (threads_.count() + kPlanes * plane_) * sizeof(float); }

  void run(const RunArguments& arguments) override {
    auto* memory = reinterpret_cast<float*>(arguments.scratch);
    float* planes[kPlanes];
    for (std::size_t i = 0; i < kPlanes; ++i) planes[i] = memory + threads_.count() + i * plane_;
    for (std::size_t n = 0; n < source_.n; ++n) {
      const float* g = image_of(arguments.sources[0], gradient_, n);
      const float* x = image_of(arguments.sources[1], source_, n);
      float* d = image_of(arguments.result, result_, n);
      threads_.run(memory, gradient_.h,
                   [&](float* rows, std::size_t y) { give_to_columns(g, x, std::ptrdiff_t(y), rows, planes); });
      threads_.run(memory, source_.h, [&](float* rows, std::size_t y) { add_rows(x, std::ptrdiff_t(y), planes, rows, d); });
    }
  }

 private:
  /// By row of windows and column of the source: E at the middles, sums of E, of F and of F * (M - `means`), `means` themselves.
  enum Plane { kOwn, kSumE, kSumF, kSumFM, kMeans, kPlanes };

  void give_to_columns(const float* g, const float* x, std::ptrdiff_t y, float* memory, float* const* planes) const {
    const std::size_t row = grid_.row();
    const float *mean = memory, *base = memory + row;
    float *e = memory + 2 * row, *f = memory + 3 * row;
    moments_.find(x, y, memory);
    copy_middles(grid_, source_, x, y, f);
    const float* from = row_of(g, gradient_, y);
    for_segments(gradient_, [&](std::ptrdiff_t pixels, std::ptrdiff_t offset, std::ptrdiff_t length) {
      std::copy(from + pixels, from + pixels + length, e + offset);
    });
    const double exponent = -double(op_.beta);
    for (std::ptrdiff_t k = 0; k < grid_.result_row(); ++k) {
      e[k] *= power_of(base[k], exponent);
      f[k] = e[k] * (f[k] - op_.p0 * mean[k]) / base[k];
    }

    const std::ptrdiff_t length = grid_.source_row(), channels = grid_.channels;
    float* rows[kPlanes];
    for (std::size_t i = 0; i < kPlanes; ++i) rows[i] = planes[i] + y * length;
    for (std::size_t i = 0; i < kMeans; ++i) std::fill(rows[i], rows[i] + length, 0.0f);
    for (std::ptrdiff_t column = 0; column < grid_.x.source; ++column) {
      const float* at = mean + grid_.x.window_at(column) * channels;
      std::copy(at, at + channels, rows[kMeans] + column * channels);
    }
    grid_.x.middles().for_runs([&](std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t count, float weight) {
      for (std::ptrdiff_t k = 0; k < count * channels; ++k) rows[kOwn][j * channels + k] += weight * e[i * channels + k];
    });
    grid_.x.for_runs([&](std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t count, float weight) {
      give(count * channels, weight, {e + i * channels, f + i * channels, mean + i * channels}, rows[kMeans] + j * channels,
           rows[kSumE] + j * channels, rows[kSumF] + j * channels, rows[kSumFM] + j * channels);
    });
  }

  struct Windows {
    const float *e, *f, *mean;
  };
  // The sums are apart from one another and from the windows; compilers take that from parameters only.
  static void give(std::ptrdiff_t count, float weight, const Windows& from, const float* means, float* __restrict sum_e,
                   float* __restrict sum_f, float* __restrict sum_fm) {
    const float *e = from.e, *f = from.f, *mean = from.mean;
    for (std::ptrdiff_t k = 0; k < count; ++k) {
      sum_e[k] += weight * e[k];
      sum_f[k] += weight * f[k];
      sum_fm[k] += weight * f[k] * (mean[k] - means[k]);
    }
  }
  static void add(std::ptrdiff_t count, float weight, float* const* planes, std::ptrdiff_t at, const float* source,
                  float* __restrict sum_e, float* __restrict sum_f) {
    const float *e = planes[kSumE] + at, *f = planes[kSumF] + at, *fm = planes[kSumFM] + at, *means = planes[kMeans] + at;
    for (std::ptrdiff_t k = 0; k < count; ++k) {
      sum_e[k] += weight * e[k];
      sum_f[k] += weight * (f[k] * (source[k] - means[k]) - fm[k]);
    }
  }

  void add_rows(const float* x, std::ptrdiff_t y, float* const* planes, float* memory, float* d) const {
    const std::ptrdiff_t length = grid_.source_row();
    const std::size_t row = grid_.row();
    float *own = memory, *sum_e = memory + row, *sum_f = memory + 2 * row, *source = memory + 3 * row;
    for (float* to : {own, sum_e, sum_f}) std::fill(to, to + length, 0.0f);
    const float* from = row_of(x, source_, y);
    for_segments(source_, [&](std::ptrdiff_t pixels, std::ptrdiff_t offset, std::ptrdiff_t count) {
      std::copy(from + pixels, from + pixels + count, source + offset);
    });
    grid_.y.middles().for_windows(y, [&](std::ptrdiff_t v, float weight) {
      const float* e = planes[kOwn] + v * length;
      for (std::ptrdiff_t k = 0; k < length; ++k) own[k] += weight * e[k];
    });
    grid_.y.for_windows(y,
                        [&](std::ptrdiff_t v, float weight) { add(length, weight, planes, v * length, source, sum_e, sum_f); });
    const float mean_slope = float(double(op_.p0) / grid_.taps());
    const float variance_slope = float(2 * double(op_.alpha) * double(op_.beta) / grid_.taps());
    float* result = row_of(d, result_, y);
    for_segments(result_, [&](std::ptrdiff_t pixels, std::ptrdiff_t offset, std::ptrdiff_t count) {
      float* to = result + pixels;
      for (std::ptrdiff_t k = 0, at = offset; k < count; ++k, ++at) {
        to[k] = op_.ps * (own[at] - mean_slope * sum_e[at] - variance_slope * sum_f[at]);
      }
    });
  }

  const LocalContrastNormalizationGradientOp& op_;
  TensorDescriptor gradient_, source_, result_;
  WindowGrid grid_;
  WindowMoments moments_;
  RowThreads threads_;
  std::size_t plane_;
};

}  // namespace

std::unique_ptr<PlanKernel> make_local_contrast_normalization(KernelRequest& request) {
  if (!has_window_edge_mode(request, request.geometry)) return nullptr;
  return std::make_unique<LocalContrastNormalization>(request);
}

std::unique_ptr<PlanKernel> make_local_contrast_normalization_gradient(KernelRequest& request) {
  if (!has_window_edge_mode(request, request.forward->geometry)) return nullptr;
  return std::make_unique<LocalContrastNormalizationGradient>(request);
}

}  // namespace mpsnn::cpu
