#pragma once

#include <algorithm>
#include <cstddef>

#include "kernels/cpu/convolution_winograd.hpp"
#include "kernels/cpu/convolution_winograd_loops.hpp"
#include "kernels/cpu/vector_block.hpp"

// What Winograd's filters and their gradients have in common.
namespace mpsnn::cpu::winograd {

// Rows of numbers a power of two apart would share few lines of the first cache.
inline constexpr std::size_t kPadding = 16;
// What should stay in the second cache of the numbers that stand for weights.
inline constexpr std::size_t kPointsBytes = std::size_t(1) << 19;
// Panels whose sums are made together.
inline constexpr std::size_t kPanels = 2;

/// Numbers from point to point where they stand for weights: of panels of so many inputs.
inline std::size_t points_step(const Loops& loops, std::size_t panels, std::size_t inputs) {
  return panels * inputs * loops.panels.width() + kPadding;
}

/// Numbers of an image from a tile to the one that is fetched while it is read, where it is worth while; else 0: the one below,
/// whose other rows are there, or the next where a cache would not hold a row of tiles so long.
inline std::size_t next_tile(const Tiles& tiles, const TensorDescriptor& image) {
  constexpr std::size_t kLongRow = 7, kRowBytes = std::size_t(3) << 16;
  const std::size_t row = tiles.side * image.w * image.pixel_stride;
  if (tiles.columns < kLongRow) return 0;
  return row * sizeof(float) <= kRowBytes ? row : tiles.side * image.pixel_stride;
}

/// Calls `body(tile - first, image, row, column)` for tiles in order.
template <class Body>
void for_tiles(const Tiles& tiles, std::size_t first, std::size_t count, const Body& body) {
  std::size_t column = first % tiles.columns, row = first / tiles.columns % tiles.rows,
              image = first / tiles.columns / tiles.rows;
  for (std::size_t i = 0; i < count; ++i) {
    body(i, image, row, column);
    if (++column < tiles.columns) continue;
    column = 0;
    if (++row < tiles.rows) continue;
    row = 0;
    ++image;
  }
}

/// The pixels of a square of one image, in rows; `zeros` where there is none.
inline void find_pixels(const float* batch, const TensorDescriptor& t, std::size_t number, std::ptrdiff_t top,
                        std::ptrdiff_t left, std::size_t size, const float* zeros, const float* (&pixels)[kMostPixels]) {
  const float* image = batch + number * t.h * t.w * t.pixel_stride;
  for (std::size_t i = 0; i < size; ++i) {
    const std::ptrdiff_t y = top + std::ptrdiff_t(i);
    for (std::size_t j = 0; j < size; ++j) {
      const std::ptrdiff_t x = left + std::ptrdiff_t(j);
      const bool is_there = y >= 0 && y < std::ptrdiff_t(t.h) && x >= 0 && x < std::ptrdiff_t(t.w);
      pixels[i * size + j] = is_there ? image + (std::size_t(y) * t.w + std::size_t(x)) * t.pixel_stride : zeros;
    }
  }
}

}  // namespace mpsnn::cpu::winograd
