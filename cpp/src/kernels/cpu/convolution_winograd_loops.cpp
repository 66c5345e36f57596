#include "kernels/cpu/convolution_winograd_loops.hpp"

#include <algorithm>
#include <utility>

#include "kernels/cpu/convolution_winograd_points.hpp"

namespace mpsnn::cpu::winograd {

namespace {

template <class V, std::size_t in, std::size_t out>
using Step = void (*)(const V (&)[in], V (&)[out]);

/// Some rows of M X M', where `step` is M times a column.
template <class V, std::size_t in, std::size_t out, Step<V, in, out> step, std::size_t... rows, class Load, class Put>
MPSNN_INLINE void transform_rows(std::index_sequence<rows...>, const Load& load, const Put& put) {
  constexpr std::size_t kRows[] = {rows...};
  V half[sizeof...(rows)][in], made[out];
#pragma GCC unroll 6
  for (std::size_t j = 0; j < in; ++j) {
    V column[in];
#pragma GCC unroll 6
    for (std::size_t i = 0; i < in; ++i) column[i] = load(i, j);
    step(column, made);
#pragma GCC unroll 6
    for (std::size_t k = 0; k < sizeof...(rows); ++k) half[k][j] = made[kRows[k]];
  }
#pragma GCC unroll 6
  for (std::size_t k = 0; k < sizeof...(rows); ++k) {
    step(half[k], made);
    put(kRows[k], made);
  }
}

/// M X M': `load(i, j)` gives X, `put(i, row)` takes what comes of it. What lies between the two products stays in registers:
/// where it is too much for them it is made two rows at a time, and X, which is near, is loaded again.
template <class V, std::size_t in, std::size_t out, Step<V, in, out> step, class Load, class Put>
MPSNN_INLINE void transform_square(const Load& load, const Put& put) {
  constexpr std::size_t kMostVectors = 30;
  if constexpr (in * out <= kMostVectors) {
    transform_rows<V, in, out, step>(std::make_index_sequence<out>(), load, put);
  } else {
    static_assert(out == 6);  // a point and its opposite have sums in common
    transform_rows<V, in, out, step>(std::index_sequence<0, 5>(), load, put);
    transform_rows<V, in, out, step>(std::index_sequence<1, 2>(), load, put);
    transform_rows<V, in, out, step>(std::index_sequence<3, 4>(), load, put);
  }
}

/// The next `count` channels of a tile's source, or of the gradient of its result.
template <class F, std::size_t lanes, bool is_gradient, bool is_whole>
MPSNN_INLINE void transform_channels(const float* const* pixels, std::size_t channel, std::size_t count, std::size_t ahead,
                                     float* to, std::size_t component_step) {
  using V = Vector<lanes>;
  constexpr std::size_t kSide = is_gradient ? F::kTile : F::kWindow;
  if (ahead > 0) {
#pragma GCC unroll 6
    for (std::size_t i = 0; i < kSide; ++i) {
#pragma GCC unroll 4
      for (std::size_t j = kSide - F::kTile; j < kSide; ++j) __builtin_prefetch(pixels[i * kSide + j] + channel + ahead);
    }
  }
  const auto load = [&](std::size_t i, std::size_t j) MPSNN_INLINED {
    const float* from = pixels[i * kSide + j] + channel;
    return is_whole ? loaded<lanes>(from) : loaded<lanes>(from, count);
  };
  const auto put = [&](std::size_t i, const V(&row)[F::kWindow]) MPSNN_INLINED {
#pragma GCC unroll 6
    for (std::size_t j = 0; j < F::kWindow; ++j) store<lanes>(to + (i * F::kWindow + j) * component_step, row[j]);
  };
  if constexpr (is_gradient) {
    transform_square<V, F::kTile, F::kWindow, F::template from_results<V>>(load, put);
  } else {
    transform_square<V, F::kWindow, F::kWindow, F::template at_points<V>>(load, put);
  }
}

template <class F, std::size_t lanes, bool is_gradient>
MPSNN_INLINE void transform(const float* const* pixels, std::size_t channels, std::size_t ahead, const Transformed& made) {
  std::size_t channel = 0, vector = 0;
  for (; channel + lanes <= channels; channel += lanes, ++vector) {
    float* to = made.to + vector / 2 * made.panel_step + vector % 2 * lanes;
    transform_channels<F, lanes, is_gradient, true>(pixels, channel, lanes, ahead, to, made.component_step);
  }
  if (channel < channels) {
    float* to = made.to + vector / 2 * made.panel_step + vector % 2 * lanes;
    transform_channels<F, lanes, is_gradient, false>(pixels, channel, channels - channel, ahead, to, made.component_step);
  }
}

template <class F, std::size_t lanes, bool is_whole>
MPSNN_INLINE void write_channels(const TileResult& tile, std::size_t channel, std::size_t count, Vector<lanes>& doubt) {
  using V = Vector<lanes>;
  V biases{};
  if (tile.biases) biases = is_whole ? loaded<lanes>(tile.biases + channel) : loaded<lanes>(tile.biases + channel, count);
  const auto load = [&](std::size_t i, std::size_t j)
                        MPSNN_INLINED { return loaded<lanes>(tile.from + (i * F::kWindow + j) * tile.component_step + channel); };
  const auto put = [&](std::size_t i, const V(&row)[F::kTile]) MPSNN_INLINED {
    if (i >= tile.rows) return;
    float* to = tile.to + std::ptrdiff_t(i) * tile.to_row + channel;
    const float* addend = tile.addend ? tile.addend + std::ptrdiff_t(i) * tile.addend_row + channel : nullptr;
#pragma GCC unroll 4
    for (std::size_t j = 0; j < F::kTile; ++j, to += tile.to_pixel) {
      if (j >= tile.columns) return;
      doubt += row[j] - row[j];  // NaN where it is not finite
      V v = row[j] + biases;
      if (addend) {
        v += is_whole ? loaded<lanes>(addend) : loaded<lanes>(addend, count);
        addend += tile.addend_pixel;
      }
      if (tile.rectifier.is_needed) {
        const V zero{}, limit = zero + tile.rectifier.limit;
        // Minus infinity times a slope of 0 would be NaN.
        v = v < zero ? (tile.rectifier.slope == 0.0f ? zero : tile.rectifier.slope * v) : v;
        v = limit < v ? limit : v;
      }
      if (is_whole) {
        store<lanes>(to, v);
      } else {
        store<lanes>(to, v, count);
      }
    }
  };
  transform_square<V, F::kWindow, F::kTile, F::template to_results<V>>(load, put);
}

template <class F, std::size_t lanes>
MPSNN_INLINE void transform_filters(const float* taps, std::size_t taps_step, std::size_t count, float* to, std::size_t step) {
  using V = Vector<lanes>;
  for (std::size_t i = 0; i < count; ++i, taps += lanes, to += 2 * lanes) {
    transform_square<V, F::kTaps, F::kWindow, F::template filter_at_points<V>>(
        [&](std::size_t y, std::size_t x) MPSNN_INLINED { return loaded<lanes>(taps + (y * F::kTaps + x) * taps_step); },
        [&](std::size_t y, const V(&row)[F::kWindow]) MPSNN_INLINED {
#pragma GCC unroll 6
          for (std::size_t x = 0; x < F::kWindow; ++x) store<lanes>(to + (y * F::kWindow + x) * step, row[x]);
        });
  }
}

template <class F, std::size_t lanes, bool is_whole>
MPSNN_INLINE void write_filter_lanes(const FilterResult& filter, std::size_t first, std::size_t count, Vector<lanes>& doubt) {
  using V = Vector<lanes>;
  const auto load = [&](std::size_t y, std::size_t x) MPSNN_INLINED {
    return loaded<lanes>(filter.from + (y * F::kWindow + x) * filter.component_step + first);
  };
  const auto put = [&](std::size_t y, const V(&row)[F::kTaps]) MPSNN_INLINED {
#pragma GCC unroll 5
    for (std::size_t x = 0; x < F::kTaps; ++x) {
      float* to = filter.to + (y * F::kTaps + x) * filter.tap_step + first;
      V v = row[x];
      if (filter.adds) v += is_whole ? loaded<lanes>(to) : loaded<lanes>(to, count);
      doubt += v - v;  // NaN where it is not finite
      if (is_whole) {
        store<lanes>(to, v);
      } else {
        store<lanes>(to, v, count);
      }
    }
  };
  transform_square<V, F::kWindow, F::kTaps, F::template from_filter_points<V>>(load, put);
}

template <std::size_t lanes>
MPSNN_INLINE bool is_finite(const Vector<lanes>& doubt) {
  float sum = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) sum += doubt[lane];
  return sum == 0;
}

template <class F, std::size_t lanes>
MPSNN_INLINE bool write_tile(const TileResult& tile) {
  Vector<lanes> doubt{};
  std::size_t channel = 0;
  for (; channel + lanes <= tile.channels; channel += lanes) write_channels<F, lanes, true>(tile, channel, lanes, doubt);
  if (channel < tile.channels) write_channels<F, lanes, false>(tile, channel, tile.channels - channel, doubt);
  return is_finite<lanes>(doubt);
}

template <class F, std::size_t lanes>
MPSNN_INLINE bool write_filters(const FilterResult& filter) {
  Vector<lanes> doubt{};
  std::size_t first = 0;
  for (; first + lanes <= filter.count; first += lanes) write_filter_lanes<F, lanes, true>(filter, first, lanes, doubt);
  if (first < filter.count) write_filter_lanes<F, lanes, false>(filter, first, filter.count - first, doubt);
  return is_finite<lanes>(doubt);
}

// --- for each length of vectors ---------------------------------------------------------------------------------------------

// The functions of a table; no template of the table may inline them for another instruction set.
#define MPSNN_WINOGRAD_LOOPS(TARGET, lanes)                                                                                     \
  template <class F>                                                                                                            \
  TARGET void transform_filter_##lanes(const float* taps, std::size_t taps_step, std::size_t count, float* to,                  \
                                       std::size_t step) {                                                                      \
    transform_filters<F, lanes>(taps, taps_step, count, to, step);                                                              \
  }                                                                                                                             \
  template <class F>                                                                                                            \
  TARGET bool write_filter_##lanes(const FilterResult& filter) {                                                                \
    return write_filters<F, lanes>(filter);                                                                                     \
  }                                                                                                                             \
  template <class F, bool is_gradient>                                                                                          \
  TARGET void transform_##lanes(const float* const* pixels, std::size_t channels, std::size_t ahead, const Transformed& made) { \
    transform<F, lanes, is_gradient>(pixels, channels, ahead, made);                                                            \
  }                                                                                                                             \
  template <class F>                                                                                                            \
  TARGET bool write_##lanes(const TileResult& tile) {                                                                           \
    return write_tile<F, lanes>(tile);                                                                                          \
  }                                                                                                                             \
  template <class F>                                                                                                            \
  const Loops kLoops##lanes{panel_loops(),                                                                                      \
                            F::kTile,                                                                                           \
                            F::kTaps,                                                                                           \
                            F::kWindow,                                                                                         \
                            transform_filter_##lanes<F>,                                                                        \
                            write_filter_##lanes<F>,                                                                            \
                            transform_##lanes<F, false>,                                                                        \
                            transform_##lanes<F, true>,                                                                         \
                            write_##lanes<F>};

MPSNN_WINOGRAD_LOOPS(, 8)
#if MPSNN_HAS_AVX512
MPSNN_WINOGRAD_LOOPS(MPSNN_AVX512, 16)
#endif

}  // namespace

const Loops& loops(std::size_t tile, std::size_t side) {
#if MPSNN_HAS_AVX512
  if (vector_lanes() == 16) {
    if (side == 5) return kLoops16<TwoResultsOfFiveTaps>;
    return tile == 4 ? kLoops16<FourResults> : kLoops16<TwoResults>;
  }
#endif
  if (side == 5) return kLoops8<TwoResultsOfFiveTaps>;
  return tile == 4 ? kLoops8<FourResults> : kLoops8<TwoResults>;
}

}  // namespace mpsnn::cpu::winograd
