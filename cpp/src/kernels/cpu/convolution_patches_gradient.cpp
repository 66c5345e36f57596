#include <algorithm>

#include "kernels/cpu/convolution_patches.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu::patches {

namespace {

// A number that is packed, or added to another part's, takes the time of so many products.
constexpr std::size_t kCostOfPacking = 16, kCostOfSum = 16;
// Of a block: a panel of its source and a chunk of its gradient stay in the first cache.
constexpr std::size_t kMostPixels = 256;
// Its gradient stays in the second, with the sums that other blocks add to, and so do some panels of its source.
constexpr std::size_t kGradientBytes = std::size_t(3) << 19, kSourceBytes = std::size_t(1) << 18;
// That are copied at a time: so many numbers follow one another where they go, and come from lines that are still in a cache.
constexpr std::size_t kPixelsAtOnce = 16;
// Chunks a power of two apart would share few lines, too.
constexpr std::size_t kPadding = 16;

/// Copies `count` numbers of at most `step`; more are there to read where `is_inside`.
template <std::size_t step>
void copy_row(const float* from, std::size_t count, bool is_inside, float* to) {
  if (!is_inside) {
    std::copy_n(from, count, to);
    return;
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < step; i += kVec) store(to + i, load(from + i));
}

/// sums[row] += the numbers of each pixel.
template <std::size_t step>
void add_pixels(const float* numbers, std::size_t pixels, std::size_t rows, float* sums) {
  constexpr std::size_t kParts = 4;  // that need not wait for one another
  float parts[kParts][step] = {};
  for (; pixels >= kParts; pixels -= kParts, numbers += kParts * step) {
    for (std::size_t part = 0; part < kParts; ++part) {
      for (std::size_t i = 0; i < step; ++i) parts[part][i] += numbers[part * step + i];
    }
  }
  for (; pixels > 0; --pixels, numbers += step) {
    for (std::size_t i = 0; i < step; ++i) parts[0][i] += numbers[i];
  }
  for (std::size_t i = 0; i < rows; ++i) sums[i] += (parts[0][i] + parts[1][i]) + (parts[2][i] + parts[3][i]);
}

void add_numbers(const float* from, float* to, std::size_t count) {
  parallel_ranges(count, 16384, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) to[i] += from[i];
  });
}

}  // namespace

WeightsGradient::WeightsGradient(const Axes& axes, const TensorDescriptor& source, const TensorDescriptor& gradient, int threads)
    : loops_(panel_loops()),
      source_(source),
      gradient_(gradient),
      patches_(axes, source),
      inputs_(patches_.size()),
      panels_(blocks_of(inputs_, loops_.width())),
      reads_source_(patches_.are_pixels() && source.pixel_stride <= kNearRow) {
  // Outputs, panels or pixels are divided; what is not has to be packed by each part, and sums of pixels have to be added up.
  const auto parts = std::size_t(threads);
  const auto cost = [&](std::size_t outputs, std::size_t panels) {
    const std::size_t inputs = panels * loops_.width();
    return double(gradient.pixels()) * double(outputs * inputs + kCostOfPacking * (outputs + inputs));
  };
  const double outputs_cost = cost(blocks_of(gradient.c, parts), panels_),
               panels_cost = cost(gradient.c, blocks_of(panels_, parts));
  const double sums_cost = double(kCostOfSum * (parts - 1) * gradient.c * inputs_);
  if (cost(gradient.c, panels_) / double(parts) + sums_cost < std::min(outputs_cost, panels_cost)) {
    pixel_parts_ = std::min(parts, gradient.pixels());
  } else if (outputs_cost < panels_cost) {
    output_parts_ = std::min(parts, blocks_of(gradient.c, loops_.rows));
  } else {
    panel_parts_ = std::min(parts, panels_);
  }
  const std::size_t pixels = blocks_of(gradient.pixels(), pixel_parts_);
  blocks_ = blocks_of(pixels, kMostPixels);
  block_ = blocks_of(pixels, blocks_);
  chunk_step_ = block_ * loops_.lanes + kPadding;
  const std::size_t outputs = blocks_of(gradient.c, output_parts_);
  const std::size_t sums = blocks_ > 1 ? blocks_of(panels_, panel_parts_) * loops_.rows * loops_.width() : 0;
  const std::size_t fit = std::max(kGradientBytes / ((chunk_step_ + sums) * sizeof(float)), std::size_t(1)) * loops_.rows;
  outputs_ = blocks_of(outputs, blocks_of(outputs, fit));
  group_ = std::clamp(kSourceBytes / (block_ * loops_.width() * sizeof(float)), std::size_t(1), blocks_of(panels_, panel_parts_));
}

/// Numbers that a part of the pixels has in memory of its own: the first has its sums where they are to be.
std::size_t WeightsGradient::own_sums() const {
  return pixel_parts_ > 1 ? blocks_of(gradient_.c * (inputs_ + 1), kPadding) * kPadding : 0;
}

std::size_t WeightsGradient::part_scratch_bytes() const {
  return (own_sums() + blocks_of(outputs_, loops_.rows) * chunk_step_ + (group_ * block_ + outputs_) * loops_.width()) *
         sizeof(float);
}

/// Chunks of `rows` outputs, [chunk][pixel][step].
template <std::size_t step>
void WeightsGradient::pack_gradient(const float* gradient, std::size_t pixels, std::size_t outputs, std::size_t rows,
                                    std::size_t readable, float* to) const {
  for (std::size_t pixel = 0; pixel < pixels; pixel += kPixelsAtOnce) {
    const std::size_t end = std::min(pixel + kPixelsAtOnce, pixels);
    float* chunk = to;
    for (std::size_t first = 0; first < outputs; first += rows, chunk += chunk_step_) {
      const std::size_t count = std::min(rows, outputs - first);
      const bool is_inside = first + step <= readable;
      for (std::size_t p = pixel; p < end; ++p) {
        copy_row<step>(gradient + p * gradient_.pixel_stride + first, count, is_inside, chunk + p * step);
      }
    }
  }
}

template <std::size_t step>
void WeightsGradient::add_to_biases(const float* gradients, std::size_t pixels, std::size_t outputs, std::size_t rows,
                                    float* biases) const {
  for (std::size_t first = 0; first < outputs; first += rows, gradients += chunk_step_) {
    add_pixels<step>(gradients, pixels, std::min(rows, outputs - first), biases + first);
  }
}

void WeightsGradient::run(const float* source, const float* gradient, float* weights, float* biases,
                          const PartScratch& parts) const {
  const auto run = loops_.lanes == 16 ? &WeightsGradient::run_part<16> : &WeightsGradient::run_part<8>;
  const std::size_t count = output_parts_ * panel_parts_ * pixel_parts_, weights_count = gradient_.c * inputs_;
  parallel_ranges(count, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      const bool is_first = pixel_parts_ == 1 || part == 0;
      float *sums = parts.of(part), *to = is_first ? weights : sums;
      float* part_biases = is_first || !biases ? biases : to + weights_count;
      (this->*run)(part, source, gradient, to, part_biases, sums + own_sums());
    }
  });
  for (std::size_t part = 1; part < pixel_parts_; ++part) {
    add_numbers(parts.of(part), weights, weights_count);
    if (biases) add_numbers(parts.of(part) + weights_count, biases, gradient_.c);
  }
}

template <std::size_t lanes>
void WeightsGradient::run_part(std::size_t part, const float* source, const float* gradient, float* weights, float* biases,
                               float* scratch) const {
  constexpr std::size_t width = 2 * lanes;
  const std::size_t output_part = output_parts_ > 1 ? part : 0, panel_part = panel_parts_ > 1 ? part : 0;
  const std::size_t pixel_part = pixel_parts_ > 1 ? part : 0, all_pixels = gradient_.pixels();
  const std::size_t first_pixel = all_pixels * pixel_part / pixel_parts_,
                    last_pixel = all_pixels * (pixel_part + 1) / pixel_parts_;
  const std::size_t last_output = gradient_.c * (output_part + 1) / output_parts_;
  const std::size_t first_panel = panels_ * panel_part / panel_parts_, last_panel = panels_ * (panel_part + 1) / panel_parts_;
  const std::size_t full_panels = inputs_ / width;
  const bool adds_biases = biases && first_panel == 0;
  float* gradients = scratch;
  float* sources = gradients + blocks_of(outputs_, loops_.rows) * chunk_step_;
  float* tail = sources + group_ * block_ * width;  // sums of a panel that is not full
  for (std::size_t output = gradient_.c * output_part / output_parts_; output < last_output; output += outputs_) {
    const std::size_t outputs = std::min(outputs_, last_output - output);
    const std::size_t rows = blocks_of(outputs, blocks_of(outputs, loops_.rows));
    if (adds_biases) std::fill_n(biases + output, outputs, 0.0f);
    for (std::size_t first = first_pixel; first < last_pixel; first += block_) {
      const std::size_t pixels = std::min(block_, last_pixel - first);
      pack_gradient<lanes>(gradient + first * gradient_.pixel_stride + output, pixels, outputs, rows, gradient_.c - output,
                           gradients);
      if (adds_biases) add_to_biases<lanes>(gradients, pixels, outputs, rows, biases + output);
      Patches::Corner corners[kMostPixels];
      patches_.find(first, pixels, corners);
      const auto multiply = first == first_pixel ? loops_.multiply : loops_.multiply_add;
      for (std::size_t panel = first_panel; panel < last_panel;) {
        const bool is_read = reads_source_ && panel < full_panels;
        const std::size_t panels = std::min(group_, (is_read ? std::min(full_panels, last_panel) : last_panel) - panel);
        for (std::size_t pixel = 0; !is_read && pixel < pixels; pixel += kPixelsAtOnce) {
          for (std::size_t i = 0; i < panels; ++i) {
            patches_.pack<width>(source, corners + pixel, std::min(kPixelsAtOnce, pixels - pixel), (panel + i) * width,
                                 sources + (i * block_ + pixel) * width);
          }
        }
        for (std::size_t i = 0; i < panels; ++i, ++panel) {
          const std::size_t input = panel * width;
          const bool is_full = panel < full_panels;
          float* sums = is_full ? weights + output * inputs_ + input : tail;
          const std::size_t sums_row = is_full ? inputs_ : width;
          const float* b = is_read ? source + first * source_.pixel_stride + input : sources + i * block_ * width;
          const std::size_t b_row = is_read ? source_.pixel_stride : width;
          const float* chunk = gradients;
          for (std::size_t row = 0; row < outputs; row += rows, chunk += chunk_step_) {
            multiply({std::min(rows, outputs - row), pixels, chunk, 1, lanes, b, sums + row * sums_row, sums_row, b_row});
          }
        }
      }
    }
    if (last_panel <= full_panels) continue;
    const std::size_t input = full_panels * width;
    for (std::size_t row = 0; row < outputs; ++row) {
      std::copy_n(tail + row * width, inputs_ - input, weights + (output + row) * inputs_ + input);
    }
  }
}

}  // namespace mpsnn::cpu::patches
