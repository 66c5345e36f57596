#include "kernels/cpu/convolution_winograd_loops.hpp"

#include <algorithm>

#include "kernels/cpu/convolution_winograd_points.hpp"

namespace mpsnn::cpu::winograd {

namespace {

/// The next `count` channels of a tile's source.
template <class F, std::size_t lanes, bool is_whole>
MPSNN_INLINE void transform_source_channels(const float* const* pixels, std::size_t channel, std::size_t count, std::size_t ahead,
                                            float* to, std::size_t step) {
  Vector<lanes> columns[F::kWindow][F::kWindow];
  for (std::size_t j = 0; j < F::kWindow; ++j) {
    Vector<lanes> d[F::kWindow], t[F::kWindow];
#pragma GCC unroll 6
    for (std::size_t i = 0; i < F::kWindow; ++i) {
      const float* from = pixels[i * F::kWindow + j] + channel;
      if (ahead > 0 && j >= F::kWindow - F::kTile) __builtin_prefetch(from + ahead);  // the others are this tile's as well
      d[i] = is_whole ? loaded<lanes>(from) : loaded<lanes>(from, count);
    }
    F::at_points(d, t);
#pragma GCC unroll 6
    for (std::size_t i = 0; i < F::kWindow; ++i) columns[i][j] = t[i];
  }
  for (std::size_t i = 0; i < F::kWindow; ++i) {
    Vector<lanes> t[F::kWindow];
    F::at_points(columns[i], t);
#pragma GCC unroll 6
    for (std::size_t j = 0; j < F::kWindow; ++j) store<lanes>(to + (i * F::kWindow + j) * step, t[j]);
  }
}

/// The next `count` channels of the gradient of a tile's result.
template <class F, std::size_t lanes, bool is_whole>
MPSNN_INLINE void transform_gradient_channels(const float* const* pixels, std::size_t channel, std::size_t count,
                                              std::size_t ahead, float* to, std::size_t step) {
  Vector<lanes> columns[F::kWindow][F::kTile];
  for (std::size_t j = 0; j < F::kTile; ++j) {
    Vector<lanes> d[F::kTile], t[F::kWindow];
#pragma GCC unroll 4
    for (std::size_t i = 0; i < F::kTile; ++i) {
      const float* from = pixels[i * F::kTile + j] + channel;
      if (ahead > 0) __builtin_prefetch(from + ahead);
      d[i] = is_whole ? loaded<lanes>(from) : loaded<lanes>(from, count);
    }
    F::from_results(d, t);
#pragma GCC unroll 6
    for (std::size_t i = 0; i < F::kWindow; ++i) columns[i][j] = t[i];
  }
  for (std::size_t i = 0; i < F::kWindow; ++i) {
    Vector<lanes> t[F::kWindow];
    F::from_results(columns[i], t);
#pragma GCC unroll 6
    for (std::size_t j = 0; j < F::kWindow; ++j) store<lanes>(to + (i * F::kWindow + j) * step, t[j]);
  }
}

template <class F, std::size_t lanes, bool is_gradient>
MPSNN_INLINE void transform(const float* const* pixels, std::size_t channels, std::size_t ahead, const Transformed& made) {
  std::size_t channel = 0, vector = 0;
  for (; channel + lanes <= channels; channel += lanes, ++vector) {
    float* to = made.to + vector / 2 * made.panel_step + vector % 2 * lanes;
    if constexpr (is_gradient) {
      transform_gradient_channels<F, lanes, true>(pixels, channel, lanes, ahead, to, made.component_step);
    } else {
      transform_source_channels<F, lanes, true>(pixels, channel, lanes, ahead, to, made.component_step);
    }
  }
  if (channel < channels) {
    float* to = made.to + vector / 2 * made.panel_step + vector % 2 * lanes;
    if constexpr (is_gradient) {
      transform_gradient_channels<F, lanes, false>(pixels, channel, channels - channel, ahead, to, made.component_step);
    } else {
      transform_source_channels<F, lanes, false>(pixels, channel, channels - channel, ahead, to, made.component_step);
    }
  }
}

template <class F, std::size_t lanes, bool is_whole>
MPSNN_INLINE void write_channels(const TileResult& tile, std::size_t channel, std::size_t count, Vector<lanes>& doubt) {
  Vector<lanes> columns[F::kTile][F::kWindow];
  for (std::size_t j = 0; j < F::kWindow; ++j) {
    Vector<lanes> m[F::kWindow], y[F::kTile];
#pragma GCC unroll 6
    for (std::size_t i = 0; i < F::kWindow; ++i)
      m[i] = loaded<lanes>(tile.from + (i * F::kWindow + j) * tile.component_step + channel);
    F::to_results(m, y);
#pragma GCC unroll 4
    for (std::size_t i = 0; i < F::kTile; ++i) columns[i][j] = y[i];
  }
  Vector<lanes> biases{};
  if (tile.biases) biases = is_whole ? loaded<lanes>(tile.biases + channel) : loaded<lanes>(tile.biases + channel, count);
  for (std::size_t i = 0; i < tile.rows; ++i) {
    Vector<lanes> y[F::kTile];
    F::to_results(columns[i], y);
    float* to = tile.to + std::ptrdiff_t(i) * tile.to_row + channel;
    const float* addend = tile.addend ? tile.addend + std::ptrdiff_t(i) * tile.addend_row + channel : nullptr;
    for (std::size_t j = 0; j < tile.columns; ++j, to += tile.to_pixel) {
      doubt += y[j] - y[j];  // NaN where it is not finite
      Vector<lanes> v = y[j] + biases;
      if (addend) {
        v += is_whole ? loaded<lanes>(addend) : loaded<lanes>(addend, count);
        addend += tile.addend_pixel;
      }
      if (tile.rectifier.is_needed) {
        const Vector<lanes> zero{}, limit = zero + tile.rectifier.limit;
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
  }
}

template <class F, std::size_t lanes>
MPSNN_INLINE bool write_tile(const TileResult& tile) {
  Vector<lanes> doubt{};
  std::size_t channel = 0;
  for (; channel + lanes <= tile.channels; channel += lanes) write_channels<F, lanes, true>(tile, channel, lanes, doubt);
  if (channel < tile.channels) write_channels<F, lanes, false>(tile, channel, tile.channels - channel, doubt);
  float sum = 0;
  for (std::size_t lane = 0; lane < lanes; ++lane) sum += doubt[lane];
  return sum == 0;
}

template <class F, std::size_t lanes>
MPSNN_INLINE void transform_filters(const float* taps, std::size_t taps_step, std::size_t count, float* to, std::size_t step) {
  for (std::size_t i = 0; i < count; ++i, taps += lanes, to += 2 * lanes) {
    Vector<lanes> rows[F::kWindow][F::kTaps];
    for (std::size_t x = 0; x < F::kTaps; ++x) {
      Vector<lanes> g[F::kTaps], u[F::kWindow];
#pragma GCC unroll 5
      for (std::size_t y = 0; y < F::kTaps; ++y) g[y] = loaded<lanes>(taps + (y * F::kTaps + x) * taps_step);
      F::filter_at_points(g, u);
#pragma GCC unroll 6
      for (std::size_t y = 0; y < F::kWindow; ++y) rows[y][x] = u[y];
    }
    for (std::size_t y = 0; y < F::kWindow; ++y) {
      Vector<lanes> u[F::kWindow];
      F::filter_at_points(rows[y], u);
#pragma GCC unroll 6
      for (std::size_t x = 0; x < F::kWindow; ++x) store<lanes>(to + (y * F::kWindow + x) * step, u[x]);
    }
  }
}

template <class F, std::size_t lanes>
MPSNN_INLINE void sums_to_filter(const float* from, std::size_t step, float* taps) {
  Vector<lanes> rows[F::kTaps][F::kWindow];
  for (std::size_t x = 0; x < F::kWindow; ++x) {
    Vector<lanes> u[F::kWindow], g[F::kTaps];
#pragma GCC unroll 6
    for (std::size_t y = 0; y < F::kWindow; ++y) u[y] = loaded<lanes>(from + (y * F::kWindow + x) * step);
    F::from_filter_points(u, g);
#pragma GCC unroll 5
    for (std::size_t y = 0; y < F::kTaps; ++y) rows[y][x] = g[y];
  }
  for (std::size_t y = 0; y < F::kTaps; ++y) {
    Vector<lanes> g[F::kTaps];
    F::from_filter_points(rows[y], g);
#pragma GCC unroll 5
    for (std::size_t x = 0; x < F::kTaps; ++x) store<lanes>(taps + (y * F::kTaps + x) * lanes, g[x]);
  }
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
  TARGET void to_filter_##lanes(const float* from, std::size_t step, float* taps) {                                             \
    sums_to_filter<F, lanes>(from, step, taps);                                                                                 \
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
                            to_filter_##lanes<F>,                                                                               \
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
