#include "kernels/cpu/matrix.hpp"

#include <algorithm>

#include "kernels/cpu/dot_product.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/panel_product.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu {

namespace {

// A part of b that stays in the second cache: at most so many of its rows, and so many bytes.
constexpr std::size_t kInner = 256, kPartBytes = std::size_t(1) << 20;
// Rows of c that are written side by side: their factors are put in order together.
constexpr std::size_t kRowsSideBySide = 42;
// Numbers of b's rows that stay in the first cache while those of a take turns.
constexpr std::size_t kDotInner = 1568;

/// `rows` rows of `inner` numbers, to [inner][rows].
void put_in_order(const float* a, std::size_t a_row, std::size_t a_column, std::size_t rows, std::size_t inner, float* to) {
  if (a_row == 1) {
    for (std::size_t k = 0; k < inner; ++k) std::copy_n(a + k * a_column, rows, to + k * rows);
  } else {
    for (std::size_t r = 0; r < rows; ++r) {
      for (std::size_t k = 0; k < inner; ++k) to[k * rows + r] = a[r * a_row + k * a_column];
    }
  }
}

/// c(m, j) for the columns [first, last), which are whole loops.
void multiply_columns(const Product& p, const PanelLoops& loops, std::size_t first, std::size_t last) {
  float a[kRowsSideBySide * kInner];
  const std::size_t width = loops.width(), chunks = blocks_of(p.rows, loops.rows), together = kRowsSideBySide / loops.rows;
  const auto first_row = [&](std::size_t chunk) { return p.rows * chunk / chunks; };
  for (std::size_t k = 0; k < p.inner; k += kInner) {
    const std::size_t inner = std::min(kInner, p.inner - k);
    const auto multiply_block = k == 0 ? loops.multiply : loops.multiply_add;
    for (std::size_t chunk = 0; chunk < chunks; chunk += together) {
      const std::size_t row = first_row(chunk), end = std::min(chunk + together, chunks);
      for (std::size_t i = chunk; i < end; ++i) {
        const std::size_t r = first_row(i);
        put_in_order(p.a + r * p.a_row + k * p.a_column, p.a_row, p.a_column, first_row(i + 1) - r, inner, a + (r - row) * inner);
      }
      for (std::size_t j = first; j < last; j += width) {
        for (std::size_t i = chunk; i < end; ++i) {
          const std::size_t r = first_row(i);
          const std::size_t rows = first_row(i + 1) - r;
          multiply_block(
              {rows, inner, a + (r - row) * inner, 1, rows, p.b + k * p.b_row + j, p.c + r * p.c_row + j, p.c_row, p.b_row});
        }
      }
    }
  }
}

/// The same for the columns from `first` on, less than a block: as a block with zeros beyond them.
void multiply_last_columns(const Product& p, const PanelLoops& loops, std::size_t first) {
  float a[kMostPanelRows * kInner], b[kMostPanelWidth * kInner] = {}, c[kMostPanelRows * kMostPanelWidth];
  const std::size_t width = loops.width(), columns = p.columns - first;
  for (std::size_t row = 0; row < p.rows; row += loops.rows) {
    const std::size_t rows = std::min(loops.rows, p.rows - row);
    for (std::size_t k = 0; k < p.inner; k += kInner) {
      const std::size_t inner = std::min(kInner, p.inner - k);
      put_in_order(p.a + row * p.a_row + k * p.a_column, p.a_row, p.a_column, rows, inner, a);
      for (std::size_t i = 0; i < inner; ++i) std::copy_n(p.b + (k + i) * p.b_row + first, columns, b + i * width);
      (k == 0 ? loops.multiply : loops.multiply_add)({rows, inner, a, 1, rows, b, c, width});
    }
    for (std::size_t r = 0; r < rows; ++r) std::copy_n(c + r * width, columns, p.c + (row + r) * p.c_row + first);
  }
}

void multiply_on_one_thread(const Product& p, const PanelLoops& loops) {
  const std::size_t width = loops.width(), whole = p.columns / width * width;
  const std::size_t step = kPartBytes / sizeof(float) / std::min(kInner, p.inner) / width * width;
  for (std::size_t first = 0; first < whole; first += step) {
    multiply_columns(p, loops, first, std::min(first + step, whole));
  }
  if (whole < p.columns) multiply_last_columns(p, loops, whole);
}

}  // namespace

void multiply(const Product& p) {
  const PanelLoops& loops = panel_loops();
  const std::size_t width = loops.width(), panels = blocks_of(p.columns, width);
  const bool by_columns = panels >= std::size_t(thread_count());
  const std::size_t each = p.inner * (by_columns ? p.rows * width : p.columns);
  parallel_ranges(by_columns ? panels : p.rows, kMultiplicationsWorthAThread / each + 1, [&](std::size_t begin, std::size_t end) {
    Product part = p;
    if (by_columns) {
      part.columns = std::min(end * width, p.columns) - begin * width;
      part.b += begin * width;
      part.c += begin * width;
    } else {
      part.rows = end - begin;
      part.a += begin * p.a_row;
      part.c += begin * p.c_row;
    }
    multiply_on_one_thread(part, loops);
  });
}

void multiply_transposed(const Product& p, const float* biases, bool from_the_end) {
  const DotLoops& loops = dot_loops();
  const std::size_t row_blocks = blocks_of(p.rows, loops.rows);
  parallel_ranges(blocks_of(p.columns, loops.columns), kMultiplicationsWorthAThread / (p.rows * p.inner * loops.columns) + 1,
                  [&](std::size_t begin, std::size_t end) {
                    for (std::size_t item = begin; item < end; ++item) {
                      const std::size_t block = from_the_end ? begin + end - 1 - item : item;
                      const std::size_t o = block * loops.columns, columns = std::min(loops.columns, p.columns - o);
                      for (std::size_t k = 0; k < p.inner; k += kDotInner) {
                        const std::size_t inner = std::min(kDotInner, p.inner - k);
                        for (std::size_t i = 0; i < row_blocks; ++i) {
                          const std::size_t r = p.rows * i / row_blocks, rows = p.rows * (i + 1) / row_blocks - r;
                          loops.multiply({rows, columns, inner, p.a + r * p.a_row + k, p.a_row, p.b + o * p.inner + k, p.inner,
                                          biases && k == 0 ? biases + o : nullptr, k > 0, p.c + r * p.c_row + o, p.c_row});
                        }
                      }
                    }
                  });
}

}  // namespace mpsnn::cpu
