#include <algorithm>

#include "kernels/cpu/convolution_grouped.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu {

namespace {

using grouped::GradientRow;
using grouped::kGradientTaps;

/// Pixels of a row, from `first` to before `last`.
struct Pixels {
  std::size_t first = 0, last = 0;
};

/// Of every input of a group with every output: the source's vector as it is, the gradient's turned from member to member. A part
/// is a range of blocks, vectors of channels, or of rows of taps where there are more threads than blocks, over the whole batch,
/// so that sums do not depend on the number of threads.
class GroupedGradient final : public WeightGradient {
 public:
  GroupedGradient(const TapAxis& x, const TapAxis& y, const WeightsView& view, const TensorDescriptor& gradient,
                  const TensorDescriptor& source, int threads)
      : x_(x),
        y_(y),
        view_(view),
        gradient_(gradient),
        source_(source),
        channels_(view.groups * view.inputs),
        lanes_(grouped::lanes_of(view)),
        blocks_(blocks_of(channels_, lanes_)),
        splits_(std::size_t(threads) > blocks_ ? y.taps : 1),
        parts_(std::min(std::size_t(threads), blocks_ * splits_)),
        loops_(grouped::gradient_loops(view.inputs, lanes_)) {
    for (const TapRun& run : make_single_tap_runs(x)) of_tap_[run.taps[0].tap] = {run.first, run.first + run.count};
    inner_ = {0, x.result};
    for (const Pixels& pixels : of_tap_) {
      inner_.first = std::max(inner_.first, pixels.first);
      inner_.last = std::min(inner_.last, pixels.last);
    }
    if (inner_.first >= inner_.last) inner_ = {x.result, x.result};
  }

  std::size_t scratch_bytes() const override { return blocks_ * y_.taps * kGradientTaps * tap_size() * sizeof(float); }

  void run(const float* gradient, const float* source, float* weights, std::byte* scratch) const override {
    auto* sums = reinterpret_cast<float*>(scratch);
    parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t part = begin; part < end; ++part) {
        const std::size_t items = blocks_ * splits_;
        run_items(items * part / parts_, items * (part + 1) / parts_, gradient, source, weights, sums);
      }
    });
  }

 private:
  std::size_t tap_size() const { return view_.inputs * lanes_; }  ///< [turn][lane]
  std::size_t first_channel(std::size_t block) const { return std::min(block * lanes_, channels_ - lanes_); }

  void run_items(std::size_t first, std::size_t last, const float* gradient, const float* source, float* weights,
                 float* sums) const {
    const std::size_t tap_rows = y_.taps / splits_, row_size = kGradientTaps * tap_size(), item_size = tap_rows * row_size;
    std::fill_n(sums + first * item_size, (last - first) * item_size, 0.0f);
    for (std::size_t n = 0; n < gradient_.n; ++n) {
      for (std::size_t row = 0; row < gradient_.h; ++row) {
        const float* of_row = gradient + (n * gradient_.h + row) * gradient_.w * gradient_.pixel_stride;
        for (std::size_t tap_row = first * tap_rows; tap_row < last * tap_rows; ++tap_row) {  // of all blocks
          const std::size_t channel = first_channel(tap_row / y_.taps), tap = tap_row % y_.taps;
          const std::ptrdiff_t from = y_.scale * std::ptrdiff_t(row) + y_.shift + y_.step * std::ptrdiff_t(tap);
          if (from < 0 || from >= std::ptrdiff_t(source_.h)) continue;
          const float* source_row = source + (n * source_.h + std::size_t(from)) * source_.w * source_.pixel_stride;
          add_row(of_row + channel, source_row + channel, sums + tap_row * row_size);
        }
      }
    }
    for (std::size_t tap_row = first * tap_rows; tap_row < last * tap_rows; ++tap_row) {
      write(tap_row / y_.taps, tap_row % y_.taps, sums + tap_row * row_size, weights);
    }
  }

  void add_row(const float* gradient, const float* source, float* sums) const {
    GradientRow row{gradient,
                    std::ptrdiff_t(gradient_.pixel_stride),
                    source,
                    x_.scale * std::ptrdiff_t(source_.pixel_stride),
                    x_.step * std::ptrdiff_t(source_.pixel_stride),
                    0,
                    sums};
    const auto add = [&](const Pixels& pixels, std::size_t tap, auto* loop) {
      if (pixels.first >= pixels.last) return;
      const auto first = std::ptrdiff_t(pixels.first);
      const std::ptrdiff_t at = x_.scale * first + x_.shift + x_.step * std::ptrdiff_t(tap);
      row.gradient = gradient + first * row.gradient_pixel;
      row.source = source + at * std::ptrdiff_t(source_.pixel_stride);
      row.pixels = pixels.last - pixels.first;
      row.sums = sums + tap * tap_size();
      loop(row);
    };
    add(inner_, 0, loops_.all_taps);
    for (std::size_t tap = 0; tap < kGradientTaps; ++tap) {  // where others do not exist
      add({of_tap_[tap].first, std::min(inner_.first, of_tap_[tap].last)}, tap, loops_.one_tap);
      add({std::max(inner_.last, of_tap_[tap].first), of_tap_[tap].last}, tap, loops_.one_tap);
    }
  }

  /// A row of taps. The channels of a last block that the one before has as well are that one's.
  void write(std::size_t block, std::size_t row, const float* sums, float* weights) const {
    const std::size_t members = view_.inputs, first = first_channel(block);
    for (std::size_t tap = row * kGradientTaps; tap < (row + 1) * kGradientTaps; ++tap) {
      for (std::size_t turn = 0; turn < members; ++turn, sums += lanes_) {
        for (std::size_t lane = block * lanes_ - first; lane < lanes_; ++lane) {
          const std::size_t input = lane & (members - 1), output = (lane + turn) & (members - 1);
          weights[(first + lane) / members * view_.group_stride + output * view_.output_stride + tap * view_.tap_stride +
                  input * view_.input_stride] = sums[lane];
        }
      }
    }
  }

  const TapAxis x_, y_;
  const WeightsView view_;
  const TensorDescriptor gradient_, source_;
  const std::size_t channels_, lanes_, blocks_;
  const std::size_t splits_;  ///< of a block: its rows of taps, or one
  const std::size_t parts_;
  const grouped::GradientLoops loops_;
  Pixels inner_;                  ///< for which all taps of a row exist
  Pixels of_tap_[kGradientTaps];  ///< for which that one does
};

}  // namespace

bool has_grouped_gradient(const TapAxis& x, const TapAxis& y, const WeightsView& view) {
  const auto is_plain = [](const TapAxis& axis) { return axis.divisor == 1 && !axis.clamp; };
  return x.taps == kGradientTaps && is_plain(x) && is_plain(y) && grouped::lanes_of(view) > 0;
}

std::unique_ptr<WeightGradient> make_grouped_gradient(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                                      const TensorDescriptor& gradient, const TensorDescriptor& source,
                                                      int threads) {
  return std::make_unique<GroupedGradient>(x, y, view, gradient, source, threads);
}

}  // namespace mpsnn::cpu
