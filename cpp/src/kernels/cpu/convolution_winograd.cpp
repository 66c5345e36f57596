#include "kernels/cpu/convolution_winograd.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>

#include "kernels/cpu/convolution_winograd_loops.hpp"
#include "kernels/cpu/convolution_winograd_tiles.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/transposition.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu::winograd {

namespace {

// What of one block should stay in the second cache.
constexpr std::size_t kSourceBytes = std::size_t(1) << 18, kResultBytes = std::size_t(1) << 17;
// Pairs of channels whose points are read in the time in which one channel of a tile is transformed.
constexpr std::size_t kPairsOfTransform = 4;
// A number of a point takes the time of so many products. That several threads make each is worth while where it takes no more
// than one part in so many of the time of their products.
constexpr std::size_t kCostOfPoint = 20, kSmallShare = 8;
// Inputs of a panel whose weights are put in order together.
constexpr std::size_t kInputs = 16;

}  // namespace

bool Window::set(const Axes& axes, std::size_t side) {
  for (const TapAxis* a : {&axes.x, &axes.y}) {
    if (a->taps != side || a->scale != 1 || a->divisor != 1 || (a->step != 1 && a->step != -1) || a->clamp) return false;
  }
  if (axes.x.step != axes.y.step) return false;
  is_turned = axes.x.step < 0;
  const std::ptrdiff_t first = is_turned ? 1 - std::ptrdiff_t(side) : 0;
  x = axes.x.shift + first;
  y = axes.y.shift + first;
  return true;
}

Tiles::Tiles(const TensorDescriptor& result, std::size_t side)
    : side(side), columns(blocks_of(result.w, side)), rows(blocks_of(result.h, side)), images(result.n) {}

// --- weights ----------------------------------------------------------------------------------------------------------------

Points::Points(const Loops& loops, const WeightsView& view, bool is_turned)
    : loops_(loops),
      view_(view),
      is_turned_(is_turned),
      panels_(blocks_of(view.outputs, loops.panels.width())),
      step_(points_step(loops, panels_, view.inputs)) {}

std::size_t Points::count() const { return loops_.points() * step_; }

void Points::make(const ScaledWeights& weights, float* points) const {
  const std::size_t panel_size = view_.inputs * loops_.panels.width();
  parallel_ranges(panels_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t panel = begin; panel < end; ++panel) {
      make(weights, panel, 0, view_.inputs, points + panel * panel_size, step_);
    }
  });
}

void Points::make(const ScaledWeights& weights, std::size_t panel, std::size_t first_input, std::size_t all_inputs, float* points,
                  std::size_t step) const {
  const std::size_t all_taps = loops_.taps();
  const std::size_t lanes = loops_.panels.lanes, width = loops_.panels.width();
  float taps[kMostTaps * kInputs * kMostLanes];
  for (std::size_t half = 0; half < 2; ++half) {
    const std::size_t first = panel * width + half * lanes;
    const std::size_t outputs = std::min(lanes, view_.outputs - std::min(view_.outputs, first));
    for (std::size_t begin = 0; begin < all_inputs; begin += kInputs) {
      const std::size_t inputs = std::min(kInputs, all_inputs - begin);
      if (inputs < kInputs || outputs < lanes) std::fill(std::begin(taps), std::end(taps), 0.0f);
      for (std::size_t tap = 0; tap < all_taps; ++tap) {
        const float* from = weights.values + (is_turned_ ? all_taps - 1 - tap : tap) * view_.tap_stride +
                            first * view_.output_stride + (first_input + begin) * view_.input_stride;
        float* to = taps + tap * kInputs * lanes;
        // Lines far from one another, whose turn the processor does not see coming.
        if (view_.output_stride == 1) {
          for (std::size_t i = 0; i < inputs; ++i) {
            __builtin_prefetch(from + (i + kInputs) * view_.input_stride);
            copy_vector(from + i * view_.input_stride, outputs, to + i * lanes);
          }
        } else {
          for (std::size_t lane = 0; lane < outputs; ++lane) __builtin_prefetch(from + lane * view_.output_stride + kInputs);
          transpose(from, view_.output_stride, outputs, inputs, to, lanes);
        }
        if (weights.factors) scale_rows(to, inputs, lanes, weights.factors + first, outputs);
      }
      loops_.transform_filter(taps, kInputs * lanes, inputs, points + begin * width + half * lanes, step);
    }
  }
}

// --- images -----------------------------------------------------------------------------------------------------------------

TileFilter::TileFilter(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& result, const Window& window,
                       int threads)
    : loops_(loops),
      source_(source),
      result_(result),
      window_(window),
      tiles_(result, loops.tile),
      parts_(std::size_t(threads)),
      panels_(blocks_of(result.c, loops.panels.width())),
      source_row_(blocks_of(source.c, loops.panels.lanes) * loops.panels.lanes + kPadding),
      zeros_(source.c, 0.0f) {}

void TileFilter::set_blocks(std::size_t tiles, std::size_t panels) {
  block_ = tiles;
  group_ = panels;
  source_step_ = block_ * source_row_ + kPadding;
  source_count_ = loops_.points() * source_step_;
  result_row_ = group_ * loops_.panels.width();
  result_step_ = block_ * result_row_ + kPadding;
  result_count_ = loops_.points() * result_step_;
}

/// The tiles `begin` to `end` of those from `first` on.
void TileFilter::transform(const float* source, std::size_t first, std::size_t begin, std::size_t end, float* to) const {
  for_tiles(tiles_, first + begin, end - begin, [&](std::size_t i, std::size_t image, std::size_t row, std::size_t column) {
    const float* pixels[kMostPixels];
    find_pixels(source, source_, image, std::ptrdiff_t(row * tiles_.side) + window_.y,
                std::ptrdiff_t(column * tiles_.side) + window_.x, loops_.window, zeros_.data(), pixels);
    loops_.transform_source(pixels, source_.c, next_tile(tiles_, source_),
                            {to + (begin + i) * source_row_, source_step_, loops_.panels.width()});
  });
}

bool TileFilter::write(const float* from, std::size_t first, std::size_t count, std::size_t first_panel, std::size_t panels,
                       float* result, const FilterEnding& ending) const {
  const std::size_t width = loops_.panels.width(), channel = first_panel * width;
  const auto pixel = std::ptrdiff_t(result_.pixel_stride), addend_pixel = std::ptrdiff_t(ending.addend_stride);
  const auto w = std::ptrdiff_t(result_.w);
  TileResult tile{};
  tile.component_step = result_step_;
  tile.channels = std::min(panels * width, result_.c - channel);
  tile.to_row = w * pixel;
  tile.to_pixel = pixel;
  tile.addend_row = w * addend_pixel;
  tile.addend_pixel = addend_pixel;
  tile.biases = ending.biases ? ending.biases + channel : nullptr;
  tile.rectifier = ending.rectifier;
  bool is_finite = true;
  for_tiles(tiles_, first, count, [&](std::size_t i, std::size_t image, std::size_t row, std::size_t column) {
    const std::size_t y = row * tiles_.side, x = column * tiles_.side, at = (image * result_.h + y) * result_.w + x;
    tile.from = from + i * result_row_;
    tile.to = result + at * result_.pixel_stride + channel;
    tile.addend = ending.addend ? ending.addend + at * ending.addend_stride + channel : nullptr;
    tile.rows = std::min(tiles_.side, result_.h - y);
    tile.columns = std::min(tiles_.side, result_.w - x);
    is_finite &= loops_.write(tile);
  });
  return is_finite;
}

Filter::Filter(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& result, const Window& window,
               int threads)
    : TileFilter(loops, source, result, window, threads), points_step_(points_step(loops, panels_, source.c)) {
  // So many tiles that the reads of the points are no more than those of the images.
  const std::size_t worth = source.c * result.c / (2 * (source.c + result.c));
  const std::size_t fit = kSourceBytes / (loops.points() * source.c * sizeof(float));
  const std::size_t most = blocks_of(std::max(worth, fit), loops.panels.rows) * loops.panels.rows;
  blocks_ = blocks_of(tiles_.count(), most);
  // More blocks for more threads, where to read the points once more takes less time than to transform the tiles once more.
  if (tiles_.count() * kPairsOfTransform > result.c)
    blocks_ = std::max(blocks_, std::min(parts_, tiles_.count() / loops_.panels.rows));
  // Every thread gets as many blocks, or a part of the panels of one.
  if (blocks_ >= parts_) {
    blocks_ = std::min(blocks_of(blocks_, parts_) * parts_, tiles_.count());
    splits_ = 1;
  } else {
    splits_ = std::min(blocks_of(parts_, blocks_), panels_);
  }
  const std::size_t block = blocks_of(tiles_.count(), blocks_);
  blocks_ = blocks_of(tiles_.count(), block);
  set_blocks(block, std::clamp(kResultBytes / (loops_.points() * block * loops_.panels.width() * sizeof(float)), std::size_t(1),
                               blocks_of(panels_, splits_)));
}

void Filter::run_part(std::size_t part, const float* source, float* result, const float* points, const FilterEnding& ending,
                      float* scratch, std::atomic<bool>& is_finite) const {
  float *transformed = scratch, *sums = transformed + source_count_;
  const std::size_t items = blocks_ * splits_;
  std::size_t there = blocks_;  // the block that `transformed` holds
  for (std::size_t item = items * part / parts_; item < items * (part + 1) / parts_; ++item) {
    const std::size_t block = item / splits_, split = item % splits_, first = block * block_;
    const std::size_t tiles = std::min(block_, tiles_.count() - first);
    if (block != there) transform(source, first, 0, tiles, transformed);
    there = block;
    const std::size_t last = panels_ * (split + 1) / splits_;
    for (std::size_t panel = panels_ * split / splits_; panel < last; panel += group_) {
      const std::size_t panels = std::min(group_, last - panel);
      multiply(points, panel, panels, tiles, transformed, sums);
      if (!write(sums, first, tiles, panel, panels, result, ending)) is_finite = false;
    }
  }
}

bool Filter::run(const float* source, float* result, const float* points, const FilterEnding& ending, std::byte*,
                 const PartScratch& parts) const {
  std::atomic<bool> is_finite = true;
  parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      run_part(part, source, result, points, ending, parts.of(part), is_finite);
    }
  });
  return is_finite;
}

void Filter::multiply(const float* points, std::size_t first_panel, std::size_t panels, std::size_t tiles, const float* from,
                      float* to) const {
  const std::size_t width = loops_.panels.width(), panel_size = source_.c * width;
  for (std::size_t point = 0; point < loops_.points(); ++point) {
    const float* a = from + point * source_step_;
    float* c = to + point * result_step_;
    for (std::size_t panel = 0; panel < panels; ++panel) {
      const float* b = points + point * points_step_ + (first_panel + panel) * panel_size;
      for_products(tiles, loops_.panels.rows, [&](std::size_t tile, std::size_t rows) MPSNN_INLINED {
        loops_.panels.multiply(
            {rows, source_.c, a + tile * source_row_, source_row_, 1, b, c + tile * result_row_ + panel * width, result_row_});
      });
    }
  }
}

// --- weights that change ----------------------------------------------------------------------------------------------------

bool OwnPointsFilter::suits(const Loops& loops, const Points& points, const TensorDescriptor& result, int threads) {
  return std::size_t(threads) * points.count() * sizeof(float) <= kOwnBytes &&
         std::size_t(threads - 1) * kCostOfPoint * kSmallShare <= Tiles(result, loops.tile).count();
}

bool OwnPointsFilter::run(const float* source, float* result, const ScaledWeights& weights, const FilterEnding& ending,
                          std::byte*, const PartScratch& parts) const {
  std::atomic<bool> is_finite = true;
  parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      float* points = parts.of(part);
      const std::size_t panel_size = source_.c * loops_.panels.width();
      for (std::size_t panel = 0; panel < panels_; ++panel) {
        points_.make(weights, panel, 0, source_.c, points + panel * panel_size, points_.step());
      }
      run_part(part, source, result, points, ending, points + points_.count(), is_finite);
    }
  });
  return is_finite;
}

ChangingFilter::ChangingFilter(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& result,
                               const Window& window, const Points& points, int threads)
    : TileFilter(loops, source, result, window, threads), points_(points) {
  const std::size_t fit =
      kPointsBytes / (loops.points() * loops.panels.width() * sizeof(float));  // pairs of an input and a panel
  const std::size_t group = std::min(kPanels, blocks_of(panels_, parts_));
  const std::size_t inputs = blocks_of(source.c, blocks_of(source.c, std::max(fit / group, std::size_t(1))));
  inputs_ = std::min(blocks_of(inputs, kInputs) * kInputs, source.c);
  set_blocks(tiles_.count(), group);
  points_count_ = loops.points() * points_step(loops, group, inputs_);
}

bool ChangingFilter::suits(const Loops& loops, const TensorDescriptor& result) {
  return Tiles(result, loops.tile).count() <= result.c;
}

bool ChangingFilter::run(const float* source, float* result, const ScaledWeights& weights, const FilterEnding& ending,
                         std::byte* scratch, const PartScratch& parts) const {
  std::atomic<bool> is_finite = true;
  auto* transformed = reinterpret_cast<float*>(scratch);
  const std::size_t tiles = tiles_.count(), width = loops_.panels.width(), groups = blocks_of(panels_, group_);
  parallel_ranges(tiles, 4, [&](std::size_t begin, std::size_t end) { transform(source, 0, begin, end, transformed); });
  parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      float *points = parts.of(part), *sums = points + points_count_;
      for (std::size_t group = groups * part / parts_; group < groups * (part + 1) / parts_; ++group) {
        const std::size_t first_panel = group * group_, panels = std::min(group_, panels_ - first_panel);
        for (std::size_t first = 0; first < source_.c; first += inputs_) {
          const std::size_t inputs = std::min(inputs_, source_.c - first), step = points_step(loops_, panels, inputs);
          for (std::size_t panel = 0; panel < panels; ++panel) {
            points_.make(weights, first_panel + panel, first, inputs, points + panel * inputs * width, step);
          }
          multiply(points, step, panels, first, inputs, transformed, sums);
        }
        if (!write(sums, 0, tiles, first_panel, panels, result, ending)) is_finite = false;
      }
    }
  });
  return is_finite;
}

void ChangingFilter::multiply(const float* points, std::size_t step, std::size_t panels, std::size_t first_input,
                              std::size_t inputs, const float* from, float* to) const {
  const std::size_t width = loops_.panels.width();
  const auto multiply = first_input == 0 ? loops_.panels.multiply : loops_.panels.multiply_add;
  for (std::size_t point = 0; point < loops_.points(); ++point) {
    const float* a = from + point * source_step_ + first_input;
    float* c = to + point * result_step_;
    for (std::size_t panel = 0; panel < panels; ++panel) {
      const float* b = points + point * step + panel * inputs * width;
      for_products(tiles_.count(), loops_.panels.rows, [&](std::size_t tile, std::size_t rows) MPSNN_INLINED {
        PanelProduct product{
            rows, inputs, a + tile * source_row_, source_row_, 1, b, c + tile * result_row_ + panel * width, result_row_};
        if (panel == 0) {  // those of the next point; half of them another thread has made
          product.ahead = {product.a + source_step_, source_row_, rows};
        }
        multiply(product);
      });
    }
  }
}

}  // namespace mpsnn::cpu::winograd
