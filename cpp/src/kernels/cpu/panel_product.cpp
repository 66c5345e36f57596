#include "kernels/cpu/panel_product.hpp"

#include <algorithm>
#include <limits>

#include "kernels/cpu/instruction_set.hpp"

namespace mpsnn::cpu {

namespace {

// Rows of a panel that are on their way from memory: those not read for long lie far away.
constexpr std::size_t kAhead = 32;
constexpr std::size_t kLine = 16;  // numbers

MPSNN_INLINE void fetch_ahead(const RowsAhead& ahead, std::size_t k) {
  const std::size_t turn = k >> ahead.numbers, line = k - (turn << ahead.numbers);
  const std::size_t row = turn * RowsAhead::kRows + line % RowsAhead::kRows;
  if (row < ahead.count) __builtin_prefetch(ahead.first + row * ahead.row + line / kLine * kLine);
}

/// The sums of `rows` rows stay in registers. `fetch(k)` sends for what is needed later, a little with each step: requests that
/// come all at once would wait for one another, and the products for them.
template <std::size_t lanes, int rows, std::size_t vectors, class Fetch>
MPSNN_INLINE void add_products(const PanelProduct& p, const float* a, const float* b, std::size_t first, std::size_t last,
                               const Fetch& fetch, Vector<lanes> (&sums)[rows][vectors]) {
  const std::size_t b_row = p.b_row > 0 ? p.b_row : 2 * lanes, usual = p.b_row > 0 ? 2 * lanes : kAhead * 2 * lanes;
  const std::size_t ahead = p.b_ahead > 0 ? p.b_ahead : usual;
  a += first * p.a_column;
  b += first * b_row;
  for (std::size_t k = first; k < last; ++k, a += p.a_column, b += b_row) {
    Vector<lanes> columns[vectors];
#pragma GCC unroll 2
    for (std::size_t v = 0; v < vectors; ++v) columns[v] = loaded<lanes>(b + v * lanes);
    __builtin_prefetch(b + ahead);
    if constexpr (lanes == kLine) __builtin_prefetch(b + ahead + lanes);
    fetch(k);
#pragma GCC unroll 14
    for (int r = 0; r < rows; ++r) {
      const float scalar = a[std::size_t(r) * p.a_row];
#pragma GCC unroll 2
      for (std::size_t v = 0; v < vectors; ++v) sums[r][v] += scalar * columns[v];
    }
  }
}

template <std::size_t lanes, int rows, std::size_t vectors>
MPSNN_INLINE void add_products(const PanelProduct& p, Vector<lanes> (&sums)[rows][vectors]) {
  for (std::size_t tap = 0; tap < p.tap_count; ++tap) {
    const float *a = p.a + p.taps[tap].a, *b = p.b + p.taps[tap].b;
    std::size_t first = 0;
    if (tap == 0) {  // where the sums go, as well
      first = std::min(std::size_t(rows), p.inner);
      const auto fetch_result = [&](std::size_t row) MPSNN_INLINED {
        __builtin_prefetch(p.c + row * p.c_row);
        if constexpr (lanes == kLine) __builtin_prefetch(p.c + row * p.c_row + lanes);
        fetch_ahead(p.ahead, row);
      };
      add_products<lanes, rows, vectors>(p, a, b, 0, first, fetch_result, sums);
    }
    if (p.ahead.count > 0) {
      add_products<lanes, rows, vectors>(
          p, a, b, first, p.inner, [&](std::size_t k) MPSNN_INLINED { fetch_ahead(p.ahead, k); }, sums);
    } else {
      add_products<lanes, rows, vectors>(
          p, a, b, first, p.inner, [](std::size_t) MPSNN_INLINED {}, sums);
    }
  }
}

template <std::size_t lanes, int rows, bool adds>
MPSNN_INLINE void multiply_rows(const PanelProduct& p) {
  Vector<lanes> sums[rows][2] = {};
  add_products<lanes, rows, 2>(p, sums);
#pragma GCC unroll 14
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
    for (std::size_t v = 0; v < 2; ++v) {
      float* to = p.c + std::size_t(r) * p.c_row + v * lanes;
      store<lanes>(to, adds ? loaded<lanes>(to) + sums[r][v] : sums[r][v]);
    }
  }
}

MPSNN_INLINE void copy(const float* from, std::size_t count, float* to) {
  constexpr std::size_t kPart = 8;
  std::size_t i = 0;
  for (; i + kPart <= count; i += kPart) store<kPart>(to + i, loaded<kPart>(from + i));
#pragma GCC unroll 1
  for (; i < count; ++i) to[i] = from[i];
}

/// The first `count` numbers of a row, the others 0.
template <std::size_t lanes, std::size_t vectors>
MPSNN_INLINE void load_row(const float* from, std::size_t count, Vector<lanes> (&row)[vectors]) {
  float numbers[vectors * lanes] = {};
  if (count < vectors * lanes) {
    copy(from, count, numbers);
    from = numbers;
  }
#pragma GCC unroll 2
  for (std::size_t v = 0; v < vectors; ++v) row[v] = loaded<lanes>(from + v * lanes);
}

template <std::size_t lanes, int rows, std::size_t vectors>
MPSNN_INLINE void rectify(Vector<lanes> (&sums)[rows][vectors], const Rectifier& rectifier) {
  const Vector<lanes> zero{};
  if (rectifier.slope == 0.0f) {  // minus infinity times it would be NaN
#pragma GCC unroll 14
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
      for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = sums[r][v] < zero ? zero : sums[r][v];
    }
  } else {
#pragma GCC unroll 14
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
      for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = sums[r][v] < zero ? rectifier.slope * sums[r][v] : sums[r][v];
    }
  }
  if (rectifier.limit == std::numeric_limits<float>::infinity()) return;
  const Vector<lanes> limit = zero + rectifier.limit;
#pragma GCC unroll 14
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
    for (std::size_t v = 0; v < vectors; ++v) sums[r][v] = limit < sums[r][v] ? limit : sums[r][v];
  }
}

template <std::size_t lanes, int rows, std::size_t vectors>
MPSNN_INLINE void multiply_rows_to_results(const PanelProduct& p, const PanelEnding& e) {
  Vector<lanes> sums[rows][vectors] = {}, row[vectors];
  add_products<lanes, rows, vectors>(p, sums);
  if (e.biases) {
    load_row<lanes, vectors>(e.biases, e.columns, row);
#pragma GCC unroll 14
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
      for (std::size_t v = 0; v < vectors; ++v) sums[r][v] += row[v];
    }
  }
  if (e.addend) {
#pragma GCC unroll 14
    for (int r = 0; r < rows; ++r) {
      load_row<lanes, vectors>(e.addend + std::size_t(r) * e.addend_row, e.columns, row);
#pragma GCC unroll 2
      for (std::size_t v = 0; v < vectors; ++v) sums[r][v] += row[v];
    }
  }
  if (e.rectifier.is_needed) rectify<lanes, rows, vectors>(sums, e.rectifier);
  const bool is_whole = e.columns == vectors * lanes;
  float part[rows * vectors * lanes];
  float* to = is_whole ? p.c : part;
  const std::size_t step = is_whole ? p.c_row : vectors * lanes;
#pragma GCC unroll 14
  for (int r = 0; r < rows; ++r, to += step) {
#pragma GCC unroll 2
    for (std::size_t v = 0; v < vectors; ++v) store<lanes>(to + v * lanes, sums[r][v]);
  }
  if (is_whole) return;
  for (int r = 0; r < rows; ++r) copy(part + std::size_t(r) * vectors * lanes, e.columns, p.c + std::size_t(r) * p.c_row);
}

// --- for each length of vectors ---------------------------------------------------------------------------------------------

#define MPSNN_ROWS_6(F, lanes) F(lanes, 1) F(lanes, 2) F(lanes, 3) F(lanes, 4) F(lanes, 5) F(lanes, 6)
#define MPSNN_ROWS_9(F, lanes) MPSNN_ROWS_6(F, lanes) F(lanes, 7) F(lanes, 8) F(lanes, 9)
#define MPSNN_ROWS_14(F, lanes) MPSNN_ROWS_9(F, lanes) F(lanes, 10) F(lanes, 11) F(lanes, 12) F(lanes, 13) F(lanes, 14)
#define MPSNN_CASE(lanes, rows) \
  case rows:                    \
    return multiply_rows_##lanes<rows, adds>(p);
#define MPSNN_NARROW_CASE(lanes, rows) \
  case rows:                           \
    return multiply_rows_to_results_##lanes<rows, 1>(p, e);
#define MPSNN_WIDE_CASE(lanes, rows) \
  case rows:                         \
    return multiply_rows_to_results_##lanes<rows, 2>(p, e);

// The functions of a table; no template of the table may inline them for another instruction set.
#define MPSNN_PANEL_LOOPS(TARGET, lanes, most_rows)                                           \
  template <int rows, bool adds>                                                              \
  TARGET void multiply_rows_##lanes(const PanelProduct& p) {                                  \
    multiply_rows<lanes, rows, adds>(p);                                                      \
  }                                                                                           \
  template <int rows, std::size_t vectors>                                                    \
  TARGET void multiply_rows_to_results_##lanes(const PanelProduct& p, const PanelEnding& e) { \
    multiply_rows_to_results<lanes, rows, vectors>(p, e);                                     \
  }                                                                                           \
  template <bool adds>                                                                        \
  void multiply_##lanes(const PanelProduct& p) {                                              \
    switch (p.rows) { MPSNN_ROWS_##most_rows(MPSNN_CASE, lanes) }                             \
  }                                                                                           \
  void multiply_to_results_##lanes(const PanelProduct& p, const PanelEnding& e) {             \
    if (e.columns <= lanes) {                                                                 \
      switch (p.rows) { MPSNN_ROWS_9(MPSNN_NARROW_CASE, lanes) }                              \
    } else {                                                                                  \
      switch (p.rows) { MPSNN_ROWS_##most_rows(MPSNN_WIDE_CASE, lanes) }                      \
    }                                                                                         \
  }                                                                                           \
  constexpr PanelLoops kLoops##lanes{                                                         \
      lanes, most_rows, 9, multiply_##lanes<false>, multiply_##lanes<true>, multiply_to_results_##lanes};

MPSNN_PANEL_LOOPS(, 8, 6)
#if MPSNN_HAS_AVX512
MPSNN_PANEL_LOOPS(MPSNN_AVX512, 16, 14)
#endif

}  // namespace

const PanelLoops& panel_loops() {
#if MPSNN_HAS_AVX512
  if (vector_lanes() == 16) return kLoops16;
#endif
  return kLoops8;
}

}  // namespace mpsnn::cpu
