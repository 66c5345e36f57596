#pragma once

#include <cstddef>

namespace mpsnn {

inline constexpr std::size_t kSignGroup = 8;  ///< numbers whose signs are one byte, and another one for NaN

/// Of a block with the signs of so many numbers. A batch has one block for all images: signs follow one another from pixel to
/// pixel and from image to image, wherever a byte ends.
inline std::size_t sign_bytes(std::size_t numbers) { return (numbers + kSignGroup - 1) / kSignGroup * 2; }
/// Whether the signs of each pixel begin with a byte.
inline bool begin_with_bytes(std::size_t channels) { return channels % kSignGroup == 0; }

}  // namespace mpsnn
