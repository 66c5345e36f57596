#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/kernel.hpp"

// What the kernels of batch, instance and group normalization share.

namespace mpsnn::cpu {

inline constexpr std::size_t kGrain = 16384;       // numbers a thread takes at least
inline constexpr std::size_t kChunk = 4096;        // numbers between two steps over the same memory: they stay in the cache
inline constexpr std::size_t kSmallestRow = 64;    // numbers that make the loop over a row worth while
inline constexpr std::size_t kMostRepeated = 128;  // channels
inline constexpr std::size_t kFewestRows = 8;      // that are added up before double precision is worth while
inline constexpr std::size_t kMostRows = 32;       // and after which it is due

/// Pixels seen as rows that the inner loops run along. With few channels a row is several pixels that follow one another, and
/// lane l of it belongs to channel l % channels. Pixels that fill no row are the tail, rows of one pixel each.
struct Rows {
  std::size_t channels = 0, lanes = 0, count = 0, tail = 0;
  Rows(std::size_t pixels, std::size_t channels, bool is_dense) : channels(channels), lanes(channels) {
    if (is_dense && channels <= kMostRepeated) {
      lanes = std::lcm(channels, std::size_t(8));
      while (lanes < kSmallestRow) lanes *= 2;
    }
    count = pixels / repeat();
    tail = pixels % repeat();
  }
  std::size_t repeat() const { return lanes / channels; }
  /// From row to row, for pixels `pixel_stride` apart.
  std::size_t stride(std::size_t pixel_stride) const { return pixel_stride * repeat(); }
};

/// One number for each lane; the first `channels` serve the tail.
using Lanes = std::vector<float>;

inline void spread(Lanes& lanes, std::size_t channels) {
  for (std::size_t l = channels; l < lanes.size(); ++l) lanes[l] = lanes[l - channels];
}

/// Calls `body(first, count, lanes)` for the rows of each part, first counted in pixels; the tail comes last. A thread takes
/// `grain` numbers or more.
template <class Body>
void for_rows(const Rows& rows, std::size_t grain, const Body& body) {
  parallel_ranges(rows.count, grain / rows.lanes + 1, [&](std::size_t begin, std::size_t end) {
    const std::size_t step = std::max<std::size_t>(kChunk / rows.lanes, 1);
    for (; begin < end; begin += step) body(begin * rows.repeat(), std::min(step, end - begin), rows.lanes);
  });
  if (rows.tail > 0) body(rows.count * rows.repeat(), rows.tail, rows.channels);
}

/// Of a batch, for sums of parts.
inline std::size_t parts_of(const Rows& rows, int threads) {
  return std::clamp<std::size_t>(rows.count * rows.lanes / kGrain, 1, std::size_t(std::max(threads, 1)));
}

inline std::size_t rows_at_once(const Rows& rows) { return std::clamp(kChunk / rows.lanes, kFewestRows, kMostRows); }

/// The same for parts that have memory of their own: calls `body(part, first, count, lanes)` for `rows_at_once` rows or fewer.
template <class Body>
void for_parts(const Rows& rows, std::size_t parts, const Body& body) {
  const std::size_t step = rows_at_once(rows);
  parallel_ranges(parts, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      const std::size_t last = rows.count * (part + 1) / parts;
      for (std::size_t row = rows.count * part / parts; row < last; row += step) {
        body(part, row * rows.repeat(), std::min(step, last - row), rows.lanes);
      }
    }
  });
  if (rows.tail > 0) body(0, rows.count * rows.repeat(), rows.tail, rows.channels);
}

// Statistics --------------------------------------------------------------------------------------------------------

/// Count, mean and sum of squared differences from the mean, of each lane.
struct Moments {
  double count = 0;
  std::vector<double> mean, m2;
  explicit Moments(std::size_t lanes) : mean(lanes), m2(lanes) {}
  void clear() {
    count = 0;
    std::fill(mean.begin(), mean.end(), 0.0);
    std::fill(m2.begin(), m2.end(), 0.0);
  }
  /// Adds the moments of `n` more numbers; `lane` counts from `offset` there.
  void merge(double n, const double* other_mean, const double* other_m2, std::size_t lanes) {
    const double weight = n / (count + n), product = count * weight;
    for (std::size_t l = 0; l < lanes; ++l) {
      const double d = other_mean[l] - mean[l];
      mean[l] += d * weight;
      m2[l] += other_m2[l] + d * d * product;
    }
    count += n;
  }
};

/// The memory one thread needs to add up moments.
struct MomentSums {
  Moments moments;
  std::vector<float> centre, sum, squares;
  std::vector<double> mean, m2;
  explicit MomentSums(std::size_t lanes) : moments(lanes), centre(lanes), sum(lanes), squares(lanes), mean(lanes), m2(lanes) {}

  /// Blocks of rows are small enough for the cache. In each, differences from the first row give a centre, differences from the
  /// centre the moments: numbers that are all equal have exactly that mean and no variance.
  void add(const float* x, std::size_t stride, std::size_t rows, std::size_t lanes) {
    const std::size_t step = std::clamp<std::size_t>(kChunk / lanes, 8, 64);
    for (std::size_t row = 0; row < rows; row += step) add_block(x + row * stride, stride, std::min(step, rows - row), lanes);
  }

 private:
  void add_block(const float* x, std::size_t stride, std::size_t rows, std::size_t lanes) {
    find_centre(x, stride, rows, lanes, centre.data());
    add_differences(x, stride, rows, lanes, centre.data(), sum.data(), squares.data());
    const double n = double(rows);
    for (std::size_t l = 0; l < lanes; ++l) {
      mean[l] = double(centre[l]) + double(sum[l]) / n;
      m2[l] = std::max(double(squares[l]) - double(sum[l]) * double(sum[l]) / n, 0.0);
    }
    moments.merge(n, mean.data(), m2.data(), lanes);
  }

  static void find_centre(const float* x, std::size_t stride, std::size_t rows, std::size_t lanes, float* __restrict centre) {
    std::fill(centre, centre + lanes, 0.0f);
    std::size_t row = 1;
    for (; row + 4 <= rows; row += 4) {
      const float *a = x + row * stride, *b = a + stride, *c = b + stride, *d = c + stride;
      for (std::size_t l = 0; l < lanes; ++l) centre[l] += ((a[l] - x[l]) + (b[l] - x[l])) + ((c[l] - x[l]) + (d[l] - x[l]));
    }
    for (; row < rows; ++row) {
      const float* a = x + row * stride;
      for (std::size_t l = 0; l < lanes; ++l) centre[l] += a[l] - x[l];
    }
    const float scale = 1 / float(rows);
    for (std::size_t l = 0; l < lanes; ++l) centre[l] = x[l] + centre[l] * scale;
  }

  static void add_differences(const float* x, std::size_t stride, std::size_t rows, std::size_t lanes, const float* centre,
                              float* __restrict sum, float* __restrict squares) {
    std::fill(sum, sum + lanes, 0.0f);
    std::fill(squares, squares + lanes, 0.0f);
    std::size_t row = 0;
    for (; row + 4 <= rows; row += 4) {
      const float *a = x + row * stride, *b = a + stride, *c = b + stride, *d = c + stride;
      for (std::size_t l = 0; l < lanes; ++l) {
        const float p = a[l] - centre[l], q = b[l] - centre[l], r = c[l] - centre[l], s = d[l] - centre[l];
        sum[l] += (p + q) + (r + s);
        squares[l] += (p * p + q * q) + (r * r + s * s);
      }
    }
    for (; row < rows; ++row) {
      const float* a = x + row * stride;
      for (std::size_t l = 0; l < lanes; ++l) {
        const float p = a[l] - centre[l];
        sum[l] += p;
        squares[l] += p * p;
      }
    }
  }
};

/// Mean and biased variance of each channel over all pixels.
class Statistics {
 public:
  Statistics(const Rows& rows, int threads)
      : rows_(rows), parts_(parts_of(rows, threads), MomentSums(rows.lanes)), total_(rows.channels) {}

  void compute(const float* x, std::size_t pixel_stride) {
    const std::size_t stride = rows_.stride(pixel_stride), parts = parts_.size();
    parallel_ranges(parts, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t part = begin; part < end; ++part) {
        const std::size_t first = rows_.count * part / parts, last = rows_.count * (part + 1) / parts;
        parts_[part].moments.clear();
        parts_[part].add(x + first * stride, stride, last - first, rows_.lanes);
      }
    });
    total_.clear();
    for (const MomentSums& part : parts_) {
      if (part.moments.count == 0) continue;
      for (std::size_t l = 0; l < rows_.lanes; l += rows_.channels) {
        total_.merge(part.moments.count, &part.moments.mean[l], &part.moments.m2[l], rows_.channels);
      }
    }
    if (rows_.tail > 0) {
      Moments& tail = parts_[0].moments;
      tail.clear();
      parts_[0].add(x + rows_.count * stride, pixel_stride, rows_.tail, rows_.channels);
      total_.merge(tail.count, tail.mean.data(), tail.m2.data(), rows_.channels);
    }
  }
  double mean(std::size_t channel) const { return total_.mean[channel]; }
  double variance(std::size_t channel) const { return total_.m2[channel] / total_.count; }
  const Moments& total() const { return total_; }

 private:
  Rows rows_;
  std::vector<MomentSums> parts_;
  Moments total_;
};

/// y = (x - mean) * scale + shift. The difference comes first: with a large scale the products would cancel badly.
template <bool kInPlace>
void normalize(const float* x, std::size_t x_stride, float* __restrict y, std::size_t y_stride, std::size_t rows,
               std::size_t lanes, const float* mean, const float* scale, const float* shift) {
  for (std::size_t row = 0; row < rows; ++row) {
    float* __restrict to = y + row * y_stride;
    const float* from = kInPlace ? to : x + row * x_stride;
    for (std::size_t l = 0; l < lanes; ++l) to[l] = (from[l] - mean[l]) * scale[l] + shift[l];
  }
}

inline double inverse_deviation(double variance, float epsilon) { return 1 / std::sqrt(variance + double(epsilon)); }

// Sums for gradients -----------------------------------------------------------------------------------------------

/// A gradient that lies in memory, as `GradientSums` reads it.
struct StoredGradient {
  const Rows& rows;
  const float* g;
  std::size_t pixel_stride;
  /// Of `count` rows from `pixel` on, for one part; sets the stride from row to row.
  const float* read(std::size_t /*part*/, std::size_t pixel, std::size_t /*count*/, std::size_t lanes,
                    std::size_t& stride) const {
    stride = lanes == rows.lanes ? rows.stride(pixel_stride) : pixel_stride;
    return g + pixel * pixel_stride;
  }
};

/// Sums over all pixels of g and of g * (x - mean), for each channel.
class GradientSums {
 public:
  GradientSums(const Rows& rows, int threads)
      : rows_(rows), parts_(parts_of(rows, threads), Part(rows.lanes)), total_(rows.channels), total_x_(rows.channels) {}

  template <class Gradient>
  void compute(Gradient& gradient, const float* x, std::size_t x_pixel_stride, const Lanes& mean) {
    for (Part& part : parts_) part.clear();
    for_parts(rows_, parts_.size(), [&](std::size_t part, std::size_t pixel, std::size_t count, std::size_t lanes) {
      std::size_t g_stride = 0;
      const float* g = gradient.read(part, pixel, count, lanes, g_stride);
      parts_[part].add(g, g_stride, x + pixel * x_pixel_stride,
                       lanes == rows_.lanes ? rows_.stride(x_pixel_stride) : x_pixel_stride, count, lanes, mean.data());
    });
    std::fill(total_.begin(), total_.end(), 0.0);
    std::fill(total_x_.begin(), total_x_.end(), 0.0);
    for (const Part& part : parts_) {
      for (std::size_t l = 0; l < rows_.lanes; l += rows_.channels) {
        for (std::size_t c = 0; c < rows_.channels; ++c) {
          total_[c] += part.total[l + c];
          total_x_[c] += part.total_x[l + c];
        }
      }
    }
  }
  double sum(std::size_t channel) const { return total_[channel]; }
  double sum_with_x(std::size_t channel) const { return total_x_[channel]; }

 private:
  // Short sums in float, which the loops along a row are fast at, then double.
  struct Part {
    std::vector<float> sum, sum_x;
    std::vector<double> total, total_x;
    explicit Part(std::size_t lanes) : sum(lanes), sum_x(lanes), total(lanes), total_x(lanes) {}
    void clear() {
      std::fill(total.begin(), total.end(), 0.0);
      std::fill(total_x.begin(), total_x.end(), 0.0);
    }
    void add(const float* g, std::size_t g_stride, const float* x, std::size_t x_stride, std::size_t rows, std::size_t lanes,
             const float* mean) {
      add_block(g, g_stride, x, x_stride, rows, lanes, mean, sum.data(), sum_x.data());
      for (std::size_t l = 0; l < lanes; ++l) {
        total[l] += double(sum[l]);
        total_x[l] += double(sum_x[l]);
      }
    }
    static void add_block(const float* g, std::size_t g_stride, const float* x, std::size_t x_stride, std::size_t rows,
                          std::size_t lanes, const float* mean, float* __restrict sum, float* __restrict sum_x) {
      std::fill(sum, sum + lanes, 0.0f);
      std::fill(sum_x, sum_x + lanes, 0.0f);
      std::size_t row = 0;
      for (; row + 4 <= rows; row += 4) {
        const float *g0 = g + row * g_stride, *g1 = g0 + g_stride, *g2 = g1 + g_stride, *g3 = g2 + g_stride;
        const float *x0 = x + row * x_stride, *x1 = x0 + x_stride, *x2 = x1 + x_stride, *x3 = x2 + x_stride;
        for (std::size_t l = 0; l < lanes; ++l) {
          const float m = mean[l];
          sum[l] += (g0[l] + g1[l]) + (g2[l] + g3[l]);
          sum_x[l] += (g0[l] * (x0[l] - m) + g1[l] * (x1[l] - m)) + (g2[l] * (x2[l] - m) + g3[l] * (x3[l] - m));
        }
      }
      for (; row < rows; ++row) {
        const float *g0 = g + row * g_stride, *x0 = x + row * x_stride;
        for (std::size_t l = 0; l < lanes; ++l) {
          sum[l] += g0[l];
          sum_x[l] += g0[l] * (x0[l] - mean[l]);
        }
      }
    }
  };

  Rows rows_;
  std::vector<Part> parts_;
  std::vector<double> total_, total_x_;
};

}  // namespace mpsnn::cpu
