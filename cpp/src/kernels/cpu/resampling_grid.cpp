#include "kernels/cpu/resampling_grid.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "kernels/cpu/loops.hpp"
#include "mpsnn/nodes/resampling.hpp"

namespace mpsnn::cpu::resampling {

namespace {

constexpr std::size_t kGrain = 8192;  // numbers that are worth a thread

/// The two pixels that a place on one axis lies between.
struct Place {
  std::size_t low = 0, high = 0;
  float low_weight = 0, high_weight = 0;
};

Place place_at(double u, std::size_t extent, ImageEdgeMode edge_mode) {
  const double last = double(extent) - 1;
  // One pixel outside nothing changes any more; far away integers overflow.
  if (edge_mode == ImageEdgeMode::Clamp) u = std::clamp(u, 0., last);
  u = std::clamp(u, -1., last + 1);
  const double k = std::floor(u);
  const auto weight = [&](double tap, double w) { return tap >= 0 && tap <= last ? float(w) : 0.f; };
  const auto pixel = [&](double tap) { return std::size_t(std::clamp(tap, 0., last)); };
  return {pixel(k), pixel(k + 1), weight(k, 1 - (u - k)), weight(k + 1, u - k)};
}

void add(const float* __restrict from, float weight, float* __restrict to, std::size_t count) {
  for (std::size_t c = 0; c < count; ++c) to[c] += weight * from[c];
}

class GridSampleLoops final : public PlanKernel {
 public:
  GridSampleLoops(const KernelRequest& request, const GridSampleOp& op)
      : image_(request.sources[0]),
        grid_(request.sources[1]),
        result_(*request.result),
        geometry_(request.geometry),
        is_absolute_(op.use_grid_value_as_input_coordinate) {}

  void run(const RunArguments& arguments) override {
    parallel_ranges(result_.n * result_.h, kGrain / (result_.w * result_.c) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const float* image = arguments.sources[0] + row / result_.h * image_.h * image_.w * image_.pixel_stride;
        const float* at = arguments.sources[1] + row * result_.w * grid_.pixel_stride;
        float* to = arguments.result + row * result_.w * result_.pixel_stride;
        const double first = double(geometry_.offset_x);
        const double y = double(geometry_.offset_y) + (is_absolute_ ? 0. : double(row % result_.h));
        for (std::size_t i = 0; i < result_.w; ++i, at += grid_.pixel_stride, to += result_.pixel_stride) {
          sample(image, first + (is_absolute_ ? 0. : double(i)) + double(at[0]), y + double(at[1]), to);
        }
      }
    });
  }

 private:
  void sample(const float* image, double u, double v, float* to) const {
    if (std::isnan(u) || std::isnan(v)) {
      std::fill_n(to, result_.c, std::nanf(""));
      return;
    }
    const Place x = place_at(u, image_.w, geometry_.edge_mode), y = place_at(v, image_.h, geometry_.edge_mode);
    if (x.low_weight * x.high_weight * y.low_weight * y.high_weight != 0) {
      interpolate(image, x, y, to);
      return;
    }
    std::fill_n(to, result_.c, 0.f);
    const auto add_row = [&](std::size_t row, float weight) {
      if (weight == 0) return;
      const float* pixels = image + row * image_.w * image_.pixel_stride;
      if (x.low_weight != 0) add(pixels + x.low * image_.pixel_stride, weight * x.low_weight, to, result_.c);
      if (x.high_weight != 0) add(pixels + x.high * image_.pixel_stride, weight * x.high_weight, to, result_.c);
    };
    add_row(y.low, y.low_weight);
    add_row(y.high, y.high_weight);
  }

  /// Between four pixels, all of which count.
  void interpolate(const float* image, const Place& x, const Place& y, float* __restrict to) const {
    const float *a = image + (y.low * image_.w + x.low) * image_.pixel_stride, *b = a + image_.pixel_stride;
    const float *c = a + image_.w * image_.pixel_stride, *d = c + image_.pixel_stride;
    const float wa = y.low_weight * x.low_weight, wb = y.low_weight * x.high_weight;
    const float wc = y.high_weight * x.low_weight, wd = y.high_weight * x.high_weight;
    for (std::size_t i = 0; i < result_.c; ++i) to[i] = wa * a[i] + wb * b[i] + wc * c[i] + wd * d[i];
  }

  const TensorDescriptor image_, grid_, result_;
  const Geometry geometry_;
  const bool is_absolute_;
};

}  // namespace

std::unique_ptr<PlanKernel> make_grid_sample(KernelRequest& request) {
  return std::make_unique<GridSampleLoops>(request, static_cast<const GridSampleOp&>(request.op));
}

}  // namespace mpsnn::cpu::resampling
