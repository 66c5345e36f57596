#include <cstddef>

#include "check.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/padding.hpp"

namespace {

using namespace mpsnn;
using Method = NNPaddingMethod;

constexpr Method kSame = Method::SizeSame;  // centered, the remainder to the top left
constexpr Method kSameBottomRight = Method::SizeSame | Method::AddRemainderToBottomRight;
constexpr Method kValid = Method::SizeValidOnly;
constexpr Method kFull = Method::SizeFull;

struct Forward {
  std::size_t source, kernel, dilation, stride;
  Method method;
  std::ptrdiff_t size, left, right, offset;
};

// The numbers were worked out by hand, each from the size of its network's layer.
constexpr Forward kForward[] = {
    {224, 7, 1, 2, kSame, 112, 3, 2, 0},             // first layer of ResNet
    {224, 7, 1, 2, kSameBottomRight, 112, 2, 3, 1},  // the same in TensorFlow
    {224, 2, 1, 2, kValid, 112, 0, 0, 1},
    {224, 2, 1, 2, kSame, 112, 0, 0, 1},
    {5, 2, 1, 2, kValid, 2, 0, -1, 1},  // the last pixel is not read
    {7, 2, 1, 2, kSame, 4, 1, 0, 0},
    {7, 2, 1, 2, kSameBottomRight, 4, 0, 1, 1},
    {13, 2, 1, 1, kSameBottomRight, 13, 0, 1, 1},
    {8, 4, 1, 1, kSame, 8, 2, 1, 0},
    {8, 4, 1, 1, kSameBottomRight, 8, 1, 2, 1},
    {56, 3, 1, 2, kSameBottomRight, 28, 0, 1, 1},
    {56, 3, 1, 2, kSame, 28, 1, 0, 0},
    {112, 3, 1, 2, kSameBottomRight, 56, 0, 1, 1},
    {113, 3, 1, 2, kSame, 57, 1, 1, 0},
    {227, 11, 1, 4, kValid, 55, 0, 0, 5},  // first layer of AlexNet
    {224, 11, 1, 4, kValid, 54, 0, -1, 5},
    {224, 1, 1, 2, kSame, 112, 0, -1, 0},
    {9, 1, 1, 3, kSame, 3, 0, -2, 0},  // negative padding is divided like C does it, towards zero
    {9, 1, 1, 3, kSameBottomRight, 3, -1, -1, 1},
    {65, 3, 2, 1, kSame, 65, 2, 2, 0},
    {10, 3, 1, 1, kFull, 12, 2, 2, -1},
    {10, 4, 1, 1, kFull, 13, 3, 3, -1},
    {7, 7, 1, 1, kValid, 1, 0, 0, 3},  // fully connected
};

struct Reverse {
  std::size_t source, kernel, stride;
  Method method;
  std::ptrdiff_t size, left, kernel_offset;
};

constexpr Reverse kReverse[] = {
    {14, 2, 2, kFull, 28, 1, 0},  {14, 3, 2, kFull, 29, 2, -1}, {14, 4, 2, kFull, 30, 3, -1},
    {14, 3, 2, kSame, 27, 1, 0},  {14, 4, 2, kSame, 27, 2, 0},  {14, 4, 2, kSameBottomRight, 27, 1, 1},
    {14, 3, 2, kValid, 25, 0, 1}, {5, 5, 1, kFull, 9, 4, -2},
};

TEST(forward_windows) {
  for (const Forward& f : kForward) {
    const std::size_t extent = (f.kernel - 1) * f.dilation + 1;
    const AxisPlacement p = place_window(f.source, extent, f.stride, false, f.method, false);
    CHECK_EQUAL(p.size, f.size);
    CHECK_EQUAL(p.left, f.left);
    CHECK_EQUAL(p.offset, f.offset);
    const std::ptrdiff_t read = (p.size - 1) * std::ptrdiff_t(f.stride) + std::ptrdiff_t(extent);
    CHECK_EQUAL(read - std::ptrdiff_t(f.source) - p.left, f.right);
  }
}

TEST(reverse_windows) {
  for (const Reverse& r : kReverse) {
    const AxisPlacement p = place_window(r.source, r.kernel, r.stride, true, r.method, false);
    CHECK_EQUAL(p.size, r.size);
    CHECK_EQUAL(p.left, r.left);
    CHECK_EQUAL(p.offset, r.kernel_offset);
  }
}

TEST(remainder_by_axis) {
  // One pixel of padding is left over: who gets it, in x and in y.
  const auto left = [](Method method, bool is_vertical) {
    return place_window(7, 2, 2, false, Method::SizeSame | method, is_vertical).left;
  };
  CHECK_EQUAL(left(Method::AddRemainderToTopLeft, false), 1);
  CHECK_EQUAL(left(Method::AddRemainderToTopLeft, true), 1);
  CHECK_EQUAL(left(Method::AddRemainderToTopRight, false), 0);
  CHECK_EQUAL(left(Method::AddRemainderToTopRight, true), 1);
  CHECK_EQUAL(left(Method::AddRemainderToBottomLeft, false), 1);
  CHECK_EQUAL(left(Method::AddRemainderToBottomLeft, true), 0);
  CHECK_EQUAL(left(Method::AddRemainderToBottomRight, false), 0);
  CHECK_EQUAL(left(Method::AddRemainderToBottomRight, true), 0);
}

TEST(alignment) {
  const auto left = [](Method method) { return place_window(224, 7, 2, false, Method::SizeSame | method, false).left; };
  CHECK_EQUAL(left(Method::AlignTopLeft), 5);
  CHECK_EQUAL(left(Method::AlignBottomRight), 0);
}

TEST(inverse_policies) {
  const auto inverse = [](Method method) { return NNDefaultPadding::padding_with_method(method)->inverse()->padding_method(); };
  CHECK(inverse(kValid) == kFull);
  CHECK(inverse(kFull) == kValid);
  CHECK(inverse(kSameBottomRight) == kSameBottomRight);
}

TEST(ready_made_policies_are_shared) {
  CHECK(NNDefaultPadding::padding_with_method(kSame) == NNDefaultPadding::padding_with_method(kSame));
  CHECK_THROWS(InvalidArgument, "Custom", NNDefaultPadding::padding_with_method(Method::Custom));
}

}  // namespace
