#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/cpu/vector_math.hpp"

namespace mpsnn::cpu {

/// base^exponent for bases from 0 on, rounded from double: loops over it become vector code. A base of 0 gives a very large or
/// small number, or 1; negative ones give NaN.
MPSNN_INLINE float power_of(float base, double exponent) {
  const auto bits = std::bit_cast<std::uint64_t>(double(base));
  // base = mantissa * 2^count with the mantissa within sqrt(1/2) and sqrt(2). An integer below 2^52 in the low bits of 2^52 turns
  // it into a double without a conversion, which vectors of 64 bits lack.
  double count = std::bit_cast<double>((bits >> 52) | 0x4330000000000000u) - (0x1p52 + 1023);
  double mantissa = std::bit_cast<double>((bits & 0xfffffffffffffu) | 0x3ff0000000000000u);
  const bool is_large = mantissa > 1.4142135623730951;
  mantissa = is_large ? mantissa * 0.5 : mantissa;
  count = is_large ? count + 1 : count;
  // The logarithm is 2 artanh(s), |s| < 0.1716.
  const double s = (mantissa - 1) / (mantissa + 1), w = s * s;
  const double series =
      ((((((w / 15 + 1.0 / 13) * w + 1.0 / 11) * w + 1.0 / 9) * w + 1.0 / 7) * w + 1.0 / 5) * w + 1.0 / 3) * w + 1;
  const double log = count * 0.6931471805599453 + 2 * s * series;
  double y = exponent * (base < std::numeric_limits<float>::infinity() ? log : double(base));
  y = y < -120 ? -120 : y;  // beyond these a float is 0 or infinity
  y = y > 100 ? 100 : y;
  constexpr double kRounder = 0x1.8p52;  // adding it leaves the nearest whole number in the low bits
  const double shifted = y * 1.4426950408889634 + kRounder;
  const double r = y - (shifted - kRounder) * 0.6931471805599453;
  double p = 1.0 / 362880;
  for (const double c : {1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1.0, 1.0}) p = p * r + c;
  const double scale = std::bit_cast<double>((std::bit_cast<std::uint64_t>(shifted) + 1023) << 52);
  return base >= 0 ? float(p * scale) : std::numeric_limits<float>::quiet_NaN();
}

}  // namespace mpsnn::cpu
