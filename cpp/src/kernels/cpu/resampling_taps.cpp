#include "kernels/cpu/resampling_taps.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace mpsnn::cpu::resampling {

void AxisTaps::add(std::ptrdiff_t position, double weight, ImageEdgeMode edge_mode) {
  if (weight == 0) return;
  const std::ptrdiff_t last = std::ptrdiff_t(source_) - 1;
  if (position < 0 || position > last) {
    if (edge_mode == ImageEdgeMode::Zero) return;
    position = std::clamp<std::ptrdiff_t>(position, 0, last);
  }
  if (taps_.size() > begin_.back() && taps_.back().position == std::size_t(position)) {
    taps_.back().weight += weight;
  } else {
    taps_.push_back({std::size_t(position), weight});
    widen(std::size_t(position));
  }
}

void AxisTaps::divide(double sum) {
  for (std::size_t i = begin_.back(); i < taps_.size(); ++i) taps_[i].weight /= sum;
}

bool AxisTaps::is_like_last(std::size_t pixel) const {
  return pixel > 0 && std::ranges::equal(of(pixel), of(pixel - 1), [](const Tap& a, const Tap& b) {
           return a.position == b.position && a.weight == b.weight;
         });
}

AxisTaps AxisTaps::transposed() const {
  AxisTaps other(result(), source_);
  other.begin_.assign(source_ + 1, 0);
  for (const Tap& tap : taps_) ++other.begin_[tap.position + 1];
  for (std::size_t i = 0; i < source_; ++i) other.begin_[i + 1] += other.begin_[i];
  other.taps_.resize(taps_.size());
  std::vector<std::size_t> next(other.begin_);
  for (std::size_t i = 0; i < result(); ++i) {
    for (const Tap& tap : of(i)) other.taps_[next[tap.position]++] = {i, tap.weight};
    if (!of(i).empty()) other.widen(i);
  }
  return other;
}

AxisTaps nearest_taps(const UpsampledAxis& axis) {
  AxisTaps taps(axis.source, axis.result);
  for (std::size_t i = 0; i < axis.result; ++i) {
    taps.add(axis.offset + std::ptrdiff_t(std::floor(double(i) / axis.factor)), 1, axis.edge_mode);
    taps.finish_pixel();
  }
  return taps;
}

namespace {

void add_two(AxisTaps& taps, double u, ImageEdgeMode edge_mode) {
  const double k = std::floor(u);
  taps.add(std::ptrdiff_t(k), 1 - (u - k), edge_mode);
  taps.add(std::ptrdiff_t(k) + 1, u - k, edge_mode);
  taps.finish_pixel();
}

/// The place of a pixel where the corner pixels of the source and of the whole result coincide.
double aligned(std::size_t pixel, std::size_t source, double whole) {
  return whole > 1 ? double(pixel) * double(source - 1) / (whole - 1) : 0;
}

/// The centre of a result pixel in source pixels. `reach` beyond the source nothing changes any more; far away integers overflow.
double position_of(std::size_t pixel, const AxisTransform& transform, std::size_t source, double reach) {
  const double u = (double(pixel) + 0.5 - transform.translate) / transform.scale - 0.5;
  return std::clamp(u, -reach, double(source) - 1 + reach);
}

double sinc(double z) {
  if (z == 0) return 1;
  if (z == std::floor(z)) return 0;  // and not what rounding leaves of it
  return std::sin(std::numbers::pi * z) / (std::numbers::pi * z);
}

}  // namespace

AxisTaps bilinear_taps(const UpsampledAxis& axis, bool align_corners) {
  AxisTaps taps(axis.source, axis.result);
  const double whole = std::floor(double(axis.source) * axis.factor);
  for (std::size_t i = 0; i < axis.result; ++i) {
    const double u = align_corners ? aligned(i, axis.source, whole) : (double(i) + 0.5) / axis.factor - 0.5;
    add_two(taps, double(axis.offset) + u, axis.edge_mode);
  }
  return taps;
}

AxisTaps resize_taps(std::size_t source, std::size_t result, std::size_t whole, bool align_corners, std::ptrdiff_t offset) {
  AxisTaps taps(source, result);
  for (std::size_t i = 0; i < result; ++i) {
    const double u = align_corners ? aligned(i, source, double(whole)) : double(i) * double(source) / double(whole);
    add_two(taps, std::clamp(double(offset) + u, 0., double(source) - 1), ImageEdgeMode::Clamp);
  }
  return taps;
}

void add_crop(AxisTaps& taps, std::size_t result, double first, double last) {
  const double end = double(taps.source()) - 1;
  for (std::size_t i = 0; i < result; ++i) {
    // Written so that rounding moves neither 0 nor 1 out of the source.
    const double along = result > 1 ? double(i) / double(result - 1) : 0.5;
    const double u = (first * (1 - along) + last * along) * end;
    if (u >= 0 && u <= end) {
      add_two(taps, u, ImageEdgeMode::Clamp);
    } else {
      taps.finish_pixel();
    }
  }
}

void fill_bilinear(AxisTaps& taps, std::size_t result, const AxisTransform& transform, ImageEdgeMode edge_mode) {
  taps.clear();
  for (std::size_t i = 0; i < result; ++i) add_two(taps, position_of(i, transform, taps.source(), 1), edge_mode);
}

void fill_lanczos(AxisTaps& taps, std::size_t result, const AxisTransform& transform, ImageEdgeMode edge_mode) {
  constexpr double kLobes = 3;
  const double widening = std::max(1., 1 / transform.scale), reach = kLobes * widening;
  taps.clear();
  for (std::size_t i = 0; i < result; ++i) {
    const double u = position_of(i, transform, taps.source(), reach + 1);
    double sum = 0;
    for (double k = std::ceil(u - reach); k <= std::floor(u + reach); ++k) {
      const double z = (k - u) / widening;
      const double weight = std::abs(z) < kLobes ? sinc(z) * sinc(z / kLobes) : 0;
      sum += weight;
      taps.add(std::ptrdiff_t(k), weight, edge_mode);
    }
    taps.divide(sum);
    taps.finish_pixel();
  }
}

}  // namespace mpsnn::cpu::resampling
