#include "kernels/cpu/convolution_pointwise_gradient.hpp"

#include <algorithm>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu::pointwise {

namespace {

// Of the weights in one order and sums in another, and of a block's gradient: all stay in the second cache.
constexpr std::size_t kWeightBytes = std::size_t(1) << 18, kGradientBytes = std::size_t(1) << 17;
// A panel of the source and a chunk of its gradient stay in the first.
constexpr std::size_t kMostPixels = 128;
constexpr FilterEnding kNothing;

}  // namespace

Gradient::Gradient(const WeightsView& transposed, const TensorDescriptor& gradient, const TensorDescriptor& source,
                   const TensorDescriptor& result, int threads)
    : loops_(panel_loops()),
      gradient_(gradient),
      source_(source),
      result_(result),
      transposed_(transposed),
      rows_(result),
      inputs_(source.c),
      outputs_(gradient.c),
      panels_(blocks_of(inputs_, loops_.width())),
      parts_(std::min(std::size_t(threads), gradient.pixels())),
      gradient_row_(padded(outputs_)),
      block_(std::clamp(kGradientBytes / (gradient_row_ * sizeof(float)), std::size_t(1), kMostPixels)) {}

bool Gradient::suits(std::size_t inputs, std::size_t outputs, std::size_t pixels, int threads) {
  // Each part makes panels of all weights and has sums that are added up: little beside the products of so many pixels.
  constexpr std::size_t kManyPixels = 1024;
  return inputs * outputs * sizeof(float) <= kWeightBytes && pixels >= kManyPixels * std::size_t(threads);
}

Gradient::Room Gradient::room_of(const PartScratch& parts, std::size_t part) const {
  Room room{};
  room.sums = parts.of(part);
  room.biases = room.sums + outputs_ * panels_ * loops_.width();
  room.panels = room.biases + padded(outputs_);
  room.gradients = room.panels + transposed_.count();
  room.sources = room.gradients + block_ * gradient_row_;
  return room;
}

std::size_t Gradient::part_scratch_bytes() const {
  const Room room = room_of({}, 0);
  return std::size_t(room.sources + block_ * loops_.width() - room.sums) * sizeof(float);
}

void Gradient::run(const PixelSource& gradient, const float* source, const float* weights, float* result, float* weight_sums,
                   float* biases, const PartScratch& parts) const {
  parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      run_part(part, gradient, source, weights, result, biases != nullptr, room_of(parts, part));
    }
  });
  const std::size_t row = panels_ * loops_.width();
  parallel_ranges(outputs_, kMultiplicationsWorthAThread / (row * parts_) + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = 0; part < parts_; ++part) {
      const Room room = room_of(parts, part);
      for (std::size_t output = begin; output < end; ++output) {
        const float* from = room.sums + output * row;
        float* to = weight_sums + output * inputs_;
        if (part == 0) {
          std::copy_n(from, inputs_, to);
        } else {
          for (std::size_t i = 0; i < inputs_; ++i) to[i] += from[i];
        }
        if (biases) biases[output] = (part == 0 ? 0.0f : biases[output]) + room.biases[output];
      }
    }
  });
}

void Gradient::read(const PixelSource& gradient, std::size_t first, std::size_t count, float* to) const {
  if (gradient.maker) return gradient.maker->make_pixels(gradient.sources, first, count, to, gradient_row_);
  for (std::size_t i = 0; i < count; ++i) {
    std::copy_n(gradient.sources[0] + (first + i) * gradient_.pixel_stride, outputs_, to + i * gradient_row_);
  }
}

void Gradient::run_part(std::size_t part, const PixelSource& gradient, const float* source, const float* weights, float* result,
                        bool has_biases, const Room& room) const {
  const std::size_t pixels = gradient_.pixels(), begin = pixels * part / parts_, end = pixels * (part + 1) / parts_;
  transposed_.make({weights}, 0, panels_, 0, outputs_, room.panels);
  std::fill_n(room.biases, outputs_, 0.0f);
  for (std::size_t first = begin; first < end; first += block_) {
    const std::size_t count = std::min(block_, end - first);
    read(gradient, first, count, room.gradients);
    for (std::size_t panel = 0; panel < panels_; ++panel) {
      rows_.multiply(first, count, panel, outputs_, room.gradients, gradient_row_,
                     room.panels + panel * outputs_ * loops_.width(), kNothing, result, ahead_of(gradient, first, count, panel));
    }
    add_up(first, count, source, first == begin, room);
    if (has_biases) add_up_biases(count, room.biases, room.gradients);
  }
}

/// What the next block is made from, each panel a part of one source; as if its pixels were as far apart as the gradient's.
RowsAhead Gradient::ahead_of(const PixelSource& gradient, std::size_t first, std::size_t count, std::size_t panel) const {
  const std::size_t all = gradient.sources.size() * count, begin = all * panel / panels_, source = begin / count;
  const std::size_t end = std::min(all * (panel + 1) / panels_, (source + 1) * count), row = gradient_.pixel_stride;
  return {gradient.sources[source] + (first + count + begin % count) * row, row, end - begin};
}

/// The products of the block with the pixels of the source.
void Gradient::add_up(std::size_t first, std::size_t pixels, const float* source, bool is_first, const Room& room) const {
  const std::size_t width = loops_.width(), row = panels_ * width;
  const auto multiply = is_first ? loops_.multiply : loops_.multiply_add;
  for (std::size_t panel = 0; panel < panels_; ++panel) {
    const std::size_t input = panel * width, inputs = std::min(width, inputs_ - input);
    const float* b = source + first * source_.pixel_stride + input;
    std::size_t b_row = source_.pixel_stride;
    // After the last panel comes the first of the next block.
    std::size_t b_ahead = panel + 1 < panels_ ? 0 : pixels * b_row - input;
    if (inputs < width || source_.pixel_stride > kNearRow) {
      if (inputs < width) std::fill_n(room.sources, pixels * width, 0.0f);
      for (std::size_t i = 0; i < pixels; ++i) std::copy_n(b + i * source_.pixel_stride, inputs, room.sources + i * width);
      b = room.sources;
      b_row = width;
      b_ahead = 0;
    }
    for_products(outputs_, loops_.rows, [&](std::size_t output, std::size_t rows) MPSNN_INLINED {
      PanelProduct product{rows, pixels, room.gradients + output, 1, gradient_row_, b, room.sums + output * row + input,
                           row,  b_row};
      product.b_ahead = b_ahead;
      multiply(product);
    });
  }
}

/// Sums of a block first: long ones lose what is added last.
void Gradient::add_up_biases(std::size_t pixels, float* biases, const float* gradients) const {
  for (std::size_t output = 0; output < outputs_; output += kPadding) {
    float sums[kPadding] = {};
    for (std::size_t i = 0; i < pixels; ++i) {
      for (std::size_t lane = 0; lane < kPadding; ++lane) sums[lane] += gradients[i * gradient_row_ + output + lane];
    }
    for (std::size_t lane = 0; lane < std::min(kPadding, outputs_ - output); ++lane) biases[output + lane] += sums[lane];
  }
}

}  // namespace mpsnn::cpu::pointwise
