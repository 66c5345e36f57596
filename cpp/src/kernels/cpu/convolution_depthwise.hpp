#pragma once

#include <array>
#include <cstddef>

// The loops of depthwise gradients: a pixel of the source is read once, for its own gradient and for that of the weights.
namespace mpsnn::cpu::depthwise {

inline constexpr std::size_t kTaps = 3;  ///< of a window, in either direction

/// Neighbours of a row of the source that every tap reads, of a vector of channels, and the rows of the result's gradient that
/// windows over that row belong to. With a step of 2 they come in pairs, of which the first belongs to two windows.
struct Row {
  std::size_t rows = 0;                                       ///< of the gradient
  std::array<const float*, kTaps> gradients{};                ///< the first pixel's that its last tap reads for
  std::array<const float*, kTaps> weights{};                  ///< of such a row's taps: [tap][channel]
  std::array<float*, kTaps> sums{};                           ///< that the gradient of these weights is added to
  std::ptrdiff_t gradient_pixel, source_pixel, result_pixel;  ///< numbers from one pixel to the next
  /// From what is read, or written, to what comes next: it is sent for, as vectors of pixels far apart do not come by themselves.
  std::ptrdiff_t gradient_ahead, source_ahead, result_ahead;
  const float* source;
  float* result;
  std::size_t count;  ///< of pixels, or of pairs
};

/// A place on an axis of the source: the taps that read it, in their order, and the places on the gradient's axis whose windows
/// they are of.
struct Readers {
  std::size_t count = 0, taps[kTaps] = {}, windows[kTaps] = {};
};

struct Loops {
  /// By the number of the gradient's rows, from 1.
  std::array<void (*)(const Row&), kTaps> run;
  /// One pixel, at whose place taps may read nothing; a row's pointers are those of its first pixels.
  void (*run_pixel)(const Row& row, std::size_t pixel, const Readers& readers);
};
/// Of vectors of 8 or 16 channels, with a step of 1 or 2.
Loops loops(std::size_t step, std::size_t lanes);

}  // namespace mpsnn::cpu::depthwise
