#include "core/convert.hpp"

#include <bit>
#include <cmath>
#include <cstring>

#if defined(__F16C__)
#include <immintrin.h>
#endif

namespace mpsnn {

std::uint16_t to_half(float value) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000u;
  const std::uint32_t magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) return std::uint16_t(sign | 0x7e00u | (magnitude >> 13 & 0x1ffu));
  if (magnitude >= 0x477ff000u) return std::uint16_t(sign | 0x7c00u);  // 65520 and above
  if (magnitude < 0x38800000u) {
    // Subnormal results: adding 0.5 lines the mantissa up at 2^-24 and lets the adder round to nearest even.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return std::uint16_t(sign | (std::bit_cast<std::uint32_t>(shifted) - 0x3f000000u));
  }
  const std::uint32_t odd = magnitude >> 13 & 1;
  return std::uint16_t(sign | ((magnitude - 0x38000000u + 0xfffu + odd) >> 13));
}

float from_half(std::uint16_t bits) {
  const std::uint32_t sign = std::uint32_t(bits & 0x8000u) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1f, mantissa = bits & 0x3ffu;
  if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000u | mantissa << 13);
  if (exponent == 0) {
    const float value = float(mantissa) * 0x1p-24f;
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) | sign);
  }
  return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

namespace {

template <class Integer>
void load_unorm(float* to, const Integer* from, float scale, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) to[i] = float(from[i]) / scale;
}

template <class Integer>
void store_unorm(Integer* to, const float* from, float scale, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    const float v = from[i];
    // NaN fails both comparisons and becomes 0.
    to[i] = Integer(std::nearbyint(double(v >= 1 ? 1.0f : v > 0 ? v : 0.0f) * double(scale)));
  }
}

void load_halves(float* to, const std::uint16_t* from, std::size_t count) {
  std::size_t i = 0;
#if defined(__F16C__)
  for (; i + 8 <= count; i += 8) {
    _mm256_storeu_ps(to + i, _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i))));
  }
#endif
  for (; i < count; ++i) to[i] = from_half(from[i]);
}

void store_halves(std::uint16_t* to, const float* from, std::size_t count) {
  std::size_t i = 0;
#if defined(__F16C__)
  for (; i + 8 <= count; i += 8) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i),
                     _mm256_cvtps_ph(_mm256_loadu_ps(from + i), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
  }
#endif
  for (; i < count; ++i) to[i] = to_half(from[i]);
}

}  // namespace

void load_floats(float* to, const void* from, ImageFeatureChannelFormat format, std::size_t count) {
  switch (format) {
    case ImageFeatureChannelFormat::Unorm8:
      return load_unorm(to, static_cast<const std::uint8_t*>(from), 255.0f, count);
    case ImageFeatureChannelFormat::Unorm16:
      return load_unorm(to, static_cast<const std::uint16_t*>(from), 65535.0f, count);
    case ImageFeatureChannelFormat::Float16:
      return load_halves(to, static_cast<const std::uint16_t*>(from), count);
    default:
      std::memcpy(to, from, count * sizeof(float));
  }
}

void store_floats(void* to, const float* from, ImageFeatureChannelFormat format, std::size_t count) {
  switch (format) {
    case ImageFeatureChannelFormat::Unorm8:
      return store_unorm(static_cast<std::uint8_t*>(to), from, 255.0f, count);
    case ImageFeatureChannelFormat::Unorm16:
      return store_unorm(static_cast<std::uint16_t*>(to), from, 65535.0f, count);
    case ImageFeatureChannelFormat::Float16:
      return store_halves(static_cast<std::uint16_t*>(to), from, count);
    default:
      std::memcpy(to, from, count * sizeof(float));
  }
}

}  // namespace mpsnn
