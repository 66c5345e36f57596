#include "mpsnn/nodes/pooling.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

// Windows -------------------------------------------------------------------------------------------------------------

std::ptrdiff_t ceil_div(std::ptrdiff_t a, std::ptrdiff_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }
std::ptrdiff_t floor_div(std::ptrdiff_t a, std::ptrdiff_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

/// What one window reads along one axis: `count` positions from `first` on, `step` apart, then edge pixels.
struct Reads {
  std::ptrdiff_t first = 0, count = 0, step = 1;
  std::ptrdiff_t edges[2] = {0, 0}, edge_count = 0;
  bool is_cut = false;  ///< a tap lies outside the image
  std::ptrdiff_t total() const { return count + edge_count; }
  std::ptrdiff_t position(std::ptrdiff_t p) const { return p < count ? first + step * p : edges[p - count]; }
  /// The lowest position and the one after the highest; for `total` >= 1.
  std::pair<std::ptrdiff_t, std::ptrdiff_t> extent() const {
    std::ptrdiff_t low = position(0), high = count > 0 ? position(count - 1) : low;
    for (std::ptrdiff_t e = 0; e < edge_count; ++e) low = std::min(low, edges[e]), high = std::max(high, edges[e]);
    return {low, high + 1};
  }
};

/// The windows along one axis: window i has `kernel` taps from start + stride * i on, `step` apart.
struct Axis {
  std::ptrdiff_t source = 0, result = 0;
  std::ptrdiff_t kernel = 1, stride = 1, step = 1, start = 0, zero_pad = 0;
  ImageEdgeMode edge_mode = ImageEdgeMode::Zero;

  std::ptrdiff_t start_of(std::ptrdiff_t i) const { return start + stride * i; }

  /// What window `i` reads inside the image.
  Reads inside(std::ptrdiff_t i) const {
    const std::ptrdiff_t low = std::clamp<std::ptrdiff_t>(ceil_div(-start_of(i), step), 0, kernel);
    const std::ptrdiff_t end = std::clamp<std::ptrdiff_t>(ceil_div(source - start_of(i), step), low, kernel);
    Reads reads;
    reads.count = end - low;
    reads.first = reads.count > 0 ? start_of(i) + step * low : 0;
    reads.step = step;
    reads.is_cut = reads.count < kernel;
    return reads;
  }

  /// The same, with the edge pixels that Clamp puts in the place of pixels outside. How often does not matter to a maximum.
  Reads with_edges(std::ptrdiff_t i) const {
    Reads reads = inside(i);
    const bool has_edges_inside = step == 1 && reads.count > 0;
    if (edge_mode == ImageEdgeMode::Clamp && reads.is_cut && !has_edges_inside) {
      if (start_of(i) < 0) reads.edges[reads.edge_count++] = 0;
      if (start_of(i) + step * (kernel - 1) >= source) reads.edges[reads.edge_count++] = source - 1;
    }
    return reads;
  }

  /// The windows that read source pixel `u`; for a step of 1.
  Reads windows_of(std::ptrdiff_t u) const {
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(ceil_div(u - kernel + 1 - start, stride), 0);
    const std::ptrdiff_t last = std::min(floor_div(u - start, stride), result - 1);
    Reads windows;
    windows.count = std::max<std::ptrdiff_t>(last - first + 1, 0);
    windows.first = windows.count > 0 ? first : 0;
    return windows;
  }

  /// What the mean over window `i` divides by along this axis.
  std::ptrdiff_t divisor(std::ptrdiff_t i) const {
    if (edge_mode == ImageEdgeMode::Zero) return kernel;
    const std::ptrdiff_t low = std::max(start_of(i), -zero_pad), high = std::min(start_of(i) + kernel, source + zero_pad);
    return std::max<std::ptrdiff_t>(high - low, 0);
  }
};

struct Axes {
  Axis x, y;
};

Axes axes_of(const Window& w, const Geometry& g, const TensorDescriptor& source, const TensorDescriptor& result) {
  Axes axes;
  const auto set = [&](Axis& axis, std::size_t from, std::size_t to, std::size_t kernel, std::size_t stride, std::size_t dilation,
                       std::size_t extent, std::ptrdiff_t offset, std::size_t zero_pad) {
    axis.source = std::ptrdiff_t(from);
    axis.result = std::ptrdiff_t(to);
    axis.kernel = std::ptrdiff_t(kernel);
    axis.stride = std::ptrdiff_t(stride);
    axis.step = std::ptrdiff_t(dilation);
    axis.start = offset - std::ptrdiff_t(extent >> 1);
    axis.zero_pad = std::ptrdiff_t(zero_pad);
    axis.edge_mode = g.edge_mode;
  };
  set(axes.x, source.w, result.w, w.kernel_width, w.stride_x, w.dilation_x, w.extent_x(), g.offset_x, g.zero_pad_x);
  set(axes.y, source.h, result.h, w.kernel_height, w.stride_y, w.dilation_y, w.extent_y(), g.offset_y, g.zero_pad_y);
  return axes;
}

/// f(0), f(1), ...
template <class F>
auto table(std::ptrdiff_t count, F f) {
  std::vector<decltype(f(count))> values;
  values.reserve(std::size_t(count));
  for (std::ptrdiff_t i = 0; i < count; ++i) values.push_back(f(i));
  return values;
}

/// The divisors of all windows; 1 for a window that counts nothing, whose sum is 0.
std::vector<float> divisors(const Axis& axis) {
  return table(axis.result, [&](std::ptrdiff_t i) { return float(std::max<std::ptrdiff_t>(axis.divisor(i), 1)); });
}

bool has_edge_mode(KernelRequest& request, const Geometry& geometry) {
  const ImageEdgeMode mode = geometry.edge_mode;
  if (mode == ImageEdgeMode::Zero || mode == ImageEdgeMode::Clamp) return true;
  return request.decline("edge mode " + std::to_string(std::size_t(mode)) +
                         " is only for pad filters; pooling has Zero and Clamp");
}

bool is_forward(KernelRequest& request) { return has_edge_mode(request, request.geometry); }

bool is_gradient(KernelRequest& request) {
  if (request.result->shape() != request.sources[1].shape()) {
    return request.decline("the padding policy changes the result's size");
  }
  return has_edge_mode(request, request.forward->geometry);
}

// Joining the values of a window ----------------------------------------------------------------------------------------

// `first` and `join` take a value and the weight of its position; `last` ends a result with a number of its window, which
// `combine` makes from those of its column and row; `kNoLast` changes nothing.

/// `last` is the least result: the zero outside the image that competes. NaN wins over every number, so that divergence shows.
struct Largest {
  static constexpr float kNoLast = -std::numeric_limits<float>::infinity();
  static float first(float v, float) { return v; }
  static float join(float a, float v, float) { return ((v > a) | (v != v)) ? v : a; }
  static float combine(float x, float y) { return std::max(x, y); }
  static float last(float a, float least) { return a < least ? least : a; }
};
/// `last` is what a mean divides by.
struct Mean {
  static constexpr float kNoLast = 1;
  static float first(float v, float) { return v; }
  static float join(float a, float v, float) { return a + v; }
  static float combine(float x, float y) { return x * y; }
  static float last(float a, float divisor) { return a / divisor; }
};
struct WeightedSum {
  static constexpr float kNoLast = 0;
  static float first(float v, float weight) { return weight * v; }
  static float join(float a, float v, float weight) { return a + weight * v; }
  static float combine(float, float) { return 0; }
  static float last(float a, float) { return a; }
};

/// Joins arrays of `length` values, one for each position of `reads`, with the position's weight. The array of position `origin`
/// is at `from`, the next one `stride` further.
template <class Join>
void join_arrays(float* __restrict to, const float* __restrict from, std::ptrdiff_t origin, std::ptrdiff_t stride,
                 const Reads& reads, const std::vector<float>& weights, std::size_t length) {
  const auto array = [&](std::ptrdiff_t p) { return from + stride * (reads.position(p) - origin); };
  const auto weight = [&](std::ptrdiff_t p) { return weights.empty() ? 1.f : weights[std::size_t(reads.position(p))]; };
  const float *a = array(0), wa = weight(0);
  std::ptrdiff_t done;
  // The first three in one pass: most windows are no larger.
  if (reads.total() >= 3) {
    const float *b = array(1), *c = array(2);
    const float wb = weight(1), wc = weight(2);
    for (std::size_t k = 0; k < length; ++k) to[k] = Join::join(Join::join(Join::first(a[k], wa), b[k], wb), c[k], wc);
    done = 3;
  } else if (reads.total() == 2) {
    const float* b = array(1);
    const float wb = weight(1);
    for (std::size_t k = 0; k < length; ++k) to[k] = Join::join(Join::first(a[k], wa), b[k], wb);
    done = 2;
  } else {
    for (std::size_t k = 0; k < length; ++k) to[k] = Join::first(a[k], wa);
    done = 1;
  }
  for (; done < reads.total(); ++done) {
    const float* b = array(done);
    const float wb = weight(done);
    for (std::size_t k = 0; k < length; ++k) to[k] = Join::join(to[k], b[k], wb);
  }
}

/// One window of `kCount` arrays, `stride` apart, from the first value to the last step.
template <class Join, int kCount>
void join_window(float* __restrict to, const float* __restrict from, std::ptrdiff_t stride, float last, std::size_t length) {
  for (std::size_t k = 0; k < length; ++k) {
    float v = Join::first(from[k], 1);
    if constexpr (kCount >= 2) v = Join::join(v, from[stride + std::ptrdiff_t(k)], 1);
    if constexpr (kCount >= 3) v = Join::join(v, from[2 * stride + std::ptrdiff_t(k)], 1);
    to[k] = Join::last(v, last);
  }
}

/// Joins windows in two steps, first the rows of a strip of pixels, then its columns: fewer operations than tap by tap, and the
/// first step runs along pixels and channels alike, so that it is fast for any number of channels.
class Strips {
 public:
  Strips(const TensorDescriptor& source, const TensorDescriptor& result, std::vector<Reads> x, std::vector<Reads> y)
      : source_(source), result_(result), x_(std::move(x)), y_(std::move(y)) {
    std::size_t widest = 1, tallest = 1;
    for (const Reads& reads : x_) {
      if (reads.total() > 0) widest = std::max(widest, std::size_t(reads.extent().second - reads.extent().first));
    }
    for (const Reads& reads : y_) tallest = std::max(tallest, std::size_t(reads.total()));
    block_ = std::clamp<std::size_t>(kBuffer / widest, std::min(result.c, kLeastChannels), std::min(result.c, kBuffer));
    // With few rows the threads share the channels.
    parts_ = std::clamp<std::size_t>(std::size_t(thread_count()) / (result.n * result.h), 1,
                                     std::max<std::size_t>(result.c / kLeastChannels, 1));
    grain_ = kGrain / std::max<std::size_t>((tallest * source.w + 2 * result.w) * result.c / parts_, 1);
    find_runs();
  }

  /// Weights of source columns and rows; empty: 1.
  std::vector<float> x_weights, y_weights;
  /// Numbers of result columns and rows for the last step; empty: there is none.
  std::vector<float> x_last, y_last;

  template <class Join>
  void run(const float* from, float* to) const {
    parallel_ranges(result_.n * result_.h * parts_, grain_, [&](std::size_t begin, std::size_t end) {
      float buffer[kBuffer];
      for (std::size_t unit = begin; unit < end; ++unit) {
        const std::size_t row = unit / parts_, part = unit % parts_, high = result_.c * (part + 1) / parts_;
        const float* image = from + row / result_.h * source_.h * source_.w * source_.pixel_stride;
        float* line = to + row * result_.w * result_.pixel_stride;
        for (std::size_t c = result_.c * part / parts_; c < high; c += block_) {
          run_row<Join>(image + c, line + c, std::min(block_, high - c), row % result_.h, buffer);
        }
      }
    });
  }

 private:
  static constexpr std::size_t kBuffer = 4096;  // floats; a part of the first-level cache
  static constexpr std::size_t kLeastChannels = 16;
  static constexpr std::size_t kGrain = 32768;  // values worth a thread

  /// How many windows from each one on, itself included, have up to three columns in the same places, one stride further each.
  void find_runs() {
    runs_.assign(x_.size(), 1);
    for (std::size_t x = x_.size() - 1; x-- > 0;) {
      const Reads &a = x_[x], &b = x_[x + 1];
      const bool is_alike = a.count == b.count && a.edge_count == 0 && b.edge_count == 0;
      if (!is_alike || b.first <= a.first) continue;
      const bool goes_on = runs_[x + 1] == 1 || x_[x + 2].first - b.first == b.first - a.first;
      runs_[x] = goes_on ? runs_[x + 1] + 1 : 2;
    }
  }

  template <class Join>
  void run_row(const float* image, float* line, std::size_t channels, std::size_t y, float* buffer) const {
    const auto columns = std::ptrdiff_t(kBuffer / channels);
    for (std::size_t x = 0; x < result_.w;) {
      float* pixel = line + x * result_.pixel_stride;
      if (y_[y].total() == 0 || x_[x].total() == 0) {
        std::memset(pixel, 0, channels * sizeof(float));
        finish<Join>(pixel, channels, y, x++);
        continue;
      }
      auto [low, high] = x_[x].extent();
      if (high - low > columns) {
        join_wide_window<Join>(image, pixel, channels, y, x, buffer);
        finish<Join>(pixel, channels, y, x++);
        continue;
      }
      // As many windows as have all their columns in the buffer.
      std::size_t end = x + 1;
      for (; end < result_.w && x_[end].total() > 0; ++end) {
        const auto [next_low, next_high] = x_[end].extent();
        if (next_low < low || next_high - low > columns) break;
        high = std::max(high, next_high);
      }
      join_rows<Join>(image, channels, y, low, high, buffer);
      while (x < end) x += join_columns<Join>(buffer, low, channels, y, x, end, line);
    }
  }

  /// Makes the result pixels of a run of windows; how many.
  template <class Join>
  std::size_t join_columns(const float* buffer, std::ptrdiff_t low, std::size_t channels, std::size_t y, std::size_t x,
                           std::size_t end, float* line) const {
    const Reads& reads = x_[x];
    const std::size_t count = std::min(runs_[x], end - x);
    const auto stride = std::ptrdiff_t(channels);
    if (count == 1 || reads.count > 3 || !x_weights.empty()) {
      float* pixel = line + x * result_.pixel_stride;
      join_arrays<Join>(pixel, buffer, low, stride, reads, x_weights, channels);
      finish<Join>(pixel, channels, y, x);
      return 1;
    }
    const auto make = [&](auto kernel) {
      for (std::size_t i = x; i < x + count; ++i) {
        kernel(line + i * result_.pixel_stride, buffer + (x_[i].first - low) * stride, reads.step * stride, last<Join>(y, i),
               channels);
      }
    };
    if (reads.count == 1) make(join_window<Join, 1>);
    if (reads.count == 2) make(join_window<Join, 2>);
    if (reads.count == 3) make(join_window<Join, 3>);
    return count;
  }

  template <class Join>
  float last(std::size_t y, std::size_t x) const {
    return x_last.empty() ? Join::kNoLast : Join::combine(x_last[x], y_last[y]);
  }

  template <class Join>
  void finish(float* pixel, std::size_t channels, std::size_t y, std::size_t x) const {
    if (x_last.empty()) return;
    const float number = last<Join>(y, x);
    for (std::size_t k = 0; k < channels; ++k) pixel[k] = Join::last(pixel[k], number);
  }

  /// The joined rows of columns [low, high), one column after the other.
  template <class Join>
  void join_rows(const float* image, std::size_t channels, std::size_t y, std::ptrdiff_t low, std::ptrdiff_t high,
                 float* buffer) const {
    const auto stride = std::ptrdiff_t(source_.w * source_.pixel_stride);
    const bool is_one_array = channels == source_.pixel_stride;
    const std::size_t at_once = is_one_array ? std::size_t(high - low) : 1;
    for (auto column = std::size_t(low); column < std::size_t(high); column += at_once, buffer += at_once * channels) {
      join_arrays<Join>(buffer, image + column * source_.pixel_stride, 0, stride, y_[y], y_weights, at_once * channels);
    }
  }

  /// A window with more columns than the buffer holds: one column after the other.
  template <class Join>
  void join_wide_window(const float* image, float* pixel, std::size_t channels, std::size_t y, std::size_t x,
                        float* buffer) const {
    for (std::ptrdiff_t p = 0; p < x_[x].total(); ++p) {
      const std::ptrdiff_t column = x_[x].position(p);
      const float weight = x_weights.empty() ? 1.f : x_weights[std::size_t(column)];
      join_rows<Join>(image, channels, y, column, column + 1, buffer);
      for (std::size_t k = 0; k < channels; ++k) {
        pixel[k] = p == 0 ? Join::first(buffer[k], weight) : Join::join(pixel[k], buffer[k], weight);
      }
    }
  }

  TensorDescriptor source_, result_;
  std::vector<Reads> x_, y_;
  std::vector<std::size_t> runs_;
  std::size_t block_ = 1, parts_ = 1, grain_ = 1;
};

/// A kernel that is `Strips` and nothing else.
template <class Join>
class StripLoops final : public PlanKernel {
 public:
  explicit StripLoops(Strips strips) : strips_(std::move(strips)) {}
  void run(const RunArguments& arguments) override { strips_.run<Join>(arguments.sources[0], arguments.result); }

 private:
  Strips strips_;
};

// Forward ---------------------------------------------------------------------------------------------------------------

Axes forward_axes(const KernelRequest& request) {
  return axes_of(request.op.window(), request.geometry, request.sources[0], *request.result);
}

std::unique_ptr<PlanKernel> make_max(KernelRequest& request) {
  if (!is_forward(request)) return nullptr;
  const Axes axes = forward_axes(request);
  const auto reads = [](const Axis& axis) { return table(axis.result, [&](std::ptrdiff_t i) { return axis.with_edges(i); }); };
  Strips strips(request.sources[0], *request.result, reads(axes.x), reads(axes.y));
  if (request.geometry.edge_mode == ImageEdgeMode::Zero) {
    const auto least = [](const Axis& axis) {
      return table(axis.result, [&](std::ptrdiff_t i) { return axis.inside(i).is_cut ? 0.f : Largest::kNoLast; });
    };
    strips.x_last = least(axes.x);
    strips.y_last = least(axes.y);
  }
  return std::make_unique<StripLoops<Largest>>(std::move(strips));
}

std::unique_ptr<PlanKernel> make_average(KernelRequest& request) {
  if (!is_forward(request)) return nullptr;
  const Axes axes = forward_axes(request);
  const auto reads = [](const Axis& axis) { return table(axis.result, [&](std::ptrdiff_t i) { return axis.inside(i); }); };
  Strips strips(request.sources[0], *request.result, reads(axes.x), reads(axes.y));
  strips.x_last = divisors(axes.x);
  strips.y_last = divisors(axes.y);
  return std::make_unique<StripLoops<Mean>>(std::move(strips));
}

// Gradients -------------------------------------------------------------------------------------------------------------

// The windows lie where the forward step had them, in its source, whose size the result has; they belong to the pixels of the
// incoming gradient.
Axes gradient_axes(const KernelRequest& request) {
  return axes_of(request.op.window(), request.forward->geometry, *request.result, request.sources[0]);
}

/// Each source pixel gathers from the windows that read it.
std::unique_ptr<PlanKernel> make_average_gradient(KernelRequest& request) {
  if (!is_gradient(request)) return nullptr;
  const Axes axes = gradient_axes(request);
  const auto windows = [](const Axis& axis) { return table(axis.source, [&](std::ptrdiff_t u) { return axis.windows_of(u); }); };
  Strips strips(request.sources[0], *request.result, windows(axes.x), windows(axes.y));
  const auto weights = [](const Axis& axis) {
    std::vector<float> values = divisors(axis);
    for (float& value : values) value = 1.f / value;
    return values;
  };
  strips.x_weights = weights(axes.x);
  strips.y_weights = weights(axes.y);
  return std::make_unique<StripLoops<WeightedSum>>(std::move(strips));
}

/// All of a window's gradient goes to its winner: the first of the largest taps in the image, row by row, or the first NaN. Where
/// only taps outside the image are largest, nobody gets it.
class MaxGradientLoops final : public PlanKernel {
 public:
  MaxGradientLoops(const KernelRequest& request, const Axes& axes)
      : gradient_(request.sources[0]),
        source_(request.sources[1]),
        result_(*request.result),
        zeros_outside_(request.forward->geometry.edge_mode == ImageEdgeMode::Zero),
        x_(table(axes.x.result, [&](std::ptrdiff_t i) { return axes.x.with_edges(i); })),
        y_(table(axes.y.result, [&](std::ptrdiff_t i) { return axes.y.with_edges(i); })) {}

  void run(const RunArguments& arguments) override {
    parallel_ranges(result_.n * result_.h, 32768 / (result_.w * result_.c) + 1, [&](std::size_t begin, std::size_t end) {
      while (begin < end) {
        const std::size_t image = begin / result_.h, first = begin % result_.h, last = std::min(result_.h, first + (end - begin));
        run_rows(arguments.sources[0] + image * gradient_.h * gradient_.w * gradient_.pixel_stride,
                 arguments.sources[1] + image * source_.h * source_.w * source_.pixel_stride,
                 arguments.result + image * result_.h * result_.w * result_.pixel_stride, std::ptrdiff_t(first),
                 std::ptrdiff_t(last));
        begin += last - first;
      }
    });
  }

 private:
  static constexpr std::size_t kBlock = 128;  // channels at once
  static constexpr std::int32_t kNobody = -1;

  /// Writes result rows [first, last); windows that reach out of them are looked at by several threads, each adds to its own
  /// rows.
  void run_rows(const float* gradient, const float* source, float* result, std::ptrdiff_t first, std::ptrdiff_t last) const {
    const std::size_t stride = result_.pixel_stride;
    for (std::size_t i = std::size_t(first) * result_.w; i < std::size_t(last) * result_.w; ++i) {
      std::memset(result + i * stride, 0, result_.c * sizeof(float));
    }
    for (std::size_t y = 0; y < y_.size(); ++y) {
      const Reads& rows = y_[y];
      if (rows.count == 0 || rows.first >= last || rows.position(rows.count - 1) < first) continue;
      const bool is_split = rows.first < first || rows.position(rows.count - 1) >= last;
      for (std::size_t x = 0; x < x_.size(); ++x) {
        const Reads& columns = x_[x];
        if (columns.count == 0) continue;
        const float* pixel = gradient + (y * x_.size() + x) * gradient_.pixel_stride;
        if (!is_split && is_two_by_two(rows, columns)) {
          run_two_by_two(source, pixel, result, rows, columns);
          continue;
        }
        for (std::size_t c = 0; c < result_.c; c += kBlock) {
          const std::size_t channels = std::min(kBlock, result_.c - c);
          std::int32_t winner[kBlock];
          find_winners(source + c, channels, rows, columns, winner);
          for (std::ptrdiff_t j = 0; j < rows.count; ++j) {
            const std::ptrdiff_t v = rows.position(j);
            if (v < first || v >= last) continue;
            for (std::ptrdiff_t i = 0; i < columns.count; ++i) {
              add_to_winner(result + (std::size_t(v) * result_.w + std::size_t(columns.position(i))) * stride + c, pixel + c,
                            winner, std::int32_t(j * columns.count + i), channels);
            }
          }
        }
      }
    }
  }

  /// The window most networks use; nothing outside the image competes.
  bool is_two_by_two(const Reads& rows, const Reads& columns) const {
    return rows.count == 2 && columns.count == 2 && rows.edge_count + columns.edge_count == 0 &&
           !(zeros_outside_ && (rows.is_cut || columns.is_cut));
  }

  void run_two_by_two(const float* source, const float* gradient, float* result, const Reads& rows, const Reads& columns) const {
    const auto offset = [&](std::ptrdiff_t j, std::ptrdiff_t i, std::size_t stride) {
      return (std::size_t(rows.position(j)) * result_.w + std::size_t(columns.position(i))) * stride;
    };
    const std::size_t from = source_.pixel_stride, to = result_.pixel_stride;
    share_among_four(source + offset(0, 0, from), source + offset(0, 1, from), source + offset(1, 0, from),
                     source + offset(1, 1, from), gradient, result_.c, result + offset(0, 0, to), result + offset(0, 1, to),
                     result + offset(1, 0, to), result + offset(1, 1, to));
  }

  static void share_among_four(const float* __restrict s0, const float* __restrict s1, const float* __restrict s2,
                               const float* __restrict s3, const float* __restrict gradient, std::size_t channels,
                               float* __restrict to0, float* __restrict to1, float* __restrict to2, float* __restrict to3) {
    for (std::size_t k = 0; k < channels; ++k) {
      // Two pairs, then their winners: a later tap has to be better, so this finds the first of the largest, too.
      const float a = s0[k], b = s1[k], c = s2[k], d = s3[k], g = gradient[k];
      const std::uint32_t b_wins = all_bits(is_better(b, a)), d_wins = all_bits(is_better(d, c));
      const float upper = picked(b, b_wins) + picked(a, ~b_wins), lower = picked(d, d_wins) + picked(c, ~d_wins);
      const std::uint32_t lower_wins = all_bits(is_better(lower, upper));
      to0[k] += picked(g, ~lower_wins & ~b_wins);
      to1[k] += picked(g, ~lower_wins & b_wins);
      to2[k] += picked(g, lower_wins & ~d_wins);
      to3[k] += picked(g, lower_wins & d_wins);
    }
  }

  // Selections by bits: the compiler makes branches of nested conditions, and then no vector code.
  static std::uint32_t all_bits(bool is_set) { return 0u - std::uint32_t(is_set); }
  static float picked(float v, std::uint32_t bits) { return std::bit_cast<float>(std::bit_cast<std::uint32_t>(v) & bits); }

  static bool is_better(float v, float best) { return (v > best) | ((v != v) & (best == best)); }

  void find_winners(const float* source, std::size_t channels, const Reads& rows, const Reads& columns,
                    std::int32_t* winner) const {
    float best[kBlock];
    const auto pixel = [&](std::ptrdiff_t j, std::ptrdiff_t i) {
      return source + (std::size_t(rows.position(j)) * source_.w + std::size_t(columns.position(i))) * source_.pixel_stride;
    };
    std::memcpy(best, pixel(0, 0), channels * sizeof(float));
    std::fill_n(winner, channels, 0);
    for (std::ptrdiff_t j = 0; j < rows.count; ++j) {
      for (std::ptrdiff_t i = j == 0; i < columns.count; ++i) {
        compete(pixel(j, i), std::int32_t(j * columns.count + i), channels, best, winner);
      }
    }
    if (zeros_outside_ && (rows.is_cut || columns.is_cut)) {
      for (std::size_t k = 0; k < channels; ++k) winner[k] = best[k] < 0.f ? kNobody : winner[k];
    }
    for (std::ptrdiff_t j = 0; j < rows.total(); ++j) {
      for (std::ptrdiff_t i = j < rows.count ? columns.count : 0; i < columns.total(); ++i) {
        compete(pixel(j, i), kNobody, channels, best, winner);
      }
    }
  }

  static void compete(const float* __restrict pixel, std::int32_t tap, std::size_t channels, float* __restrict best,
                      std::int32_t* __restrict winner) {
    for (std::size_t k = 0; k < channels; ++k) {
      const bool wins = is_better(pixel[k], best[k]);
      best[k] = wins ? pixel[k] : best[k];
      winner[k] = wins ? tap : winner[k];
    }
  }

  static void add_to_winner(float* __restrict to, const float* __restrict gradient, const std::int32_t* __restrict winner,
                            std::int32_t tap, std::size_t channels) {
    for (std::size_t k = 0; k < channels; ++k) to[k] += winner[k] == tap ? gradient[k] : 0.f;
  }

  TensorDescriptor gradient_, source_, result_;
  bool zeros_outside_;
  std::vector<Reads> x_, y_;
};

std::unique_ptr<PlanKernel> make_max_gradient(KernelRequest& request) {
  if (!is_gradient(request)) return nullptr;
  return std::make_unique<MaxGradientLoops>(request, gradient_axes(request));
}

}  // namespace

void register_pooling(KernelTable& table) {
  table.add<PoolingMaxOp>("loops", make_max);
  table.add<PoolingAverageOp>("loops", make_average);
  table.add<PoolingMaxGradientOp>("loops", make_max_gradient);
  table.add<PoolingAverageGradientOp>("loops", make_average_gradient);
}

}  // namespace mpsnn::cpu
