#include "kernels/cpu/normalization_rows.hpp"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "kernels/cpu/instruction_set.hpp"
#include "kernels/cpu/sign_bits.hpp"

namespace mpsnn::cpu {

namespace {

// Rows that pass together: what belongs to a lane is read, and sums are written, once for all of them.
constexpr std::size_t kRowsAtOnce = 8, kGradientRowsAtOnce = 2, kLongRowsAtOnce = 4;
// Memory likes to be read from the first number to the last. Of rows so long the processor sees each as one stream; and sums of
// one row at a time would be stored a multiple of 4096 bytes from numbers that are loaded next, which wait for that.
constexpr std::size_t kLongRow = 1024;

// Of two images at a time the processor does not fetch as much ahead as memory gives: numbers from there, and numbers of a line.
constexpr std::size_t kAhead = 1024, kLineLanes = 16;

/// Calls `pass(first row, constant)` for as many rows together as the constant says.
template <std::size_t at_once, class Pass>
MPSNN_INLINE void together(std::size_t rows, const Pass& pass) {
  std::size_t r = 0;
  for (; r + at_once <= rows; r += at_once) pass(r, std::integral_constant<std::size_t, at_once>());
  for (; r < rows; ++r) pass(r, std::integral_constant<std::size_t, 1>());
}

/// Calls `loop.at<lanes>(lane)` along a row, with shorter vectors for what is left.
template <std::size_t lanes, class Loop>
MPSNN_INLINE void along(std::size_t count, const Loop& loop) {
  std::size_t l = 0;
  for (; l + lanes <= count; l += lanes) loop.template at<lanes>(l);
  if constexpr (lanes > kSignGroup) {
    for (; l + kSignGroup <= count; l += kSignGroup) loop.template at<kSignGroup>(l);
  }
  for (; l < count; ++l) loop.template at<1>(l);
}

// --- moments ----------------------------------------------------------------------------------------------------------------

template <std::size_t rows>
struct AddUp {
  const float* x;
  std::size_t x_row;
  const float* centre;
  float *sum, *squares;

  template <std::size_t lanes>
  MPSNN_INLINE void at(std::size_t l) const {
    const Vector<lanes> middle = loaded<lanes>(centre + l);
    Vector<lanes> s = loaded<lanes>(sum + l), q = loaded<lanes>(squares + l);
#pragma GCC unroll 8
    for (std::size_t r = 0; r < rows; ++r) {
      const Vector<lanes> d = loaded<lanes>(x + r * x_row + l) - middle;
      s += d;
      q += d * d;
    }
    store<lanes>(sum + l, s);
    store<lanes>(squares + l, q);
  }
};

template <std::size_t lanes>
MPSNN_INLINE void add_up(const float* x, std::size_t x_row, std::size_t rows, std::size_t count, const float* centre, float* sum,
                         float* squares) {
  std::fill(sum, sum + count, 0.0f);
  std::fill(squares, squares + count, 0.0f);
  together<kRowsAtOnce>(rows, [&](std::size_t r, auto at_once) MPSNN_INLINED {
    along<lanes>(count, AddUp<at_once>{x + r * x_row, x_row, centre, sum, squares});
  });
}

// --- normalized numbers -----------------------------------------------------------------------------------------------------

template <std::size_t lanes>
MPSNN_INLINE Vector<lanes> normalized(const Vector<lanes>& difference, const Vector<lanes>& scale, const Vector<lanes>& shift) {
  return difference * scale + shift;
}

enum class Ending { none, rectified, rectified_with_signs };

/// One row. The compiler keeps in registers what no store can reach: hence copies.
template <bool adds, Ending ending>
struct Normalize {
  const NormalizingLanes by;
  const float *x, *addend;
  float* y;
  const Rectifier rectifier;
  std::uint8_t* signs;

  template <std::size_t lanes>
  MPSNN_INLINE void at(std::size_t l) const {
    const Vector<lanes> difference = loaded<lanes>(x + l) - loaded<lanes>(by.mean + l);
    Vector<lanes> v = normalized<lanes>(difference, loaded<lanes>(by.scale + l), loaded<lanes>(by.shift + l));
    if constexpr (adds) v += loaded<lanes>(addend + l);
    if constexpr (ending == Ending::rectified_with_signs) write_signs<lanes>(l, v);
    if constexpr (ending != Ending::none) v = rectified<lanes>(v);
    store<lanes>(y + l, v);
  }

 private:
  template <std::size_t lanes>
  MPSNN_INLINE Vector<lanes> rectified(const Vector<lanes>& v) const {
    const Vector<lanes> zero{}, negative = rectifier.slope == 0.0f ? zero : rectifier.slope * v;
    const Vector<lanes> w = v < zero ? negative : v, limit = zero + rectifier.limit;
    return w > limit ? limit : w;
  }

  template <std::size_t lanes>
  MPSNN_INLINE void write_signs(std::size_t l, const Vector<lanes>& v) const {
    if constexpr (lanes >= kSignGroup) {
      float numbers[lanes];
      store<lanes>(numbers, v);
#pragma GCC unroll 2
      for (std::size_t i = 0; i < lanes; i += kSignGroup) {
        store_signs(signs + (l + i) / kSignGroup * 2, loaded<kSignGroup>(numbers + i));
      }
    }
  }
};

template <std::size_t lanes, bool adds, Ending ending>
MPSNN_INLINE void normalize_as(const NormalizedRows& all) {
  const NormalizedRows n = all;
  for (std::size_t r = 0; r < n.rows; ++r) {
    const float* addend = adds ? n.addend + r * n.addend_row : nullptr;
    std::uint8_t* signs = ending == Ending::rectified_with_signs ? n.signs + r * n.lanes / kSignGroup * 2 : nullptr;
    along<lanes>(n.lanes, Normalize<adds, ending>{n.by, n.x + r * n.x_row, addend, n.y + r * n.y_row, n.rectifier, signs});
  }
}

template <std::size_t lanes, bool adds>
MPSNN_INLINE void normalize_with(const NormalizedRows& all) {
  if (all.signs) return normalize_as<lanes, adds, Ending::rectified_with_signs>(all);
  if (all.rectifier.is_needed) return normalize_as<lanes, adds, Ending::rectified>(all);
  normalize_as<lanes, adds, Ending::none>(all);
}

template <std::size_t lanes>
MPSNN_INLINE void normalize(const NormalizedRows& all) {
  all.addend ? normalize_with<lanes, true>(all) : normalize_with<lanes, false>(all);
}

// --- gradients --------------------------------------------------------------------------------------------------------------

enum class Passed { linear, rectified, limited };

Passed passed(const Rectifier& rectifier) {
  if (!rectifier.is_needed) return Passed::linear;
  return rectifier.limit == std::numeric_limits<float>::infinity() ? Passed::rectified : Passed::limited;
}

/// x - mean and g of rows that pass together.
template <Passed passed, bool fetches>
struct GradientReader {
  const NormalizingLanes by;
  const float *x_rows, *g_rows;
  const std::size_t x_row, g_row;
  const float slope, limit;

  GradientReader(const GradientRows& all, std::size_t first)
      : by(all.by),
        x_rows(all.x + first * all.x_row),
        g_rows(all.g + first * all.g_row),
        x_row(all.x_row),
        g_row(all.g_row),
        slope(all.rectifier.slope),
        limit(all.rectifier.limit) {}

  /// What the lanes have in common.
  template <std::size_t lanes>
  struct Lanes {
    Vector<lanes> mean, scale, shift;
  };
  template <std::size_t lanes>
  MPSNN_INLINE Lanes<lanes> of_lanes(std::size_t l) const {
    Lanes<lanes> of{loaded<lanes>(by.mean + l), {}, {}};
    if constexpr (passed != Passed::linear) {
      of.scale = loaded<lanes>(by.scale + l);
      of.shift = loaded<lanes>(by.shift + l);
    }
    return of;
  }
  template <std::size_t lanes>
  MPSNN_INLINE Vector<lanes> x(std::size_t row, std::size_t l, const Lanes<lanes>& of) const {
    const float *from = x_rows + row * x_row + l, *g = g_rows + row * g_row + l;
    if constexpr (fetches && lanes == kLineLanes) {
      __builtin_prefetch(from + kAhead);
      __builtin_prefetch(g + kAhead);
    }
    return loaded<lanes>(from) - of.mean;
  }
  template <std::size_t lanes>
  MPSNN_INLINE Vector<lanes> g(std::size_t row, std::size_t l, const Vector<lanes>& difference, const Lanes<lanes>& of) const {
    const Vector<lanes> g = loaded<lanes>(g_rows + row * g_row + l);
    if constexpr (passed == Passed::linear) return g;
    const Vector<lanes> y = normalized<lanes>(difference, of.scale, of.shift), zero{}, one = zero + 1.0f;
    Vector<lanes> derivative = y < zero ? zero + slope : one;
    if constexpr (passed == Passed::limited) derivative = derivative * y < zero + limit ? derivative : zero;
    return g * (y == y ? derivative : y);
  }
};

template <std::size_t rows, Passed passed, bool fetches>
struct AddUpGradient {
  const GradientReader<passed, fetches> from;
  float *sum, *sum_x;

  template <std::size_t lanes>
  MPSNN_INLINE void at(std::size_t l) const {
    const auto of = from.template of_lanes<lanes>(l);
    Vector<lanes> s = loaded<lanes>(sum + l), s_x = loaded<lanes>(sum_x + l);
#pragma GCC unroll 4
    for (std::size_t r = 0; r < rows; ++r) {
      const Vector<lanes> x = from.template x<lanes>(r, l, of), g = from.template g<lanes>(r, l, x, of);
      s += g;
      s_x += g * x;
    }
    store<lanes>(sum + l, s);
    store<lanes>(sum_x + l, s_x);
  }
};

template <std::size_t lanes, Passed passed>
MPSNN_INLINE void add_up_gradient_as(const GradientRows& all, float* sum, float* sum_x) {
  const GradientRows rows = all;
  std::fill(sum, sum + rows.lanes, 0.0f);
  std::fill(sum_x, sum_x + rows.lanes, 0.0f);
  if (rows.lanes < kLongRow) {
    for (std::size_t r = 0; r < rows.rows; ++r) {
      along<lanes>(rows.lanes, AddUpGradient<1, passed, true>{{rows, r}, sum, sum_x});
    }
  } else {
    together<kLongRowsAtOnce>(rows.rows, [&](std::size_t r, auto at_once) MPSNN_INLINED {
      along<lanes>(rows.lanes, AddUpGradient<at_once, passed, false>{{rows, r}, sum, sum_x});
    });
  }
}

template <std::size_t lanes>
MPSNN_INLINE void add_up_gradient(const GradientRows& all, float* sum, float* sum_x) {
  switch (passed(all.rectifier)) {
    case Passed::linear:
      return add_up_gradient_as<lanes, Passed::linear>(all, sum, sum_x);
    case Passed::rectified:
      return add_up_gradient_as<lanes, Passed::rectified>(all, sum, sum_x);
    case Passed::limited:
      return add_up_gradient_as<lanes, Passed::limited>(all, sum, sum_x);
  }
}

template <std::size_t rows, bool weighs, Passed passed, bool fetches>
struct Differentiate {
  const GradientReader<passed, fetches> from;
  const DifferentiatingLanes by;
  float* d;
  const std::size_t d_row;

  template <std::size_t lanes>
  MPSNN_INLINE void at(std::size_t l) const {
    const auto of = from.template of_lanes<lanes>(l);
    const Vector<lanes> shift = loaded<lanes>(by.shift + l), slope = loaded<lanes>(by.slope + l),
                        scale = loaded<lanes>(by.scale + l);
    Vector<lanes> weight{};
    if constexpr (weighs) weight = loaded<lanes>(by.weight + l);
#pragma GCC unroll 4
    for (std::size_t r = 0; r < rows; ++r) {
      const Vector<lanes> x = from.template x<lanes>(r, l, of);
      Vector<lanes> g = from.template g<lanes>(r, l, x, of);
      if constexpr (weighs) g *= weight;
      store<lanes>(d + r * d_row + l, ((g + shift) + x * slope) * scale);
    }
  }
};

template <std::size_t lanes, bool weighs, Passed passed>
MPSNN_INLINE void differentiate_as(const GradientRows& all, const DifferentiatingLanes& by, float* d, std::size_t d_row) {
  const GradientRows rows = all;
  const DifferentiatingLanes with = by;
  if (!rows.are_near) {
    for (std::size_t r = 0; r < rows.rows; ++r) {
      along<lanes>(rows.lanes, Differentiate<1, weighs, passed, true>{{rows, r}, with, d + r * d_row, d_row});
    }
  } else {
    together<kGradientRowsAtOnce>(rows.rows, [&](std::size_t r, auto at_once) MPSNN_INLINED {
      along<lanes>(rows.lanes, Differentiate<at_once, weighs, passed, false>{{rows, r}, with, d + r * d_row, d_row});
    });
  }
}

template <std::size_t lanes, bool weighs>
MPSNN_INLINE void differentiate_with(const GradientRows& all, const DifferentiatingLanes& by, float* d, std::size_t d_row) {
  switch (passed(all.rectifier)) {
    case Passed::linear:
      return differentiate_as<lanes, weighs, Passed::linear>(all, by, d, d_row);
    case Passed::rectified:
      return differentiate_as<lanes, weighs, Passed::rectified>(all, by, d, d_row);
    case Passed::limited:
      return differentiate_as<lanes, weighs, Passed::limited>(all, by, d, d_row);
  }
}

template <std::size_t lanes>
MPSNN_INLINE void differentiate(const GradientRows& all, const DifferentiatingLanes& by, float* d, std::size_t d_row) {
  by.weight ? differentiate_with<lanes, true>(all, by, d, d_row) : differentiate_with<lanes, false>(all, by, d, d_row);
}

// --- for each length of vectors ---------------------------------------------------------------------------------------------

#define MPSNN_NORMALIZATION_LOOPS(TARGET, lanes)                                                                             \
  TARGET void add_up_##lanes(const float* x, std::size_t x_row, std::size_t rows, std::size_t count, const float* centre,    \
                             float* sum, float* squares) {                                                                   \
    add_up<lanes>(x, x_row, rows, count, centre, sum, squares);                                                              \
  }                                                                                                                          \
  TARGET void normalize_##lanes(const NormalizedRows& rows) { normalize<lanes>(rows); }                                      \
  TARGET void add_up_gradient_##lanes(const GradientRows& rows, float* sum, float* sum_x) {                                  \
    add_up_gradient<lanes>(rows, sum, sum_x);                                                                                \
  }                                                                                                                          \
  TARGET void differentiate_##lanes(const GradientRows& rows, const DifferentiatingLanes& by, float* d, std::size_t d_row) { \
    differentiate<lanes>(rows, by, d, d_row);                                                                                \
  }                                                                                                                          \
  constexpr NormalizationLoops kLoops##lanes{add_up_##lanes, normalize_##lanes, add_up_gradient_##lanes, differentiate_##lanes};

MPSNN_NORMALIZATION_LOOPS(, 8)
#if MPSNN_HAS_AVX512
MPSNN_NORMALIZATION_LOOPS(MPSNN_AVX512, 16)
#endif

}  // namespace

const NormalizationLoops& normalization_loops() {
#if MPSNN_HAS_AVX512
  if (vector_lanes() == 16) return kLoops16;
#endif
  return kLoops8;
}

}  // namespace mpsnn::cpu
