#include <algorithm>

#include "kernels/cpu/convolution_loops.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu {

WeightGradient::~WeightGradient() = default;

namespace {

/// sums[row][16] += sum over n of scalars[row][n * scalar_step] * vectors[n * vector_step ... + 16].
template <int rows>
void add_products(const float* const* scalars, std::ptrdiff_t scalar_step, const float* vectors, std::ptrdiff_t vector_step,
                  std::size_t count, float* sums) {
  Vec s[rows][2] = {};
  for (std::size_t n = 0; n < count; ++n) {
    const auto at = std::ptrdiff_t(n);
    const Vec v0 = load(vectors + at * vector_step), v1 = load(vectors + at * vector_step + kVec);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const float scalar = scalars[r][at * scalar_step];
      s[r][0] += scalar * v0;
      s[r][1] += scalar * v1;
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
    store(sums + r * kLanes, load(sums + r * kLanes) + s[r][0]);
    store(sums + r * kLanes + kVec, load(sums + r * kLanes + kVec) + s[r][1]);
  }
}

void add_products(std::size_t rows, const float* const* scalars, std::ptrdiff_t scalar_step, const float* vectors,
                  std::ptrdiff_t vector_step, std::size_t count, float* sums) {
  with_rows(rows, [&]<int n>() { add_products<n>(scalars, scalar_step, vectors, vector_step, count, sums); });
}

/// The taps of every result row.
std::vector<std::vector<Tap>> taps_of_rows(const TapAxis& axis) {
  std::vector<std::vector<Tap>> rows(axis.result);
  for (const TapRun& run : make_runs(axis)) {
    for (std::size_t i = 0; i < run.count; ++i) {
      for (const Tap& tap : run.taps) {
        rows[run.first + i * run.stride].push_back({tap.tap, tap.source + std::ptrdiff_t(i) * run.source_step});
      }
    }
  }
  return rows;
}

/// One item of work is a block of 16 channels of one image ("vector side") against all channels of the other ("scalar side") for
/// one row of taps. An item goes over the whole batch by itself, so the sums do not depend on the number of threads.
class DenseGradient final : public WeightGradient {
 public:
  DenseGradient(const TapAxis& x, const TapAxis& y, const WeightsView& view, bool looped_is_output,
                const TensorDescriptor& looped, const TensorDescriptor& mapped, int threads)
      : view_(view), looped_(looped), mapped_(mapped), tap_rows_(y.taps), tap_columns_(x.taps), rows_(taps_of_rows(y)) {
    const Side outputs{view.outputs, view.output_stride}, inputs{view.inputs, view.input_stride};
    looped_side_ = looped_is_output ? outputs : inputs;
    mapped_side_ = looped_is_output ? inputs : outputs;
    // The side that fills its blocks better; of equals the one with more blocks.
    const auto waste = [](const Side& side) { return double(blocks_of(side.channels, kLanes) * kLanes) / double(side.channels); };
    const double a = waste(looped_side_), b = waste(mapped_side_);
    vectors_are_looped_ = a != b ? a < b : looped_side_.channels >= mapped_side_.channels;
    const Side &vectors = vectors_are_looped_ ? looped_side_ : mapped_side_,
               &scalars = vectors_are_looped_ ? mapped_side_ : looped_side_;
    // A run with all its taps fills blocks where few scalar channels would not; one tap at a time has longer runs.
    runs_ = vectors_are_looped_ && scalars.channels < kRows ? make_runs(x) : make_single_tap_runs(x);
    blocks_ = blocks_of(vectors.channels, kLanes);
    sums_size_ = tap_columns_ * scalars.channels * kLanes;
    row_size_ = vectors.channels % kLanes == 0 ? 0 : (vectors_are_looped_ ? looped.w : mapped.w) * kLanes;
    parts_ = std::min(std::size_t(std::max(threads, 1)), view.groups * blocks_ * tap_rows_);
  }

  std::size_t scratch_bytes() const override { return parts_ * (sums_size_ + row_size_) * sizeof(float); }

  void run(const float* looped, const float* mapped, float* gradient, std::byte* scratch) const override {
    const std::size_t items = view_.groups * blocks_ * tap_rows_;
    parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t part = begin; part < end; ++part) {
        float* sums = reinterpret_cast<float*>(scratch) + part * (sums_size_ + row_size_);
        for (std::size_t item = items * part / parts_; item < items * (part + 1) / parts_; ++item) {
          run_item(item / tap_rows_, item % tap_rows_, looped, mapped, gradient, sums, sums + sums_size_);
        }
      }
    });
  }

 private:
  struct Side {
    std::size_t channels = 0, stride = 0;  // stride in the gradient
  };

  void run_item(std::size_t index, std::size_t tap_row, const float* looped, const float* mapped, float* gradient, float* sums,
                float* packed) const {
    const Side &vectors = vectors_are_looped_ ? looped_side_ : mapped_side_,
               &scalars = vectors_are_looped_ ? mapped_side_ : looped_side_;
    const std::size_t group = index / blocks_, first = index % blocks_ * kLanes,
                      lanes = std::min(kLanes, vectors.channels - first);
    std::fill_n(sums, sums_size_, 0.0f);
    for (std::size_t n = 0; n < looped_.n; ++n) {
      for (std::size_t v = 0; v < looped_.h; ++v) {
        for (const Tap& tap : rows_[v]) {
          if (tap.tap != tap_row) continue;
          const float* looped_row =
              looped + (n * looped_.h + v) * looped_.w * looped_.pixel_stride + group * looped_side_.channels;
          const float* mapped_row = mapped + (n * mapped_.h + std::size_t(tap.source)) * mapped_.w * mapped_.pixel_stride +
                                    group * mapped_side_.channels;
          add_row(looped_row, mapped_row, first, lanes, scalars.channels, sums, packed);
        }
      }
    }
    float* to = gradient + group * view_.group_stride + first * vectors.stride;
    for (std::size_t column = 0; column < tap_columns_; ++column) {
      for (std::size_t s = 0; s < scalars.channels; ++s, sums += kLanes) {
        float* element = to + (tap_row * tap_columns_ + column) * view_.tap_stride + s * scalars.stride;
        for (std::size_t lane = 0; lane < lanes; ++lane) element[lane * vectors.stride] = sums[lane];
      }
    }
  }

  void add_row(const float* looped_row, const float* mapped_row, std::size_t first, std::size_t lanes,
               std::size_t scalar_channels, float* sums, float* packed) const {
    const TensorDescriptor& vector_image = vectors_are_looped_ ? looped_ : mapped_;
    const float* vectors = (vectors_are_looped_ ? looped_row : mapped_row) + first;
    auto vector_pixel = std::ptrdiff_t(vector_image.pixel_stride);
    if (lanes < kLanes) {
      // Reading whole vectors would run over the end of the row's last pixel.
      for (std::size_t x = 0; x < vector_image.w; ++x) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) packed[x * kLanes + lane] = lane < lanes ? vectors[lane] : 0.0f;
        vectors += vector_image.pixel_stride;
      }
      vectors = packed;
      vector_pixel = kLanes;
    }
    const auto looped_pixel = std::ptrdiff_t(looped_.pixel_stride), mapped_pixel = std::ptrdiff_t(mapped_.pixel_stride);
    for (const TapRun& run : runs_) {
      const std::size_t count = run.taps.size() * scalar_channels;
      const auto at = std::ptrdiff_t(run.first);
      for (std::size_t j = 0; j < count; j += kRows) {
        const std::size_t rows = std::min(kRows, count - j);
        const float* scalars[kRows];
        const Tap& tap = run.taps[j / scalar_channels];
        if (vectors_are_looped_) {
          for (std::size_t r = 0; r < rows; ++r) {
            scalars[r] = mapped_row + run.taps[(j + r) / scalar_channels].source * mapped_pixel + (j + r) % scalar_channels;
          }
        } else {
          for (std::size_t r = 0; r < rows; ++r) scalars[r] = looped_row + at * looped_pixel + (j + r);
        }
        // The taps of a run follow one another, so the sums of a block do too.
        float* to = sums + (tap.tap * scalar_channels + j % scalar_channels) * kLanes;
        if (vectors_are_looped_) {
          add_products(rows, scalars, run.source_step * mapped_pixel, vectors + at * vector_pixel, vector_pixel, run.count, to);
        } else {
          add_products(rows, scalars, looped_pixel, vectors + tap.source * vector_pixel, run.source_step * vector_pixel,
                       run.count, to);
        }
      }
    }
  }

  const WeightsView view_;
  const TensorDescriptor looped_, mapped_;
  const std::size_t tap_rows_, tap_columns_;
  const std::vector<std::vector<Tap>> rows_;
  Side looped_side_, mapped_side_;
  bool vectors_are_looped_ = true;
  std::vector<TapRun> runs_;
  std::size_t blocks_ = 0, sums_size_ = 0, row_size_ = 0, parts_ = 1;
};

/// Groups of one channel on one side: an item is a block of 16 groups.
class SeparateGradient final : public WeightGradient {
 public:
  SeparateGradient(const TapAxis& x, const TapAxis& y, const WeightsView& view, bool looped_is_output,
                   const TensorDescriptor& looped, const TensorDescriptor& mapped, int threads)
      : view_(view),
        looped_(looped),
        mapped_(mapped),
        tap_columns_(x.taps),
        taps_(x.taps * y.taps),
        rows_(taps_of_rows(y)),
        runs_(make_single_tap_runs(x)) {
    looped_channels_ = looped_is_output ? view.outputs : view.inputs;
    mapped_channels_ = looped_is_output ? view.inputs : view.outputs;
    const std::size_t looped_stride = looped_is_output ? view.output_stride : view.input_stride;
    const std::size_t mapped_stride = looped_is_output ? view.input_stride : view.output_stride;
    member_stride_ = mapped_channels_ == 1 ? looped_stride : mapped_stride;
    members_ = looped_channels_ * mapped_channels_;
    parts_ = std::min(std::size_t(std::max(threads, 1)), members_ * blocks_of(view.groups, kLanes));
  }

  std::size_t scratch_bytes() const override { return parts_ * taps_ * kLanes * sizeof(float); }

  void run(const float* looped, const float* mapped, float* gradient, std::byte* scratch) const override {
    const std::size_t items = members_ * blocks_of(view_.groups, kLanes);
    parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t part = begin; part < end; ++part) {
        float* sums = reinterpret_cast<float*>(scratch) + part * taps_ * kLanes;
        for (std::size_t item = items * part / parts_; item < items * (part + 1) / parts_; ++item) {
          run_item(item % members_, item / members_ * kLanes, looped, mapped, gradient, sums);
        }
      }
    });
  }

 private:
  void run_item(std::size_t member, std::size_t first, const float* looped, const float* mapped, float* gradient,
                float* sums) const {
    const std::size_t lanes = std::min(kLanes, view_.groups - first);
    looped += first * looped_channels_ + (mapped_channels_ == 1 ? member : 0);
    mapped += first * mapped_channels_ + (mapped_channels_ == 1 ? 0 : member);
    std::fill_n(sums, taps_ * kLanes, 0.0f);
    const bool is_packed = lanes == kLanes && members_ == 1;
    for (std::size_t n = 0; n < looped_.n; ++n) {
      for (std::size_t v = 0; v < looped_.h; ++v) {
        for (const Tap& tap : rows_[v]) {
          const float* looped_row = looped + (n * looped_.h + v) * looped_.w * looped_.pixel_stride;
          const float* mapped_row = mapped + (n * mapped_.h + std::size_t(tap.source)) * mapped_.w * mapped_.pixel_stride;
          for (const TapRun& run : runs_) {
            const float* a = looped_row + run.first * looped_.pixel_stride;
            const float* b = mapped_row + run.taps[0].source * std::ptrdiff_t(mapped_.pixel_stride);
            const auto b_step = run.source_step * std::ptrdiff_t(mapped_.pixel_stride);
            float* to = sums + (tap.tap * tap_columns_ + run.taps[0].tap) * kLanes;
            if (is_packed) {
              Vec s0 = load(to), s1 = load(to + kVec);
              for (std::size_t i = 0; i < run.count; ++i, a += looped_.pixel_stride, b += b_step) {
                s0 += load(a) * load(b);
                s1 += load(a + kVec) * load(b + kVec);
              }
              store(to, s0);
              store(to + kVec, s1);
            } else {
              for (std::size_t i = 0; i < run.count; ++i, a += looped_.pixel_stride, b += b_step) {
                for (std::size_t lane = 0; lane < lanes; ++lane)
                  to[lane] += a[lane * looped_channels_] * b[lane * mapped_channels_];
              }
            }
          }
        }
      }
    }
    for (std::size_t tap = 0; tap < taps_; ++tap) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        gradient[(first + lane) * view_.group_stride + member * member_stride_ + tap * view_.tap_stride] =
            sums[tap * kLanes + lane];
      }
    }
  }

  const WeightsView view_;
  const TensorDescriptor looped_, mapped_;
  const std::size_t tap_columns_, taps_;
  const std::vector<std::vector<Tap>> rows_;
  const std::vector<TapRun> runs_;
  std::size_t looped_channels_ = 1, mapped_channels_ = 1, member_stride_ = 0, members_ = 1, parts_ = 1;
};

}  // namespace

std::unique_ptr<WeightGradient> WeightGradient::make(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                                     bool looped_is_output, const TensorDescriptor& looped,
                                                     const TensorDescriptor& mapped, int threads) {
  if (looped_is_output && has_grouped_gradient(x, y, view)) {
    return make_grouped_gradient(x, y, view, looped, mapped, threads);
  }
  if (is_separate(view)) return std::make_unique<SeparateGradient>(x, y, view, looped_is_output, looped, mapped, threads);
  return std::make_unique<DenseGradient>(x, y, view, looped_is_output, looped, mapped, threads);
}

void sum_pixels(const float* image, const TensorDescriptor& d, std::size_t channels, float* sums) {
  const std::size_t rows = d.n * d.h;
  parallel_ranges(blocks_of(channels, kLanes), kMultiplicationsWorthAThread / (d.pixels() * kLanes) + 1,
                  [&](std::size_t begin, std::size_t end) {
                    for (std::size_t block = begin; block < end; ++block) {
                      const std::size_t first = block * kLanes, lanes = std::min(kLanes, channels - first);
                      double totals[kLanes] = {};
                      const float* pixel = image + first;
                      for (std::size_t row = 0; row < rows; ++row) {
                        float line[kLanes] = {};
                        for (std::size_t x = 0; x < d.w; ++x, pixel += d.pixel_stride) {
                          for (std::size_t lane = 0; lane < lanes; ++lane) line[lane] += pixel[lane];
                        }
                        for (std::size_t lane = 0; lane < lanes; ++lane) totals[lane] += double(line[lane]);
                      }
                      for (std::size_t lane = 0; lane < lanes; ++lane) sums[first + lane] = float(totals[lane]);
                    }
                  });
}

void clear_channels(float* image, const TensorDescriptor& d, std::size_t first) {
  if (first >= d.c) return;
  for (std::size_t p = 0; p < d.pixels(); ++p) std::fill_n(image + p * d.pixel_stride + first, d.c - first, 0.0f);
}

void copy_channels(const float* from, std::size_t from_stride, float* to, std::size_t to_stride, std::size_t pixels,
                   std::size_t channels) {
  parallel_ranges(pixels, kMultiplicationsWorthAThread / channels + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t p = begin; p < end; ++p) std::copy_n(from + p * from_stride, channels, to + p * to_stride);
  });
}

}  // namespace mpsnn::cpu
