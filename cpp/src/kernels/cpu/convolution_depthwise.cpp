#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "kernels/cpu/convolution_loops.hpp"
#include "kernels/cpu/instruction_set.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu {

namespace {

constexpr int kPixels = 4;                    // of a row, whose sums are in registers at a time
constexpr std::size_t kNearBytes = 48 << 10;  // what a walk along a row leaves in the nearest cache
constexpr std::size_t kImageBytes = 1 << 20;  // of an image that the next nearest cache holds
constexpr float kZeros[16] = {};

/// Pixels of one or two result rows, with all that a range of channels needs.
struct Strip {
  const float* source;                                 // pixel of the first tap of the first result pixel
  std::ptrdiff_t source_row, source_pixel;             // numbers from one row to the next, one pixel to the next
  int first_row, last_row, first_column, last_column;  // of the window's rows and columns, those that exist
  std::ptrdiff_t source_step;                          // numbers from what one result pixel reads to the next one's
  std::span<const Tap> y_taps, x_taps;
  const float* weights;
  std::ptrdiff_t tap_row, tap_column;  // from one tap's weights to the next in y, in x
  std::size_t channels, first, last;   // all channels; blocks of them
  std::size_t weights_size;            // of a block
  const float* biases;
  int rows;
  float* result;
  std::ptrdiff_t result_row, result_pixel, result_step;
  const float* addend;
  std::ptrdiff_t addend_row, addend_pixel, addend_step;
  Rectifier rectifier;
};

/// Adds the addend, applies the neuron and stores.
template <std::size_t lanes, int rows, int pixels>
MPSNN_INLINE void finish(const Strip& s, Vector<lanes> (&sums)[rows][pixels], std::size_t channel) {
  using V = Vector<lanes>;
  if (s.addend) {
#pragma GCC unroll 2
    for (int r = 0; r < rows; ++r) {
      if (r >= s.rows) break;
#pragma GCC unroll 8
      for (int p = 0; p < pixels; ++p) {
        sums[r][p] += loaded<lanes>(s.addend + r * s.addend_row + p * s.addend_step + channel);
      }
    }
  }
  if (s.rectifier.is_needed) {
    const V zero = {}, slope = zero + s.rectifier.slope, limit = zero + s.rectifier.limit;
    if (s.rectifier.slope == 0.0f) {
#pragma GCC unroll 2
      for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 8
        for (int p = 0; p < pixels; ++p) sums[r][p] = zero > sums[r][p] ? zero : sums[r][p];
      }
    } else {
#pragma GCC unroll 2
      for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 8
        for (int p = 0; p < pixels; ++p) sums[r][p] = zero > sums[r][p] ? slope * sums[r][p] : sums[r][p];
      }
    }
#pragma GCC unroll 2
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 8
      for (int p = 0; p < pixels; ++p) sums[r][p] = limit < sums[r][p] ? limit : sums[r][p];
    }
  }
#pragma GCC unroll 2
  for (int r = 0; r < rows; ++r) {
    if (r >= s.rows) break;
#pragma GCC unroll 8
    for (int p = 0; p < pixels; ++p) {
      __builtin_memcpy(s.result + r * s.result_row + p * s.result_step + channel, &sums[r][p], sizeof(V));
    }
  }
}

template <std::size_t lanes>
MPSNN_INLINE Vector<lanes> first_sum(const Strip& s, std::size_t channel) {
  return s.biases ? loaded<lanes>(s.biases + channel) : Vector<lanes>{};
}

/// Any taps.
template <std::size_t lanes, int pixels>
MPSNN_INLINE void run_taps(const Strip& strip) {
  const Strip s = strip;  // of its own: no store changes it
  using V = Vector<lanes>;
  for (std::size_t block = s.first; block < s.last; ++block) {
    const std::size_t channel = std::min(block * lanes, s.channels - lanes);
    const float* weights = s.weights + block * s.weights_size;
    V sums[1][pixels];
#pragma GCC unroll 8
    for (int p = 0; p < pixels; ++p) sums[0][p] = first_sum<lanes>(s, channel);
    for (const Tap& y : s.y_taps) {
      const float* row = s.source + y.source * s.source_row + channel;
      const float* row_weights = weights + std::ptrdiff_t(y.tap) * s.tap_row;
      for (const Tap& x : s.x_taps) {
        const V w = loaded<lanes>(row_weights + std::ptrdiff_t(x.tap) * s.tap_column);
        const float* from = row + x.source * s.source_pixel;
#pragma GCC unroll 8
        for (int p = 0; p < pixels; ++p) sums[0][p] += w * loaded<lanes>(from + p * s.source_step);
      }
    }
    finish<lanes>(s, sums, channel);
  }
}

/// A window of `taps` x `taps` neighbours, `step` pixels from one result to the next, for two rows. `has_edges`: some of its
/// pixels do not exist, and are zeros.
template <std::size_t lanes, int taps, int step, bool has_edges>
MPSNN_INLINE void run_window(const Strip& strip) {
  constexpr int pixels = kPixels;
  const Strip s = strip;
  using V = Vector<lanes>;
  constexpr int columns = (pixels - 1) * step + taps;
  for (std::size_t block = s.first; block < s.last; ++block) {
    const std::size_t channel = std::min(block * lanes, s.channels - lanes);
    const float* weights = s.weights + block * s.weights_size;
    V sums[2][pixels];
#pragma GCC unroll 8
    for (int p = 0; p < pixels; ++p) sums[0][p] = sums[1][p] = first_sum<lanes>(s, channel);
#pragma GCC unroll 8
    for (int y = 0; y < step + taps; ++y) {
      if (has_edges && (y < s.first_row || y >= s.last_row)) continue;
      const float* row = s.source + y * s.source_row + channel;
      V source[columns];
#pragma GCC unroll 16
      for (int x = 0; x < columns; ++x) {
        const bool exists = !has_edges || (x >= s.first_column && x < s.last_column);
        source[x] = loaded<lanes>(exists ? row + x * s.source_pixel : kZeros);
      }
#pragma GCC unroll 2
      for (int r = 0; r < 2; ++r) {
        const int v = y - r * step;
        if (v < 0 || v >= taps) continue;
#pragma GCC unroll 8
        for (int u = 0; u < taps; ++u) {
          const V w = loaded<lanes>(weights + v * s.tap_row + u * s.tap_column);
#pragma GCC unroll 8
          for (int p = 0; p < pixels; ++p) sums[r][p] += w * source[p * step + u];
        }
      }
    }
    finish<lanes>(s, sums, channel);
  }
}

using RunStrip = void (*)(const Strip&);

template <int pixels>
void run_taps_8(const Strip& s) {
  run_taps<8, pixels>(s);
}
template <int pixels>
MPSNN_AVX512 void run_taps_16(const Strip& s) {
  run_taps<16, pixels>(s);
}
template <int taps, int step, bool has_edges>
void run_window_8(const Strip& s) {
  run_window<8, taps, step, has_edges>(s);
}
template <int taps, int step, bool has_edges>
MPSNN_AVX512 void run_window_16(const Strip& s) {
  run_window<16, taps, step, has_edges>(s);
}

/// For 1, 2, ... pixels.
std::array<RunStrip, kPixels> taps_runners(std::size_t lanes) {
  if (lanes == 16) return {run_taps_16<1>, run_taps_16<2>, run_taps_16<3>, run_taps_16<4>};
  return {run_taps_8<1>, run_taps_8<2>, run_taps_8<3>, run_taps_8<4>};
}

struct WindowRunners {
  RunStrip inside = nullptr, at_edge = nullptr;
};
template <int taps, int step>
WindowRunners window_runners(std::size_t lanes) {
  if (lanes == 16) return {run_window_16<taps, step, false>, run_window_16<taps, step, true>};
  return {run_window_8<taps, step, false>, run_window_8<taps, step, true>};
}
/// Null where there are none for such a window.
WindowRunners window_runners(const TapAxis& x, const TapAxis& y, std::size_t lanes) {
  const auto is_plain = [](const TapAxis& axis) { return axis.divisor == 1 && std::abs(axis.step) == 1 && !axis.clamp; };
  if (x.taps != y.taps || x.scale != y.scale || !is_plain(x) || !is_plain(y) || x.result < kPixels) return {};
  if (x.taps == 3 && x.scale == 1) return window_runners<3, 1>(lanes);
  if (x.taps == 3 && x.scale == 2) return window_runners<3, 2>(lanes);
  if (x.taps == 5 && x.scale == 1) return window_runners<5, 1>(lanes);
  if (x.taps == 5 && x.scale == 2) return window_runners<5, 2>(lanes);
  return {};
}

/// Where a window begins on an axis.
std::ptrdiff_t window_start(const TapAxis& axis, std::size_t pixel) {
  return axis.scale * std::ptrdiff_t(pixel) + axis.shift + std::min<std::ptrdiff_t>(axis.step * std::ptrdiff_t(axis.taps - 1), 0);
}

/// Of `count` rows or columns from `start` on, those that exist.
void clip(std::ptrdiff_t start, std::ptrdiff_t count, std::size_t size, int& first, int& last) {
  first = int(std::clamp<std::ptrdiff_t>(-start, 0, count));
  last = int(std::clamp<std::ptrdiff_t>(std::ptrdiff_t(size) - start, first, count));
}

class DepthwiseFilter final : public TapFilter {
 public:
  DepthwiseFilter(const TapAxis& x, const TapAxis& y, const WeightsView& view, const TensorDescriptor& source,
                  const TensorDescriptor& result)
      : x_(x),
        y_(y),
        view_(view),
        source_(source),
        result_(result),
        x_runs_(make_runs(x)),
        y_runs_(make_runs(y)),
        taps_(x.taps * y.taps),
        lanes_(view.groups < 16 ? 8 : vector_lanes()),
        blocks_(blocks_of(view.groups, lanes_)),
        run_taps_(taps_runners(lanes_)),
        run_window_(window_runners(x, y, lanes_)) {
    std::sort(x_runs_.begin(), x_runs_.end(), [](const TapRun& a, const TapRun& b) { return a.first < b.first; });
    // An image that is near is walked along a row for a few blocks of channels, so that a pixel is still nearer for the next
    // windows; one that is far away in the order of its memory.
    const std::size_t row_bytes = (y.taps + 1) * source.w * lanes_ * sizeof(float);
    const bool is_near = source.count() * sizeof(float) <= kImageBytes;
    // Two blocks or more: the last one overlaps the one before, and both have to be the same thread's.
    if (is_near) chunks_ = blocks_of(blocks_, std::max<std::size_t>(kNearBytes / row_bytes, 2));
  }

  bool fuse(const NNNeuronDescriptor& neuron) override { return rectifier_.set(neuron); }

  void run(const float* source, float* result, const float* biases, const float* addend,
           std::size_t addend_stride) const override {
    const Strip all = strip_of(biases, result_.pixel_stride, addend_stride);
    const std::size_t band_rows = has_window() ? 2 : 1, bands = blocks_of(result_.h, band_rows),
                      count = source_.n * chunks_ * bands;
    const std::size_t grain = kMultiplicationsWorthAThread * count / (result_.pixels() * view_.groups * taps_) + 1;
    parallel_ranges(count, grain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t item = begin; item < end; ++item) {
        const std::size_t n = item / bands / chunks_, chunk = item / bands % chunks_, row = item % bands * band_rows;
        const std::size_t pixel = (n * result_.h + row) * result_.w;
        run_band(all, n, chunk, row, std::min(band_rows, result_.h - row), source, result + pixel * result_.pixel_stride,
                 addend ? addend + pixel * addend_stride : nullptr);
      }
    });
  }

  bool has_rows() const override { return run_window_.inside; }

  void run_rows(const float* source, std::size_t first, std::size_t rows, const float* biases, float* to,
                std::size_t to_pixel) const override {
    const Strip all = strip_of(biases, to_pixel, 0);
    const std::size_t most = has_window() ? 2 : 1, last = first + rows;
    for (std::size_t at = first; at < last;) {
      const std::size_t row = at % result_.h, band = std::min({most, last - at, result_.h - row});
      for (std::size_t chunk = 0; chunk < chunks_; ++chunk) {
        run_band(all, at / result_.h, chunk, row, band, source, to + (at - first) * result_.w * to_pixel, nullptr);
      }
      at += band;
    }
  }

 protected:
  void pack(const float* weights) override {
    packed_.resize(blocks_ * taps_ * lanes_);
    float* to = packed_.data();
    for (std::size_t block = 0; block < blocks_; ++block) {
      const float* from = weights + std::min(block * lanes_, view_.groups - lanes_) * view_.group_stride;
      for (std::size_t tap = 0; tap < taps_; ++tap) {
        for (std::size_t lane = 0; lane < lanes_; ++lane) *to++ = from[lane * view_.group_stride + tap * view_.tap_stride];
      }
    }
    is_finite_ = std::all_of(packed_.begin(), packed_.end(), [](float w) { return std::isfinite(w); });
  }

 private:
  /// Zeros outside the image change nothing unless a weight is infinite.
  bool has_window() const { return run_window_.inside && is_finite_; }

  /// What all strips have in common.
  Strip strip_of(const float* biases, std::size_t result_pixel, std::size_t addend_pixel) const {
    Strip s{};
    s.source_pixel = std::ptrdiff_t(source_.pixel_stride);
    s.source_row = s.source_pixel * std::ptrdiff_t(source_.w);
    s.channels = view_.groups;
    s.weights_size = taps_ * lanes_;
    s.biases = biases;
    s.result_pixel = std::ptrdiff_t(result_pixel);
    s.result_row = std::ptrdiff_t(result_.w * result_pixel);
    s.addend_pixel = std::ptrdiff_t(addend_pixel);
    s.addend_row = std::ptrdiff_t(result_.w * addend_pixel);
    s.rectifier = rectifier_;
    return s;
  }

  /// A chunk of the channels of one row of image `n`, or two; `result` and `addend` are those of its first pixel.
  void run_band(Strip strip, std::size_t n, std::size_t chunk, std::size_t row, std::size_t rows, const float* source,
                float* result, const float* addend) const {
    strip.first = blocks_ * chunk / chunks_;
    strip.last = blocks_ * (chunk + 1) / chunks_;
    strip.rows = int(rows);
    const float* image = source + n * source_.h * source_.w * source_.pixel_stride;
    has_window() ? run_windows(strip, row, image, result, addend) : run_row(strip, row, image, result, addend);
  }

  void run_windows(Strip& s, std::size_t row, const float* source, float* result, const float* addend) const {
    const auto taps = std::ptrdiff_t(x_.taps);
    s.result_step = s.result_pixel;
    s.addend_step = s.addend_pixel;
    // The axes may count the taps backwards.
    s.tap_row = std::ptrdiff_t(x_.taps * lanes_) * y_.step;
    s.tap_column = std::ptrdiff_t(lanes_) * x_.step;
    s.weights = packed_.data() + (y_.step < 0 ? (1 - taps) * s.tap_row : 0) + (x_.step < 0 ? (1 - taps) * s.tap_column : 0);
    const std::ptrdiff_t top = window_start(y_, row), window_rows = y_.scale * (s.rows - 1) + taps;
    clip(top, window_rows, source_.h, s.first_row, s.last_row);
    const bool has_rows = s.rows == 2 && s.last_row - s.first_row == window_rows;
    const std::ptrdiff_t columns = x_.scale * (kPixels - 1) + taps;
    for (std::size_t x = 0; x < result_.w; x += kPixels) {
      const std::size_t first = std::min(x, result_.w - kPixels);  // the last ones overlap
      const std::ptrdiff_t left = window_start(x_, first);
      clip(left, columns, source_.w, s.first_column, s.last_column);
      const bool is_inside = has_rows && s.last_column - s.first_column == columns;
      s.source = source + top * s.source_row + left * s.source_pixel;
      s.result = result + std::ptrdiff_t(first) * s.result_pixel;
      s.addend = addend ? addend + std::ptrdiff_t(first) * s.addend_pixel : nullptr;
      (is_inside ? run_window_.inside : run_window_.at_edge)(s);
    }
  }

  void run_row(Strip& s, std::size_t row, const float* source, float* result, const float* addend) const {
    const auto is_in = [row](const TapRun& run) {
      return row >= run.first && (row - run.first) % run.stride == 0 && (row - run.first) / run.stride < run.count;
    };
    const TapRun& y = *std::find_if(y_runs_.begin(), y_runs_.end(), is_in);
    s.weights = packed_.data();
    s.tap_row = std::ptrdiff_t(x_.taps * lanes_);
    s.tap_column = std::ptrdiff_t(lanes_);
    s.y_taps = y.taps;
    source += std::ptrdiff_t((row - y.first) / y.stride) * y.source_step * s.source_row;
    for (const TapRun& x : x_runs_) {
      s.x_taps = x.taps;
      s.result_step = std::ptrdiff_t(x.stride) * s.result_pixel;
      s.addend_step = std::ptrdiff_t(x.stride) * s.addend_pixel;
      s.source_step = x.source_step * s.source_pixel;
      for (std::size_t i = 0; i < x.count; i += kPixels) {
        const auto first = std::ptrdiff_t(x.first + i * x.stride);
        s.source = source + std::ptrdiff_t(i) * s.source_step;
        s.result = result + first * s.result_pixel;
        s.addend = addend ? addend + first * s.addend_pixel : nullptr;
        run_taps_[std::min<std::size_t>(x.count - i, kPixels) - 1](s);
      }
    }
  }

  const TapAxis x_, y_;
  const WeightsView view_;
  const TensorDescriptor source_, result_;
  std::vector<TapRun> x_runs_;
  const std::vector<TapRun> y_runs_;
  const std::size_t taps_, lanes_, blocks_;
  std::size_t chunks_ = 1;  // of the blocks
  const std::array<RunStrip, kPixels> run_taps_;
  const WindowRunners run_window_;
  Rectifier rectifier_;
  bool is_finite_ = true;
  std::vector<float> packed_;
};

}  // namespace

bool is_depthwise(const WeightsView& view) { return view.groups >= 8 && view.inputs == 1 && view.outputs == 1; }

bool has_depthwise_window(const TapAxis& x, const TapAxis& y, const WeightsView& view) {
  return is_depthwise(view) && window_runners(x, y, kVec).inside;
}

std::unique_ptr<TapFilter> make_depthwise_filter(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                                 const TensorDescriptor& source, const TensorDescriptor& result) {
  return std::make_unique<DepthwiseFilter>(x, y, view, source, result);
}

}  // namespace mpsnn::cpu
