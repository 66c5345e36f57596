#include "kernels/cpu/dot_product.hpp"

#include "kernels/cpu/instruction_set.hpp"

namespace mpsnn::cpu {

namespace {

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
MPSNN_INLINE void dot_rows(const DotProduct& p) {
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

#define MPSNN_COLUMNS_4(F, lanes, rows) F(lanes, rows, 1) F(lanes, rows, 2) F(lanes, rows, 3) F(lanes, rows, 4)
#define MPSNN_COLUMNS_6(F, lanes, rows) MPSNN_COLUMNS_4(F, lanes, rows) F(lanes, rows, 5) F(lanes, rows, 6)
#define MPSNN_CASE(lanes, rows, columns) \
  case columns:                          \
    return dot_rows_##lanes<rows, columns>(p);

// The functions of a table; no template of the table may inline them for another instruction set.
#define MPSNN_DOT_LOOPS(TARGET, lanes, most_rows, most_columns)                  \
  template <int rows, int columns>                                               \
  TARGET void dot_rows_##lanes(const DotProduct& p) {                            \
    dot_rows<lanes, rows, columns>(p);                                           \
  }                                                                              \
  template <int rows>                                                            \
  void dot_columns_##lanes(const DotProduct& p) {                                \
    switch (p.columns) { MPSNN_COLUMNS_##most_columns(MPSNN_CASE, lanes, rows) } \
  }                                                                              \
  void multiply_##lanes(const DotProduct& p) {                                   \
    if (p.rows == 1) return dot_columns_##lanes<1>(p);                           \
    if (p.rows == 2) return dot_columns_##lanes<2>(p);                           \
    if (p.rows == 3) return dot_columns_##lanes<3>(p);                           \
    if constexpr (most_rows > 3) dot_columns_##lanes<most_rows>(p);              \
  }                                                                              \
  constexpr DotLoops kLoops##lanes{most_rows, most_columns, multiply_##lanes};

MPSNN_DOT_LOOPS(, 8, 3, 4)
#if MPSNN_HAS_AVX512
MPSNN_DOT_LOOPS(MPSNN_AVX512, 16, 4, 6)
#endif

}  // namespace

const DotLoops& dot_loops() {
#if MPSNN_HAS_AVX512
  if (vector_lanes() == 16) return kLoops16;
#endif
  return kLoops8;
}

}  // namespace mpsnn::cpu
