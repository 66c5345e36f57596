#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/pooling_windows.hpp"

namespace mpsnn::cpu::pooling {

// Joining the values of a window ----------------------------------------------------------------------------------------

// `first` and `join` take a value and the weight of its position; `last` ends a result with a number of its window, which
// `combine` makes from those of its column and row; `kNoLast` changes nothing. `Rows` joins the rows of a window, the class
// itself its columns.

/// `last` is the least result: the zero outside the image that competes. NaN wins over every number, so that divergence shows.
struct Largest {
  using Rows = Largest;
  static constexpr float kNoLast = -std::numeric_limits<float>::infinity();
  static float first(float v, float) { return v; }
  static float join(float a, float v, float) { return ((v > a) | (v != v)) ? v : a; }
  static float combine(float x, float y) { return std::max(x, y); }
  static float last(float a, float least) { return a < least ? least : a; }
};
/// `last` is what a mean divides by.
struct Mean {
  using Rows = Mean;
  static constexpr float kNoLast = 1;
  static float first(float v, float) { return v; }
  static float join(float a, float v, float) { return a + v; }
  static float combine(float x, float y) { return x * y; }
  static float last(float a, float divisor) { return a / divisor; }
};
struct WeightedSum {
  using Rows = WeightedSum;
  static constexpr float kNoLast = 0;
  static float first(float v, float weight) { return weight * v; }
  static float join(float a, float v, float weight) { return a + weight * v; }
  static float combine(float, float) { return 0; }
  static float last(float a, float) { return a; }
};
struct SumOfSquares {
  static float first(float v, float weight) { return weight * v * v; }
  static float join(float a, float v, float weight) { return a + weight * v * v; }
};
struct Norm : WeightedSum {
  using Rows = SumOfSquares;
  static float last(float a, float) { return std::sqrt(a); }
};

/// Joins arrays of `length` values, one for each position of `reads`, with the position's weight. The array of position `origin`
/// is at `from`, the next one `stride` further.
template <class Join>
void join_arrays(float* __restrict to, const float* __restrict from, std::ptrdiff_t origin, std::ptrdiff_t stride,
                 const Reads& reads, const std::vector<float>& weights, std::size_t length) {
  const auto array = [&](std::ptrdiff_t p) { return from + stride * (reads.position(p) - origin); };
  const auto weight = [&](std::ptrdiff_t p) {
    return reads.weight(p) * (weights.empty() ? 1.f : weights[std::size_t(reads.position(p))]);
  };
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
      join_arrays<typename Join::Rows>(buffer, image + column * source_.pixel_stride, 0, stride, y_[y], y_weights,
                                       at_once * channels);
    }
  }

  /// A window with more columns than the buffer holds: one column after the other.
  template <class Join>
  void join_wide_window(const float* image, float* pixel, std::size_t channels, std::size_t y, std::size_t x,
                        float* buffer) const {
    for (std::ptrdiff_t p = 0; p < x_[x].total(); ++p) {
      const std::ptrdiff_t column = x_[x].position(p);
      const float weight = x_[x].weight(p) * (x_weights.empty() ? 1.f : x_weights[std::size_t(column)]);
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

}  // namespace mpsnn::cpu::pooling
