#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/normalization_rows.hpp"
#include "kernels/kernel.hpp"

// What the kernels of batch, instance and group normalization share.

namespace mpsnn::cpu {

inline constexpr std::size_t kGrain = 16384;       // numbers a thread takes at least
inline constexpr std::size_t kChunk = 4096;        // numbers between two steps over the same memory: they stay in the cache
inline constexpr std::size_t kSmallestRow = 64;    // numbers that make the loop over a row worth while
inline constexpr std::size_t kMostRepeated = 128;  // channels
inline constexpr std::size_t kSummedRows = 32;     // of products that are added up before double precision is due
inline constexpr std::size_t kBlockRows = 64;      // of differences from a centre
inline constexpr std::size_t kHeldBytes = std::size_t(1) << 23;  // of an image that a cache still holds when it has been read

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
  /// From row to row, for pixels `pixel_stride` apart; rows of the tail have fewer lanes.
  std::size_t stride(std::size_t pixel_stride, std::size_t row_lanes) const { return pixel_stride * (row_lanes / channels); }
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

/// The same for parts that have memory of their own: calls `body(part, first, count, lanes)` for `kSummedRows` rows or fewer.
template <class Body>
void for_parts(const Rows& rows, std::size_t parts, const Body& body) {
  parallel_ranges(parts, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      const std::size_t last = rows.count * (part + 1) / parts;
      for (std::size_t row = rows.count * part / parts; row < last; row += kSummedRows) {
        body(part, row * rows.repeat(), std::min(kSummedRows, last - row), rows.lanes);
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
  /// Adds the moments of `n` more numbers.
  void merge(double n, const double* other_mean, const double* other_m2, std::size_t lanes) {
    merge(n, lanes, [=](std::size_t l) { return std::pair(other_mean[l], other_m2[l]); });
  }
  /// `of(lane)` has mean and squared differences.
  template <class Of>
  void merge(double n, std::size_t lanes, const Of& of) {
    merge_lanes(count, n, 0, lanes, of);
    count += n;
  }
  /// Into some lanes, which have those of `before` numbers; the count stays.
  template <class Of>
  void merge_lanes(double before, double n, std::size_t lane, std::size_t lanes, const Of& of) {
    const double weight = n / (before + n), product = before * weight;
    double* __restrict means = mean.data() + lane;
    double* __restrict sums = m2.data() + lane;
    if (before == 0) {
      std::fill_n(means, lanes, 0.0);
      std::fill_n(sums, lanes, 0.0);
    }
    for (std::size_t l = 0; l < lanes; ++l) {
      const auto [other_mean, other_m2] = of(l);
      const double d = other_mean - means[l];
      means[l] += d * weight;
      sums[l] += other_m2 + d * d * product;
    }
  }
};

/// The memory one thread needs to add up moments.
struct MomentSums {
  Moments moments;
  Lanes centre, sum, squares;
  explicit MomentSums(std::size_t lanes) : moments(lanes), centre(lanes), sum(lanes), squares(lanes) {}

  /// Differences from a centre give the moments of a block of rows. The centre is the mean of the blocks before: it is as far
  /// from the block's own as the total deviates from them both, and numbers that are all equal have exactly that mean and no
  /// variance.
  void add(const float* x, std::size_t stride, std::size_t rows, std::size_t lanes) {
    add(x, stride, rows, 0, lanes, moments.count);
    moments.count += double(rows);
  }
  /// The same of some lanes, which have those of `before` rows; the count stays.
  void add(const float* x, std::size_t stride, std::size_t rows, std::size_t lane, std::size_t lanes, double before) {
    for (std::size_t row = 0; row < rows; row += kBlockRows) {
      add_block(x + row * stride, stride, std::min(kBlockRows, rows - row), lane, lanes, before + double(row));
    }
  }

 private:
  void add_block(const float* x, std::size_t stride, std::size_t rows, std::size_t lane, std::size_t lanes, double before) {
    const double n = double(rows), inverse = 1 / n;
    if (before > 0) {
      for (std::size_t l = 0; l < lanes; ++l) centre[l] = float(moments.mean[lane + l]);
      add_up(x, stride, rows, lanes);
    }
    // The first block's mean is found from its first row, and that of a block so far from the others that squares are infinite.
    if (before == 0 || !are_finite(lanes)) {
      std::copy(x, x + lanes, centre.begin());
      add_up(x, stride, rows, lanes);
      for (std::size_t l = 0; l < lanes; ++l) centre[l] += sum[l] * float(inverse);
      add_up(x, stride, rows, lanes);
    }
    moments.merge_lanes(before, n, lane, lanes, [&, c = centre.data(), s = sum.data(), q = squares.data()](std::size_t l) {
      const double total = double(s[l]), shift = total * inverse;
      return std::pair(double(c[l]) + shift, std::max(double(q[l]) - total * shift, 0.0));
    });
  }
  bool are_finite(std::size_t lanes) const {
    float doubt = 0;
    for (std::size_t l = 0; l < lanes; ++l) doubt += squares[l] - squares[l];  // NaN where it is not finite
    return doubt == 0;
  }
  void add_up(const float* x, std::size_t stride, std::size_t rows, std::size_t lanes) {
    normalization_loops().add_up(x, stride, rows, lanes, centre.data(), sum.data(), squares.data());
  }
};

/// Mean and biased variance of each channel over all pixels.
class Statistics {
 public:
  Statistics(const Rows& rows, int threads)
      : rows_(rows), parts_(parts_of(rows, threads), MomentSums(rows.lanes)), total_(rows.channels) {}

  /// What another makes comes by `take` before `compute`, which does not read it then.
  void take_from(std::vector<PixelRange> parts) {
    given_ = std::move(parts);
    parts_.clear();
    for (const PixelRange& part : given_) parts_.emplace_back(part.channels);
  }
  void take(const MadePixels& pixels) {
    const PixelRange& range = pixels.range;
    parts_[pixels.part].add(pixels.numbers, pixels.row, range.pixels, range.first_channel, range.channels,
                            double(range.first_pixel));
  }

  void compute(const float* x, std::size_t pixel_stride) {
    if (!given_.empty()) return add_given();
    const std::size_t stride = rows_.stride(pixel_stride, rows_.lanes), parts = parts_.size();
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
  void add_given() {
    for (std::size_t part = 0; part < given_.size(); ++part) {
      const PixelRange& range = given_[part];
      const Moments& of = parts_[part].moments;
      total_.merge_lanes(double(range.first_pixel), double(range.pixels), range.first_channel, range.channels,
                         [&](std::size_t l) { return std::pair(of.mean[l], of.m2[l]); });
      total_.count = double(range.first_pixel + range.pixels);
    }
  }

  Rows rows_;
  std::vector<PixelRange> given_;  // empty where the parts are our own
  std::vector<MomentSums> parts_;
  Moments total_;
};

inline double inverse_deviation(double variance, float epsilon) { return 1 / std::sqrt(variance + double(epsilon)); }

// Sums for gradients -----------------------------------------------------------------------------------------------

/// Sums over all pixels of g and of g * (x - mean), for each channel.
class GradientSums {
 public:
  GradientSums(const Rows& rows, int threads)
      : rows_(rows), parts_(parts_of(rows, threads), Part(rows.lanes)), total_(rows.channels), total_x_(rows.channels) {}

  /// `read(part, pixel, count, lanes)` has the `GradientRows` of `count` rows from `pixel` on.
  template <class Read>
  void compute(const Read& read) {
    for (Part& part : parts_) part.clear();
    for_parts(rows_, parts_.size(), [&](std::size_t part, std::size_t pixel, std::size_t count, std::size_t lanes) {
      parts_[part].add(read(part, pixel, count, lanes));
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
    Lanes sum, sum_x;
    std::vector<double> total, total_x;
    explicit Part(std::size_t lanes) : sum(lanes), sum_x(lanes), total(lanes), total_x(lanes) {}
    void clear() {
      std::fill(total.begin(), total.end(), 0.0);
      std::fill(total_x.begin(), total_x.end(), 0.0);
    }
    void add(const GradientRows& rows) {
      normalization_loops().add_up_gradient(rows, sum.data(), sum_x.data());
      for (std::size_t l = 0; l < rows.lanes; ++l) {
        total[l] += double(sum[l]);
        total_x[l] += double(sum_x[l]);
      }
    }
  };

  Rows rows_;
  std::vector<Part> parts_;
  std::vector<double> total_, total_x_;
};

}  // namespace mpsnn::cpu
