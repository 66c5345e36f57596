#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "kernels/cpu/convolution_loops.hpp"
#include "kernels/cpu/rectifier.hpp"

// The loops of convolutions whose groups are small: vectors hold the channels of one or several. A pixel's vector is turned
// within the groups, from member to member, so that every output of a group meets every input.
namespace mpsnn::cpu::grouped {

constexpr int kPixels = 4;  // of a row, whose sums are in registers at a time

/// Pixels of one or two result rows, with all that a range of channels needs. A block is a vector of channels. Its weights:
/// [tap][turn][channel].
struct Strip {
  const float* source;                                 // pixel of the first tap of the first result pixel
  std::ptrdiff_t source_row, source_pixel;             // numbers from one row to the next, one pixel to the next
  int first_row, last_row, first_column, last_column;  // of the window's rows and columns, those that exist
  std::ptrdiff_t source_step;                          // numbers from what one result pixel reads to the next one's
  std::span<const Tap> y_taps, x_taps;
  const float* weights;
  std::ptrdiff_t tap_row, tap_column;  // from one tap's weights to the next in y, in x
  std::size_t channels, first, last;   // all channels; blocks of them
  std::size_t weights_size;            // of a block
  const float* biases;
  int rows;
  float* result;
  std::ptrdiff_t result_row, result_pixel, result_step;
  const float* addend;
  std::ptrdiff_t addend_row, addend_pixel, addend_step;
  Rectifier rectifier;
};

using RunStrip = void (*)(const Strip&);

struct Runners {
  std::array<RunStrip, kPixels> taps;  ///< any taps, for 1, 2, ... pixels
  /// A small square window for two rows; null where there are none. `at_edge`: some of its pixels do not exist, and are zeros.
  RunStrip inside = nullptr, at_edge = nullptr;
};
/// For vectors of 8 or 16 channels, and groups of 1, 2, 4 or 8 members.
Runners runners(const TapAxis& x, const TapAxis& y, std::size_t members, std::size_t lanes);
/// Channels of a vector, or 0 where groups do not fill vectors.
std::size_t lanes_of(const WeightsView& view);

inline constexpr std::size_t kGradientTaps = 3;  // of a window's row, whose sums are in registers at a time

/// Pixels of a row of a result's gradient, and the source's for one row of taps, of a block of channels. Adds to the sums of
/// their products: [tap][turn of the gradient][channel].
struct GradientRow {
  const float* gradient;
  std::ptrdiff_t gradient_pixel;
  const float* source;                     // what the first pixel reads with the first tap
  std::ptrdiff_t source_step, source_tap;  // numbers from what one pixel reads to the next one's, from tap to tap
  std::size_t pixels;
  float* sums;
};

struct GradientLoops {
  void (*all_taps)(const GradientRow&);
  void (*one_tap)(const GradientRow&);
};
GradientLoops gradient_loops(std::size_t members, std::size_t lanes);

}  // namespace mpsnn::cpu::grouped
