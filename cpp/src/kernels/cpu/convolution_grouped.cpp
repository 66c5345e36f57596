#include "kernels/cpu/convolution_grouped.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/cpu/instruction_set.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu {

namespace {

using grouped::kPixels;
using grouped::lanes_of;
using grouped::Strip;

constexpr std::size_t kNearBytes = 48 << 10;  // what a walk along a row leaves in the nearest cache
constexpr std::size_t kImageBytes = 1 << 20;  // of an image that the next nearest cache holds
constexpr std::size_t kMostMembers = 8;       // of a group: a larger one fills vectors by itself, which need not be turned
constexpr std::size_t kCostOfPacking = 8;     // of a weight, in multiplications

/// Where a window begins on an axis.
std::ptrdiff_t window_start(const TapAxis& axis, std::size_t pixel) {
  return axis.scale * std::ptrdiff_t(pixel) + axis.shift + std::min<std::ptrdiff_t>(axis.step * std::ptrdiff_t(axis.taps - 1), 0);
}

/// Of `count` rows or columns from `start` on, those that exist.
void clip(std::ptrdiff_t start, std::ptrdiff_t count, std::size_t size, int& first, int& last) {
  first = int(std::clamp<std::ptrdiff_t>(-start, 0, count));
  last = int(std::clamp<std::ptrdiff_t>(std::ptrdiff_t(size) - start, first, count));
}

class GroupedFilter final : public TapFilter {
 public:
  GroupedFilter(const TapAxis& x, const TapAxis& y, const WeightsView& view, const TensorDescriptor& source,
                const TensorDescriptor& result)
      : x_(x),
        y_(y),
        view_(view),
        source_(source),
        result_(result),
        x_runs_(make_runs(x)),
        y_runs_(make_runs(y)),
        taps_(x.taps * y.taps),
        channels_(view.groups * view.inputs),
        lanes_(lanes_of(view)),
        blocks_(blocks_of(channels_, lanes_)),
        runners_(grouped::runners(x, y, view.inputs, lanes_)) {
    std::sort(x_runs_.begin(), x_runs_.end(), [](const TapRun& a, const TapRun& b) { return a.first < b.first; });
    // An image that is near is walked along a row for a few blocks of channels, so that a pixel is still nearer for the next
    // windows; one that is far away in the order of its memory.
    const std::size_t row_bytes = ((y.taps + 1) * source.w * lanes_ + weights_size()) * sizeof(float);
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
    const std::size_t grain = kMultiplicationsWorthAThread * count / (result_.pixels() * weights_size() / lanes_ * channels_) + 1;
    parallel_ranges(count, grain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t item = begin; item < end; ++item) {
        const std::size_t n = item / bands / chunks_, chunk = item / bands % chunks_, row = item % bands * band_rows;
        const std::size_t pixel = (n * result_.h + row) * result_.w;
        run_band(all, n, chunk, row, std::min(band_rows, result_.h - row), source, result + pixel * result_.pixel_stride,
                 addend ? addend + pixel * addend_stride : nullptr);
      }
    });
  }

  /// Of depthwise convolutions: whether those of larger groups gain by it is not known.
  bool has_rows() const override { return runners_.inside && view_.inputs == 1; }

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
    packed_.resize(blocks_ * weights_size());
    parallel_ranges(blocks_, kMultiplicationsWorthAThread / (kCostOfPacking * weights_size()) + 1,
                    [&](std::size_t begin, std::size_t end) {
                      for (std::size_t block = begin; block < end; ++block) pack_block(block, weights);
                    });
    is_finite_ = std::all_of(packed_.begin(), packed_.end(), [](float w) { return std::isfinite(w); });
  }

 private:
  /// Zeros outside the image change nothing unless a weight is infinite.
  bool has_window() const { return runners_.inside && is_finite_; }
  std::size_t weights_size() const { return taps_ * view_.inputs * lanes_; }  ///< of a block
  std::size_t first_channel(std::size_t block) const { return std::min(block * lanes_, channels_ - lanes_); }

  void pack_block(std::size_t block, const float* weights) {
    const std::size_t members = view_.inputs;
    const float* of_output[kMostLanes];  // the weights of a lane's output
    for (std::size_t lane = 0; lane < lanes_; ++lane) {
      const std::size_t channel = first_channel(block) + lane;
      of_output[lane] = weights + channel / members * view_.group_stride + channel % members * view_.output_stride;
    }
    float* to = packed_.data() + block * weights_size();
    for (std::size_t tap = 0; tap < taps_; ++tap) {
      for (std::size_t turn = 0; turn < members; ++turn) {
        for (std::size_t lane = 0; lane < lanes_; ++lane) {
          const std::size_t input = (lane + turn) & (members - 1);  // blocks begin with a group, of a power of two
          *to++ = of_output[lane][tap * view_.tap_stride + input * view_.input_stride];
        }
      }
    }
  }

  /// What all strips have in common.
  Strip strip_of(const float* biases, std::size_t result_pixel, std::size_t addend_pixel) const {
    Strip s{};
    s.source_pixel = std::ptrdiff_t(source_.pixel_stride);
    s.source_row = s.source_pixel * std::ptrdiff_t(source_.w);
    s.channels = channels_;
    s.weights_size = weights_size();
    s.tap_column = std::ptrdiff_t(view_.inputs * lanes_);
    s.tap_row = std::ptrdiff_t(x_.taps) * s.tap_column;
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
    s.tap_row *= y_.step;
    s.tap_column *= x_.step;
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
      (is_inside ? runners_.inside : runners_.at_edge)(s);
    }
  }

  void run_row(Strip& s, std::size_t row, const float* source, float* result, const float* addend) const {
    const auto is_in = [row](const TapRun& run) {
      return row >= run.first && (row - run.first) % run.stride == 0 && (row - run.first) / run.stride < run.count;
    };
    const TapRun& y = *std::find_if(y_runs_.begin(), y_runs_.end(), is_in);
    s.weights = packed_.data();
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
        runners_.taps[std::min<std::size_t>(x.count - i, kPixels) - 1](s);
      }
    }
  }

  const TapAxis x_, y_;
  const WeightsView view_;
  const TensorDescriptor source_, result_;
  std::vector<TapRun> x_runs_;
  const std::vector<TapRun> y_runs_;
  const std::size_t taps_, channels_, lanes_, blocks_;
  std::size_t chunks_ = 1;  // of the blocks
  const grouped::Runners runners_;
  Rectifier rectifier_;
  bool is_finite_ = true;
  std::vector<float> packed_;
};

}  // namespace

std::size_t grouped::lanes_of(const WeightsView& view) {
  const std::size_t members = view.inputs, channels = view.groups * members;
  if (view.groups < 2 || view.outputs != members || members > kMostMembers || !std::has_single_bit(members)) return 0;
  return channels >= vector_lanes() ? vector_lanes() : channels >= kVec ? kVec : 0;
}

bool is_depthwise(const WeightsView& view) { return view.groups >= kVec && view.inputs == 1 && view.outputs == 1; }

bool has_grouped_window(const TapAxis& x, const TapAxis& y, const WeightsView& view) {
  return lanes_of(view) > 0 && grouped::runners(x, y, view.inputs, lanes_of(view)).inside;
}

bool has_small_groups(const TapAxis& x, const TapAxis& y, const WeightsView& view) {
  constexpr std::size_t kFewMembers = 4;
  if (is_depthwise(view) || has_grouped_window(x, y, view)) return true;
  return lanes_of(view) > 0 && view.inputs <= kFewMembers && x.result >= kPixels;
}

std::unique_ptr<TapFilter> make_grouped_filter(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                               const TensorDescriptor& source, const TensorDescriptor& result) {
  return std::make_unique<GroupedFilter>(x, y, view, source, result);
}

}  // namespace mpsnn::cpu
