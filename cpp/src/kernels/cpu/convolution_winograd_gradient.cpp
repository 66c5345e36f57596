#include <algorithm>
#include <atomic>

#include "kernels/cpu/convolution_winograd.hpp"
#include "kernels/cpu/convolution_winograd_loops.hpp"
#include "kernels/cpu/convolution_winograd_tiles.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu::winograd {

namespace {

constexpr std::size_t kGradientBytes = std::size_t(1) << 19;  // of a block's transforms should stay in the second cache

/// Tiles whose transforms are in memory at a time: as many as fit, but so many that the sums are not read and written more than
/// the images.
std::size_t tiles_of_a_block(std::size_t points, std::size_t inputs, std::size_t outputs, std::size_t tiles) {
  const std::size_t worth = inputs * outputs / (2 * (inputs + outputs));
  const std::size_t fit = kGradientBytes / (points * (inputs + outputs) * sizeof(float));
  return std::min(tiles, std::max({worth, fit, std::size_t(64)}));
}

}  // namespace

bool WeightsGradient::is_at_once(const Loops& loops, std::size_t inputs, const TensorDescriptor& gradient) {
  const std::size_t tiles = Tiles(gradient, loops.tile).count();
  return tiles_of_a_block(loops.points(), inputs, gradient.c, tiles) == tiles;
}

WeightsGradient::WeightsGradient(const Loops& loops, const TensorDescriptor& source, const TensorDescriptor& gradient,
                                 const Window& window, const WeightsView& view, int threads)
    : loops_(loops),
      source_(source),
      gradient_(gradient),
      window_(window),
      view_(view),
      tiles_(gradient, loops.tile),
      parts_(std::size_t(threads)),
      panels_(blocks_of(source.c, loops.panels.width())),
      block_(tiles_of_a_block(loops.points(), source.c, gradient.c, tiles_.count())),
      is_at_once_(block_ == tiles_.count()),
      source_step_(block_ * panels_ * loops.panels.width() + kPadding),
      gradient_row_(blocks_of(gradient.c, loops.panels.lanes) * loops.panels.lanes + kPadding),
      gradient_step_(block_ * gradient_row_ + kPadding),
      zeros_(std::max(source.c, gradient.c), 0.0f) {
  if (!is_at_once_) return;
  group_ = std::min(kPanels, panels_);
  const std::size_t fit = kPointsBytes / (loops.points() * group_ * loops.panels.width() * sizeof(float));
  outputs_ = std::min(std::max(fit / loops.panels.rows, std::size_t(1)) * loops.panels.rows, gradient.c);
}

std::size_t WeightsGradient::scratch_bytes() const {
  const std::size_t width = loops_.panels.width(),
                    sums = is_at_once_ ? parts_ * outputs_ * group_ * width : gradient_.c * panels_ * width;
  return loops_.points() * (source_step_ + gradient_step_ + sums) * sizeof(float);
}

void WeightsGradient::transform(const float* source, const float* gradient, std::size_t first, std::size_t tiles, float* sources,
                                float* gradients) const {
  const std::size_t width = loops_.panels.width();
  parallel_ranges(tiles, 4, [&](std::size_t begin, std::size_t end) {
    for_tiles(tiles_, first + begin, end - begin, [&](std::size_t i, std::size_t image, std::size_t y, std::size_t x) {
      const std::size_t tile = begin + i;
      const auto top = std::ptrdiff_t(y * loops_.tile), left = std::ptrdiff_t(x * loops_.tile);
      const float *pixels[kMostPixels], *results[kMostPixels];
      find_pixels(source, source_, image, top + window_.y, left + window_.x, loops_.window, zeros_.data(), pixels);
      loops_.transform_source(pixels, source_.c, next_tile(tiles_, source_),
                              {sources + tile * width, source_step_, block_ * width});
      find_pixels(gradient, gradient_, image, top, left, loops_.tile, zeros_.data(), results);
      loops_.transform_gradient(results, gradient_.c, next_tile(tiles_, gradient_),
                                {gradients + tile * gradient_row_, gradient_step_, width});
    });
  });
}

/// Sums of a few channels at a time, which stay in the second cache. Each is one thread's: the order is always the same.
bool WeightsGradient::multiply_at_once(const float* sources, const float* gradients, float* weights, float* all_sums) const {
  std::atomic<bool> is_finite = true;
  const std::size_t width = loops_.panels.width(), row = group_ * width, step = outputs_ * row;
  const std::size_t groups = blocks_of(panels_, group_), items = groups * blocks_of(gradient_.c, outputs_);
  parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      float* sums = all_sums + part * loops_.points() * step;
      for (std::size_t item = items * part / parts_; item < items * (part + 1) / parts_; ++item) {
        const std::size_t first_output = item / groups * outputs_, outputs = std::min(outputs_, gradient_.c - first_output);
        const std::size_t first_panel = item % groups * group_, panels = std::min(group_, panels_ - first_panel);
        const std::size_t chunks = blocks_of(outputs, loops_.panels.rows);
        for (std::size_t point = 0; point < loops_.points(); ++point) {
          for (std::size_t panel = 0; panel < panels; ++panel) {
            const float* b = sources + point * source_step_ + (first_panel + panel) * block_ * width;
            for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
              const std::size_t output = outputs * chunk / chunks, rows = outputs * (chunk + 1) / chunks - output;
              loops_.panels.multiply({rows, block_, gradients + point * gradient_step_ + first_output + output, 1, gradient_row_,
                                      b, sums + point * step + output * row + panel * width, row});
            }
          }
        }
        const std::size_t first_input = first_panel * width;
        const std::size_t inputs = std::min(panels * width, source_.c - first_input);
        if (!write(sums, row, step, first_output, outputs, first_input, inputs, weights)) is_finite = false;
      }
    }
  });
  return is_finite;
}

/// `sums` begin with those of the first output and input.
bool WeightsGradient::write(const float* sums, std::size_t row, std::size_t step, std::size_t first_output, std::size_t outputs,
                            std::size_t first_input, std::size_t inputs, float* weights) const {
  float doubt = 0;
  for (std::size_t output = 0; output < outputs; ++output) {
    for (std::size_t input = 0; input < inputs; input += loops_.panels.lanes) {
      float taps[kMostTaps * kMostLanes];
      loops_.to_filter(sums + output * row + input, step, taps);
      float* to = weights + (first_output + output) * view_.output_stride + first_input + input;
      const std::size_t count = std::min(loops_.panels.lanes, inputs - input);
      for (std::size_t tap = 0; tap < loops_.taps(); ++tap) {
        const float* tap_sums = taps + tap * loops_.panels.lanes;
        for (std::size_t lane = 0; lane < count; ++lane) doubt += tap_sums[lane] - tap_sums[lane];  // NaN where not finite
        copy_vector(tap_sums, count, to + tap * view_.tap_stride);
      }
    }
  }
  return doubt == 0;
}

bool WeightsGradient::run(const float* source, const float* gradient, float* weights, std::byte* scratch) const {
  const std::size_t width = loops_.panels.width(), row = panels_ * width, sum_step = gradient_.c * row;
  float* sources = reinterpret_cast<float*>(scratch);
  float* gradients = sources + loops_.points() * source_step_;
  float* sums = gradients + loops_.points() * gradient_step_;
  if (is_at_once_) {
    transform(source, gradient, 0, block_, sources, gradients);
    return multiply_at_once(sources, gradients, weights, sums);
  }
  for (std::size_t first = 0; first < tiles_.count(); first += block_) {
    const std::size_t tiles = std::min(block_, tiles_.count() - first);
    transform(source, gradient, first, tiles, sources, gradients);
    // Each point is one thread's: the order of its sums is always the same.
    parallel_ranges(loops_.points(), 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t point = begin; point < end; ++point) {
        for (std::size_t panel = 0; panel < panels_; ++panel) {
          const float* b = sources + point * source_step_ + panel * block_ * width;
          const std::size_t chunks = blocks_of(gradient_.c, loops_.panels.rows);
          for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
            const std::size_t output = gradient_.c * chunk / chunks, rows = gradient_.c * (chunk + 1) / chunks - output;
            (first == 0 ? loops_.panels.multiply
                        : loops_.panels.multiply_add)({rows, tiles, gradients + point * gradient_step_ + output, 1, gradient_row_,
                                                       b, sums + point * sum_step + output * row + panel * width, row});
          }
        }
      }
    });
  }
  std::atomic<bool> is_finite = true;
  parallel_ranges(gradient_.c, 4, [&](std::size_t begin, std::size_t end) {
    if (!write(sums + begin * row, row, sum_step, begin, end - begin, 0, source_.c, weights)) is_finite = false;
  });
  return is_finite;
}

}  // namespace mpsnn::cpu::winograd
