#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "kernels/cpu/convolution_loops.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

// How filters walk over a result in blocks of pixels that have their taps in common.
namespace mpsnn::cpu {

/// Result pixels with the same taps in x and y.
struct Rectangle {
  const TapRun *x, *y;
};

/// What the pixels of one block have in common.
struct Block {
  const float* source;         // at pixel (0, 0) of the first image, first channel
  std::ptrdiff_t source_step;  // numbers from one pixel's source to the next's
  std::ptrdiff_t row, column;  // numbers from one source row, column to the next
  const TapRun *x, *y;
  const float* weights;
  std::size_t tap_columns, tap_size, inputs;
  const float* biases;
  float* result;
  std::ptrdiff_t result_step;
  const float* addend;
  std::ptrdiff_t addend_step;
  std::size_t lanes;
};

/// Geometry that the filters share.
struct Plane {
  Plane(const TapAxis& x, const TapAxis& y, const TensorDescriptor& source, const TensorDescriptor& result)
      : x_runs(make_runs(x)), y_runs(make_runs(y)), source(source), result(result), tap_columns(x.taps), taps(x.taps * y.taps) {
    for (const TapRun& rows : y_runs) {
      for (const TapRun& columns : x_runs) rectangles.push_back({&columns, &rows});
    }
  }
  Plane(const Plane&) = delete;  // the rectangles point into the runs
  std::vector<TapRun> x_runs, y_runs;
  std::vector<Rectangle> rectangles;
  TensorDescriptor source, result;
  std::size_t tap_columns, taps;
};

/// One way through a rectangle: `count` pixels or images, and the distances between them.
struct Direction {
  std::size_t count;
  std::ptrdiff_t source_step, result_step, addend_step;
};

/// Calls `body(part, parts)` on each thread; few multiplications stay on one.
template <class Body>
void on_threads(std::size_t multiplications, const Body& body) {
  const std::size_t parts = std::max<std::size_t>(
      1, std::min<std::size_t>(std::size_t(thread_count()), multiplications / kMultiplicationsWorthAThread));
  parallel_ranges(parts, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) body(part, parts);
  });
}

/// The way through a rectangle in blocks of up to `block_rows` pixels, all about as long, along its longest direction, so that
/// narrow borders fill blocks too; once for each of `lane_blocks` groups of channels.
class Walk {
 public:
  Walk(const Plane& plane, std::size_t block_rows, std::size_t lane_blocks, const Rectangle& rectangle, std::size_t addend_stride)
      : x_(*rectangle.x), y_(*rectangle.y), tap_columns_(plane.tap_columns) {
    source_pixel_ = std::ptrdiff_t(plane.source.pixel_stride);
    source_row_ = source_pixel_ * std::ptrdiff_t(plane.source.w);
    const auto result_pixel = std::ptrdiff_t(plane.result.pixel_stride), addend_pixel = std::ptrdiff_t(addend_stride);
    const auto result_width = std::ptrdiff_t(plane.result.w), result_height = std::ptrdiff_t(plane.result.h);
    const std::ptrdiff_t result_row = result_pixel * result_width, addend_row = addend_pixel * result_width;
    const auto x_stride = std::ptrdiff_t(x_.stride), y_stride = std::ptrdiff_t(y_.stride);
    inner_ = {x_.count, x_.source_step * source_pixel_, x_stride * result_pixel, x_stride * addend_pixel};
    middle_ = {y_.count, y_.source_step * source_row_, y_stride * result_row, y_stride * addend_row};
    outer_ = {plane.source.n, source_row_ * std::ptrdiff_t(plane.source.h), result_row * result_height,
              addend_row * result_height};
    // Along a row where that fills a block: neighbours share cache lines.
    if (inner_.count < block_rows) {
      Direction& longer = middle_.count < outer_.count ? outer_ : middle_;
      if (longer.count > inner_.count) std::swap(inner_, longer);
    }
    first_ = std::ptrdiff_t(y_.first) * result_row + std::ptrdiff_t(x_.first) * result_pixel;
    first_addend_ = std::ptrdiff_t(y_.first) * addend_row + std::ptrdiff_t(x_.first) * addend_pixel;
    chunks_ = blocks_of(inner_.count, block_rows);
    lines_ = middle_.count * outer_.count;
    blocks_ = lane_blocks * lines_ * chunks_;
  }

  std::size_t blocks() const { return blocks_; }

  /// Calls `block(group of lanes, rows, Block)` for blocks `begin` to `end`, with everything but channels and weights filled in.
  template <class Body>
  void run(std::size_t begin, std::size_t end, const float* source, float* result, const float* addend, const Body& body) const {
    Block b{};
    b.row = source_row_;
    b.column = source_pixel_;
    b.x = &x_;
    b.y = &y_;
    b.source_step = inner_.source_step;
    b.result_step = inner_.result_step;
    b.addend_step = inner_.addend_step;
    b.tap_columns = tap_columns_;
    for (std::size_t block = begin; block < end; ++block) {
      const std::size_t chunk = block % chunks_, line = block / chunks_ % lines_;
      const std::size_t first = inner_.count * chunk / chunks_, rows = inner_.count * (chunk + 1) / chunks_ - first;
      const auto i = std::ptrdiff_t(first), m = std::ptrdiff_t(line % middle_.count), o = std::ptrdiff_t(line / middle_.count);
      b.source = source + i * inner_.source_step + m * middle_.source_step + o * outer_.source_step;
      b.result = result + first_ + i * inner_.result_step + m * middle_.result_step + o * outer_.result_step;
      if (addend) b.addend = addend + first_addend_ + i * inner_.addend_step + m * middle_.addend_step + o * outer_.addend_step;
      body(block / chunks_ / lines_, rows, b);
    }
  }

 private:
  const TapRun &x_, &y_;
  const std::size_t tap_columns_;
  std::ptrdiff_t source_pixel_, source_row_, first_, first_addend_;
  Direction inner_, middle_, outer_;
  std::size_t chunks_, lines_, blocks_;
};

/// The blocks that are one part's.
template <class Body>
void walk_blocks(const Plane& plane, std::size_t block_rows, std::size_t lane_blocks, const Rectangle& rectangle,
                 const float* source, float* result, const float* addend, std::size_t addend_stride, std::size_t part,
                 std::size_t parts, const Body& body) {
  const Walk walk(plane, block_rows, lane_blocks, rectangle, addend_stride);
  walk.run(walk.blocks() * part / parts, walk.blocks() * (part + 1) / parts, source, result, addend, body);
}

}  // namespace mpsnn::cpu
