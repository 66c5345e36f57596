#include "kernels/cpu/convolution_pointwise.hpp"

#include <algorithm>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/transposition.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu::pointwise {

namespace {

// Copied rows of numbers a power of two apart would share few lines of the first cache.
constexpr std::size_t kPadding = 16;
// Weights that stay in the second cache; more are read once for so many bytes of a source.
constexpr std::size_t kWeightBytes = std::size_t(1) << 19, kSourceBytes = std::size_t(1) << 18;
// Images that a cache may still hold from the last time.
constexpr std::size_t kNearBytes = std::size_t(1) << 21;

}  // namespace

Panels::Panels(const WeightsView& view) : loops_(panel_loops()), view_(view), panels_(blocks_of(view.outputs, loops_.width())) {}

void Panels::make(const ScaledWeights& weights, float* panels) const {
  // In blocks of inputs, in the order in which the weights lie.
  constexpr std::size_t kInputs = 16;
  const std::size_t width = loops_.width(), blocks = blocks_of(view_.inputs, kInputs);
  const bool outputs_follow = view_.output_stride == 1;
  parallel_ranges(panels_ * blocks, kMultiplicationsWorthAThread / (kInputs * width), [&](std::size_t begin, std::size_t end) {
    for (std::size_t item = begin; item < end; ++item) {
      const std::size_t panel = outputs_follow ? item % panels_ : item / blocks;
      const std::size_t first = (outputs_follow ? item / panels_ : item % blocks) * kInputs;
      const std::size_t inputs = std::min(kInputs, view_.inputs - first),
                        outputs = std::min(width, view_.outputs - panel * width);
      const float* from = weights.values + panel * width * view_.output_stride + first * view_.input_stride;
      float* to = panels + (panel * view_.inputs + first) * width;
      if (outputs < width) std::fill_n(to, inputs * width, 0.0f);
      if (outputs_follow) {
        for (std::size_t i = 0; i < inputs; ++i) std::copy_n(from + i * view_.input_stride, outputs, to + i * width);
      } else {
        for (std::size_t o = 0; o < outputs; ++o) __builtin_prefetch(from + o * view_.output_stride + kInputs);
        transpose(from, view_.output_stride, outputs, inputs, to, width);
      }
      if (weights.factors) scale_rows(to, inputs, width, weights.factors + panel * width, outputs);
    }
  });
}

bool Window::set(const Axes& axes) {
  for (const TapAxis* a : {&axes.x, &axes.y}) {
    if (a->taps != 1 || a->divisor != 1 || a->shift < 0) return false;
    if (a->shift + a->scale * std::ptrdiff_t(a->result - 1) >= std::ptrdiff_t(a->source)) return false;
  }
  x = std::size_t(axes.x.shift);
  y = std::size_t(axes.y.shift);
  stride_x = std::size_t(axes.x.scale);
  stride_y = std::size_t(axes.y.scale);
  return true;
}

Filter::Filter(const TensorDescriptor& source, const TensorDescriptor& result, const Window& window, int threads)
    : loops_(panel_loops()),
      source_(source),
      result_(result),
      window_(window),
      parts_(std::size_t(threads)),
      panels_(blocks_of(result.c, loops_.width())) {
  const std::size_t rows = result.pixels(), width = loops_.width();
  // The largest part counts: its products, and what it reads, each number in the time of so many products.
  constexpr double kCostOfRead = 16;
  double least = 0;
  for (std::size_t split = 1; split <= std::min(parts_, panels_); ++split) {
    const std::size_t row_parts = std::min(parts_ / split, rows);
    const auto part_rows = double(blocks_of(rows, row_parts)), part_panels = double(blocks_of(panels_, split) * width);
    const double cost = double(source.c) * (part_rows * part_panels + kCostOfRead * (part_rows + part_panels));
    if (split > 1 && cost >= least) continue;
    least = cost;
    row_parts_ = row_parts;
    panel_parts_ = split;
  }
  const std::size_t weight_bytes = blocks_of(panels_, panel_parts_) * width * source.c * sizeof(float);
  const std::size_t fit = weight_bytes > kWeightBytes ? kSourceBytes / (source.c * sizeof(float) * loops_.rows) : 1;
  block_ = std::min(std::max(fit, std::size_t(1)) * loops_.rows, blocks_of(rows, row_parts_));
  const bool follow = source.h == result.h && source.w == result.w;
  if (!follow) copied_row_ = blocks_of(source.c, kPadding) * kPadding + kPadding;
}

const float* Filter::find_rows(const float* source, std::size_t first, std::size_t count, float* copy) const {
  if (copied_row_ == 0) return source + first * source_.pixel_stride;
  window_.for_pixels(source_, result_, first, count,
                     [&](std::size_t i, std::size_t at) { std::copy_n(source + at, source_.c, copy + i * copied_row_); });
  return copy;
}

bool Filter::run(const float* source, float* result, const float* panels, const FilterEnding& ending, std::byte* scratch) const {
  const std::size_t rows = result_.pixels(), width = loops_.width(), panel_size = source_.c * width;
  const std::size_t a_row = copied_row_ > 0 ? copied_row_ : source_.pixel_stride;
  const bool are_far = result_.count() * sizeof(float) > kNearBytes;
  parallel_ranges(row_parts_ * panel_parts_, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      float* copy = reinterpret_cast<float*>(scratch) + part * block_ * copied_row_;
      const std::size_t row_part = part / panel_parts_, panel_part = part % panel_parts_;
      const std::size_t last_row = rows * (row_part + 1) / row_parts_;
      const std::size_t first_panel = panels_ * panel_part / panel_parts_, last_panel = panels_ * (panel_part + 1) / panel_parts_;
      for (std::size_t row = rows * row_part / row_parts_; row < last_row; row += block_) {
        const std::size_t count = std::min(block_, last_row - row);
        const float* a = find_rows(source, row, count, copy);
        for (std::size_t panel = first_panel; panel < last_panel; ++panel) {
          const std::size_t channel = panel * width;
          PanelEnding e{std::min(width, result_.c - channel),
                        ending.biases ? ending.biases + channel : nullptr,
                        nullptr,
                        ending.addend_stride,
                        ending.rectifier,
                        are_far};
          const std::size_t chunks = blocks_of(count, e.columns > loops_.lanes ? loops_.rows : loops_.narrow_rows);
          for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
            const std::size_t i = count * chunk / chunks, chunk_rows = count * (chunk + 1) / chunks - i;
            if (ending.addend) e.addend = ending.addend + (row + i) * ending.addend_stride + channel;
            loops_.multiply_to_results({chunk_rows, source_.c, a + i * a_row, a_row, 1, panels + panel * panel_size,
                                        result + (row + i) * result_.pixel_stride + channel, result_.pixel_stride},
                                       e);
          }
        }
      }
    }
  });
  return true;
}

}  // namespace mpsnn::cpu::pointwise
