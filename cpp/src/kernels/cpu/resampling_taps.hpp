#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "mpsnn/types.hpp"

namespace mpsnn::cpu::resampling {

struct Tap {
  std::size_t position;
  double weight;
};

/// One axis of a linear resampling: what each result pixel reads of the source.
class AxisTaps {
 public:
  AxisTaps(std::size_t source, std::size_t result) : source_(source) { begin_.reserve(result + 1), clear(); }

  void clear() { taps_.clear(), begin_.assign(1, 0); }
  /// Adds a tap to the next result pixel; one outside the source reads the nearest pixel (Clamp), or nothing. A weight of 0 reads
  /// nothing, so that a NaN there does not spread.
  void add(std::ptrdiff_t position, double weight, ImageEdgeMode edge_mode);
  /// Divides the next pixel's weights.
  void divide(double sum);
  void finish_pixel() { begin_.push_back(taps_.size()); }

  std::size_t source() const { return source_; }
  std::size_t result() const { return begin_.size() - 1; }
  std::span<const Tap> of(std::size_t pixel) const { return {taps_.data() + begin_[pixel], taps_.data() + begin_[pixel + 1]}; }
  bool is_like_last(std::size_t pixel) const;
  /// The source pixels that are read: the first, and the one after the last.
  std::pair<std::size_t, std::size_t> extent() const;
  /// The adjoint, for gradients.
  AxisTaps transposed() const;

 private:
  std::size_t source_;
  std::vector<std::size_t> begin_;
  std::vector<Tap> taps_;
};

/// Every result pixel reads the source pixel it lies in; `factor` is the size of a source pixel.
AxisTaps nearest_taps(std::size_t source, std::size_t result, double factor);
AxisTaps bilinear_taps(std::size_t source, std::size_t result, double factor, bool align_corners, ImageEdgeMode edge_mode);

/// Where a scale filter puts the source along one axis: result = source * scale + translate, measured at pixel edges.
struct AxisTransform {
  double scale = 1, translate = 0;
  bool operator==(const AxisTransform&) const = default;
};
/// These fill `taps` anew with `result` pixels.
void fill_bilinear(AxisTaps& taps, std::size_t result, const AxisTransform& transform, ImageEdgeMode edge_mode);
void fill_lanczos(AxisTaps& taps, std::size_t result, const AxisTransform& transform, ImageEdgeMode edge_mode);

}  // namespace mpsnn::cpu::resampling
