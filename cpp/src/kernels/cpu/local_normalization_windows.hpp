#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>

#include "kernels/cpu/loops.hpp"
#include "kernels/kernel.hpp"

// What the normalisations over windows of pixels share. Sums over windows are made axis by axis, along rows of pixels and
// channels alike, so that they are fast for any number of channels.

namespace mpsnn::cpu {

std::unique_ptr<PlanKernel> make_spatial_normalization(KernelRequest& request);
std::unique_ptr<PlanKernel> make_spatial_normalization_gradient(KernelRequest& request);
std::unique_ptr<PlanKernel> make_local_contrast_normalization(KernelRequest& request);
std::unique_ptr<PlanKernel> make_local_contrast_normalization_gradient(KernelRequest& request);

/// The windows along one axis: window i has `kernel` taps, from i + offset - kernel / 2 on.
struct WindowAxis {
  std::ptrdiff_t source = 0, result = 0, kernel = 1, offset = 0;
  bool is_clamp = false;

  std::ptrdiff_t low() const { return kernel / 2; }
  std::ptrdiff_t high() const { return (kernel - 1) / 2; }
  std::ptrdiff_t begin(std::ptrdiff_t i) const { return std::clamp<std::ptrdiff_t>(i + offset - low(), 0, source); }
  std::ptrdiff_t end(std::ptrdiff_t i) const { return std::clamp<std::ptrdiff_t>(i + offset + high() + 1, 0, source); }
  /// Taps of window i before and behind the image.
  std::ptrdiff_t before(std::ptrdiff_t i) const { return std::clamp<std::ptrdiff_t>(low() - i - offset, 0, kernel); }
  std::ptrdiff_t behind(std::ptrdiff_t i) const {
    return std::clamp<std::ptrdiff_t>(i + offset + high() - source + 1, 0, kernel);
  }
  /// Taps of window i that are zeros.
  std::ptrdiff_t zeros(std::ptrdiff_t i) const { return is_clamp ? 0 : before(i) + behind(i); }
  /// The position in the middle of window i, or the nearest one of the image.
  std::ptrdiff_t middle(std::ptrdiff_t i) const { return std::clamp<std::ptrdiff_t>(i + offset, 0, source - 1); }
  bool has_middle(std::ptrdiff_t i) const { return is_clamp || (i + offset >= 0 && i + offset < source); }
  /// The window whose middle position j is, or the nearest one.
  std::ptrdiff_t window_at(std::ptrdiff_t j) const { return std::clamp<std::ptrdiff_t>(j - offset, 0, result - 1); }
  /// The same windows cut down to their middle.
  WindowAxis middles() const { return {source, result, 1, offset, is_clamp}; }

  /// Calls `body(position, weight)` for what window i reads.
  template <class Body>
  void for_taps(std::ptrdiff_t i, const Body& body) const {
    for (std::ptrdiff_t j = begin(i), last = end(i); j < last; ++j) body(j, 1.0f);
    if (!is_clamp) return;
    if (before(i) > 0) body(std::ptrdiff_t(0), float(before(i)));
    if (behind(i) > 0) body(source - 1, float(behind(i)));
  }

  /// Calls `body(window, weight)` for the windows that read position j.
  template <class Body>
  void for_windows(std::ptrdiff_t j, const Body& body) const {
    const std::ptrdiff_t first = std::max<std::ptrdiff_t>(j - offset - high(), 0);
    const std::ptrdiff_t last = std::min(j - offset + low(), result - 1);
    for (std::ptrdiff_t i = first; i <= last; ++i) body(i, 1.0f);
    if (!is_clamp || (j > 0 && j < source - 1)) return;
    for (std::ptrdiff_t i = 0; i < result; ++i) {
      if (j == 0 && before(i) > 0) body(i, float(before(i)));
      if (j == source - 1 && behind(i) > 0) body(i, float(behind(i)));
    }
  }

  /// Calls `body(window, position, count, weight)` so that every tap of every window is in one of the runs: `count` windows and
  /// positions that follow one another.
  template <class Body>
  void for_runs(const Body& body) const {
    const std::ptrdiff_t first = std::max(-low(), -(offset + result - 1)), last = std::min(high(), source - 1 - offset);
    for (std::ptrdiff_t tap = first; tap <= last; ++tap) {
      const std::ptrdiff_t begin = std::max<std::ptrdiff_t>(-(offset + tap), 0);
      const std::ptrdiff_t end = std::min(result, source - offset - tap);
      if (begin < end) body(begin, begin + offset + tap, end - begin, 1.0f);
    }
    if (!is_clamp) return;
    for (std::ptrdiff_t i = 0; i < result; ++i) {
      if (before(i) > 0) body(i, std::ptrdiff_t(0), std::ptrdiff_t(1), float(before(i)));
      if (behind(i) > 0) body(i, source - 1, std::ptrdiff_t(1), float(behind(i)));
    }
  }
};

/// The windows of a filter on images of one shape.
struct WindowGrid {
  WindowAxis x, y;
  std::ptrdiff_t channels = 0;

  WindowGrid(const Window& w, const Geometry& g, const TensorDescriptor& source, const TensorDescriptor& result)
      : x{std::ptrdiff_t(source.w), std::ptrdiff_t(result.w), std::ptrdiff_t(w.kernel_width), g.offset_x,
          g.edge_mode == ImageEdgeMode::Clamp},
        y{std::ptrdiff_t(source.h), std::ptrdiff_t(result.h), std::ptrdiff_t(w.kernel_height), g.offset_y,
          g.edge_mode == ImageEdgeMode::Clamp},
        channels(std::ptrdiff_t(source.c)) {}
  double taps() const { return double(x.kernel) * double(y.kernel); }
  /// Numbers of a row of pixels of the source, of the result and of the longer one.
  std::ptrdiff_t source_row() const { return x.source * channels; }
  std::ptrdiff_t result_row() const { return x.result * channels; }
  std::size_t row() const { return std::size_t(std::max(source_row(), result_row())); }

  /// Joins rows of windows and of the source, both dense: `join(to, from, weight)` for every tap of every window.
  template <class Join>
  void for_row_taps(float* windows, const float* source, const Join& join) const {
    x.for_runs([&](std::ptrdiff_t i, std::ptrdiff_t j, std::ptrdiff_t count, float weight) {
      float* to = windows + i * channels;
      const float* from = source + j * channels;
      for (std::ptrdiff_t k = 0; k < count * channels; ++k) join(to[k], from[k], weight);
    });
  }
};

/// Rows of result pixels, or of memory for them, shared out to threads that have memory of their own.
class RowThreads {
 public:
  static constexpr std::size_t kGrain = 8192;  // values worth a thread

  RowThreads(std::size_t values, std::size_t rows, std::size_t row_length, int threads)
      : parts_(std::clamp<std::size_t>(values / kGrain, 1, std::size_t(std::max(threads, 1)))), length_(rows * row_length) {}
  std::size_t count() const { return parts_ * length_; }

  /// Calls `body(memory, row)` for each of `rows`.
  template <class Body>
  void run(float* memory, std::size_t rows, const Body& body) const {
    parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t part = begin; part < end; ++part) {
        for (std::size_t row = rows * part / parts_; row < rows * (part + 1) / parts_; ++row) body(memory + part * length_, row);
      }
    });
  }

 private:
  std::size_t parts_, length_;
};

/// Calls `body(pixels, offset, length)` for runs of numbers of a row of pixels that follow one another in memory; `offset` counts
/// in a dense row.
template <class Body>
void for_segments(const TensorDescriptor& t, const Body& body) {
  if (t.is_dense()) return body(std::ptrdiff_t(0), std::ptrdiff_t(0), std::ptrdiff_t(t.w * t.c));
  for (std::size_t x = 0; x < t.w; ++x) {
    body(std::ptrdiff_t(x * t.pixel_stride), std::ptrdiff_t(x * t.c), std::ptrdiff_t(t.c));
  }
}

/// The image of a batch at `data`.
template <class T>
T* image_of(T* data, const TensorDescriptor& t, std::size_t n) {
  return data + n * t.h * t.w * t.pixel_stride;
}
template <class T>
T* row_of(T* image, const TensorDescriptor& t, std::ptrdiff_t y) {
  return image + std::size_t(y) * t.w * t.pixel_stride;
}

/// A dense copy of the pixels in the middle of the windows of one row; zeros where there is none.
inline void copy_middles(const WindowGrid& grid, const TensorDescriptor& t, const float* image, std::ptrdiff_t y, float* to) {
  if (!grid.y.has_middle(y)) return void(std::fill(to, to + grid.result_row(), 0.0f));
  const float* row = row_of(image, t, grid.y.middle(y));
  for (std::ptrdiff_t x = 0; x < grid.x.result; ++x) {
    float* pixel = to + x * grid.channels;
    const float* from = row + grid.x.middle(x) * std::ptrdiff_t(t.pixel_stride);
    if (grid.x.has_middle(x)) {
      std::copy(from, from + grid.channels, pixel);
    } else {
      std::fill(pixel, pixel + grid.channels, 0.0f);
    }
  }
}

inline bool has_window_edge_mode(KernelRequest& request, const Geometry& geometry) {
  const ImageEdgeMode mode = geometry.edge_mode;
  if (mode == ImageEdgeMode::Zero || mode == ImageEdgeMode::Clamp) return true;
  return request.decline("edge mode " + std::to_string(std::size_t(mode)) +
                         " is only for pad filters; normalization has Zero and Clamp");
}

}  // namespace mpsnn::cpu
