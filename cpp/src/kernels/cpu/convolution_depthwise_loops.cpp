#include "kernels/cpu/convolution_depthwise.hpp"
#include "kernels/cpu/instruction_set.hpp"

namespace mpsnn::cpu::depthwise {

namespace {

/// The weights of some rows of a window, and the sums of their gradient.
template <std::size_t lanes, std::size_t rows>
struct Taps {
  Vector<lanes> weights[rows][kTaps], sums[rows][kTaps];

  MPSNN_INLINE explicit Taps(const Row& r) {
#pragma GCC unroll 3
    for (std::size_t y = 0; y < rows; ++y) {
#pragma GCC unroll 3
      for (std::size_t x = 0; x < kTaps; ++x) {
        weights[y][x] = loaded<lanes>(r.weights[y] + x * lanes);
        sums[y][x] = Vector<lanes>{};
      }
    }
  }
  MPSNN_INLINE void add_to(const Row& r) const {
#pragma GCC unroll 3
    for (std::size_t y = 0; y < rows; ++y) {
#pragma GCC unroll 3
      for (std::size_t x = 0; x < kTaps; ++x) {
        float* to = r.sums[y] + x * lanes;
        store<lanes>(to, loaded<lanes>(to) + sums[y][x]);
      }
    }
  }
  /// What a tap contributes to a pixel of the source, and that to the tap.
  MPSNN_INLINE void meet(std::size_t y, std::size_t x, const Vector<lanes>& gradient, const Vector<lanes>& source,
                         Vector<lanes>& result) {
    result += weights[y][x] * gradient;
    sums[y][x] += source * gradient;
  }
};

template <std::size_t lanes, std::size_t rows>
MPSNN_INLINE void run_neighbours(const Row& row) {
  using V = Vector<lanes>;
  const Row r = row;  // of its own: no store changes it
  Taps<lanes, rows> taps(r);
  V last[rows], middle[rows];
#pragma GCC unroll 3
  for (std::size_t y = 0; y < rows; ++y) {
    last[y] = loaded<lanes>(r.gradients[y]);
    middle[y] = loaded<lanes>(r.gradients[y] + r.gradient_pixel);
  }
  for (std::size_t i = 0; i < r.count; ++i) {
    const auto at = std::ptrdiff_t(i);
    const V source = loaded<lanes>(r.source + at * r.source_pixel);
    __builtin_prefetch(r.source + at * r.source_pixel + r.source_ahead);
    __builtin_prefetch(r.gradients[0] + (at + 2) * r.gradient_pixel + r.gradient_ahead);
    __builtin_prefetch(r.result + at * r.result_pixel + r.result_ahead, 1);
    V parts[rows] = {};  // sums that need not wait for one another
#pragma GCC unroll 3
    for (std::size_t y = 0; y < rows; ++y) {
      const V first = loaded<lanes>(r.gradients[y] + (at + 2) * r.gradient_pixel);
      taps.meet(y, 0, first, source, parts[y]);
      taps.meet(y, 1, middle[y], source, parts[y]);
      taps.meet(y, 2, last[y], source, parts[y]);
      last[y] = middle[y];
      middle[y] = first;
    }
#pragma GCC unroll 3
    for (std::size_t y = 1; y < rows; ++y) parts[0] += parts[y];
    store<lanes>(r.result + at * r.result_pixel, parts[0]);
  }
  taps.add_to(r);
}

template <std::size_t lanes, std::size_t rows>
MPSNN_INLINE void run_pairs(const Row& row) {
  using V = Vector<lanes>;
  const Row r = row;
  Taps<lanes, rows> taps(r);
  V last[rows];
#pragma GCC unroll 3
  for (std::size_t y = 0; y < rows; ++y) last[y] = loaded<lanes>(r.gradients[y]);
  for (std::size_t i = 0; i < r.count; ++i) {
    const auto at = std::ptrdiff_t(i);
    const float* from = r.source + 2 * at * r.source_pixel;
    float* to = r.result + 2 * at * r.result_pixel;
    const V left = loaded<lanes>(from), right = loaded<lanes>(from + r.source_pixel);
    __builtin_prefetch(from + r.source_ahead);
    __builtin_prefetch(from + r.source_pixel + r.source_ahead);
    __builtin_prefetch(to + r.result_ahead, 1);
    __builtin_prefetch(to + r.result_pixel + r.result_ahead, 1);
    __builtin_prefetch(r.gradients[0] + (at + 1) * r.gradient_pixel + r.gradient_ahead);
    V of_left = {}, of_right = {};
#pragma GCC unroll 3
    for (std::size_t y = 0; y < rows; ++y) {
      const V first = loaded<lanes>(r.gradients[y] + (at + 1) * r.gradient_pixel);
      taps.meet(y, 0, first, left, of_left);
      taps.meet(y, 1, first, right, of_right);
      taps.meet(y, 2, last[y], left, of_left);
      last[y] = first;
    }
    store<lanes>(to, of_left);
    store<lanes>(to + r.result_pixel, of_right);
  }
  taps.add_to(r);
}

template <std::size_t lanes>
MPSNN_INLINE void run_pixel(const Row& r, std::size_t pixel, const Readers& readers) {
  using V = Vector<lanes>;
  const auto at = std::ptrdiff_t(pixel);
  const V source = loaded<lanes>(r.source + at * r.source_pixel);
  V result = {};
  for (std::size_t x = 0; x < readers.count; ++x) {
    const std::ptrdiff_t from = std::ptrdiff_t(readers.windows[x]) * r.gradient_pixel;
    const std::size_t tap = readers.taps[x] * lanes;
    for (std::size_t y = 0; y < r.rows; ++y) {
      const V gradient = loaded<lanes>(r.gradients[y] + from);
      result += loaded<lanes>(r.weights[y] + tap) * gradient;
      float* sum = r.sums[y] + tap;
      store<lanes>(sum, loaded<lanes>(sum) + source * gradient);
    }
  }
  store<lanes>(r.result + at * r.result_pixel, result);
}

void run_pixel_8(const Row& row, std::size_t pixel, const Readers& readers) { run_pixel<8>(row, pixel, readers); }
MPSNN_AVX512 void run_pixel_16(const Row& row, std::size_t pixel, const Readers& readers) { run_pixel<16>(row, pixel, readers); }

template <std::size_t step, std::size_t rows>
void run_8(const Row& row) {
  if constexpr (step == 1) {
    run_neighbours<8, rows>(row);
  } else {
    run_pairs<8, rows>(row);
  }
}
template <std::size_t step, std::size_t rows>
MPSNN_AVX512 void run_16(const Row& row) {
  if constexpr (step == 1) {
    run_neighbours<16, rows>(row);
  } else {
    run_pairs<16, rows>(row);
  }
}

template <std::size_t step>
Loops loops_of(std::size_t lanes) {
  if (lanes == 16) return {{run_16<step, 1>, run_16<step, 2>, run_16<step, 3>}, run_pixel_16};
  return {{run_8<step, 1>, run_8<step, 2>, run_8<step, 3>}, run_pixel_8};
}

}  // namespace

Loops loops(std::size_t step, std::size_t lanes) { return step == 1 ? loops_of<1>(lanes) : loops_of<2>(lanes); }

}  // namespace mpsnn::cpu::depthwise
