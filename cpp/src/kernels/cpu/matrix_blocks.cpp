#include "kernels/cpu/matrix_blocks.hpp"

#include "kernels/cpu/instruction_set.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kLine = 16;  // numbers of a cache line

template <std::size_t lanes, int rows, bool adds>
MPSNN_INLINE void multiply_rows(const MatrixBlock& p) {
  Vector<lanes> sums[rows][2];
#pragma GCC unroll 14
  for (int r = 0; r < rows; ++r) {
    const float* c = p.c + std::size_t(r) * p.c_row;
#pragma GCC unroll 2
    for (std::size_t v = 0; v < 2; ++v) {
      sums[r][v] = adds ? loaded<lanes>(c + v * lanes) : Vector<lanes>{};
      // The columns that follow are on their way from memory meanwhile, of b as well.
      if (v * lanes % kLine == 0) __builtin_prefetch(c + (2 + v) * lanes, 1);
    }
  }
  const float *a = p.a, *b = p.b;
  for (std::size_t k = 0; k < p.inner; ++k, a += rows, b += p.b_row) {
    Vector<lanes> columns[2];
#pragma GCC unroll 2
    for (std::size_t v = 0; v < 2; ++v) {
      columns[v] = loaded<lanes>(b + v * lanes);
      if (v * lanes % kLine == 0) __builtin_prefetch(b + (2 + v) * lanes);
    }
#pragma GCC unroll 14
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
      for (std::size_t v = 0; v < 2; ++v) sums[r][v] += a[r] * columns[v];
    }
  }
#pragma GCC unroll 14
  for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
    for (std::size_t v = 0; v < 2; ++v) store<lanes>(p.c + std::size_t(r) * p.c_row + v * lanes, sums[r][v]);
  }
}

template <std::size_t lanes>
MPSNN_INLINE float sum_of_lanes(const Vector<lanes>& v) {
  if constexpr (lanes == 1) {
    return v[0];
  } else {
    Vector<lanes / 2> low, high;
    __builtin_memcpy(&low, &v, sizeof low);
    __builtin_memcpy(&high, reinterpret_cast<const char*>(&v) + sizeof low, sizeof high);
    return sum_of_lanes<lanes / 2>(low + high);
  }
}

template <std::size_t lanes, int rows, int columns>
MPSNN_INLINE void dot_rows(const DotBlock& p) {
  Vector<lanes> sums[rows][columns] = {};
  std::size_t k = 0;
  for (; k + lanes <= p.inner; k += lanes) {
    Vector<lanes> w[columns];
#pragma GCC unroll 6
    for (int o = 0; o < columns; ++o) w[o] = loaded<lanes>(p.b + std::size_t(o) * p.b_row + k);
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      const Vector<lanes> x = loaded<lanes>(p.a + std::size_t(r) * p.a_row + k);
#pragma GCC unroll 6
      for (int o = 0; o < columns; ++o) sums[r][o] += x * w[o];
    }
  }
#pragma GCC unroll 4
  for (int r = 0; r < rows; ++r) {
    const float* a = p.a + std::size_t(r) * p.a_row;
    float* c = p.c + std::size_t(r) * p.c_row;
#pragma GCC unroll 6
    for (int o = 0; o < columns; ++o) {
      const float* b = p.b + std::size_t(o) * p.b_row;
      float sum = sum_of_lanes<lanes>(sums[r][o]);
      for (std::size_t i = k; i < p.inner; ++i) sum += a[i] * b[i];
      if (p.biases) sum += p.biases[o];
      c[o] = p.adds ? c[o] + sum : sum;
    }
  }
}

// --- for each length of vectors ---------------------------------------------------------------------------------------------

#define MPSNN_ROWS_6(F, lanes) F(lanes, 1) F(lanes, 2) F(lanes, 3) F(lanes, 4) F(lanes, 5) F(lanes, 6)
#define MPSNN_ROWS_14(F, lanes) \
  MPSNN_ROWS_6(F, lanes)        \
  F(lanes, 7) F(lanes, 8) F(lanes, 9) F(lanes, 10) F(lanes, 11) F(lanes, 12) F(lanes, 13) F(lanes, 14)
#define MPSNN_CASE(lanes, rows) \
  case rows:                    \
    return multiply_rows_##lanes<rows, adds>(p);

#define MPSNN_DOT_COLUMNS_4(F, lanes, rows) F(lanes, rows, 1) F(lanes, rows, 2) F(lanes, rows, 3) F(lanes, rows, 4)
#define MPSNN_DOT_COLUMNS_6(F, lanes, rows) MPSNN_DOT_COLUMNS_4(F, lanes, rows) F(lanes, rows, 5) F(lanes, rows, 6)
#define MPSNN_DOT_CASE(lanes, rows, columns) \
  case columns:                              \
    return dot_rows_##lanes<rows, columns>(p);

// The functions of a table; no template of the table may inline them for another instruction set.
#define MPSNN_MATRIX_BLOCKS(TARGET, lanes, most_rows, most_dot_rows, most_dot_columns)       \
  template <int rows, bool adds>                                                             \
  TARGET void multiply_rows_##lanes(const MatrixBlock& p) {                                  \
    multiply_rows<lanes, rows, adds>(p);                                                     \
  }                                                                                          \
  template <int rows, int columns>                                                           \
  TARGET void dot_rows_##lanes(const DotBlock& p) {                                          \
    dot_rows<lanes, rows, columns>(p);                                                       \
  }                                                                                          \
  template <bool adds>                                                                       \
  void multiply_##lanes(const MatrixBlock& p) {                                              \
    switch (p.rows) { MPSNN_ROWS_##most_rows(MPSNN_CASE, lanes) }                            \
  }                                                                                          \
  template <int rows>                                                                        \
  void dot_columns_##lanes(const DotBlock& p) {                                              \
    switch (p.columns) { MPSNN_DOT_COLUMNS_##most_dot_columns(MPSNN_DOT_CASE, lanes, rows) } \
  }                                                                                          \
  void dot_##lanes(const DotBlock& p) {                                                      \
    if (p.rows == 1) return dot_columns_##lanes<1>(p);                                       \
    if (p.rows == 2) return dot_columns_##lanes<2>(p);                                       \
    if (p.rows == 3) return dot_columns_##lanes<3>(p);                                       \
    if constexpr (most_dot_rows > 3) dot_columns_##lanes<most_dot_rows>(p);                  \
  }                                                                                          \
  constexpr MatrixBlocks kBlocks##lanes{                                                     \
      lanes, most_rows, most_dot_rows, most_dot_columns, multiply_##lanes<false>, multiply_##lanes<true>, dot_##lanes};

MPSNN_MATRIX_BLOCKS(, 8, 6, 3, 4)
#if MPSNN_HAS_AVX512
MPSNN_MATRIX_BLOCKS(MPSNN_AVX512, 16, 14, 4, 6)
#endif

}  // namespace

const MatrixBlocks& matrix_blocks() {
#if MPSNN_HAS_AVX512
  if (vector_lanes() == 16) return kBlocks16;
#endif
  return kBlocks8;
}

}  // namespace mpsnn::cpu
