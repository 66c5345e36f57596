#include "mpsnn/nodes/pad.hpp"

#include <algorithm>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGrain = 32768;  // numbers that are worth a thread
constexpr std::size_t kFill = kUIntegerMax;

/// Along one axis: the place in the source that each place of the result copies, or `kFill`. The first one lies at `offset`.
std::vector<std::size_t> map_axis(std::ptrdiff_t offset, std::size_t size, std::size_t result, ImageEdgeMode mode) {
  std::vector<std::size_t> map(result);
  const auto n = std::ptrdiff_t(size);
  for (std::size_t i = 0; i < map.size(); ++i) {
    const std::ptrdiff_t k = std::ptrdiff_t(i) + offset;
    const auto modulo = [k](std::ptrdiff_t m) { return ((k % m) + m) % m; };
    std::ptrdiff_t q = k;
    if (k >= 0 && k < n) {
      map[i] = std::size_t(k);
      continue;
    }
    switch (mode) {
      case ImageEdgeMode::Clamp:
        q = std::clamp<std::ptrdiff_t>(k, 0, n - 1);
        break;
      case ImageEdgeMode::Mirror:
        q = n == 1 ? 0 : modulo(2 * (n - 1));
        if (q >= n) q = 2 * (n - 1) - q;
        break;
      case ImageEdgeMode::MirrorWithEdge:
        q = modulo(2 * n);
        if (q >= n) q = 2 * n - 1 - q;
        break;
      default:
        q = std::ptrdiff_t(kFill);
        break;
    }
    map[i] = std::size_t(q);
  }
  return map;
}

/// The places of the result that are copies of each place of the source: `copies(i)` are those of `i`, in order.
class Copies {
 public:
  Copies() = default;
  Copies(const std::vector<std::size_t>& map, std::size_t size) : first_(size + 1), places_(map.size()) {
    for (std::size_t from : map) {
      if (from != kFill) ++first_[from + 1];
    }
    for (std::size_t i = 0; i < size; ++i) first_[i + 1] += first_[i];
    std::vector<std::size_t> next(first_.begin(), first_.end() - 1);
    for (std::size_t to = 0; to < map.size(); ++to) {
      if (map[to] != kFill) places_[next[map[to]]++] = to;
    }
  }
  std::span<const std::size_t> of(std::size_t place) const {
    return {places_.data() + first_[place], first_[place + 1] - first_[place]};
  }

 private:
  std::vector<std::size_t> first_, places_;
};

/// Channels around those of the source: (of the result, of the source or `kFill`).
using EdgeChannels = std::vector<std::pair<std::size_t, std::size_t>>;

EdgeChannels edge_channels(const PadOp& op, std::size_t size, std::size_t result, ImageEdgeMode mode) {
  const std::size_t before = op.padding_size_before.channel;
  const auto map = map_axis(-std::ptrdiff_t(before), size, result, mode);
  EdgeChannels edges;
  for (std::size_t c = 0; c < map.size(); ++c) {
    if (c < before || c >= before + size) edges.emplace_back(c, map[c]);
  }
  return edges;
}

/// What edge mode Constant puts around the image, for each channel of the result.
std::vector<float> fill_values(const PadOp& op, std::size_t channels, ImageEdgeMode mode) {
  if (mode != ImageEdgeMode::Constant) return std::vector<float>(channels, 0.f);
  if (op.fill_value_array.empty()) return std::vector<float>(channels, op.fill_value);
  return {op.fill_value_array.begin(), op.fill_value_array.begin() + std::ptrdiff_t(channels)};
}

class PadLoops final : public PlanKernel {
 public:
  PadLoops(const KernelRequest& request, const PadOp& op)
      : source_(request.sources[0]),
        result_(*request.result),
        first_channel_(op.padding_size_before.channel),
        fill_(fill_values(op, result_.c, request.geometry.edge_mode)),
        rows_(map_axis(request.geometry.offset_y, source_.h, result_.h, request.geometry.edge_mode)),
        columns_(map_axis(request.geometry.offset_x, source_.w, result_.w, request.geometry.edge_mode)),
        channels_(edge_channels(op, source_.c, result_.c, request.geometry.edge_mode)) {
    const std::ptrdiff_t begin = -request.geometry.offset_x, end = begin + std::ptrdiff_t(source_.w);
    const auto inside = [&](std::ptrdiff_t x) {
      return std::size_t(std::clamp<std::ptrdiff_t>(x, 0, std::ptrdiff_t(result_.w)));
    };
    first_inside_ = inside(begin);
    after_inside_ = inside(end);
  }

  void run(const RunArguments& arguments) override {
    parallel_ranges(result_.n * result_.h, kGrain / (result_.w * result_.c) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t n = row / result_.h, y = rows_[row % result_.h];
        float* to = arguments.result + row * result_.w * result_.pixel_stride;
        if (y == kFill) {
          fill_pixels(to, result_.w);
        } else {
          pad_row(arguments.sources[0] + (n * source_.h + y) * source_.w * source_.pixel_stride, to);
        }
      }
    });
  }

 private:
  void fill_pixels(float* to, std::size_t count) const {
    for (std::size_t x = 0; x < count; ++x) std::copy_n(fill_.data(), result_.c, to + x * result_.pixel_stride);
  }

  void pad_row(const float* from, float* to) const {
    pad_pixels(from, to, 0, first_inside_);
    if (first_inside_ < after_inside_ && channels_.empty() && source_.is_dense() && result_.is_dense()) {
      std::copy_n(from + columns_[first_inside_] * source_.c, (after_inside_ - first_inside_) * source_.c,
                  to + first_inside_ * result_.c);
    } else {
      pad_pixels(from, to, first_inside_, after_inside_);
    }
    pad_pixels(from, to, after_inside_, result_.w);
  }

  void pad_pixels(const float* row, float* result, std::size_t begin, std::size_t end) const {
    for (std::size_t x = begin; x < end; ++x) {
      float* to = result + x * result_.pixel_stride;
      if (columns_[x] == kFill) {
        fill_pixels(to, 1);
        continue;
      }
      const float* from = row + columns_[x] * source_.pixel_stride;
      std::copy_n(from, source_.c, to + first_channel_);
      for (const auto& [c, of] : channels_) to[c] = of == kFill ? fill_[c] : from[of];
    }
  }

  const TensorDescriptor source_, result_;
  const std::size_t first_channel_;
  const std::vector<float> fill_;
  const std::vector<std::size_t> rows_, columns_;
  const EdgeChannels channels_;
  std::size_t first_inside_ = 0, after_inside_ = 0;  ///< columns of the result that are those of the source
};

[[gnu::noinline]] void add(const float* from, float* to, std::size_t count) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
}

class PadGradientLoops final : public PlanKernel {
 public:
  PadGradientLoops(const KernelRequest& request, const PadOp& forward, const Geometry& geometry)
      : gradient_(request.sources[0]),
        result_(*request.result),
        first_channel_(forward.padding_size_before.channel),
        rows_(map_axis(geometry.offset_y, result_.h, gradient_.h, geometry.edge_mode), result_.h),
        columns_(map_axis(geometry.offset_x, result_.w, gradient_.w, geometry.edge_mode), result_.w),
        channels_(edge_channels(forward, result_.c, gradient_.c, geometry.edge_mode)) {
    std::erase_if(channels_, [](const auto& edge) { return edge.second == kFill; });
  }

  void run(const RunArguments& arguments) override {
    parallel_ranges(result_.n * result_.h, kGrain / (result_.w * result_.c) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t n = row / result_.h;
        float* to = arguments.result + row * result_.w * result_.pixel_stride;
        for (std::size_t x = 0; x < result_.w; ++x) std::fill_n(to + x * result_.pixel_stride, result_.c, 0.f);
        for (std::size_t y : rows_.of(row % result_.h)) {
          add_row(arguments.sources[0] + (n * gradient_.h + y) * gradient_.w * gradient_.pixel_stride, to);
        }
      }
    });
  }

 private:
  void add_row(const float* row, float* result) const {
    for (std::size_t x = 0; x < result_.w; ++x) {
      float* to = result + x * result_.pixel_stride;
      for (std::size_t copy : columns_.of(x)) {
        const float* from = row + copy * gradient_.pixel_stride;
        add(from + first_channel_, to, result_.c);
        for (const auto& [c, of] : channels_) to[of] += from[c];
      }
    }
  }

  const TensorDescriptor gradient_, result_;
  const std::size_t first_channel_;
  const Copies rows_, columns_;
  EdgeChannels channels_;
};

std::unique_ptr<PlanKernel> make_pad(KernelRequest& request) {
  return std::make_unique<PadLoops>(request, static_cast<const PadOp&>(request.op));
}

std::unique_ptr<PlanKernel> make_pad_gradient(KernelRequest& request) {
  return std::make_unique<PadGradientLoops>(request, dynamic_cast<const PadOp&>(*request.forward->op), request.forward->geometry);
}

}  // namespace

void register_pad(KernelTable& table) {
  table.add<PadOp>("loops", make_pad);
  table.add<PadGradientOp>("loops", make_pad_gradient);
}

}  // namespace mpsnn::cpu
