#include <algorithm>
#include <cstring>

#include "kernels/cpu/convolution_patches.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu::patches {

namespace {

constexpr std::size_t kCopied = 4;  // numbers at a time

void add_pixel(const float* __restrict numbers, std::size_t count, float* __restrict sums) {
  for (std::size_t i = 0; i < count; ++i) sums[i] += numbers[i];
}

/// Copies no more than there are; a call for the few numbers of a pixel would take longer than they do.
void copy_pixel(const float* from, std::size_t count, float* to) {
  switch (count) {
    case 1:
      std::memcpy(to, from, sizeof(float));
      return;
    case 3:
      std::memcpy(to, from, 3 * sizeof(float));
      return;
    default:
      std::copy_n(from, count, to);
  }
}

}  // namespace

bool StripWeightsGradient::accepts(const Axes& axes) {
  constexpr std::size_t kMostStrip = 4;  // times a source's row
  const TapAxis& x = axes.x;
  return x.step == 1 && x.taps > 1 && (x.result - 1) * std::size_t(x.scale) <= kMostStrip * (x.source + x.taps);
}

StripWeightsGradient::StripWeightsGradient(const Axes& axes, const TensorDescriptor& source, const TensorDescriptor& gradient,
                                           int threads)
    : loops_(panel_loops()),
      axes_(axes),
      source_(source),
      gradient_(gradient),
      column_(axes.y.taps * source.c),
      row_(blocks_of(axes.x.taps * column_, loops_.width()) * loops_.width()),
      columns_((gradient.w - 1) * std::size_t(axes.x.scale) + axes.x.taps),
      // The last patch is read in whole panels, and what is copied into it may be more than there is.
      strip_(columns_ * column_ + loops_.width() + kCopied),
      parts_(std::min(std::size_t(threads), gradient.n * gradient.h)),
      zeros_(source.w * source.pixel_stride + kCopied, 0.0f) {}

void StripWeightsGradient::make_strip(const float* source, std::size_t row, float* strip) const {
  const std::size_t image = row / gradient_.h, numbers = source_.w * source_.pixel_stride;
  const float* end = source + (source_.pixels() - 1) * source_.pixel_stride + source_.c;
  const std::ptrdiff_t top = axes_.y.scale * std::ptrdiff_t(row % gradient_.h) + axes_.y.shift;
  // The strip's columns that lie in the image.
  const std::ptrdiff_t left = axes_.x.shift, columns = std::ptrdiff_t(columns_);
  const std::ptrdiff_t first = std::clamp<std::ptrdiff_t>(-left, 0, columns),
                       last = std::clamp<std::ptrdiff_t>(std::ptrdiff_t(source_.w) - left, first, columns);
  std::fill_n(strip, std::size_t(first) * column_, 0.0f);
  for (std::size_t tap = 0; tap < axes_.y.taps; ++tap) {
    const std::ptrdiff_t y = top + std::ptrdiff_t(tap) * axes_.y.step;
    const bool is_inside = y >= 0 && y < std::ptrdiff_t(source_.h);
    const float* line = is_inside ? source + (image * source_.h + std::size_t(y)) * numbers : zeros_.data();
    const float* from = line + (first + left) * std::ptrdiff_t(source_.pixel_stride);
    float* to = strip + std::size_t(first) * column_ + tap * source_.c;
    // What is too much is written over by the next taps; after the last ones lies the next column.
    const std::size_t copied = blocks_of(source_.c, kCopied) * kCopied;
    const bool is_last = tap * source_.c + copied > column_;
    for (std::ptrdiff_t x = first; x < last; ++x, from += source_.pixel_stride, to += column_) {
      if (is_last || (is_inside && std::size_t(end - from) < copied)) {
        copy_pixel(from, source_.c, to);
        continue;
      }
      for (std::size_t i = 0; i < source_.c; i += kCopied) std::memcpy(to + i, from + i, kCopied * sizeof(float));
    }
  }
  std::fill(strip + std::size_t(last) * column_, strip + strip_, 0.0f);
}

void StripWeightsGradient::add_up(std::size_t first_row, std::size_t last_row, const float* source, const float* gradient,
                                  float* sums, float* strip) const {
  float* biases = sums + gradient_.c * row_;
  float* row_sums = biases + gradient_.c;  // short sums first: long ones lose what is added last
  std::fill_n(biases, gradient_.c, 0.0f);
  const std::size_t rows = blocks_of(gradient_.c, blocks_of(gradient_.c, loops_.rows));
  for (std::size_t row = first_row; row < last_row; ++row) {
    make_strip(source, row, strip);
    const float* pixels = gradient + row * gradient_.w * gradient_.pixel_stride;
    std::fill_n(row_sums, gradient_.c, 0.0f);
    for (std::size_t x = 0; x < gradient_.w; ++x) add_pixel(pixels + x * gradient_.pixel_stride, gradient_.c, row_sums);
    add_pixel(row_sums, gradient_.c, biases);
    const auto multiply = row == first_row ? loops_.multiply : loops_.multiply_add;
    for (std::size_t number = 0; number < row_; number += loops_.width()) {
      for (std::size_t output = 0; output < gradient_.c; output += rows) {
        multiply({std::min(rows, gradient_.c - output), gradient_.w, pixels + output, 1, gradient_.pixel_stride, strip + number,
                  sums + output * row_ + number, row_, std::size_t(axes_.x.scale) * column_});
      }
    }
  }
}

void StripWeightsGradient::run(const float* source, const float* gradient, float* weights, float* biases,
                               const PartScratch& parts) const {
  const std::size_t rows = gradient_.n * gradient_.h;
  parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      float* sums = parts.of(part);
      add_up(rows * part / parts_, rows * (part + 1) / parts_, source, gradient, sums, sums + numbers_of_sums() + gradient_.c);
    }
  });
  float* sums = parts.of(0);
  for (std::size_t part = 1; part < parts_; ++part) add_pixel(parts.of(part), numbers_of_sums(), sums);
  if (biases) std::copy_n(sums + gradient_.c * row_, gradient_.c, biases);
  // From [tap's column][tap's row][input] to [row][column].
  const std::size_t columns = axes_.x.taps, taps = columns * axes_.y.taps;
  for (std::size_t output = 0; output < gradient_.c; ++output) {
    for (std::size_t tap = 0; tap < taps; ++tap) {
      const std::size_t at = (tap % columns * axes_.y.taps + tap / columns) * source_.c;
      std::copy_n(sums + output * row_ + at, source_.c, weights + (output * taps + tap) * source_.c);
    }
  }
}

}  // namespace mpsnn::cpu::patches
