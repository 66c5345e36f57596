#pragma once

#include <cstddef>

#include "kernels/cpu/panel_product.hpp"
#include "kernels/cpu/rectifier.hpp"

// The inner loops of Winograd's convolution, for each length of vectors.
namespace mpsnn::cpu::winograd {

inline constexpr std::size_t kMostPixels = 36;  ///< in the window of a tile
inline constexpr std::size_t kMostTaps = 25;

/// Where a transform leaves its numbers: component after component, `component_step` apart. Vectors lie in panels of two, panels
/// `panel_step` apart; 2 * lanes for numbers that follow one another.
struct Transformed {
  float* to;
  std::size_t component_step, panel_step;
};

/// A tile's way from sums to result pixels.
struct TileResult {
  const float* from;  ///< components `component_step` apart
  std::size_t component_step, channels;
  float* to;  ///< the tile's first pixel
  std::ptrdiff_t to_row, to_pixel;
  const float* addend;  ///< the same of the addend; may be null
  std::ptrdiff_t addend_row, addend_pixel;
  std::size_t rows, columns;  ///< pixels of the tile that are there
  const float* biases;        ///< may be null
  Rectifier rectifier;
};

/// The way from sums at points to the taps of some filters.
struct FilterResult {
  const float* from;  ///< components `component_step` apart
  std::size_t component_step, count;
  float* to;  ///< taps `tap_step` apart
  std::size_t tap_step;
  bool adds;  ///< to what is there
};

struct Loops {
  const PanelLoops& panels;        ///< for vectors of the same length
  std::size_t tile, side, window;  ///< pixels along the sides of a tile's result, of a filter, of a tile's source
  std::size_t points() const { return window * window; }
  std::size_t taps() const { return side * side; }
  /// Of `count` times [taps][lanes] numbers, `taps_step` apart for one tap; from one to the next `to` moves on by a panel.
  void (*transform_filter)(const float* taps, std::size_t taps_step, std::size_t count, float* to, std::size_t component_step);
  /// The adjoint. False when a tap is no finite number.
  bool (*write_filter)(const FilterResult& filter);
  /// Of window x window pixels. Those of the next tile, `ahead` numbers farther on, are fetched on the way; 0 is none.
  void (*transform_source)(const float* const* pixels, std::size_t channels, std::size_t ahead, const Transformed& transformed);
  /// Of tile x tile pixels, the gradient of a result.
  void (*transform_gradient)(const float* const* pixels, std::size_t channels, std::size_t ahead, const Transformed& transformed);
  /// False when a sum was no finite number.
  bool (*write)(const TileResult& tile);
};
/// For tiles of 4 x 4 or 2 x 2 results of filters with 3 x 3 taps, or 2 x 2 of those with 5 x 5, on this processor.
const Loops& loops(std::size_t tile, std::size_t side);

}  // namespace mpsnn::cpu::winograd
