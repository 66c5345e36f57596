#include "mpsnn/nodes/resampling.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/resampling_grid.hpp"
#include "kernels/cpu/resampling_taps.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

using namespace resampling;

namespace {

/// to = sum of taps; the array of source pixel p is at from + stride * p.
void add_arrays(float* __restrict to, const float* __restrict from, std::size_t stride, std::span<const Tap> taps,
                std::size_t length) {
  const auto array = [&](std::size_t i) { return from + stride * taps[i].position; };
  const auto weight = [&](std::size_t i) { return float(taps[i].weight); };
  if (taps.empty()) {
    std::memset(to, 0, length * sizeof(float));
    return;
  }
  const float *a = array(0), wa = weight(0);
  if (taps.size() == 1) {
    for (std::size_t k = 0; k < length; ++k) to[k] = wa * a[k];
    return;
  }
  const float *b = array(1), wb = weight(1);
  for (std::size_t k = 0; k < length; ++k) to[k] = wa * a[k] + wb * b[k];
  std::size_t i = 2;
  for (; i + 1 < taps.size(); i += 2) {
    const float *c = array(i), *d = array(i + 1);
    const float wc = weight(i), wd = weight(i + 1);
    for (std::size_t k = 0; k < length; ++k) to[k] = to[k] + wc * c[k] + wd * d[k];
  }
  if (i < taps.size()) {
    const float *c = array(i), wc = weight(i);
    for (std::size_t k = 0; k < length; ++k) to[k] += wc * c[k];
  }
}

/// Resamples along y, then along x: the rows that a result row reads are added first, along pixels and channels alike.
class Resampler {
 public:
  Resampler(const TensorDescriptor& source, const TensorDescriptor& result, int threads)
      : source_(source),
        result_(result),
        parts_(std::clamp<std::size_t>(result.count() / kValuesWorthAThread, 1, std::size_t(std::max(threads, 1)))) {}

  std::size_t scratch_bytes() const { return parts_ * row_size() * sizeof(float); }
  const TensorDescriptor& source() const { return source_; }
  const TensorDescriptor& result() const { return result_; }

  /// Makes the result rows [begin, end), counted through all images. An image has a part below the other for each of `x`.
  void run(const float* from, float* to, std::byte* scratch, std::span<const AxisTaps> x, const AxisTaps& y, std::size_t begin,
           std::size_t end) const {
    const std::size_t rows = result_.h / x.size();
    parallel_ranges(parts_, 1, [&](std::size_t first, std::size_t last) {
      for (std::size_t part = first; part < last; ++part) {
        float* sums = reinterpret_cast<float*>(scratch) + part * row_size();
        const std::size_t low = begin + (end - begin) * part / parts_, high = begin + (end - begin) * (part + 1) / parts_;
        for (std::size_t row = low; row < high; ++row) {
          const std::size_t line = row % result_.h;
          run_row(from, to, sums, x[line / rows], y, row, row > low && line % rows > 0);
        }
      }
    });
  }

 private:
  static constexpr std::size_t kValuesWorthAThread = 16384;
  std::size_t row_size() const { return source_.w * source_.c; }

  void run_row(const float* from, float* to, float* sums, const AxisTaps& x, const AxisTaps& y, std::size_t row,
               bool has_last) const {
    const std::size_t image = row / result_.h, line = row % result_.h, stride = result_.pixel_stride;
    float* pixels = to + row * result_.w * stride;
    if (has_last && y.is_like_last(line)) {
      for (std::size_t i = 0; i < (stride == result_.c ? 1 : result_.w); ++i) {
        const std::size_t count = stride == result_.c ? result_.w * result_.c : result_.c;
        std::memcpy(pixels + i * stride, pixels + i * stride - result_.w * stride, count * sizeof(float));
      }
      return;
    }
    const float* source = from + image * source_.h * source_.w * source_.pixel_stride;
    const float* joined = sums;
    std::size_t joined_stride = source_.c;
    if (const auto taps = y.of(line); taps.size() == 1 && taps[0].weight == 1) {
      joined = source + taps[0].position * source_.w * source_.pixel_stride;
      joined_stride = source_.pixel_stride;
    } else {
      add_rows(source, taps, x.extent(), sums);
    }
    for (std::size_t i = 0; i < result_.w; ++i) add_arrays(pixels + i * stride, joined, joined_stride, x.of(i), result_.c);
  }

  void add_rows(const float* source, std::span<const Tap> taps, std::pair<std::size_t, std::size_t> columns, float* sums) const {
    const std::size_t stride = source_.w * source_.pixel_stride, c = source_.c;
    const auto [low, high] = columns;
    if (source_.is_dense()) {
      add_arrays(sums + low * c, source + low * c, stride, taps, (high - low) * c);
      return;
    }
    for (std::size_t i = low; i < high; ++i) add_arrays(sums + i * c, source + i * source_.pixel_stride, stride, taps, c);
  }

  TensorDescriptor source_, result_;
  std::size_t parts_;
};

/// The same taps in every run.
class FixedLoops final : public PlanKernel {
 public:
  FixedLoops(const KernelRequest& request, AxisTaps x, AxisTaps y)
      : FixedLoops(request, std::vector{std::move(x)}, std::move(y)) {}
  FixedLoops(const KernelRequest& request, std::vector<AxisTaps> x, AxisTaps y)
      : resampler_(request.sources[0], *request.result, request.threads), x_(std::move(x)), y_(std::move(y)) {}
  std::size_t scratch_bytes() const override { return resampler_.scratch_bytes(); }
  void run(const RunArguments& arguments) override {
    resampler_.run(arguments.sources[0], arguments.result, arguments.scratch, x_, y_, 0,
                   resampler_.result().n * resampler_.result().h);
  }

 private:
  Resampler resampler_;
  std::vector<AxisTaps> x_;
  AxisTaps y_;
};

UpsampledAxis x_axis(const UpsamplingOp& op, const Geometry& geometry, const ImageShape& source, const ImageShape& result) {
  return {source.width, result.width, op.scale_factor_x, geometry.offset_x, geometry.edge_mode};
}
UpsampledAxis y_axis(const UpsamplingOp& op, const Geometry& geometry, const ImageShape& source, const ImageShape& result) {
  return {source.height, result.height, op.scale_factor_y, geometry.offset_y, geometry.edge_mode};
}

std::unique_ptr<PlanKernel> make_nearest(KernelRequest& request) {
  const auto& op = dynamic_cast<const UpsamplingOp&>(request.op);
  const ImageShape s = request.sources[0].shape(), r = request.result->shape();
  return std::make_unique<FixedLoops>(request, nearest_taps(x_axis(op, request.geometry, s, r)),
                                      nearest_taps(y_axis(op, request.geometry, s, r)));
}

std::unique_ptr<PlanKernel> make_bilinear(KernelRequest& request) {
  const auto& op = dynamic_cast<const UpsamplingBilinearOp&>(request.op);
  const ImageShape s = request.sources[0].shape(), r = request.result->shape();
  return std::make_unique<FixedLoops>(request, bilinear_taps(x_axis(op, request.geometry, s, r), op.align_corners),
                                      bilinear_taps(y_axis(op, request.geometry, s, r), op.align_corners));
}

// The result of a gradient is as large as the forward source, its source 0 as the forward result.
std::unique_ptr<PlanKernel> make_nearest_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const UpsamplingOp&>(request.op);
  const Geometry& geometry = request.forward->geometry;
  const ImageShape g = request.sources[0].shape(), r = request.result->shape();
  return std::make_unique<FixedLoops>(request, nearest_taps(x_axis(op, geometry, r, g)).transposed(),
                                      nearest_taps(y_axis(op, geometry, r, g)).transposed());
}

std::unique_ptr<PlanKernel> make_bilinear_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const UpsamplingBilinearOp&>(*request.forward->op);
  const Geometry& geometry = request.forward->geometry;
  const ImageShape g = request.sources[0].shape(), r = request.result->shape();
  return std::make_unique<FixedLoops>(request, bilinear_taps(x_axis(op, geometry, r, g), op.align_corners).transposed(),
                                      bilinear_taps(y_axis(op, geometry, r, g), op.align_corners).transposed());
}

std::unique_ptr<PlanKernel> make_resize(KernelRequest& request) {
  const auto& op = static_cast<const ResizeBilinearOp&>(request.op);
  const TensorDescriptor &s = request.sources[0], &r = *request.result;
  return std::make_unique<FixedLoops>(request,
                                      resize_taps(s.w, r.w, op.resize_width, op.align_corners, request.geometry.offset_x),
                                      resize_taps(s.h, r.h, op.resize_height, op.align_corners, request.geometry.offset_y));
}

// The images of the regions are one below the other in the result.
std::unique_ptr<PlanKernel> make_crop_and_resize(KernelRequest& request) {
  const auto& op = static_cast<const CropAndResizeBilinearOp&>(request.op);
  const TensorDescriptor &s = request.sources[0], &r = *request.result;
  std::vector<AxisTaps> x;
  AxisTaps y(s.h, r.h);
  for (const Region& region : op.regions) {
    add_crop(x.emplace_back(s.w, r.w), r.w, region.origin.x, region.origin.x + region.size.width);
    add_crop(y, r.h / op.regions.size(), region.origin.y, region.origin.y + region.size.height);
  }
  return std::make_unique<FixedLoops>(request, std::move(x), std::move(y));
}

using FillTaps = void (*)(AxisTaps&, std::size_t, const AxisTransform&, ImageEdgeMode);

/// Every image has a transform of its own, which the caller's object gave while encoding.
class TransformedLoops final : public PlanKernel {
 public:
  TransformedLoops(const KernelRequest& request, FillTaps fill)
      : resampler_(request.sources[0], *request.result, request.threads),
        fill_(fill),
        edge_mode_(request.geometry.edge_mode),
        x_(resampler_.source().w, resampler_.result().w),
        y_(resampler_.source().h, resampler_.result().h) {}

  std::size_t scratch_bytes() const override { return resampler_.scratch_bytes(); }

  void run(const RunArguments& arguments) override {
    const auto* answers = static_cast<const double*>(arguments.source_states.back());
    const TensorDescriptor& result = resampler_.result();
    for (std::size_t n = 0; n < result.n; ++n, answers += 4) {
      prepare({answers[0], answers[2]}, {answers[1], answers[3]});
      resampler_.run(arguments.sources[0], arguments.result, arguments.scratch, {&x_, 1}, y_, n * result.h, (n + 1) * result.h);
    }
  }

 private:
  void prepare(const AxisTransform& along_x, const AxisTransform& along_y) {
    const std::pair wanted{along_x, along_y};
    if (prepared_ == wanted) return;
    prepared_.reset();
    fill_(x_, resampler_.result().w, along_x, edge_mode_);
    fill_(y_, resampler_.result().h, along_y, edge_mode_);
    prepared_ = wanted;
  }

  Resampler resampler_;
  FillTaps fill_;
  ImageEdgeMode edge_mode_;
  AxisTaps x_, y_;
  std::optional<std::pair<AxisTransform, AxisTransform>> prepared_;
};

template <FillTaps kFill>
std::unique_ptr<PlanKernel> make_scale(KernelRequest& request) {
  if (dynamic_cast<const ScaleOp&>(request.op).transform_provider) return std::make_unique<TransformedLoops>(request, kFill);
  const TensorDescriptor &s = request.sources[0], &r = *request.result;
  const auto whole = [&](std::size_t source, std::size_t result) {
    AxisTaps taps(source, result);
    kFill(taps, result, {double(result) / double(source), 0}, request.geometry.edge_mode);
    return taps;
  };
  return std::make_unique<FixedLoops>(request, whole(s.w, r.w), whole(s.h, r.h));
}

}  // namespace

void register_resampling(KernelTable& table) {
  table.add<UpsamplingNearestOp>("loops", make_nearest);
  table.add<UpsamplingBilinearOp>("loops", make_bilinear);
  table.add<UpsamplingNearestGradientOp>("loops", make_nearest_gradient);
  table.add<UpsamplingBilinearGradientOp>("loops", make_bilinear_gradient);
  table.add<ResizeBilinearOp>("loops", make_resize);
  table.add<CropAndResizeBilinearOp>("loops", make_crop_and_resize);
  table.add<GridSampleOp>("loops", make_grid_sample);
  table.add<BilinearScaleOp>("loops", make_scale<fill_bilinear>);
  table.add<LanczosScaleOp>("loops", make_scale<fill_lanczos>);
}

}  // namespace mpsnn::cpu
