#include "kernels/cpu/convolution_winograd.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>

#include "kernels/cpu/convolution_winograd_loops.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu::winograd {

namespace {

// Rows of numbers a power of two apart would share few lines of the first cache.
constexpr std::size_t kPadding = 16, kMostLanes = 16;
// What of one block should stay in the second cache.
constexpr std::size_t kSourceBytes = std::size_t(1) << 18, kResultBytes = std::size_t(1) << 17,
                      kGradientBytes = std::size_t(1) << 19;

/// Calls `body(tile - first, image, row, column)` for tiles in order.
template <class Body>
void for_tiles(const Tiles& tiles, std::size_t first, std::size_t count, const Body& body) {
  std::size_t column = first % tiles.columns, row = first / tiles.columns % tiles.rows,
              image = first / tiles.columns / tiles.rows;
  for (std::size_t i = 0; i < count; ++i) {
    body(i, image, row, column);
    if (++column < tiles.columns) continue;
    column = 0;
    if (++row < tiles.rows) continue;
    row = 0;
    ++image;
  }
}

/// The pixels of a square of one image, in rows; `zeros` where there is none.
void find_pixels(const float* batch, const TensorDescriptor& t, std::size_t number, std::ptrdiff_t top, std::ptrdiff_t left,
                 std::size_t size, const float* zeros, const float* (&pixels)[kMostPixels]) {
  const float* image = batch + number * t.h * t.w * t.pixel_stride;
  for (std::size_t i = 0; i < size; ++i) {
    const std::ptrdiff_t y = top + std::ptrdiff_t(i);
    for (std::size_t j = 0; j < size; ++j) {
      const std::ptrdiff_t x = left + std::ptrdiff_t(j);
      const bool is_there = y >= 0 && y < std::ptrdiff_t(t.h) && x >= 0 && x < std::ptrdiff_t(t.w);
      pixels[i * size + j] = is_there ? image + (std::size_t(y) * t.w + std::size_t(x)) * t.pixel_stride : zeros;
    }
  }
}

}  // namespace

bool Window::set(const Axes& axes) {
  for (const TapAxis* a : {&axes.x, &axes.y}) {
    if (a->taps != 3 || a->scale != 1 || a->divisor != 1 || (a->step != 1 && a->step != -1) || a->clamp) return false;
  }
  if (axes.x.step != axes.y.step) return false;
  is_turned = axes.x.step < 0;
  const std::ptrdiff_t first = is_turned ? -2 : 0;
  x = axes.x.shift + first;
  y = axes.y.shift + first;
  return true;
}

Tiles::Tiles(const TensorDescriptor& result, std::size_t side)
    : side(side), columns(blocks_of(result.w, side)), rows(blocks_of(result.h, side)), images(result.n) {}

// --- weights ----------------------------------------------------------------------------------------------------------------

Points::Points(const Loops& loops, const WeightsView& view, bool is_turned)
    : loops_(loops), view_(view), is_turned_(is_turned), panels_(blocks_of(view.outputs, loops.panels.width())) {}

std::size_t Points::count() const { return loops_.points() * panels_ * view_.inputs * loops_.panels.width(); }

void Points::make(const float* weights, float* points) const {
  parallel_ranges(panels_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t panel = begin; panel < end; ++panel) make_panel(weights, panel, points);
  });
}

void Points::make_panel(const float* weights, std::size_t panel, float* points) const {
  constexpr std::size_t kInputs = 16;
  const std::size_t lanes = loops_.panels.lanes, width = loops_.panels.width(), step = panels_ * view_.inputs * width;
  float taps[kTaps * kInputs * kMostLanes];
  for (std::size_t half = 0; half < 2; ++half) {
    const std::size_t first = panel * width + half * lanes;
    const std::size_t outputs = std::min(lanes, view_.outputs - std::min(view_.outputs, first));
    for (std::size_t begin = 0; begin < view_.inputs; begin += kInputs) {
      const std::size_t inputs = std::min(kInputs, view_.inputs - begin);
      if (inputs < kInputs || outputs < lanes) std::fill(std::begin(taps), std::end(taps), 0.0f);
      for (std::size_t tap = 0; tap < kTaps; ++tap) {
        const float* from = weights + (is_turned_ ? kTaps - 1 - tap : tap) * view_.tap_stride + first * view_.output_stride +
                            begin * view_.input_stride;
        float* to = taps + tap * kInputs * lanes;
        if (view_.output_stride == 1) {
          for (std::size_t i = 0; i < inputs; ++i) std::copy_n(from + i * view_.input_stride, outputs, to + i * lanes);
        } else {
          for (std::size_t lane = 0; lane < outputs; ++lane) {
            for (std::size_t i = 0; i < inputs; ++i)
              to[i * lanes + lane] = from[lane * view_.output_stride + i * view_.input_stride];
          }
        }
      }
      loops_.transform_filter(taps, kInputs * lanes, inputs, points + (panel * view_.inputs + begin) * width + half * lanes,
                              step);
    }
  }
}

// --- images -----------------------------------------------------------------------------------------------------------------

Filter::Filter(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& result, const Window& window,
               int threads)
    : loops_(loops),
      source_(source),
      result_(result),
      window_(window),
      tiles_(result, loops.tile),
      parts_(std::size_t(threads)),
      panels_(blocks_of(result.c, loops.panels.width())),
      source_row_(blocks_of(source.c, loops.panels.lanes) * loops.panels.lanes + kPadding),
      zeros_(source.c, 0.0f) {
  // So many tiles that the reads of the points are no more than those of the images.
  const std::size_t worth = source.c * result.c / (2 * (source.c + result.c));
  const std::size_t fit = kSourceBytes / (loops.points() * source.c * sizeof(float));
  const std::size_t most = blocks_of(std::max(worth, fit), loops.panels.rows) * loops.panels.rows;
  blocks_ = blocks_of(tiles_.count(), most);
  // Every thread gets as many blocks, or a part of the panels of one.
  if (blocks_ >= parts_) {
    blocks_ = std::min(blocks_of(blocks_, parts_) * parts_, tiles_.count());
    splits_ = 1;
  } else {
    splits_ = std::min(blocks_of(parts_, blocks_), panels_);
  }
  block_ = blocks_of(tiles_.count(), blocks_);
  blocks_ = blocks_of(tiles_.count(), block_);
  group_ = std::clamp(kResultBytes / (loops_.points() * block_ * loops_.panels.width() * sizeof(float)), std::size_t(1),
                      blocks_of(panels_, splits_));
  source_count_ = loops_.points() * (block_ * source_row_ + kPadding);
  result_count_ = loops_.points() * (block_ * group_ * loops_.panels.width() + kPadding);
}

bool Filter::run(const float* source, float* result, const float* points, const FilterEnding& ending, std::byte* scratch) const {
  std::atomic<bool> is_finite = true;
  parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      float* transformed = reinterpret_cast<float*>(scratch) + part * (source_count_ + result_count_);
      float* sums = transformed + source_count_;
      const std::size_t items = blocks_ * splits_;
      std::size_t there = blocks_;  // the block that `transformed` holds
      for (std::size_t item = items * part / parts_; item < items * (part + 1) / parts_; ++item) {
        const std::size_t block = item / splits_, split = item % splits_, first = block * block_;
        const std::size_t tiles = std::min(block_, tiles_.count() - first);
        if (block != there) transform(source, first, tiles, transformed);
        there = block;
        const std::size_t last = panels_ * (split + 1) / splits_;
        for (std::size_t panel = panels_ * split / splits_; panel < last; panel += group_) {
          const std::size_t panels = std::min(group_, last - panel);
          multiply(points, panel, panels, tiles, transformed, sums);
          if (!write(sums, first, tiles, panel, panels, result, ending)) is_finite = false;
        }
      }
    }
  });
  return is_finite;
}

void Filter::transform(const float* source, std::size_t first, std::size_t count, float* to) const {
  const std::size_t step = block_ * source_row_ + kPadding;
  for_tiles(tiles_, first, count, [&](std::size_t i, std::size_t image, std::size_t row, std::size_t column) {
    const float* pixels[kMostPixels];
    find_pixels(source, source_, image, std::ptrdiff_t(row * tiles_.side) + window_.y,
                std::ptrdiff_t(column * tiles_.side) + window_.x, loops_.window, zeros_.data(), pixels);
    loops_.transform_source(pixels, source_.c, {to + i * source_row_, step, loops_.panels.width()});
  });
}

void Filter::multiply(const float* points, std::size_t first_panel, std::size_t panels, std::size_t tiles, const float* from,
                      float* to) const {
  const std::size_t width = loops_.panels.width(), panel_size = source_.c * width, row = group_ * width;
  const std::size_t chunks = blocks_of(tiles, loops_.panels.rows);
  for (std::size_t point = 0; point < loops_.points(); ++point) {
    const float* a = from + point * (block_ * source_row_ + kPadding);
    float* c = to + point * (block_ * row + kPadding);
    for (std::size_t panel = 0; panel < panels; ++panel) {
      const float* b = points + (point * panels_ + first_panel + panel) * panel_size;
      for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
        const std::size_t tile = tiles * chunk / chunks, rows = tiles * (chunk + 1) / chunks - tile;
        loops_.panels.multiply({rows, source_.c, a + tile * source_row_, source_row_, 1, b, c + tile * row + panel * width, row});
      }
    }
  }
}

bool Filter::write(const float* from, std::size_t first, std::size_t count, std::size_t first_panel, std::size_t panels,
                   float* result, const FilterEnding& ending) const {
  const std::size_t width = loops_.panels.width(), row_size = group_ * width, channel = first_panel * width;
  const auto pixel = std::ptrdiff_t(result_.pixel_stride), addend_pixel = std::ptrdiff_t(ending.addend_stride);
  const auto w = std::ptrdiff_t(result_.w);
  TileResult tile{};
  tile.component_step = block_ * row_size + kPadding;
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
    tile.from = from + i * row_size;
    tile.to = result + at * result_.pixel_stride + channel;
    tile.addend = ending.addend ? ending.addend + at * ending.addend_stride + channel : nullptr;
    tile.rows = std::min(tiles_.side, result_.h - y);
    tile.columns = std::min(tiles_.side, result_.w - x);
    is_finite &= loops_.write(tile);
  });
  return is_finite;
}

// --- the gradient of the weights --------------------------------------------------------------------------------------------

namespace {

/// Tiles whose transforms are in memory at a time: as many as fit, but so many that the sums are not read and written more than
/// the images.
std::size_t tiles_of_a_block(std::size_t points, std::size_t inputs, std::size_t outputs, std::size_t tiles) {
  const std::size_t worth = inputs * outputs / (2 * (inputs + outputs));
  const std::size_t fit = kGradientBytes / (points * (inputs + outputs) * sizeof(float));
  return std::min(tiles, std::max({worth, fit, std::size_t(64)}));
}

}  // namespace

WeightsGradient::WeightsGradient(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& gradient,
                                 const Window& window, const WeightsView& view)
    : loops_(loops),
      source_(source),
      gradient_(gradient),
      window_(window),
      view_(view),
      tiles_(gradient, loops.tile),
      panels_(blocks_of(source.c, loops.panels.width())),
      block_(tiles_of_a_block(loops.points(), source.c, gradient.c, tiles_.count())),
      gradient_row_(blocks_of(gradient.c, loops.panels.lanes) * loops.panels.lanes + kPadding),
      zeros_(std::max(source.c, gradient.c), 0.0f) {}

std::size_t WeightsGradient::scratch_bytes() const {
  const std::size_t row = panels_ * loops_.panels.width();
  return loops_.points() * (block_ * row + block_ * gradient_row_ + kPadding + gradient_.c * row) * sizeof(float);
}

bool WeightsGradient::run(const float* source, const float* gradient, float* weights, std::byte* scratch) const {
  const std::size_t width = loops_.panels.width(), row = panels_ * width, source_step = block_ * row;
  const std::size_t gradient_step = block_ * gradient_row_ + kPadding, sum_step = gradient_.c * row;
  float* sources = reinterpret_cast<float*>(scratch);
  float* gradients = sources + loops_.points() * source_step;
  float* sums = gradients + loops_.points() * gradient_step;
  for (std::size_t first = 0; first < tiles_.count(); first += block_) {
    const std::size_t tiles = std::min(block_, tiles_.count() - first);
    parallel_ranges(tiles, 4, [&](std::size_t begin, std::size_t end) {
      for_tiles(tiles_, first + begin, end - begin, [&](std::size_t i, std::size_t image, std::size_t y, std::size_t x) {
        const std::size_t tile = begin + i;
        const auto top = std::ptrdiff_t(y * loops_.tile), left = std::ptrdiff_t(x * loops_.tile);
        const float *pixels[kMostPixels], *results[kMostPixels];
        find_pixels(source, source_, image, top + window_.y, left + window_.x, loops_.window, zeros_.data(), pixels);
        loops_.transform_source(pixels, source_.c, {sources + tile * width, source_step, block_ * width});
        find_pixels(gradient, gradient_, image, top, left, loops_.tile, zeros_.data(), results);
        loops_.transform_gradient(results, gradient_.c, {gradients + tile * gradient_row_, gradient_step, width});
      });
    });
    // Each point is one thread's: the order of its sums is always the same.
    parallel_ranges(loops_.points(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t point = begin; point < end; ++point) {
        for (std::size_t panel = 0; panel < panels_; ++panel) {
          const float* b = sources + point * source_step + panel * block_ * width;
          const std::size_t chunks = blocks_of(gradient_.c, loops_.panels.rows);
          for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
            const std::size_t output = gradient_.c * chunk / chunks, rows = gradient_.c * (chunk + 1) / chunks - output;
            (first == 0 ? loops_.panels.multiply
                        : loops_.panels.multiply_add)({rows, tiles, gradients + point * gradient_step + output, 1, gradient_row_,
                                                       b, sums + point * sum_step + output * row + panel * width, row});
          }
        }
      }
    });
  }
  std::atomic<bool> is_finite = true;
  parallel_ranges(gradient_.c, 4, [&](std::size_t begin, std::size_t end) {
    float doubt = 0;
    for (std::size_t output = begin; output < end; ++output) {
      for (std::size_t input = 0; input < source_.c; input += loops_.panels.lanes) {
        float taps[kTaps * kMostLanes];
        loops_.to_filter(sums + output * row + input, sum_step, taps);
        float* to = weights + output * view_.output_stride + input;
        for (std::size_t tap = 0; tap < kTaps; ++tap) {
          for (std::size_t lane = 0; lane < std::min(loops_.panels.lanes, source_.c - input); ++lane) {
            const float sum = taps[tap * loops_.panels.lanes + lane];
            doubt += sum - sum;  // NaN where it is not finite
            to[tap * view_.tap_stride + lane] = sum;
          }
        }
      }
    }
    if (doubt != 0) is_finite = false;
  });
  return is_finite;
}

}  // namespace mpsnn::cpu::winograd
