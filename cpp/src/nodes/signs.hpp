#pragma once

#include <cstddef>

namespace mpsnn {

/// Of a block with the signs of an image's numbers, for each pixel: a bit of the sign and one of NaN, in groups of eight numbers.
inline std::size_t sign_bytes(std::size_t channels) { return (channels + 7) / 8 * 2; }

}  // namespace mpsnn
