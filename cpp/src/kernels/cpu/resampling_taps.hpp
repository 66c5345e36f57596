#pragma once

#include <algorithm>
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

  void clear() { taps_.clear(), begin_.assign(1, 0), low_ = source_, high_ = 0; }
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
  std::pair<std::size_t, std::size_t> extent() const { return {std::min(low_, high_), high_}; }
  /// The adjoint, for gradients.
  AxisTaps transposed() const;

 private:
  void widen(std::size_t position) { low_ = std::min(low_, position), high_ = std::max(high_, position + 1); }

  std::size_t source_;
  std::size_t low_ = 0, high_ = 0;  ///< see `extent`
  std::vector<std::size_t> begin_;
  std::vector<Tap> taps_;
};

/// One axis of an upsampling, of which a kernel may write a part.
struct UpsampledAxis {
  std::size_t source, result;
  double factor;          ///< size of a source pixel
  std::ptrdiff_t offset;  ///< in source pixels, from the place of the first result pixel to where it is read
  ImageEdgeMode edge_mode;
};
/// Every result pixel reads the source pixel it lies in.
AxisTaps nearest_taps(const UpsampledAxis& axis);
AxisTaps bilinear_taps(const UpsampledAxis& axis, bool align_corners);

/// `whole` is the size of the resized image, of which `result` pixels are made; what lies outside the source reads its edge.
AxisTaps resize_taps(std::size_t source, std::size_t result, std::size_t whole, bool align_corners, std::ptrdiff_t offset);
/// Adds `result` pixels from `first` to `last`, where 0 and 1 are the centres of the first and the last pixel of the source. What
/// lies outside is 0.
void add_crop(AxisTaps& taps, std::size_t result, double first, double last);

/// Where a scale filter puts the source along one axis: result = source * scale + translate, measured at pixel edges.
struct AxisTransform {
  double scale = 1, translate = 0;
  bool operator==(const AxisTransform&) const = default;
};
/// These fill `taps` anew with `result` pixels.
void fill_bilinear(AxisTaps& taps, std::size_t result, const AxisTransform& transform, ImageEdgeMode edge_mode);
void fill_lanczos(AxisTaps& taps, std::size_t result, const AxisTransform& transform, ImageEdgeMode edge_mode);

}  // namespace mpsnn::cpu::resampling
