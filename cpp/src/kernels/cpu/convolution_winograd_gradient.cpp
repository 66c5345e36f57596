#include <algorithm>
#include <atomic>

#include "kernels/cpu/convolution_winograd.hpp"
#include "kernels/cpu/convolution_winograd_loops.hpp"
#include "kernels/cpu/convolution_winograd_tiles.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu::winograd {

namespace {

// Of the transforms of some panels of a source, and of their sums, which both stay in the second cache; of those of one panel.
constexpr std::size_t kGroupBytes = std::size_t(3) << 17, kGroupSumsBytes = std::size_t(3) << 17,
                      kPanelBytes = std::size_t(5) << 17;
// All sums that stay in the second cache beside the transforms of a small block.
constexpr std::size_t kSumsBytes = std::size_t(5) << 17, kBlockBytes = std::size_t(1) << 19, kFewTiles = 16;

bool do_sums_fit(std::size_t points, std::size_t inputs, std::size_t outputs) {
  return points * inputs * outputs * sizeof(float) <= kSumsBytes;
}

/// Tiles whose transforms are there at a time. Where all sums stay in a cache, blocks are added to them; else each block gives
/// sums of a few channels after the other, whose taps are added up.
std::size_t tiles_of_a_block(const Loops& loops, std::size_t inputs, std::size_t outputs, std::size_t tiles) {
  if (do_sums_fit(loops.points(), inputs, outputs)) {
    return std::min(tiles, std::max(kBlockBytes / (loops.points() * (inputs + outputs) * sizeof(float)), kFewTiles));
  }
  const std::size_t fit = kPanelBytes / (loops.points() * loops.panels.width() * sizeof(float));
  return blocks_of(tiles, blocks_of(tiles, fit));
}

/// False when a sum is no finite number.
bool add(const float* from, std::size_t count, float* to) {
  constexpr std::size_t kGrain = 16384;
  std::atomic<bool> is_finite = true;
  parallel_ranges(count, kGrain, [&](std::size_t begin, std::size_t end) {
    float doubt = 0;
    for (std::size_t i = begin; i < end; ++i) {
      to[i] += from[i];
      doubt += to[i] - to[i];  // NaN where it is not finite
    }
    if (doubt != 0) is_finite = false;
  });
  return is_finite;
}

}  // namespace

WeightsGradient::Parts::Parts(const Loops& loops, std::size_t all_tiles, std::size_t inputs, std::size_t all_outputs,
                              int threads) {
  // Counted in products for each point. Parts of the outputs each need the transforms of the whole source; parts of the tiles
  // each have sums of all outputs, which have to be transformed and added up.
  constexpr double kCostOfTransform = 16, kCostOfSum = 20, kCostOfAddition = 16;
  double least = 0;
  for (std::size_t split = 1; split <= std::min(std::size_t(threads), all_tiles); ++split) {
    const std::size_t output_parts = std::min(std::size_t(threads) / split, blocks_of(all_outputs, loops.panels.rows));
    const auto part_tiles = double(blocks_of(all_tiles, split)), part_outputs = double(blocks_of(all_outputs, output_parts));
    const double weights = double(inputs) * part_outputs;
    const double cost =
        part_tiles * weights + kCostOfTransform * part_tiles * (double(inputs) + part_outputs) +
        (kCostOfSum + (split > 1 ? kCostOfAddition * double(loops.taps()) / double(loops.points()) : 0)) * weights;
    const std::size_t own_numbers = split * loops.points() * inputs * all_outputs;
    if (split > 1 && (cost >= least || own_numbers * sizeof(float) > kOwnBytes)) continue;
    least = cost;
    tiles = split;
    outputs = output_parts;
  }
}

WeightsGradient::WeightsGradient(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& gradient,
                                 const Window& window, const WeightsView& view, int threads)
    : loops_(loops),
      source_(source),
      gradient_(gradient),
      window_(window),
      view_(view),
      tiles_(gradient, loops.tile),
      parts_(loops, tiles_.count(), source.c, gradient.c, threads),
      panels_(blocks_of(source.c, loops.panels.width())),
      outputs_(blocks_of(gradient.c, parts_.outputs)),
      block_(tiles_of_a_block(loops, source.c, outputs_, blocks_of(tiles_.count(), parts_.tiles))),
      sums_fit_(do_sums_fit(loops.points(), source.c, outputs_)),
      group_panels_(!sums_fit_ ? std::clamp(kGroupBytes / (loops.points() * block_ * loops.panels.width() * sizeof(float)),
                                            std::size_t(1), panels_)
                               : panels_),
      source_step_(block_ * group_panels_ * loops.panels.width() + kPadding),
      gradient_row_(blocks_of(outputs_, loops.panels.lanes) * loops.panels.lanes + kPadding),
      gradient_step_(block_ * gradient_row_ + kPadding),
      group_outputs_(outputs_),
      zeros_(std::max(source.c, gradient.c), 0.0f) {
  if (sums_fit_) return;
  const std::size_t chunks = blocks_of(outputs_, loops.panels.rows), rows = blocks_of(outputs_, chunks);
  const std::size_t fit = kGroupSumsBytes / (loops.points() * group_panels_ * loops.panels.width() * rows * sizeof(float));
  group_outputs_ = std::min(std::max(fit, std::size_t(1)) * rows, outputs_);
}

std::size_t WeightsGradient::sums_step() const { return group_outputs_ * group_panels_ * loops_.panels.width() + kPadding; }

/// Numbers of the weights that a part has in memory of its own: the first part of the tiles has them where they are to be.
std::size_t WeightsGradient::own_weights() const {
  return parts_.tiles > 1 ? blocks_of(gradient_.c * view_.output_stride, kMostLanes) * kMostLanes : 0;
}

std::size_t WeightsGradient::part_scratch_bytes() const {
  return (own_weights() + loops_.points() * (source_step_ + gradient_step_ + sums_step())) * sizeof(float);
}

void WeightsGradient::transform_source(const float* source, std::size_t first, std::size_t tiles, std::size_t channels,
                                       float* to) const {
  const std::size_t width = loops_.panels.width();
  for_tiles(tiles_, first, tiles, [&](std::size_t tile, std::size_t image, std::size_t y, std::size_t x) {
    const float* pixels[kMostPixels];
    find_pixels(source, source_, image, std::ptrdiff_t(y * loops_.tile) + window_.y, std::ptrdiff_t(x * loops_.tile) + window_.x,
                loops_.window, zeros_.data(), pixels);
    loops_.transform_source(pixels, channels, next_tile(tiles_, source_), {to + tile * width, source_step_, block_ * width});
  });
}

void WeightsGradient::transform_gradient(const float* gradient, std::size_t first, std::size_t tiles, std::size_t channels,
                                         float* to) const {
  for_tiles(tiles_, first, tiles, [&](std::size_t tile, std::size_t image, std::size_t y, std::size_t x) {
    const float* pixels[kMostPixels];
    find_pixels(gradient, gradient_, image, std::ptrdiff_t(y * loops_.tile), std::ptrdiff_t(x * loops_.tile), loops_.tile,
                zeros_.data(), pixels);
    loops_.transform_gradient(pixels, channels, next_tile(tiles_, gradient_),
                              {to + tile * gradient_row_, gradient_step_, loops_.panels.width()});
  });
}

/// The products of some outputs and panels.
void WeightsGradient::multiply(std::size_t tiles, std::size_t outputs, std::size_t panels, const float* sources,
                               const float* gradients, bool adds, float* sums) const {
  const std::size_t width = loops_.panels.width(), row = group_panels_ * width;
  const auto run = adds ? loops_.panels.multiply_add : loops_.panels.multiply;
  for (std::size_t point = 0; point < loops_.points(); ++point) {
    for (std::size_t panel = 0; panel < panels; ++panel) {
      const float* b = sources + point * source_step_ + panel * block_ * width;
      for_products(outputs, loops_.panels.rows, [&](std::size_t output, std::size_t rows) MPSNN_INLINED {
        run({rows, tiles, gradients + point * gradient_step_ + output, 1, gradient_row_, b,
             sums + point * sums_step() + output * row + panel * width, row});
      });
    }
  }
}

/// Of sums that begin with those of the output and the input; `weights` with those of output 0.
bool WeightsGradient::write(const float* sums, std::size_t first_output, std::size_t outputs, std::size_t first_input,
                            std::size_t inputs, bool adds, float* weights) const {
  const std::size_t row = group_panels_ * loops_.panels.width();
  bool is_finite = true;
  for (std::size_t output = 0; output < outputs; ++output) {
    float* to = weights + (first_output + output) * view_.output_stride + first_input;
    is_finite &= loops_.write_filter({sums + output * row, sums_step(), inputs, to, view_.tap_stride, adds});
  }
  return is_finite;
}

bool WeightsGradient::run_part(std::size_t part, const float* source, const float* gradient, float* weights,
                               float* scratch) const {
  const std::size_t tile_part = part / parts_.outputs, output_part = part % parts_.outputs, all_tiles = tiles_.count();
  const std::size_t last_tile = all_tiles * (tile_part + 1) / parts_.tiles;
  const std::size_t first_output = this->first_output(output_part), outputs = this->first_output(output_part + 1) - first_output;
  float* sources = scratch;
  float* gradients = sources + loops_.points() * source_step_;
  float* sums = gradients + loops_.points() * gradient_step_;
  const std::size_t first_tile = all_tiles * tile_part / parts_.tiles;
  bool is_finite = true;
  for (std::size_t first = first_tile; first < last_tile; first += block_) {
    const std::size_t tiles = std::min(block_, last_tile - first);
    const bool adds = first > first_tile;
    transform_gradient(gradient + first_output, first, tiles, outputs, gradients);
    if (sums_fit_) {
      transform_source(source, first, tiles, source_.c, sources);
      multiply(tiles, outputs, panels_, sources, gradients, adds, sums);
      continue;
    }
    for (std::size_t input = 0; input < source_.c; input += group_panels_ * loops_.panels.width()) {
      const std::size_t inputs = std::min(group_panels_ * loops_.panels.width(), source_.c - input);
      transform_source(source + input, first, tiles, inputs, sources);
      for (std::size_t output = 0; output < outputs; output += group_outputs_) {
        const std::size_t group = std::min(group_outputs_, outputs - output);
        multiply(tiles, group, blocks_of(inputs, loops_.panels.width()), sources, gradients + output, false, sums);
        is_finite &= write(sums, first_output + output, group, input, inputs, adds, weights);
      }
    }
  }
  if (sums_fit_) is_finite = write(sums, first_output, outputs, 0, source_.c, false, weights);
  return is_finite;
}

bool WeightsGradient::run(const float* source, const float* gradient, float* weights, const PartScratch& parts) const {
  std::atomic<bool> is_finite = true;
  parallel_ranges(parts_.count(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      float* own = parts.of(part);
      if (!run_part(part, source, gradient, part < parts_.outputs ? weights : own, own + own_weights())) is_finite = false;
    }
  });
  for (std::size_t part = parts_.outputs; part < parts_.count() && is_finite; ++part) {
    const std::size_t first = first_output(part % parts_.outputs) * view_.output_stride,
                      last = first_output(part % parts_.outputs + 1) * view_.output_stride;
    if (!add(parts.of(part) + first, last - first, weights + first)) is_finite = false;
  }
  return is_finite;
}

}  // namespace mpsnn::cpu::winograd
