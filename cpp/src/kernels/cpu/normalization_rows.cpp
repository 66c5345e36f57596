#include "kernels/cpu/normalization_rows.hpp"

#include <algorithm>
#include <limits>

#include "kernels/cpu/instruction_set.hpp"
#include "kernels/cpu/sign_bits.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGradientRows = 4, kNormalizedRows = 4, kSummedRows = 8;  // whose numbers of one lane pass at a time

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
  std::size_t r = 0;
  for (; r + kSummedRows <= rows; r += kSummedRows) {
    along<lanes>(count, AddUp<kSummedRows>{x + r * x_row, x_row, centre, sum, squares});
  }
  for (; r < rows; ++r) along<lanes>(count, AddUp<1>{x + r * x_row, x_row, centre, sum, squares});
}

// --- normalized numbers -----------------------------------------------------------------------------------------------------

template <std::size_t lanes>
struct Normalizer {
  Vector<lanes> mean, scale, shift;
  MPSNN_INLINE Normalizer(const NormalizingLanes& by, std::size_t l)
      : mean(loaded<lanes>(by.mean + l)), scale(loaded<lanes>(by.scale + l)), shift(loaded<lanes>(by.shift + l)) {}
  MPSNN_INLINE Vector<lanes> operator()(const Vector<lanes>& difference) const { return difference * scale + shift; }
};

enum class Ending { none, rectified, rectified_with_signs };

template <std::size_t rows, bool adds, Ending ending>
struct Normalize {
  const NormalizedRows& all;
  std::size_t first;

  template <std::size_t lanes>
  MPSNN_INLINE void at(std::size_t l) const {
    const Normalizer<lanes> normalized(all.by, l);
#pragma GCC unroll 4
    for (std::size_t r = 0; r < rows; ++r) {
      const std::size_t row = first + r;
      Vector<lanes> y = normalized(loaded<lanes>(all.x + row * all.x_row + l) - normalized.mean);
      if constexpr (adds) y += loaded<lanes>(all.addend + row * all.addend_row + l);
      if constexpr (ending == Ending::rectified_with_signs) write_signs<lanes>(row, l, y);
      if constexpr (ending != Ending::none) y = rectified<lanes>(y);
      store<lanes>(all.y + row * all.y_row + l, y);
    }
  }

 private:
  template <std::size_t lanes>
  MPSNN_INLINE Vector<lanes> rectified(const Vector<lanes>& v) const {
    const Vector<lanes> zero{}, negative = all.rectifier.slope == 0.0f ? zero : all.rectifier.slope * v;
    const Vector<lanes> y = v < zero ? negative : v, limit = zero + all.rectifier.limit;
    return y > limit ? limit : y;
  }

  template <std::size_t lanes>
  MPSNN_INLINE void write_signs(std::size_t row, std::size_t l, const Vector<lanes>& v) const {
    if constexpr (lanes >= kSignGroup) {
      float numbers[lanes];
      store<lanes>(numbers, v);
      std::uint8_t* to = all.signs + (row * all.lanes + l) / kSignGroup * 2;
#pragma GCC unroll 2
      for (std::size_t i = 0; i < lanes; i += kSignGroup) {
        store_signs(to + i / kSignGroup * 2, loaded<kSignGroup>(numbers + i));
      }
    }
  }
};

template <std::size_t lanes, bool adds, Ending ending>
MPSNN_INLINE void normalize_as(const NormalizedRows& all) {
  std::size_t r = 0;
  for (; r + kNormalizedRows <= all.rows; r += kNormalizedRows) {
    along<lanes>(all.lanes, Normalize<kNormalizedRows, adds, ending>{all, r});
  }
  for (; r < all.rows; ++r) along<lanes>(all.lanes, Normalize<1, adds, ending>{all, r});
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

/// Rows of g and of x - mean.
template <std::size_t lanes, bool rectifies>
struct GradientReader {
  const GradientRows& all;
  std::size_t l;
  Vector<lanes> mean;
  MPSNN_INLINE GradientReader(const GradientRows& all, std::size_t l) : all(all), l(l), mean(loaded<lanes>(all.by.mean + l)) {}
  MPSNN_INLINE Vector<lanes> x(std::size_t row) const { return loaded<lanes>(all.x + row * all.x_row + l) - mean; }
  MPSNN_INLINE Vector<lanes> g(std::size_t row, const Vector<lanes>& difference) const {
    const Vector<lanes> g = loaded<lanes>(all.g + row * all.g_row + l);
    if constexpr (!rectifies) return g;
    const Vector<lanes> y = Normalizer<lanes>(all.by, l)(difference), zero{}, one = zero + 1.0f;
    const Vector<lanes> slope = y < zero ? zero + all.slope : one;
    return g * (y == y ? slope : y);
  }
};

template <std::size_t rows, bool rectifies>
struct AddUpGradient {
  const GradientRows& all;
  std::size_t first;
  float *sum, *sum_x;

  template <std::size_t lanes>
  MPSNN_INLINE void at(std::size_t l) const {
    const GradientReader<lanes, rectifies> reader(all, l);
    Vector<lanes> s = loaded<lanes>(sum + l), sx = loaded<lanes>(sum_x + l);
#pragma GCC unroll 4
    for (std::size_t r = 0; r < rows; ++r) {
      const Vector<lanes> x = reader.x(first + r), g = reader.g(first + r, x);
      s += g;
      sx += g * x;
    }
    store<lanes>(sum + l, s);
    store<lanes>(sum_x + l, sx);
  }
};

template <std::size_t lanes, bool rectifies>
MPSNN_INLINE void add_up_gradient_as(const GradientRows& all, float* sum, float* sum_x) {
  std::fill(sum, sum + all.lanes, 0.0f);
  std::fill(sum_x, sum_x + all.lanes, 0.0f);
  std::size_t r = 0;
  for (; r + kGradientRows <= all.rows; r += kGradientRows) {
    along<lanes>(all.lanes, AddUpGradient<kGradientRows, rectifies>{all, r, sum, sum_x});
  }
  for (; r < all.rows; ++r) along<lanes>(all.lanes, AddUpGradient<1, rectifies>{all, r, sum, sum_x});
}

template <std::size_t lanes>
MPSNN_INLINE void add_up_gradient(const GradientRows& all, float* sum, float* sum_x) {
  all.is_rectified ? add_up_gradient_as<lanes, true>(all, sum, sum_x) : add_up_gradient_as<lanes, false>(all, sum, sum_x);
}

template <std::size_t rows, bool weighs, bool rectifies>
struct Differentiate {
  const GradientRows& all;
  const DifferentiatingLanes& by;
  float* d;
  std::size_t d_row, first;

  template <std::size_t lanes>
  MPSNN_INLINE void at(std::size_t l) const {
    const GradientReader<lanes, rectifies> reader(all, l);
    const Vector<lanes> shift = loaded<lanes>(by.shift + l), slope = loaded<lanes>(by.slope + l);
    const Vector<lanes> scale = loaded<lanes>(by.scale + l);
    Vector<lanes> weight{};
    if constexpr (weighs) weight = loaded<lanes>(by.weight + l);
#pragma GCC unroll 4
    for (std::size_t r = 0; r < rows; ++r) {
      const Vector<lanes> x = reader.x(first + r);
      Vector<lanes> g = reader.g(first + r, x);
      if constexpr (weighs) g *= weight;
      store<lanes>(d + (first + r) * d_row + l, ((g + shift) + x * slope) * scale);
    }
  }
};

template <std::size_t lanes, bool weighs, bool rectifies>
MPSNN_INLINE void differentiate_as(const GradientRows& all, const DifferentiatingLanes& by, float* d, std::size_t d_row) {
  std::size_t r = 0;
  for (; r + kGradientRows <= all.rows; r += kGradientRows) {
    along<lanes>(all.lanes, Differentiate<kGradientRows, weighs, rectifies>{all, by, d, d_row, r});
  }
  for (; r < all.rows; ++r) along<lanes>(all.lanes, Differentiate<1, weighs, rectifies>{all, by, d, d_row, r});
}

template <std::size_t lanes>
MPSNN_INLINE void differentiate(const GradientRows& all, const DifferentiatingLanes& by, float* d, std::size_t d_row) {
  if (by.weight) {
    all.is_rectified ? differentiate_as<lanes, true, true>(all, by, d, d_row)
                     : differentiate_as<lanes, true, false>(all, by, d, d_row);
  } else {
    all.is_rectified ? differentiate_as<lanes, false, true>(all, by, d, d_row)
                     : differentiate_as<lanes, false, false>(all, by, d, d_row);
  }
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
