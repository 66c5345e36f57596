#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>

#include "mpsnn/error.hpp"

namespace mpsnn {

/// The product of the factors; throws InvalidArgument that names `what` when it does not fit in memory at all.
inline std::size_t checked_product(std::initializer_list<std::size_t> factors, const std::string& what) {
  constexpr std::size_t kLimit = std::size_t(1) << 62;
  std::size_t product = 1;
  std::string text;
  bool overflow = false;
  for (std::size_t factor : factors) {
    text += (text.empty() ? "" : " x ") + std::to_string(factor);
    if (factor != 0 && product > kLimit / factor) overflow = true;
    if (!overflow) product *= factor;
  }
  if (overflow) throw InvalidArgument(what + ": " + text + " overflows");
  return product;
}

}  // namespace mpsnn
