#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <type_traits>
#include <vector>

#include "kernels/cpu/instruction_set.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/pooling_windows.hpp"
#include "mpsnn/nodes/pooling.hpp"

namespace mpsnn::cpu::pooling {

namespace {

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
        y_(table(axes.y.result, [&](std::ptrdiff_t i) { return axes.y.with_edges(i); })),
        are_tiles_(are_pairs(x_) && are_pairs(y_)) {}

  void run(const RunArguments& arguments) override {
    if (are_tiles_) return run_tiles(arguments);
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
  static constexpr std::size_t kLanes = 8;
  static constexpr std::integral_constant<std::size_t, kLanes> kWhole{};

  // Whether window i reads positions 2 * i and 2 * i + 1.
  static bool are_pairs(const std::vector<Reads>& axis) {
    for (std::size_t i = 0; i < axis.size(); ++i) {
      const Reads& reads = axis[i];
      const bool is_pair = reads.count == 2 && reads.step == 1 && reads.edge_count == 0 && !reads.is_cut;
      if (!is_pair || reads.first != std::ptrdiff_t(2 * i)) return false;
    }
    return true;
  }

  /// Windows of two by two, side by side: every pixel is written once. What they leave over at the ends gets nothing.
  void run_tiles(const RunArguments& arguments) const {
    parallel_ranges(gradient_.n * gradient_.h, 8192 / (gradient_.w * gradient_.c) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t image = row / gradient_.h, y = row % gradient_.h, top = image * result_.h + 2 * y;
        run_tile_row(arguments.sources[1] + top * source_.w * source_.pixel_stride,
                     arguments.sources[0] + row * gradient_.w * gradient_.pixel_stride,
                     arguments.result + top * result_.w * result_.pixel_stride);
        const std::size_t bottom = y + 1 == gradient_.h ? (image + 1) * result_.h : top + 2;
        for (std::size_t v = top; v < bottom; ++v) {
          const std::size_t first = v < top + 2 ? 2 * gradient_.w : 0;
          clear(arguments.result + (v * result_.w + first) * result_.pixel_stride, result_.w - first);
        }
      }
    });
  }

  void run_tile_row(const float* source, const float* gradient, float* result) const {
    const std::size_t from = source_.pixel_stride, to = result_.pixel_stride, below = source_.w * from, to_below = result_.w * to;
    // Of fewer channels than a vector has, what is written beyond a pixel is written again with the next: where one follows.
    const bool are_dense = gradient_.is_dense() && source_.is_dense() && result_.is_dense();
    const std::size_t channels = std::max(result_.c, kLanes), row = gradient_.w * gradient_.c;
    for (std::size_t x = 0; x < gradient_.w; ++x) {
      const bool is_followed = are_dense && x * gradient_.c + channels <= row;
      share_among_four<false>({source, source + from, source + below, source + below + from}, gradient,
                              is_followed ? channels : result_.c,
                              {result, result + to, result + to_below, result + to_below + to});
      source += 2 * from;
      gradient += gradient_.pixel_stride;
      result += 2 * to;
    }
  }

  void clear(float* result, std::size_t pixels) const {
    for (std::size_t i = 0; i < pixels; ++i) std::memset(result + i * result_.pixel_stride, 0, result_.c * sizeof(float));
  }

  /// Writes result rows [first, last); windows that reach out of them are looked at by several threads, each adds to its own
  /// rows.
  void run_rows(const float* gradient, const float* source, float* result, std::ptrdiff_t first, std::ptrdiff_t last) const {
    const std::size_t stride = result_.pixel_stride;
    clear(result + std::size_t(first) * result_.w * stride, std::size_t(last - first) * result_.w);
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
    share_among_four<true>(
        {source + offset(0, 0, from), source + offset(0, 1, from), source + offset(1, 0, from), source + offset(1, 1, from)},
        gradient, result_.c,
        {result + offset(0, 0, to), result + offset(0, 1, to), result + offset(1, 0, to), result + offset(1, 1, to)});
  }

  template <bool kAdds>
  static void share_among_four(const std::array<const float*, 4>& source, const float* gradient, std::size_t channels,
                               const std::array<float*, 4>& to) {
    std::size_t k = 0;
    for (; k + kLanes <= channels; k += kLanes) share_vector<kAdds>(source, gradient, k, kWhole, to);
    if (k == channels) return;
    if (!kAdds && channels > kLanes) return share_vector<kAdds>(source, gradient, channels - kLanes, kWhole, to);  // again
    share_vector<kAdds>(source, gradient, k, channels - k, to);
  }

  /// `count` channels from the k-th on.
  template <bool kAdds>
  static void share_vector(const std::array<const float*, 4>& source, const float* gradient, std::size_t k, auto count,
                           const std::array<float*, 4>& to) {
    using Numbers = Vector<kLanes>;
    const auto at = [&](const float* from) { return loaded<kLanes>(from + k, count); };
    // Two pairs, then their winners: a later tap has to be better, so this finds the first of the largest, too.
    const Numbers a = at(source[0]), b = at(source[1]), c = at(source[2]), d = at(source[3]), g = at(gradient), nothing = {};
    const auto b_wins = is_better(b, a), d_wins = is_better(d, c);
    const auto lower_wins = is_better(d_wins ? d : c, b_wins ? b : a);
    const Numbers upper = lower_wins ? nothing : g, lower = lower_wins ? g : nothing;
    const Numbers shares[4] = {b_wins ? nothing : upper, b_wins ? upper : nothing, d_wins ? nothing : lower,
                               d_wins ? lower : nothing};
    for (std::size_t tap = 0; tap < 4; ++tap) {
      store<kLanes>(to[tap] + k, kAdds ? shares[tap] + at(to[tap]) : shares[tap], count);
    }
  }

  /// Of numbers, or of each of two vectors'.
  MPSNN_INLINE static auto is_better(const auto& v, const auto& best) { return (v > best) | ((v != v) & (best == best)); }

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
  bool are_tiles_;
};

}  // namespace

std::unique_ptr<PlanKernel> make_max_pooling_gradient(KernelRequest& request) {
  if (!is_gradient(request)) return nullptr;
  return std::make_unique<MaxGradientLoops>(request, gradient_axes(request));
}

}  // namespace mpsnn::cpu::pooling
