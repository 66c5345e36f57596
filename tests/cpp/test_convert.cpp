#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "check.hpp"
#include "core/convert.hpp"

namespace {

using namespace mpsnn;
using Format = ImageFeatureChannelFormat;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr std::uint16_t kHalfInfinity = 0x7c00;

TEST(every_half_survives_the_way_to_float_and_back) {
  int wrong = 0;
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    const auto half = std::uint16_t(bits);
    const float value = from_half(half);
    if ((half & 0x7fff) > kHalfInfinity) {
      wrong += !std::isnan(value) || !std::isnan(from_half(to_half(value)));
    } else {
      wrong += to_half(value) != half;
    }
  }
  CHECK_EQUAL(wrong, 0);
}

TEST(halves_have_their_value) {
  CHECK_EQUAL(from_half(0x3c00), 1.0f);
  CHECK_EQUAL(from_half(0xc000), -2.0f);
  CHECK_EQUAL(from_half(0x7bff), 65504.0f);
  CHECK_EQUAL(from_half(0x0001), 0x1p-24f);
  CHECK_EQUAL(from_half(0x0400), 0x1p-14f);
  CHECK_EQUAL(from_half(0x3555), 0.333251953125f);
  CHECK(from_half(kHalfInfinity) == kInfinity);
  CHECK(std::signbit(from_half(0x8000)));
}

// Between every two neighbours: the middle goes to the even one, what is on either side of it to the nearer one.
TEST(ties_go_to_even) {
  int wrong = 0;
  for (std::uint16_t low = 0; low < kHalfInfinity; ++low) {
    const std::uint16_t high = low + 1;
    const double above = high == kHalfInfinity ? 65536.0 : double(from_half(high));
    const auto middle = float((double(from_half(low)) + above) / 2);  // exact
    const std::uint16_t even = low % 2 == 0 ? low : high;
    for (const std::uint16_t sign : {0x0000, 0x8000}) {
      const float direction = sign ? -1.0f : 1.0f;
      wrong += to_half(direction * middle) != (even | sign);
      wrong += to_half(direction * std::nextafter(middle, 0.0f)) != (low | sign);
      wrong += to_half(direction * std::nextafter(middle, kInfinity)) != (high | sign);
    }
  }
  CHECK_EQUAL(wrong, 0);
}

TEST(large_and_tiny_floats) {
  CHECK_EQUAL(to_half(65519.996f), 0x7bff);
  CHECK_EQUAL(to_half(65520.0f), kHalfInfinity);
  CHECK_EQUAL(to_half(-1e30f), 0xfc00);
  CHECK_EQUAL(to_half(0x1p-25f), 0x0000);  // a tie with zero
  CHECK_EQUAL(to_half(std::nextafter(0x1p-25f, 1.0f)), 0x0001);
  CHECK_EQUAL(to_half(std::numeric_limits<float>::denorm_min()), 0x0000);
  CHECK_EQUAL(to_half(-0.0f), 0x8000);
}

// Whole arrays take another way (vector instructions) than single numbers; it has to agree, whatever the length.
TEST(arrays_agree_with_single_values) {
  std::vector<float> values;
  for (std::uint64_t bits = 0; bits < 0x100000000; bits += 65521) values.push_back(std::bit_cast<float>(std::uint32_t(bits)));
  for (const std::size_t count : {values.size(), values.size() / 8 * 8, std::size_t(1), std::size_t(7), std::size_t(9)}) {
    std::vector<std::uint16_t> halves(count);
    std::vector<float> back(count);
    store_floats(halves.data(), values.data(), Format::Float16, count);
    load_floats(back.data(), halves.data(), Format::Float16, count);
    int wrong = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (std::isnan(values[i])) {
        wrong += !std::isnan(back[i]);
      } else {
        wrong += halves[i] != to_half(values[i]) ||
                 std::bit_cast<std::uint32_t>(back[i]) != std::bit_cast<std::uint32_t>(from_half(halves[i]));
      }
    }
    CHECK_EQUAL(wrong, 0);
  }
}

template <class Integer>
void check_unorm(Format format) {
  constexpr auto kMost = std::numeric_limits<Integer>::max();
  std::vector<Integer> all(std::size_t(kMost) + 1), back(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = Integer(i);
  std::vector<float> values(all.size());
  load_floats(values.data(), all.data(), format, all.size());
  store_floats(back.data(), values.data(), format, all.size());
  CHECK(back == all);
  CHECK_EQUAL(values.front(), 0.0f);
  CHECK_EQUAL(values.back(), 1.0f);
  CHECK_EQUAL(values[1], float(1.0 / kMost));

  // 0.5 lies in the middle between two.
  const float odd[] = {-1, -0.0f, 2, kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN(), 0.5f, float(1.75 / kMost)};
  const Integer expected[] = {0, 0, kMost, kMost, 0, 0, kMost / 2 + 1, 2};
  Integer stored[8];
  store_floats(stored, odd, format, 8);
  for (int i = 0; i < 8; ++i) CHECK_EQUAL(unsigned(stored[i]), unsigned(expected[i]));
}

TEST(unorm8) { check_unorm<std::uint8_t>(Format::Unorm8); }
TEST(unorm16) { check_unorm<std::uint16_t>(Format::Unorm16); }

}  // namespace
