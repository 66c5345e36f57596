#pragma once

#include <cstddef>

namespace mpsnn {

inline constexpr std::size_t kSignGroup = 8;  ///< numbers whose signs are one byte, and another one for NaN

/// Of a block with the signs of so many numbers, which follow one another from pixel to pixel and from image to image.
inline std::size_t sign_bytes(std::size_t numbers) { return (numbers + kSignGroup - 1) / kSignGroup * 2; }
/// Whether each pixel's signs begin with a byte.
inline bool have_pixels_own_signs(std::size_t channels) { return channels % kSignGroup == 0; }

}  // namespace mpsnn
