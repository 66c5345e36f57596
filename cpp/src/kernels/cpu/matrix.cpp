#include "kernels/cpu/matrix.hpp"

#include <algorithm>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu {

namespace {

/// c[rows][16] += a[rows][inner] * b[inner][16].
template <int rows>
void multiply_block(const float* a, std::size_t a_row, std::size_t a_column, const float* b, std::size_t b_row, std::size_t inner,
                    float* c, std::size_t c_row) {
  Vec s[rows][2];
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
    s[r][0] = load(c + std::size_t(r) * c_row);
    s[r][1] = load(c + std::size_t(r) * c_row + kVec);
  }
  for (std::size_t k = 0; k < inner; ++k) {
    const Vec b0 = load(b + k * b_row), b1 = load(b + k * b_row + kVec);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const float scalar = a[std::size_t(r) * a_row + k * a_column];
      s[r][0] += scalar * b0;
      s[r][1] += scalar * b1;
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
    store(c + std::size_t(r) * c_row, s[r][0]);
    store(c + std::size_t(r) * c_row + kVec, s[r][1]);
  }
}

/// c[rows][columns] = a[rows] . b[columns], rows of both `inner` numbers, summed in vectors.
template <int rows, int columns>
void dot_block(const float* a, std::size_t a_row, const float* b, std::size_t inner, float* c, std::size_t c_row,
               const float* biases) {
  Vec s[rows][columns] = {};
  std::size_t k = 0;
  for (; k + kVec <= inner; k += kVec) {
    Vec w[columns];
#pragma GCC unroll 4
    for (int o = 0; o < columns; ++o) w[o] = load(b + std::size_t(o) * inner + k);
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      const Vec x = load(a + std::size_t(r) * a_row + k);
#pragma GCC unroll 4
      for (int o = 0; o < columns; ++o) s[r][o] += x * w[o];
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int o = 0; o < columns; ++o) {
      float parts[kVec];
      store(parts, s[r][o]);
      float sum = ((parts[0] + parts[4]) + (parts[1] + parts[5])) + ((parts[2] + parts[6]) + (parts[3] + parts[7]));
      for (std::size_t i = k; i < inner; ++i) sum += a[std::size_t(r) * a_row + i] * b[std::size_t(o) * inner + i];
      c[std::size_t(r) * c_row + std::size_t(o)] = biases ? sum + biases[o] : sum;
    }
  }
}

constexpr std::size_t kDotRows = 3, kDotColumns = kRows == 6 ? 4 : 2;

}  // namespace

void multiply(const Product& p) {
  constexpr std::size_t kInner = 32;  // rows of b that stay in the first cache
  const std::size_t blocks = blocks_of(p.columns, kLanes);
  parallel_ranges(blocks, kMultiplicationsWorthAThread / (p.rows * p.inner * kLanes) + 1,
                  [&](std::size_t begin, std::size_t end) {
                    const std::size_t first = begin * kLanes, last = std::min(end * kLanes, p.columns),
                                      whole = first + (last - first) / kLanes * kLanes;
                    for (std::size_t r = 0; r < p.rows; ++r) std::fill(p.c + r * p.c_row + first, p.c + r * p.c_row + last, 0.0f);
                    for (std::size_t k = 0; k < p.inner; k += kInner) {
                      const std::size_t inner = std::min(kInner, p.inner - k);
                      for (std::size_t j = first; j < whole; j += kLanes) {
                        for (std::size_t r = 0; r < p.rows; r += kRows) {
                          with_rows(std::min(kRows, p.rows - r), [&]<int n>() {
                            multiply_block<n>(p.a + r * p.a_row + k * p.a_column, p.a_row, p.a_column, p.b + k * p.b_row + j,
                                              p.b_row, inner, p.c + r * p.c_row + j, p.c_row);
                          });
                        }
                      }
                      for (std::size_t r = 0; r < p.rows && whole < last; ++r) {
                        float* c = p.c + r * p.c_row;
                        for (std::size_t i = k; i < k + inner; ++i) {
                          const float scalar = p.a[r * p.a_row + i * p.a_column];
                          for (std::size_t j = whole; j < last; ++j) c[j] += scalar * p.b[i * p.b_row + j];
                        }
                      }
                    }
                  });
}

void multiply_transposed(const Product& p, const float* biases, bool from_the_end) {
  parallel_ranges(blocks_of(p.columns, kDotColumns), kMultiplicationsWorthAThread / (p.rows * p.inner * kDotColumns) + 1,
                  [&](std::size_t begin, std::size_t end) {
                    for (std::size_t i = begin; i < end; ++i) {
                      const std::size_t block = from_the_end ? begin + end - 1 - i : i;
                      const std::size_t o = block * kDotColumns, columns = std::min(kDotColumns, p.columns - o);
                      const float* b = p.b + o * p.inner;
                      for (std::size_t r = 0; r < p.rows; r += kDotRows) {
                        const std::size_t rows = std::min(kDotRows, p.rows - r);
                        const float* a = p.a + r * p.a_row;
                        float* c = p.c + r * p.c_row + o;
                        const float* bias = biases ? biases + o : nullptr;
                        with_rows(rows, [&]<int n>() {
                          with_rows(columns, [&]<int m>() {
                            if constexpr (n <= int(kDotRows) && m <= int(kDotColumns))
                              dot_block<n, m>(a, p.a_row, b, p.inner, c, p.c_row, bias);
                          });
                        });
                      }
                    }
                  });
}

}  // namespace mpsnn::cpu
