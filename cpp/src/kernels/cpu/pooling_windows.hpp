#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "kernels/kernel.hpp"

// Where the windows of pooling filters lie, and what they read.

namespace mpsnn::cpu::pooling {

inline std::ptrdiff_t ceil_div(std::ptrdiff_t a, std::ptrdiff_t b) { return a >= 0 ? (a + b - 1) / b : -(-a / b); }
inline std::ptrdiff_t floor_div(std::ptrdiff_t a, std::ptrdiff_t b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

/// What one window reads along one axis: `count` positions from `first` on, `step` apart, then edge pixels.
struct Reads {
  std::ptrdiff_t first = 0, count = 0, step = 1;
  std::ptrdiff_t edges[2] = {0, 0}, edge_count = 0;
  float edge_weights[2] = {1, 1};  ///< how often each is read, where that matters
  bool is_cut = false;             ///< a tap lies outside the image
  std::ptrdiff_t total() const { return count + edge_count; }
  std::ptrdiff_t position(std::ptrdiff_t p) const { return p < count ? first + step * p : edges[p - count]; }
  float weight(std::ptrdiff_t p) const { return p < count ? 1.f : edge_weights[p - count]; }
  /// The lowest position and the one after the highest; for `total` >= 1.
  std::pair<std::ptrdiff_t, std::ptrdiff_t> extent() const {
    std::ptrdiff_t low = position(0), high = count > 0 ? position(count - 1) : low;
    for (std::ptrdiff_t e = 0; e < edge_count; ++e) low = std::min(low, edges[e]), high = std::max(high, edges[e]);
    return {low, high + 1};
  }
};

/// The windows along one axis: window i has `kernel` taps from start + stride * i on, `step` apart.
struct Axis {
  std::ptrdiff_t source = 0, result = 0;
  std::ptrdiff_t kernel = 1, stride = 1, step = 1, start = 0, zero_pad = 0;
  ImageEdgeMode edge_mode = ImageEdgeMode::Zero;

  std::ptrdiff_t start_of(std::ptrdiff_t i) const { return start + stride * i; }

  /// What window `i` reads inside the image.
  Reads inside(std::ptrdiff_t i) const {
    const std::ptrdiff_t low = std::clamp<std::ptrdiff_t>(ceil_div(-start_of(i), step), 0, kernel);
    const std::ptrdiff_t end = std::clamp<std::ptrdiff_t>(ceil_div(source - start_of(i), step), low, kernel);
    Reads reads;
    reads.count = end - low;
    reads.first = reads.count > 0 ? start_of(i) + step * low : 0;
    reads.step = step;
    reads.is_cut = reads.count < kernel;
    return reads;
  }

  /// The same, with the edge pixels that Clamp puts in the place of pixels outside. How often does not matter to a maximum.
  Reads with_edges(std::ptrdiff_t i) const {
    Reads reads = inside(i);
    const bool has_edges_inside = step == 1 && reads.count > 0;
    if (edge_mode == ImageEdgeMode::Clamp && reads.is_cut && !has_edges_inside) {
      if (start_of(i) < 0) reads.edges[reads.edge_count++] = 0;
      if (start_of(i) + step * (kernel - 1) >= source) reads.edges[reads.edge_count++] = source - 1;
    }
    return reads;
  }

  /// The same for sums: each tap outside counts.
  Reads with_repeated_edges(std::ptrdiff_t i) const {
    Reads reads = inside(i);
    if (edge_mode != ImageEdgeMode::Clamp) return reads;
    const auto add = [&](std::ptrdiff_t edge, std::ptrdiff_t taps) {
      if (taps == 0) return;
      reads.edge_weights[reads.edge_count] = float(taps);
      reads.edges[reads.edge_count++] = edge;
    };
    const std::ptrdiff_t before = std::clamp<std::ptrdiff_t>(ceil_div(-start_of(i), step), 0, kernel);
    add(0, before);
    add(source - 1, kernel - reads.count - before);
    return reads;
  }

  /// The windows that read source pixel `u`; for a step of 1.
  Reads windows_of(std::ptrdiff_t u) const {
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(ceil_div(u - kernel + 1 - start, stride), 0);
    const std::ptrdiff_t last = std::min(floor_div(u - start, stride), result - 1);
    Reads windows;
    windows.count = std::max<std::ptrdiff_t>(last - first + 1, 0);
    windows.first = windows.count > 0 ? first : 0;
    return windows;
  }

  /// What the mean over window `i` divides by along this axis.
  std::ptrdiff_t divisor(std::ptrdiff_t i) const {
    if (edge_mode == ImageEdgeMode::Zero) return kernel;
    const std::ptrdiff_t low = std::max(start_of(i), -zero_pad), high = std::min(start_of(i) + kernel, source + zero_pad);
    return std::max<std::ptrdiff_t>(high - low, 0);
  }
};

struct Axes {
  Axis x, y;
};

inline Axes axes_of(const Window& w, const Geometry& g, const TensorDescriptor& source, const TensorDescriptor& result) {
  Axes axes;
  const auto set = [&](Axis& axis, std::size_t from, std::size_t to, std::size_t kernel, std::size_t stride, std::size_t dilation,
                       std::size_t extent, std::ptrdiff_t offset, std::size_t zero_pad) {
    axis.source = std::ptrdiff_t(from);
    axis.result = std::ptrdiff_t(to);
    axis.kernel = std::ptrdiff_t(kernel);
    axis.stride = std::ptrdiff_t(stride);
    axis.step = std::ptrdiff_t(dilation);
    axis.start = offset - std::ptrdiff_t(extent >> 1);
    axis.zero_pad = std::ptrdiff_t(zero_pad);
    axis.edge_mode = g.edge_mode;
  };
  set(axes.x, source.w, result.w, w.kernel_width, w.stride_x, w.dilation_x, w.extent_x(), g.offset_x, g.zero_pad_x);
  set(axes.y, source.h, result.h, w.kernel_height, w.stride_y, w.dilation_y, w.extent_y(), g.offset_y, g.zero_pad_y);
  return axes;
}

/// f(0), f(1), ...
template <class F>
auto table(std::ptrdiff_t count, F f) {
  std::vector<decltype(f(count))> values;
  values.reserve(std::size_t(count));
  for (std::ptrdiff_t i = 0; i < count; ++i) values.push_back(f(i));
  return values;
}

/// The divisors of all windows; 1 for a window that counts nothing, whose sum is 0.
inline std::vector<float> divisors(const Axis& axis) {
  return table(axis.result, [&](std::ptrdiff_t i) { return float(std::max<std::ptrdiff_t>(axis.divisor(i), 1)); });
}

inline bool has_edge_mode(KernelRequest& request, const Geometry& geometry) {
  const ImageEdgeMode mode = geometry.edge_mode;
  if (mode == ImageEdgeMode::Zero || mode == ImageEdgeMode::Clamp) return true;
  return request.decline("edge mode " + std::to_string(std::size_t(mode)) +
                         " is only for pad filters; pooling has Zero and Clamp");
}

inline bool is_forward(KernelRequest& request) { return has_edge_mode(request, request.geometry); }

inline bool is_gradient(KernelRequest& request) {
  if (request.result->shape() != request.sources[1].shape()) {
    return request.decline("the padding policy changes the result's size");
  }
  return has_edge_mode(request, request.forward->geometry);
}

// The windows of a gradient lie where the forward step had them, in its source, whose size the result has; they belong to the
// pixels of the incoming gradient.
inline Axes gradient_axes(const KernelRequest& request) {
  return axes_of(request.op.window(), request.forward->geometry, *request.result, request.sources[0]);
}

std::unique_ptr<PlanKernel> make_max_pooling_gradient(KernelRequest& request);

}  // namespace mpsnn::cpu::pooling
