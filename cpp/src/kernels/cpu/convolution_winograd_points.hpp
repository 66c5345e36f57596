#pragma once

#include <cstddef>

#include "kernels/cpu/instruction_set.hpp"

// Winograd's convolutions F(4, 3), F(2, 3) and F(2, 5): four results of a filter with three taps from six products, two from
// four, or two of a filter with five taps from six. A filter g and a source d are polynomials, multiplied at a few points: y = A'
// ((G g) * (B' d)). S. Winograd, "Arithmetic complexity of computations", 1980; A. Lavin and S. Gray, "Fast algorithms for
// convolutional neural networks", 2016.
namespace mpsnn::cpu::winograd {

/// The points 0, +-1/sqrt(2), +-sqrt(2) and infinity. Points and their inverses keep the transforms' numbers alike: errors are
/// smallest (B. Barabasz et al., "Error analysis and improving the accuracy of Winograd convolution", 2018).
struct SixPoints {
  static constexpr std::size_t kWindow = 6;

  static constexpr float kNear = 0.70710678118654752f, kFar = 1.4142135623730951f;  // points a and b: a * b = 1
  static constexpr float kNear2 = 0.5f, kFar2 = 2.0f, kSum2 = 2.5f;                 // a^2, b^2, a^2 + b^2
  static constexpr float kNear3 = kNear2 * kNear, kFar3 = kFar2 * kFar;

  /// B' d.
  template <class V>
  MPSNN_INLINE static void at_points(const V (&d)[6], V (&t)[6]) {
    const V even_far = d[4] - kFar2 * d[2], odd_far = kNear * (d[3] - kFar2 * d[1]);
    const V even_near = d[4] - kNear2 * d[2], odd_near = kFar * (d[3] - kNear2 * d[1]);
    t[0] = d[0] - kSum2 * d[2] + d[4];
    t[1] = even_far + odd_far;
    t[2] = even_far - odd_far;
    t[3] = even_near + odd_near;
    t[4] = even_near - odd_near;
    t[5] = d[1] - kSum2 * d[3] + d[5];
  }

  // G: a point's powers, divided by the product of its distances from the others.
  static constexpr float kNearScale = -1 / 1.5f, kFarScale = 1 / 6.0f;
};

struct FourResults : SixPoints {
  static constexpr std::size_t kTile = 4, kTaps = 3;

  /// A' m.
  template <class V>
  MPSNN_INLINE static void to_results(const V (&m)[6], V (&y)[4]) {
    const V near_sum = m[1] + m[2], near_difference = m[1] - m[2];
    const V far_sum = m[3] + m[4], far_difference = m[3] - m[4];
    y[0] = m[0] + near_sum + far_sum;
    y[1] = kNear * near_difference + kFar * far_difference;
    y[2] = kNear2 * near_sum + kFar2 * far_sum;
    y[3] = kNear3 * near_difference + kFar3 * far_difference + m[5];
  }

  /// A y: the adjoint of `to_results`.
  template <class V>
  MPSNN_INLINE static void from_results(const V (&y)[4], V (&m)[6]) {
    const V near_even = y[0] + kNear2 * y[2], near_odd = kNear * y[1] + kNear3 * y[3];
    const V far_even = y[0] + kFar2 * y[2], far_odd = kFar * y[1] + kFar3 * y[3];
    m[0] = y[0];
    m[1] = near_even + near_odd;
    m[2] = near_even - near_odd;
    m[3] = far_even + far_odd;
    m[4] = far_even - far_odd;
    m[5] = y[3];
  }

  /// G g.
  template <class V>
  MPSNN_INLINE static void filter_at_points(const V (&g)[3], V (&u)[6]) {
    const V near_even = kNearScale * (g[0] + kNear2 * g[2]), near_odd = (kNearScale * kNear) * g[1];
    const V far_even = kFarScale * (g[0] + kFar2 * g[2]), far_odd = (kFarScale * kFar) * g[1];
    u[0] = g[0];
    u[1] = near_even + near_odd;
    u[2] = near_even - near_odd;
    u[3] = far_even + far_odd;
    u[4] = far_even - far_odd;
    u[5] = g[2];
  }

  /// G' u: the adjoint of `filter_at_points`.
  template <class V>
  MPSNN_INLINE static void from_filter_points(const V (&u)[6], V (&g)[3]) {
    const V near_sum = kNearScale * (u[1] + u[2]), near_difference = (kNearScale * kNear) * (u[1] - u[2]);
    const V far_sum = kFarScale * (u[3] + u[4]), far_difference = (kFarScale * kFar) * (u[3] - u[4]);
    g[0] = u[0] + near_sum + far_sum;
    g[1] = near_difference + far_difference;
    g[2] = kNear2 * near_sum + kFar2 * far_sum + u[5];
  }
};

struct TwoResultsOfFiveTaps : SixPoints {
  static constexpr std::size_t kTile = 2, kTaps = 5;
  static constexpr float kNear4 = kNear2 * kNear2, kFar4 = kFar2 * kFar2;

  template <class V>
  MPSNN_INLINE static void to_results(const V (&m)[6], V (&y)[2]) {
    y[0] = m[0] + (m[1] + m[2]) + (m[3] + m[4]);
    y[1] = kNear * (m[1] - m[2]) + kFar * (m[3] - m[4]) + m[5];
  }
  template <class V>
  MPSNN_INLINE static void from_results(const V (&y)[2], V (&m)[6]) {
    const V near_odd = kNear * y[1], far_odd = kFar * y[1];
    m[0] = y[0];
    m[1] = y[0] + near_odd;
    m[2] = y[0] - near_odd;
    m[3] = y[0] + far_odd;
    m[4] = y[0] - far_odd;
    m[5] = y[1];
  }
  template <class V>
  MPSNN_INLINE static void filter_at_points(const V (&g)[5], V (&u)[6]) {
    const V near_even = kNearScale * (g[0] + kNear2 * g[2] + kNear4 * g[4]);
    const V near_odd = (kNearScale * kNear) * (g[1] + kNear2 * g[3]);
    const V far_even = kFarScale * (g[0] + kFar2 * g[2] + kFar4 * g[4]);
    const V far_odd = (kFarScale * kFar) * (g[1] + kFar2 * g[3]);
    u[0] = g[0];
    u[1] = near_even + near_odd;
    u[2] = near_even - near_odd;
    u[3] = far_even + far_odd;
    u[4] = far_even - far_odd;
    u[5] = g[4];
  }
  template <class V>
  MPSNN_INLINE static void from_filter_points(const V (&u)[6], V (&g)[5]) {
    const V near_sum = kNearScale * (u[1] + u[2]), near_difference = (kNearScale * kNear) * (u[1] - u[2]);
    const V far_sum = kFarScale * (u[3] + u[4]), far_difference = (kFarScale * kFar) * (u[3] - u[4]);
    g[0] = u[0] + near_sum + far_sum;
    g[1] = near_difference + far_difference;
    g[2] = kNear2 * near_sum + kFar2 * far_sum;
    g[3] = kNear2 * near_difference + kFar2 * far_difference;
    g[4] = kNear4 * near_sum + kFar4 * far_sum + u[5];
  }
};

/// The points 0, 1, -1 and infinity.
struct TwoResults {
  static constexpr std::size_t kTile = 2, kWindow = 4, kTaps = 3;

  template <class V>
  MPSNN_INLINE static void at_points(const V (&d)[4], V (&t)[4]) {
    t[0] = d[0] - d[2];
    t[1] = d[2] + d[1];
    t[2] = d[2] - d[1];
    t[3] = d[3] - d[1];
  }
  template <class V>
  MPSNN_INLINE static void to_results(const V (&m)[4], V (&y)[2]) {
    y[0] = m[0] + m[1] + m[2];
    y[1] = m[1] - m[2] + m[3];
  }
  template <class V>
  MPSNN_INLINE static void from_results(const V (&y)[2], V (&m)[4]) {
    m[0] = y[0];
    m[1] = y[0] + y[1];
    m[2] = y[0] - y[1];
    m[3] = y[1];
  }
  template <class V>
  MPSNN_INLINE static void filter_at_points(const V (&g)[3], V (&u)[4]) {
    const V even = 0.5f * (g[0] + g[2]), odd = 0.5f * g[1];
    u[0] = g[0];
    u[1] = even + odd;
    u[2] = even - odd;
    u[3] = g[2];
  }
  template <class V>
  MPSNN_INLINE static void from_filter_points(const V (&u)[4], V (&g)[3]) {
    const V sum = 0.5f * (u[1] + u[2]);
    g[0] = u[0] + sum;
    g[1] = 0.5f * (u[1] - u[2]);
    g[2] = sum + u[3];
  }
};

}  // namespace mpsnn::cpu::winograd
