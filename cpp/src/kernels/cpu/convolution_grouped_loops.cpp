#include <algorithm>
#include <cmath>
#include <utility>

#include "kernels/cpu/convolution_grouped.hpp"
#include "kernels/cpu/instruction_set.hpp"

namespace mpsnn::cpu::grouped {

namespace {

constexpr float kZeros[kMostLanes] = {};

/// Adds the addend, applies the neuron and stores.
template <std::size_t lanes, int rows, int pixels>
MPSNN_INLINE void finish(const Strip& s, Vector<lanes> (&sums)[rows][pixels], std::size_t channel) {
  using V = Vector<lanes>;
  if (s.addend) {
#pragma GCC unroll 2
    for (int r = 0; r < rows; ++r) {
      if (r >= s.rows) break;
#pragma GCC unroll 8
      for (int p = 0; p < pixels; ++p) {
        sums[r][p] += loaded<lanes>(s.addend + r * s.addend_row + p * s.addend_step + channel);
      }
    }
  }
  if (s.rectifier.is_needed) {
    const V zero = {}, slope = zero + s.rectifier.slope, limit = zero + s.rectifier.limit;
    if (s.rectifier.slope == 0.0f) {
#pragma GCC unroll 2
      for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 8
        for (int p = 0; p < pixels; ++p) sums[r][p] = zero > sums[r][p] ? zero : sums[r][p];
      }
    } else {
#pragma GCC unroll 2
      for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 8
        for (int p = 0; p < pixels; ++p) sums[r][p] = zero > sums[r][p] ? slope * sums[r][p] : sums[r][p];
      }
    }
#pragma GCC unroll 2
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 8
      for (int p = 0; p < pixels; ++p) sums[r][p] = limit < sums[r][p] ? limit : sums[r][p];
    }
  }
#pragma GCC unroll 2
  for (int r = 0; r < rows; ++r) {
    if (r >= s.rows) break;
#pragma GCC unroll 8
    for (int p = 0; p < pixels; ++p) {
      __builtin_memcpy(s.result + r * s.result_row + p * s.result_step + channel, &sums[r][p], sizeof(V));
    }
  }
}

template <std::size_t lanes>
MPSNN_INLINE Vector<lanes> first_sum(const Strip& s, std::size_t channel) {
  return s.biases ? loaded<lanes>(s.biases + channel) : Vector<lanes>{};
}

/// Every lane holds what the next one of its group held.
template <std::size_t lanes, std::size_t group>
MPSNN_INLINE Vector<lanes> turned(const Vector<lanes>& v) {
  return [&]<int... lane>(std::integer_sequence<int, lane...>) MPSNN_INLINED {
    constexpr int size = group;
#ifdef __clang__
    return __builtin_shufflevector(v, v, (lane / size * size + (lane + 1) % size)...);
#else
    using Lanes [[gnu::vector_size(lanes * sizeof(int))]] = int;
    return __builtin_shuffle(v, Lanes{(lane / size * size + (lane + 1) % size)...});
#endif
  }
  (std::make_integer_sequence<int, int(lanes)>());
}

/// Any taps.
template <std::size_t lanes, std::size_t group, int pixels>
MPSNN_INLINE void run_taps(const Strip& strip) {
  const Strip s = strip;  // of its own: no store changes it
  using V = Vector<lanes>;
  for (std::size_t block = s.first; block < s.last; ++block) {
    const std::size_t channel = std::min(block * lanes, s.channels - lanes);
    const float* weights = s.weights + block * s.weights_size;
    V sums[1][pixels];
#pragma GCC unroll 8
    for (int p = 0; p < pixels; ++p) sums[0][p] = first_sum<lanes>(s, channel);
    for (const Tap& y : s.y_taps) {
      const float* row = s.source + y.source * s.source_row + channel;
      const float* row_weights = weights + std::ptrdiff_t(y.tap) * s.tap_row;
      for (const Tap& x : s.x_taps) {
        const float* w = row_weights + std::ptrdiff_t(x.tap) * s.tap_column;
        const float* from = row + x.source * s.source_pixel;
        V source[pixels];
#pragma GCC unroll 8
        for (int p = 0; p < pixels; ++p) source[p] = loaded<lanes>(from + p * s.source_step);
        for (std::size_t turn = 0; turn < group; ++turn, w += lanes) {
          const V weight = loaded<lanes>(w);
#pragma GCC unroll 8
          for (int p = 0; p < pixels; ++p) {
            sums[0][p] += weight * source[p];
            if constexpr (group > 1) source[p] = turned<lanes, group>(source[p]);
          }
        }
      }
    }
    finish<lanes>(s, sums, channel);
  }
}

/// A window of `taps` x `taps` neighbours, `step` pixels from one result to the next, for two rows.
template <std::size_t lanes, std::size_t group, int taps, int step, bool has_edges>
MPSNN_INLINE void run_window(const Strip& strip) {
  constexpr int pixels = kPixels;
  const Strip s = strip;
  using V = Vector<lanes>;
  constexpr int columns = (pixels - 1) * step + taps;
  for (std::size_t block = s.first; block < s.last; ++block) {
    const std::size_t channel = std::min(block * lanes, s.channels - lanes);
    const float* weights = s.weights + block * s.weights_size;
    V sums[2][pixels];
#pragma GCC unroll 8
    for (int p = 0; p < pixels; ++p) sums[0][p] = sums[1][p] = first_sum<lanes>(s, channel);
#pragma GCC unroll 8
    for (int y = 0; y < step + taps; ++y) {
      if (has_edges && (y < s.first_row || y >= s.last_row)) continue;
      const float* row = s.source + y * s.source_row + channel;
      V source[columns];
#pragma GCC unroll 16
      for (int x = 0; x < columns; ++x) {
        const bool exists = !has_edges || (x >= s.first_column && x < s.last_column);
        source[x] = loaded<lanes>(exists ? row + x * s.source_pixel : kZeros);
      }
      const float* turn_weights = weights;
      for (std::size_t turn = 0; turn < group; ++turn, turn_weights += lanes) {
#pragma GCC unroll 2
        for (int r = 0; r < 2; ++r) {
          const int v = y - r * step;
          if (v < 0 || v >= taps) continue;
#pragma GCC unroll 8
          for (int u = 0; u < taps; ++u) {
            const V w = loaded<lanes>(turn_weights + v * s.tap_row + u * s.tap_column);
#pragma GCC unroll 8
            for (int p = 0; p < pixels; ++p) sums[r][p] += w * source[p * step + u];
          }
        }
        if constexpr (group > 1) {
#pragma GCC unroll 16
          for (int x = 0; x < columns; ++x) source[x] = turned<lanes, group>(source[x]);
        }
      }
    }
    finish<lanes>(s, sums, channel);
  }
}

/// The products of a gradient's and a source's channels.
template <std::size_t lanes, int group, int taps>
MPSNN_INLINE void add_gradient_row(const GradientRow& row) {
  constexpr int most_turns = lanes == 16 ? 8 : 4, turns = group < most_turns ? group : most_turns;  // that fit into registers
  using V = Vector<lanes>;
  const GradientRow r = row;
  for (int first = 0; first < group; first += turns) {
    V sums[taps][turns] = {};
    for (std::size_t pixel = 0; pixel < r.pixels; ++pixel) {
      const auto at = std::ptrdiff_t(pixel);
      V gradient = loaded<lanes>(r.gradient + at * r.gradient_pixel);
      if constexpr (turns < group) {
        for (int turn = 0; turn < first; ++turn) gradient = turned<lanes, group>(gradient);
      }
      V source[taps];
#pragma GCC unroll 4
      for (int tap = 0; tap < taps; ++tap) source[tap] = loaded<lanes>(r.source + at * r.source_step + tap * r.source_tap);
#pragma GCC unroll 8
      for (int turn = 0; turn < turns; ++turn) {
#pragma GCC unroll 4
        for (int tap = 0; tap < taps; ++tap) sums[tap][turn] += gradient * source[tap];
        if (turn + 1 < turns) gradient = turned<lanes, group>(gradient);
      }
    }
#pragma GCC unroll 4
    for (int tap = 0; tap < taps; ++tap) {
#pragma GCC unroll 8
      for (int turn = 0; turn < turns; ++turn) {
        float* to = r.sums + std::size_t(tap * group + first + turn) * lanes;
        const V sum = loaded<lanes>(to) + sums[tap][turn];
        __builtin_memcpy(to, &sum, sizeof sum);
      }
    }
  }
}

template <std::size_t group, int pixels>
void run_taps_8(const Strip& s) {
  run_taps<8, group, pixels>(s);
}
template <std::size_t group, int pixels>
MPSNN_AVX512 void run_taps_16(const Strip& s) {
  run_taps<16, group, pixels>(s);
}
template <std::size_t group, int taps, int step, bool has_edges>
void run_window_8(const Strip& s) {
  run_window<8, group, taps, step, has_edges>(s);
}
template <std::size_t group, int taps, int step, bool has_edges>
MPSNN_AVX512 void run_window_16(const Strip& s) {
  run_window<16, group, taps, step, has_edges>(s);
}

template <int group, int taps>
void add_gradient_row_8(const GradientRow& row) {
  add_gradient_row<8, group, taps>(row);
}
template <int group, int taps>
MPSNN_AVX512 void add_gradient_row_16(const GradientRow& row) {
  add_gradient_row<16, group, taps>(row);
}

template <int group>
GradientLoops gradient_loops_of(std::size_t lanes) {
  if (lanes == 16) return {add_gradient_row_16<group, int(kGradientTaps)>, add_gradient_row_16<group, 1>};
  return {add_gradient_row_8<group, int(kGradientTaps)>, add_gradient_row_8<group, 1>};
}

template <std::size_t lanes, std::size_t group, int taps, int step>
void set_window(Runners& runners) {
  if constexpr (lanes == 16) {
    runners.inside = run_window_16<group, taps, step, false>;
    runners.at_edge = run_window_16<group, taps, step, true>;
  } else {
    runners.inside = run_window_8<group, taps, step, false>;
    runners.at_edge = run_window_8<group, taps, step, true>;
  }
}

template <std::size_t lanes, std::size_t group>
Runners runners(const TapAxis& x, const TapAxis& y) {
  Runners found = [&]<int... before>(std::integer_sequence<int, before...>)->Runners {
    if constexpr (lanes == 16) {
      return {{run_taps_16<group, before + 1>...}};
    } else {
      return {{run_taps_8<group, before + 1>...}};
    }
  }
  (std::make_integer_sequence<int, kPixels>());
  const auto is_plain = [](const TapAxis& axis) { return axis.divisor == 1 && std::abs(axis.step) == 1 && !axis.clamp; };
  if (x.taps != y.taps || x.scale != y.scale || !is_plain(x) || !is_plain(y) || x.result < kPixels) return found;
  if (x.taps == 3 && x.scale == 1) set_window<lanes, group, 3, 1>(found);
  if (x.taps == 3 && x.scale == 2) set_window<lanes, group, 3, 2>(found);
  if constexpr (group == 1) {
    if (x.taps == 5 && x.scale == 1) set_window<lanes, group, 5, 1>(found);
    if (x.taps == 5 && x.scale == 2) set_window<lanes, group, 5, 2>(found);
  }
  return found;
}

template <std::size_t lanes>
Runners runners(const TapAxis& x, const TapAxis& y, std::size_t members) {
  switch (members) {
    case 1:
      return runners<lanes, 1>(x, y);
    case 2:
      return runners<lanes, 2>(x, y);
    case 4:
      return runners<lanes, 4>(x, y);
    default:
      return runners<lanes, 8>(x, y);
  }
}

}  // namespace

Runners runners(const TapAxis& x, const TapAxis& y, std::size_t members, std::size_t lanes) {
  return lanes == 16 ? runners<16>(x, y, members) : runners<8>(x, y, members);
}

GradientLoops gradient_loops(std::size_t members, std::size_t lanes) {
  switch (members) {
    case 1:
      return gradient_loops_of<1>(lanes);
    case 2:
      return gradient_loops_of<2>(lanes);
    case 4:
      return gradient_loops_of<4>(lanes);
    default:
      return gradient_loops_of<8>(lanes);
  }
}

}  // namespace mpsnn::cpu::grouped
