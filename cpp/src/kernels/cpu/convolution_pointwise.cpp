#include "kernels/cpu/convolution_pointwise.hpp"

#include <algorithm>
#include <bit>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/transposition.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu::pointwise {

namespace {

// Weights that stay in the second cache; more are read once for so many bytes of a source.
constexpr std::size_t kWeightBytes = std::size_t(1) << 19, kSourceBytes = std::size_t(1) << 18;
// Inputs of a panel that are put in order together.
constexpr std::size_t kInputs = 16;
// Rows of weights that are on their way from memory.
constexpr std::size_t kRowsAhead = 32;
// Numbers so far apart share the lines of a first cache, which has fewer of them than a product has rows.
constexpr std::size_t kWayBytes = 4096;
// Of rows that are multiplied with each panel as soon as that is made.
constexpr std::size_t kUnpackedSourceBytes = std::size_t(13) << 16;
// Of results that another kernel takes.
constexpr std::size_t kGivenRows = 56;

/// Of the block after this one, what comes with the products of one of its panels.
RowsAhead next_block(const float* a, std::size_t a_row, std::size_t rows, std::size_t panel, std::size_t panels) {
  const std::size_t first = rows * panel / panels;
  return {a + (rows + first) * a_row, a_row, rows * (panel + 1) / panels - first};
}

}  // namespace

bool is_far(const TensorDescriptor& source) {
  constexpr std::size_t kFarBytes = std::size_t(1) << 22;
  return source.count() * sizeof(float) > kFarBytes;
}

Panels::Panels(const WeightsView& view) : loops_(panel_loops()), view_(view), panels_(blocks_of(view.outputs, loops_.width())) {}

std::size_t Panels::Range::blocks() const { return blocks_of(inputs, kInputs); }

void Panels::make_block(const ScaledWeights& weights, std::size_t panel, std::size_t first_input, std::size_t inputs,
                        float* to) const {
  const std::size_t width = loops_.width(), outputs = std::min(width, view_.outputs - panel * width);
  const float* from = weights.values + panel * width * view_.output_stride + first_input * view_.input_stride;
  if (outputs < width) std::fill_n(to, inputs * width, 0.0f);
  if (view_.output_stride == 1) {
    for (std::size_t i = 0; i < inputs; ++i) {
      const float* row = from + i * view_.input_stride;
      for (std::size_t o = 0; o < outputs; o += kLanes) {
        __builtin_prefetch(row + kRowsAhead * view_.input_stride + o);  // far apart: the processor does not see them coming
        copy_vector(row + o, std::min(kLanes, outputs - o), to + i * width + o);
      }
    }
  } else {
    // Some lines at a time: more would wait for one another.
    for (std::size_t o = 0; o < outputs; o += kTransposed) {
      const std::size_t rows = std::min(kTransposed, outputs - o);
      for (std::size_t i = 0; i < rows; ++i) __builtin_prefetch(from + (o + i) * view_.output_stride + kInputs);
      transpose(from + o * view_.output_stride, view_.output_stride, rows, inputs, to + o, width);
    }
  }
  if (weights.factors) scale_rows(to, inputs, width, weights.factors + panel * width, outputs);
}

void Panels::make_blocks(const ScaledWeights& weights, const Range& range, std::size_t begin, std::size_t end, float* to) const {
  const std::size_t blocks = range.blocks();
  const bool outputs_follow = view_.output_stride == 1;
  for (std::size_t item = begin; item < end; ++item) {
    const std::size_t panel = outputs_follow ? item % range.panels : item / blocks;
    const std::size_t first = (outputs_follow ? item / range.panels : item % blocks) * kInputs;
    make_block(weights, range.first_panel + panel, range.first_input + first, std::min(kInputs, range.inputs - first),
               to + (panel * range.inputs + first) * loops_.width());
  }
}

void Panels::make(const ScaledWeights& weights, float* panels) const {
  const Range all{0, panels_, 0, view_.inputs};
  parallel_ranges(panels_ * all.blocks(), kMultiplicationsWorthAThread / (kInputs * loops_.width()),
                  [&](std::size_t begin, std::size_t end) { make_blocks(weights, all, begin, end, panels); });
}

void Panels::make(const ScaledWeights& weights, std::size_t first_panel, std::size_t panels, std::size_t first_input,
                  std::size_t inputs, float* to) const {
  const Range range{first_panel, panels, first_input, inputs};
  make_blocks(weights, range, 0, panels * range.blocks(), to);
}

RowsAhead Panels::ahead(const float* weights, std::size_t panel, std::size_t first_input, std::size_t inputs) const {
  const std::size_t width = loops_.width();
  const float* from = weights + panel * width * view_.output_stride + first_input * view_.input_stride;
  if (view_.output_stride != 1) return {from, view_.output_stride, std::min(width, view_.outputs - panel * width)};
  return {from, view_.input_stride, inputs, std::size_t(std::countr_zero(width))};
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

Parts::Parts(const TensorDescriptor& source, const TensorDescriptor& result, double cost_of_weight, int threads) {
  // The largest part counts: its products, and what it reads, each number in the time of so many products. Where panels are
  // divided, a result's pixels are others' in part, as they are whole to what reads them next.
  constexpr double kCostOfRead = 16, kCostOfMixing = 40;
  const std::size_t width = panel_loops().width(), all_panels = blocks_of(result.c, width), all_rows = result.pixels();
  double least = 0;
  for (std::size_t split = 1; split <= std::min(std::size_t(threads), all_panels); ++split) {
    const std::size_t row_parts = std::min(std::size_t(threads) / split, all_rows);
    const auto part_rows = double(blocks_of(all_rows, row_parts)), part_panels = double(blocks_of(all_panels, split) * width);
    const double mixed = kCostOfMixing * double(split - 1) / double(split) * part_rows * part_panels;
    const double cost =
        double(source.c) * (part_rows * part_panels + kCostOfRead * part_rows + cost_of_weight * part_panels) + mixed;
    if (split > 1 && cost >= least) continue;
    least = cost;
    rows = row_parts;
    panels = split;
  }
}

PanelRows::PanelRows(const TensorDescriptor& result) : loops_(panel_loops()), result_(result) {}

void PanelRows::multiply(std::size_t row, std::size_t count, std::size_t panel, std::size_t inputs, const float* a,
                         std::size_t a_row, const float* b, const FilterEnding& ending, float* result,
                         const RowsAhead& ahead) const {
  const std::size_t width = loops_.width(), channel = panel * width;
  PanelEnding e{std::min(width, result_.c - channel), ending.biases ? ending.biases + channel : nullptr, nullptr,
                ending.addend_stride, ending.rectifier};
  for_products(
      count, e.columns > loops_.lanes ? loops_.rows : loops_.narrow_rows, [&](std::size_t i, std::size_t rows) MPSNN_INLINED {
        if (ending.addend) e.addend = ending.addend + (row + i) * ending.addend_stride + channel;
        PanelProduct product{
            rows, inputs, a + i * a_row, a_row, 1, b, result + (row + i) * result_.pixel_stride + channel, result_.pixel_stride};
        if (ahead.count > 0) {
          const std::size_t first = ahead.count * i / count;
          product.ahead = {ahead.first + first * ahead.row, ahead.row, ahead.count * (i + rows) / count - first, ahead.numbers};
        }
        loops_.multiply_to_results(product, e);
      });
}

RowFilter::RowFilter(const TensorDescriptor& source, const TensorDescriptor& result, const Window& window, const Parts& parts)
    : loops_(panel_loops()),
      source_(source),
      result_(result),
      window_(window),
      parts_(parts),
      rows_(result),
      panels_(blocks_of(result.c, loops_.width())),
      follow_(source.h == result.h && source.w == result.w && source.pixel_stride * sizeof(float) % kWayBytes != 0) {}

PixelRange RowFilter::channels_of(std::size_t first_panel, std::size_t last_panel) const {
  const std::size_t first = first_panel * loops_.width(), last = std::min(last_panel * loops_.width(), result_.c);
  return {0, 0, first, last - first};
}

RowFilter::Range RowFilter::range_of(std::size_t part) const {
  const std::size_t row_part = part / parts_.panels, panel_part = part % parts_.panels, rows = result_.pixels();
  return {rows * row_part / parts_.rows, rows * (row_part + 1) / parts_.rows, panels_ * panel_part / parts_.panels,
          panels_ * (panel_part + 1) / parts_.panels};
}

void RowFilter::copy_rows(const float* source, std::size_t first, std::size_t count, std::size_t first_input, std::size_t inputs,
                          float* copy, std::size_t copied_row) const {
  window_.for_pixels(source_, result_, first, count, [&](std::size_t i, std::size_t at) {
    std::copy_n(source + at + first_input, inputs, copy + i * copied_row);
  });
}

Filter::Filter(const TensorDescriptor& source, const TensorDescriptor& result, const Window& window, int threads)
    : RowFilter(source, result, window, Parts(source, result, kCostOfKeptWeight, threads)) {
  const std::size_t weight_bytes = blocks_of(panels_, parts_.panels) * loops_.width() * source.c * sizeof(float);
  const std::size_t fit = weight_bytes > kWeightBytes ? kSourceBytes / (source.c * sizeof(float) * loops_.rows) : 1;
  block_ = std::min(std::max(fit, std::size_t(1)) * loops_.rows, blocks_of(result.pixels(), parts_.rows));
  if (!follow_) copied_row_ = padded(source.c);
  fetches_ = follow_ && is_far(source) && block_ <= loops_.rows;
}

bool Filter::run(const float* source, float* result, const float* panels, const FilterEnding& ending, std::byte*,
                 const PartScratch& parts) const {
  const std::size_t panel_size = source_.c * loops_.width();
  parallel_ranges(parts_.count(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      float* copy = parts.of(part);
      const Range range = range_of(part);
      for (std::size_t row = range.first_row; row < range.last_row; row += block_) {
        const std::size_t count = std::min(block_, range.last_row - row);
        if (!follow_) copy_rows(source, row, count, 0, source_.c, copy, copied_row_);
        const float* a = follow_ ? source + row * source_.pixel_stride : copy;
        const std::size_t part_panels = range.last_panel - range.first_panel;
        for (std::size_t panel = range.first_panel; panel < range.last_panel; ++panel) {
          const std::size_t a_row = follow_ ? source_.pixel_stride : copied_row_;
          RowsAhead ahead;
          if (fetches_) ahead = next_block(a, a_row, count, panel - range.first_panel, part_panels);
          rows_.multiply(row, count, panel, source_.c, a, a_row, panels + panel * panel_size, ending, result, ahead);
        }
      }
    }
  });
  return true;
}

// --- an image that is made where it is read ---------------------------------------------------------------------------------

namespace {

/// So many pixels use a panel of weights often enough, if a cache holds them. A maker may work on two rows at a time.
std::size_t pixels_made_at_once(std::size_t step, std::size_t pixel_numbers) {
  constexpr std::size_t kPixels = 112;
  const std::size_t fit = kSourceBytes / (pixel_numbers * sizeof(float)) / step;
  const std::size_t steps = std::min(fit, std::max(kPixels / step, std::size_t(2)));
  return step * (steps > 1 ? steps / 2 * 2 : 1);
}

}  // namespace

MadeFilter::MadeFilter(const TensorDescriptor& source, const TensorDescriptor& result, const MakesPixels& maker, int threads)
    : RowFilter(source, result, Window(), Parts(std::min(std::size_t(threads), source.pixels() / maker.pixels_at_once()))),
      step_(maker.pixels_at_once()),
      copied_row_(padded(source.c)),
      block_(pixels_made_at_once(step_, copied_row_)) {}

bool MadeFilter::suits(const TensorDescriptor& source, const MakesPixels& maker, int threads) {
  constexpr std::size_t kPercent = 112;  // of an even part, that the largest has at most
  const std::size_t steps = source.pixels() / maker.pixels_at_once(), parts = std::size_t(threads);
  return blocks_of(steps, parts) * parts * 100 <= steps * kPercent;
}

bool MadeFilter::run(const PixelSource& source, float* result, const float* panels, const FilterEnding& ending, std::byte*,
                     const PartScratch& parts) const {
  const std::size_t steps = result_.pixels() / step_, panel_size = source_.c * loops_.width();
  parallel_ranges(parts_.rows, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      float* made = parts.of(part);
      const std::size_t last = steps * (part + 1) / parts_.rows * step_;
      for (std::size_t first = steps * part / parts_.rows * step_; first < last; first += block_) {
        const std::size_t count = std::min(block_, last - first);
        if (source.maker) {  // but where kernels are timed
          source.maker->make_pixels(source.sources, first, count, made, copied_row_);
        } else {
          copy_rows(source.sources[0], first, count, 0, source_.c, made, copied_row_);
        }
        for (std::size_t panel = 0; panel < panels_; ++panel) {
          rows_.multiply(first, count, panel, source_.c, made, copied_row_, panels + panel * panel_size, ending, result);
        }
      }
    }
  });
  return true;
}

// --- weights that are read as they are --------------------------------------------------------------------------------------

UnpackedFilter::UnpackedFilter(const Panels& panels, const TensorDescriptor& source, const TensorDescriptor& result,
                               const Window& window, int threads)
    : RowFilter(source, result, window, Parts(source, result, kCostOfUnpackedWeight, threads)), all_panels_(panels) {
  const std::size_t rows = blocks_of(result.pixels(), parts_.rows), part_panels = blocks_of(panels_, parts_.panels);
  if (part_panels * loops_.width() * source.c * sizeof(float) <= kWeightBytes) {
    held_ = part_panels;
    block_ = std::min(loops_.rows, rows);
    inputs_ = source.c;
  } else {
    constexpr std::size_t kFewInputs = 128;
    const std::size_t fit = std::max(kUnpackedSourceBytes / sizeof(float) / rows, kFewInputs);
    held_ = 1;
    inputs_ = std::min(blocks_of(blocks_of(source.c, blocks_of(source.c, fit)), kInputs) * kInputs, source.c);
    const std::size_t chunks = kUnpackedSourceBytes / sizeof(float) / inputs_ / loops_.rows;
    block_ = std::min(rows, std::max(chunks, std::size_t(1)) * loops_.rows);
  }
  if (!follow_) copied_row_ = padded(inputs_);
}

bool UnpackedFilter::run(const float* source, float* result, const ScaledWeights& weights, const FilterEnding& ending, std::byte*,
                         const PartScratch& parts) const {
  parallel_ranges(parts_.count(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      run_part(part, source, result, weights, ending, parts.of(part));
    }
  });
  return true;
}

std::vector<PixelRange> UnpackedFilter::given_parts() const {
  std::vector<PixelRange> given;
  for (std::size_t part = 0; part < parts_.count(); ++part) {
    const Range range = range_of(part);
    PixelRange pixels = channels_of(range.first_panel, range.last_panel);
    pixels.first_pixel = range.first_row;
    pixels.pixels = range.last_row - range.first_row;
    given.push_back(pixels);
  }
  return given;
}

void UnpackedFilter::run_part(std::size_t part, const float* source, float* result, const ScaledWeights& weights,
                              const FilterEnding& all_ending, float* scratch) const {
  const Range range = range_of(part);
  const PixelRange channels = channels_of(range.first_panel, range.last_panel);
  const auto give = [&](std::size_t row, std::size_t last_row, const PixelRange& of) {
    const PixelRange pixels{row - range.first_row, last_row - row, of.first_channel - channels.first_channel, of.channels};
    all_ending.taker->take({part, pixels, result + row * result_.pixel_stride + of.first_channel, result_.pixel_stride});
  };
  float *panels = scratch, *copy = panels + held_ * inputs_ * loops_.width();
  const std::size_t part_panels = range.last_panel - range.first_panel;
  const bool are_held = inputs_ == source_.c && part_panels <= held_;
  const std::size_t a_row = copied_row_ > 0 ? copied_row_ : source_.pixel_stride;
  // What the next panel is made of; after the last one, that of the next inputs.
  const auto next_weights = [&](std::size_t panel, std::size_t input) -> RowsAhead {
    if (++panel == range.last_panel) {
      panel = range.first_panel;
      input += inputs_;
    }
    return input < source_.c ? all_panels_.ahead(weights.values, panel, input, std::min(inputs_, source_.c - input))
                             : RowsAhead();
  };
  std::size_t given = range.first_row;
  for (std::size_t row = range.first_row; row < range.last_row; row += block_) {
    const std::size_t count = std::min(block_, range.last_row - row);
    for (std::size_t input = 0; input < source_.c; input += inputs_) {
      const std::size_t inputs = std::min(inputs_, source_.c - input);
      if (copied_row_ > 0) copy_rows(source, row, count, input, inputs, copy, copied_row_);
      const float* a = copied_row_ > 0 ? copy : source + row * source_.pixel_stride + input;
      // Sums of the inputs before are where the results will be.
      FilterEnding ending = all_ending;
      if (input > 0) {
        ending.addend = result;
        ending.addend_stride = result_.pixel_stride;
      }
      const bool is_last = input + inputs == source_.c;
      if (!is_last) {
        ending.biases = nullptr;
        ending.rectifier = {};
      }
      for (std::size_t panel = range.first_panel; panel < range.last_panel; ++panel) {
        const std::size_t at = are_held ? panel - range.first_panel : 0;
        float* b = panels + at * inputs_ * loops_.width();
        if (!are_held || row == range.first_row) all_panels_.make(weights, panel, 1, input, inputs, b);
        RowsAhead ahead;
        if (copied_row_ == 0 && are_held) ahead = next_block(a, a_row, count, at, part_panels);
        if (copied_row_ == 0 && !are_held && panel == range.first_panel) ahead = {a + loops_.rows * a_row, a_row, count};
        if (are_held ? row == range.first_row : panel > range.first_panel) {
          if (const RowsAhead next = next_weights(panel, input); next.count > 0) ahead = next;
        }
        rows_.multiply(row, count, panel, inputs, a, a_row, b, ending, result, ahead);
        if (all_ending.taker && is_last && !are_held) give(row, row + count, channels_of(panel, panel + 1));
      }
    }
    // Some blocks together, which the second cache holds.
    const std::size_t made = row + count;
    if (all_ending.taker && are_held && (made - given >= kGivenRows || made == range.last_row)) {
      give(given, made, channels);
      given = made;
    }
  }
}

}  // namespace mpsnn::cpu::pointwise
