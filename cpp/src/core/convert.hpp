#pragma once

#include <cstddef>
#include <cstdint>

#include "mpsnn/types.hpp"

namespace mpsnn {

/// IEEE binary16, round to nearest even; 65520 and above become infinity, subnormals and NaN are kept.
std::uint16_t to_half(float value);
float from_half(std::uint16_t bits);
inline float round_to_half(float value) { return from_half(to_half(value)); }

/// `count` elements, between float32 and a storage format, by the rules of the page on images.
void load_floats(float* to, const void* from, ImageFeatureChannelFormat format, std::size_t count);
void store_floats(void* to, const float* from, ImageFeatureChannelFormat format, std::size_t count);

}  // namespace mpsnn
