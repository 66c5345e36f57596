#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

// Elementary functions without branches, tables or calls, so that loops over them become vector code. Errors stay below four
// units in the last place. NaN in gives NaN out; infinities give the limits.
namespace mpsnn::cpu {

#if defined(__GNUC__)
#define MPSNN_INLINE [[gnu::always_inline]] inline  // a call would keep the loop around it scalar
#else
#define MPSNN_INLINE inline
#endif

/// x kept within [low, high]; NaN stays.
MPSNN_INLINE float clamped(float x, float low, float high) {
  const float raised = x < low ? low : x;
  return raised > high ? high : raised;
}

/// x = count * ln 2 + rest with |rest| <= ln 2 / 2; x is within +-110.
struct Reduced {
  std::int32_t count;
  float rest;
};
MPSNN_INLINE Reduced reduced(float x) {
  constexpr float kRounder = 12582912.f;  // 1.5 * 2^23: adding it leaves the nearest whole number in the low bits
  const float shifted = x * 1.44269504f + kRounder;
  const float count = shifted - kRounder;
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(shifted) - std::bit_cast<std::uint32_t>(kRounder);
  // ln 2 in two parts; the first has few digits, so its product is exact.
  return {std::int32_t(bits), (x - count * 0.693359375f) + count * 2.12194440e-4f};
}

/// e^r - 1 for |r| <= ln 2 / 2.
MPSNN_INLINE float expm1_near_zero(float r) {
  const float p =
      ((((1.98578282e-4f * r + 1.39336871e-3f) * r + 8.33336083e-3f) * r + 4.16664647e-2f) * r + 0.166666665f) * r + 0.5f;
  return p * (r * r) + r;
}

MPSNN_INLINE float power_of_two(std::int32_t n) { return std::bit_cast<float>(std::uint32_t(n + 127) << 23); }

MPSNN_INLINE float exp_of(float x) {
  const Reduced r = reduced(clamped(x, -104.f, 89.f));  // beyond these the result is 0 or infinity
  const std::int32_t half = r.count >> 1;               // 2^count itself may lie outside the normal numbers
  return (expm1_near_zero(r.rest) + 1.f) * power_of_two(half) * power_of_two(r.count - half);
}

/// e^x - 1 for x <= 0.
MPSNN_INLINE float expm1_of_negative(float x) {
  const Reduced r = reduced(clamped(x, -30.f, 0.f));
  const float scale = power_of_two(r.count);
  return scale * expm1_near_zero(r.rest) + (scale - 1.f);
}

/// 2 artanh(s) for |s| <= 1/3.
MPSNN_INLINE float twice_artanh(float s) {
  const float w = s * s;
  return s * ((((0.28178326f * w + 0.279606047f) * w + 0.400249101f) * w + 0.666663147f) * w + 2.f);
}

/// ln(1 + u) for 0 <= u <= 1.
MPSNN_INLINE float log1p_of_fraction(float u) { return twice_artanh(u / (2.f + u)); }

MPSNN_INLINE float log_of(float x) {
  const bool is_subnormal = x < 0x1p-126f;
  const float normal = is_subnormal ? x * 0x1p23f : x;
  // normal = mantissa * 2^count with the mantissa within sqrt(1/2) and sqrt(2).
  const std::int32_t above = std::int32_t(std::bit_cast<std::uint32_t>(normal) - 0x3f3504f3u);
  const float count = float((above >> 23) - (is_subnormal ? 23 : 0));
  const float f = std::bit_cast<float>((std::uint32_t(above) & 0x7fffffu) + 0x3f3504f3u) - 1.f;
  const float log = count * 0.693359375f + (twice_artanh(f / (2.f + f)) - count * 2.12194440e-4f);
  const float positive = x < std::numeric_limits<float>::infinity() ? log : x;  // infinity and NaN stay
  const float non_negative = x == 0.f ? -std::numeric_limits<float>::infinity() : positive;
  return x < 0.f ? std::numeric_limits<float>::quiet_NaN() : non_negative;
}

MPSNN_INLINE float sigmoid_of(float x) {
  const float e = exp_of(-std::fabs(x)), s = 1.f / (1.f + e);
  return x < 0.f ? e * s : s;
}

/// ln(1 + e^x).
MPSNN_INLINE float softplus_of(float x) { return (x > 0.f ? x : 0.f) + log1p_of_fraction(exp_of(-std::fabs(x))); }

MPSNN_INLINE float tanh_of(float x) {
  const float t = expm1_of_negative(-2.f * std::fabs(x));
  return std::copysign(t / (2.f + t), x);
}

/// erfc(z) * e^(z^2) for 0 <= z <= 10.3.
MPSNN_INLINE float erfcx_of(float z) {
  const float t = 1.f / (1.f + 0.35f * z);
  float p = (((0.0389542446f * t - 0.162019993f) * t + 0.188964011f) * t - 0.0380640157f) * t + 0.0959686501f;
  p = ((((p * t + 0.141032589f) * t + 0.15299949f) * t + 0.187493794f) * t + 0.197190294f) * t + 0.197480944f;
  return p * t;
}

}  // namespace mpsnn::cpu
