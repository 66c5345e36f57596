#include <algorithm>

#include "kernels/cpu/local_normalization_windows.hpp"
#include "kernels/cpu/power.hpp"
#include "mpsnn/nodes/local_normalization.hpp"

namespace mpsnn::cpu {

namespace {

/// Finds the base of the power, delta + alpha / K * (sum of the squares in each window), for rows of windows.
class SquareSums {
 public:
  SquareSums(const WindowNormalizationOp& op, const WindowGrid& grid, const TensorDescriptor& source)
      : grid_(grid), source_(source), factor_(float(double(op.alpha) / grid.taps())), delta_(op.delta) {}

  /// `columns` is memory for a row.
  void find_bases(const float* image, std::ptrdiff_t y, float* columns, float* bases) const {
    std::fill(columns, columns + grid_.source_row(), 0.0f);
    grid_.y.for_taps(y, [&](std::ptrdiff_t v, float weight) {
      const float* row = row_of(image, source_, v);
      for_segments(source_, [&](std::ptrdiff_t pixels, std::ptrdiff_t offset, std::ptrdiff_t length) {
        const float* from = row + pixels;
        float* to = columns + offset;
        for (std::ptrdiff_t k = 0; k < length; ++k) to[k] += weight * (from[k] * from[k]);
      });
    });
    std::fill(bases, bases + grid_.result_row(), 0.0f);
    grid_.for_row_taps(bases, columns, [](float& to, float from, float weight) { to += weight * from; });
    for (std::ptrdiff_t k = 0; k < grid_.result_row(); ++k) bases[k] = delta_ + factor_ * bases[k];
  }

 private:
  const WindowGrid& grid_;
  const TensorDescriptor& source_;
  float factor_, delta_;
};

class SpatialNormalization final : public PlanKernel {
 public:
  explicit SpatialNormalization(const KernelRequest& request)
      : op_(static_cast<const SpatialNormalizationOp&>(request.op)),
        source_(request.sources[0]),
        result_(*request.result),
        grid_(op_.window(), request.geometry, source_, result_),
        sums_(op_, grid_, source_),
        threads_(result_.count(), kRows, grid_.row(), request.threads) {}
  std::size_t scratch_bytes() const override { return threads_.count() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    const double exponent = -double(op_.beta);
    threads_.run(reinterpret_cast<float*>(arguments.scratch), result_.n * result_.h, [&](float* memory, std::size_t unit) {
      float *columns = memory, *scale = memory + grid_.row(), *middles = columns;
      const float* image = image_of(arguments.sources[0], source_, unit / result_.h);
      const auto y = std::ptrdiff_t(unit % result_.h);
      sums_.find_bases(image, y, columns, scale);
      copy_middles(grid_, source_, image, y, middles);
      for (std::ptrdiff_t k = 0; k < grid_.result_row(); ++k) scale[k] = middles[k] * power_of(scale[k], exponent);
      float* row = row_of(image_of(arguments.result, result_, unit / result_.h), result_, y);
      for_segments(result_, [&](std::ptrdiff_t pixels, std::ptrdiff_t offset, std::ptrdiff_t length) {
        std::copy(scale + offset, scale + offset + length, row + pixels);
      });
    });
  }

 private:
  static constexpr std::size_t kRows = 2;

  const SpatialNormalizationOp& op_;
  TensorDescriptor source_, result_;
  WindowGrid grid_;
  SquareSums sums_;
  RowThreads threads_;
};

/// For each image two steps: what the rows of windows give the columns of the source, then the sums over the rows of windows.
class SpatialNormalizationGradient final : public PlanKernel {
 public:
  explicit SpatialNormalizationGradient(const KernelRequest& request)
      : op_(static_cast<const SpatialNormalizationGradientOp&>(request.op)),
        gradient_(request.sources[0]),
        source_(request.sources[1]),
        result_(*request.result),
        grid_(op_.window(), request.forward->geometry, source_, gradient_),
        sums_(op_, grid_, source_),
        threads_(source_.count() / source_.n, kRows, grid_.row(), request.threads),
        plane_(gradient_.h * std::size_t(grid_.source_row())) {}
  std::size_t scratch_bytes() const override { return (threads_.count() + 2 * plane_) * sizeof(float); }

  void run(const RunArguments& arguments) override {
    auto* memory = reinterpret_cast<float*>(arguments.scratch);
    float *direct = memory + threads_.count(), *through = direct + plane_;
    for (std::size_t n = 0; n < source_.n; ++n) {
      const float* g = image_of(arguments.sources[0], gradient_, n);
      const float* x = image_of(arguments.sources[1], source_, n);
      float* d = image_of(arguments.result, result_, n);
      threads_.run(memory, gradient_.h, [&](float* rows, std::size_t y) {
        const std::size_t at = y * std::size_t(grid_.source_row());
        give_to_columns(g, x, std::ptrdiff_t(y), rows, direct + at, through + at);
      });
      threads_.run(memory, source_.h,
                   [&](float* rows, std::size_t y) { add_rows(x, std::ptrdiff_t(y), direct, through, rows, d); });
    }
  }

 private:
  static constexpr std::size_t kRows = 4;

  void give_to_columns(const float* g, const float* x, std::ptrdiff_t y, float* memory, float* direct, float* through) const {
    const std::size_t row = grid_.row();
    float *bases = memory + row, *gradients = memory + 2 * row, *middles = memory + 3 * row;
    sums_.find_bases(x, y, memory, bases);
    copy_middles(grid_, source_, x, y, middles);
    const float* from = row_of(g, gradient_, y);
    for_segments(gradient_, [&](std::ptrdiff_t pixels, std::ptrdiff_t offset, std::ptrdiff_t length) {
      std::copy(from + pixels, from + pixels + length, gradients + offset);
    });
    const double exponent = -double(op_.beta);
    for (std::ptrdiff_t k = 0; k < grid_.result_row(); ++k) {
      gradients[k] *= power_of(bases[k], exponent);
      middles[k] *= gradients[k] / bases[k];
    }
    std::fill(direct, direct + grid_.source_row(), 0.0f);
    std::fill(through, through + grid_.source_row(), 0.0f);
    const auto give = [&](const WindowAxis& axis, const float* windows, float* columns) {
      axis.for_runs([&](std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t count, float weight) {
        const float* values = windows + i * grid_.channels;
        float* to = columns + j * grid_.channels;
        for (std::ptrdiff_t k = 0; k < count * grid_.channels; ++k) to[k] += weight * values[k];
      });
    };
    give(grid_.x.middles(), gradients, direct);
    give(grid_.x, middles, through);
  }

  void add_rows(const float* x, std::ptrdiff_t y, const float* direct, const float* through, float* memory, float* d) const {
    const std::ptrdiff_t length = grid_.source_row();
    float *own = memory, *sum = memory + grid_.row();
    std::fill(own, own + length, 0.0f);
    std::fill(sum, sum + length, 0.0f);
    const auto add = [&](const WindowAxis& axis, const float* plane, float* to) {
      axis.for_windows(y, [&](std::ptrdiff_t v, float weight) {
        const float* from = plane + v * length;
        for (std::ptrdiff_t k = 0; k < length; ++k) to[k] += weight * from[k];
      });
    };
    add(grid_.y.middles(), direct, own);
    add(grid_.y, through, sum);
    const float slope = float(2 * double(op_.alpha) * double(op_.beta) / grid_.taps());
    const float* source = row_of(x, source_, y);
    float* result = row_of(d, result_, y);
    for (std::size_t p = 0; p < source_.w; ++p) {
      const float* from = source + p * source_.pixel_stride;
      float* to = result + p * result_.pixel_stride;
      const std::size_t at = p * source_.c;
      for (std::size_t c = 0; c < source_.c; ++c) to[c] = own[at + c] - slope * from[c] * sum[at + c];
    }
  }

  const SpatialNormalizationGradientOp& op_;
  TensorDescriptor gradient_, source_, result_;
  WindowGrid grid_;
  SquareSums sums_;
  RowThreads threads_;
  std::size_t plane_;
};

}  // namespace

std::unique_ptr<PlanKernel> make_spatial_normalization(KernelRequest& request) {
  if (!has_window_edge_mode(request, request.geometry)) return nullptr;
  return std::make_unique<SpatialNormalization>(request);
}

std::unique_ptr<PlanKernel> make_spatial_normalization_gradient(KernelRequest& request) {
  if (!has_window_edge_mode(request, request.forward->geometry)) return nullptr;
  return std::make_unique<SpatialNormalizationGradient>(request);
}

}  // namespace mpsnn::cpu
