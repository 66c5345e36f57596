#pragma once

#include <cstddef>

#include "kernels/cpu/instruction_set.hpp"
#include "kernels/cpu/rectifier.hpp"

// Matrix products whose right side lies in panels: columns of two vectors, row after row.
namespace mpsnn::cpu {

/// Where the numbers of one part of a product's sums begin.
struct PanelTap {
  std::ptrdiff_t a = 0;
  std::size_t b = 0;
};
inline constexpr PanelTap kOneTap;

/// Numbers that are read later: they come from memory while a product is made, a line with each of its steps.
struct RowsAhead {
  /// Lines of one row after the other, of 16 rows at a time: of many rows few numbers, or many of few rows.
  static constexpr std::size_t kRows = 16;
  const float* first = nullptr;
  std::size_t row = 0, count = 0;  ///< numbers from row to row; rows
  /// Base 2 logarithm of the numbers of a row, at least 4; of as many as the product has steps where that is less.
  std::size_t numbers = 63;
};

/// c[rows][panel] = or += sum over taps and k of a[tap.a + row * a_row + k * a_column] * b[tap.b + k * b_row + column]; c has
/// rows of c_row numbers.
struct PanelProduct {
  std::size_t rows, inner;
  const float* a;
  std::size_t a_row, a_column;
  const float* b;
  float* c;
  std::size_t c_row;
  std::size_t b_row = 0;  ///< 0: the panel's rows follow one another
  const PanelTap* taps = &kOneTap;
  std::size_t tap_count = 1;
  std::size_t b_ahead = 0;  ///< numbers from a row of b that is read to what is fetched then; 0: what is read next as a rule
  RowsAhead ahead = {};
};

/// What becomes of sums where they are results of a filter.
struct PanelEnding {
  std::size_t columns;  ///< of the panel that are there
  const float* biases;  ///< may be null
  const float* addend;  ///< like c; may be null
  std::size_t addend_row;
  Rectifier rectifier;
};

/// Numbers from row to row of a right side that is read where it lies; farther apart, rows share few lines of a cache.
inline constexpr std::size_t kNearRow = 512;

/// Of all parts together that each make, or have, what one could have for all.
inline constexpr std::size_t kOwnBytes = std::size_t(1) << 25;

/// Of any processor's loops.
inline constexpr std::size_t kMostPanelRows = 14, kMostPanelWidth = 32;

struct PanelLoops {
  std::size_t lanes, rows;  ///< numbers in a vector, most rows of a product
  std::size_t narrow_rows;  ///< most rows of a product that needs one vector of the panel
  std::size_t width() const { return 2 * lanes; }
  void (*multiply)(const PanelProduct& product);
  void (*multiply_add)(const PanelProduct& product);
  /// Reads all rows of the panel, but writes and reads only the ending's columns of what is like c.
  void (*multiply_to_results)(const PanelProduct& product, const PanelEnding& ending);
};
/// For this processor.
const PanelLoops& panel_loops();

/// Calls `body(first, count)` for the rows of as few products as there may be with at most `most` rows, none with two more than
/// another.
template <class Body>
MPSNN_INLINE void for_products(std::size_t rows, std::size_t most, const Body& body) {
  if (rows == 0) return;
  const std::size_t products = (rows + most - 1) / most, count = rows / products, longer = rows % products;
  for (std::size_t first = 0, product = 0; product < products; ++product) {
    const std::size_t rows_here = count + (product < longer ? 1 : 0);
    body(first, rows_here);
    first += rows_here;
  }
}

}  // namespace mpsnn::cpu
