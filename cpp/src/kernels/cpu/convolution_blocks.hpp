#pragma once

#include <algorithm>
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

/// Walks a rectangle in blocks of up to `block_rows` pixels, all about as long, along its longest direction, so that narrow
/// borders fill blocks too. Calls `block(group of lanes, rows, Block)` with everything but channels and weights filled in.
template <class Body>
void walk_blocks(const Plane& plane, std::size_t block_rows, std::size_t lane_blocks, const Rectangle& rectangle,
                 const float* source, float* result, const float* addend, std::size_t addend_stride, std::size_t part,
                 std::size_t parts, const Body& body) {
  const TapRun &x = *rectangle.x, &y = *rectangle.y;
  const auto source_pixel = std::ptrdiff_t(plane.source.pixel_stride), result_pixel = std::ptrdiff_t(plane.result.pixel_stride);
  const auto source_row = source_pixel * std::ptrdiff_t(plane.source.w),
             result_row = result_pixel * std::ptrdiff_t(plane.result.w);
  const auto addend_pixel = std::ptrdiff_t(addend_stride), addend_row = addend_pixel * std::ptrdiff_t(plane.result.w);
  Direction directions[3] = {
      {x.count, x.source_step * source_pixel, std::ptrdiff_t(x.stride) * result_pixel, std::ptrdiff_t(x.stride) * addend_pixel},
      {y.count, y.source_step * source_row, std::ptrdiff_t(y.stride) * result_row, std::ptrdiff_t(y.stride) * addend_row},
      {plane.source.n, source_row * std::ptrdiff_t(plane.source.h), result_row * std::ptrdiff_t(plane.result.h),
       addend_row * std::ptrdiff_t(plane.result.h)}};
  // Along a row where that fills a block: neighbours share cache lines.
  if (directions[0].count < block_rows) {
    std::swap(directions[0], *std::max_element(directions, directions + 3,
                                               [](const Direction& a, const Direction& b) { return a.count < b.count; }));
  }
  const auto& [inner, middle, outer] = directions;
  const std::size_t lines = middle.count * outer.count, total = lane_blocks * lines, chunks = blocks_of(inner.count, block_rows);
  const std::ptrdiff_t first = std::ptrdiff_t(y.first) * result_row + std::ptrdiff_t(x.first) * result_pixel;
  const std::ptrdiff_t first_addend = std::ptrdiff_t(y.first) * addend_row + std::ptrdiff_t(x.first) * addend_pixel;
  Block b{};
  b.row = source_row;
  b.column = source_pixel;
  b.x = &x;
  b.y = &y;
  b.source_step = inner.source_step;
  b.result_step = inner.result_step;
  b.addend_step = inner.addend_step;
  b.tap_columns = plane.tap_columns;
  for (std::size_t line = total * part / parts; line < total * (part + 1) / parts; ++line) {
    const auto m = std::ptrdiff_t(line % lines % middle.count), o = std::ptrdiff_t(line % lines / middle.count);
    for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
      const std::size_t i = inner.count * chunk / chunks, rows = inner.count * (chunk + 1) / chunks - i;
      const auto at = std::ptrdiff_t(i);
      b.source = source + at * inner.source_step + m * middle.source_step + o * outer.source_step;
      b.result = result + first + at * inner.result_step + m * middle.result_step + o * outer.result_step;
      b.addend =
          addend ? addend + first_addend + at * inner.addend_step + m * middle.addend_step + o * outer.addend_step : nullptr;
      body(line / lines, rows, b);
    }
  }
}

}  // namespace mpsnn::cpu
