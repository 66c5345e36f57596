#include "kernels/cpu/convolution_direct.hpp"

#include <algorithm>

namespace mpsnn::cpu::direct {

namespace {

// Panels that stay in the second cache, if one does.
constexpr std::size_t kPanelBytes = std::size_t(5) << 17;

/// As threads divide a product whose sums are as long.
pointwise::Parts parts_of(TensorDescriptor source, std::size_t taps, const TensorDescriptor& result, double cost_of_weight,
                          int threads) {
  source.c *= taps;
  return pointwise::Parts(source, result, cost_of_weight, threads);
}

}  // namespace

Panels::Panels(const WeightsView& view, std::size_t taps)
    : loops_(panel_loops()), view_(view), taps_(taps), panels_(blocks_of(view.outputs, loops_.width())), of_tap_(view) {}

void Panels::make(const ScaledWeights& weights, float* panels) const {
  parallel_ranges(panels_, kMultiplicationsWorthAThread / size() + 1,
                  [&](std::size_t begin, std::size_t end) { make(weights, begin, end - begin, panels + begin * size()); });
}

void Panels::make(const ScaledWeights& weights, std::size_t first, std::size_t panels, float* to) const {
  for (std::size_t panel = first; panel < first + panels; ++panel) {
    for (std::size_t tap = 0; tap < taps_; ++tap, to += view_.inputs * loops_.width()) {
      of_tap_.make({weights.values + tap * view_.tap_stride, weights.factors}, panel, 1, 0, view_.inputs, to);
    }
  }
}

Filter::Filter(const Axes& axes, const Panels& panels, const WeightsView& view, const TensorDescriptor& source,
               const TensorDescriptor& result, double cost_of_weight, int threads)
    : panels_(panels),
      parts_(parts_of(source, axes.x.taps * axes.y.taps, result, cost_of_weight, threads)),
      loops_(panel_loops()),
      plane_(std::make_shared<Plane>(axes.x, axes.y, source, result)),
      inputs_(view.inputs),
      outputs_(view.outputs) {
  const std::size_t bytes = std::min(kPanelBytes, kOwnBytes / std::size_t(threads));
  const std::size_t fit = std::max(bytes / (panels_.size() * sizeof(float)), std::size_t(1));
  group_ = std::min(fit, blocks_of(panels_.panels(), parts_.panels));
  const auto column = std::ptrdiff_t(source.pixel_stride), row = column * std::ptrdiff_t(source.w);
  for (const Rectangle& rectangle : plane_->rectangles) {
    Area area{rectangle, {}, Walk(*plane_, loops_.rows, 1, rectangle, 0).blocks(), work_};
    for (const Tap& y : rectangle.y->taps) {
      for (const Tap& x : rectangle.x->taps) {
        const std::size_t tap = y.tap * plane_->tap_columns + x.tap;
        area.taps.push_back({y.source * row + x.source * column, tap * inputs_ * loops_.width()});
      }
    }
    work_ += area.blocks * area.work_of_block();
    areas_.push_back(std::move(area));
  }
}

template <class Body>
void Filter::for_areas(std::size_t block_part, const Body& body) const {
  const std::size_t begin = work_ * block_part / parts_.rows, end = work_ * (block_part + 1) / parts_.rows;
  for (const Area& area : areas_) {
    const auto blocks_before = [&](std::size_t work) {
      return std::min(blocks_of(work - std::min(work, area.before), area.work_of_block()), area.blocks);
    };
    if (blocks_before(begin) < blocks_before(end)) body(area, blocks_before(begin), blocks_before(end));
  }
}

template <class Body>
void Filter::for_groups(std::size_t part, const Body& body) const {
  const std::size_t block_part = part / parts_.panels, panel_part = part % parts_.panels;
  bool has_blocks = false;
  for_areas(block_part, [&](const Area&, std::size_t, std::size_t) { has_blocks = true; });
  if (!has_blocks) return;
  const std::size_t last = panels_.panels() * (panel_part + 1) / parts_.panels;
  for (std::size_t panel = panels_.panels() * panel_part / parts_.panels; panel < last; panel += group_) {
    body(panel, std::min(group_, last - panel), block_part);
  }
}

void Filter::multiply(std::size_t block_part, std::size_t first, std::size_t count, const float* source, float* result,
                      const float* panels, const FilterEnding& ending) const {
  for_areas(block_part, [&](const Area& area, std::size_t begin, std::size_t end) {
    const Walk walk(*plane_, loops_.rows, 1, area.pixels, ending.addend_stride);
    walk.run(begin, end, source, result, ending.addend, [&](std::size_t, std::size_t rows, const Block& block) {
      multiply(block, area, rows, first, count, panels, ending);
    });
  });
}

/// The block's pixels.
void Filter::multiply(const Block& block, const Area& area, std::size_t rows, std::size_t first, std::size_t count,
                      const float* panels, const FilterEnding& ending) const {
  const std::size_t width = loops_.width();
  for (std::size_t panel = first; panel < first + count; ++panel, panels += panels_.size()) {
    const std::size_t channel = panel * width;
    PanelEnding e{std::min(width, outputs_ - channel), ending.biases ? ending.biases + channel : nullptr, nullptr,
                  std::size_t(block.addend_step), ending.rectifier};
    const std::size_t most = e.columns > loops_.lanes ? loops_.rows : loops_.narrow_rows;
    for_products(rows, most, [&](std::size_t row, std::size_t count_of_rows) MPSNN_INLINED {
      const auto at = std::ptrdiff_t(row);
      if (block.addend) e.addend = block.addend + channel + at * block.addend_step;
      loops_.multiply_to_results({count_of_rows, inputs_, block.source + at * block.source_step, std::size_t(block.source_step),
                                  1, panels, block.result + at * block.result_step + channel, std::size_t(block.result_step), 0,
                                  area.taps.data(), area.taps.size()},
                                 e);
    });
  }
}

bool Filter::run(const float* source, float* result, const float* panels, const FilterEnding& ending, std::byte*,
                 const PartScratch&) const {
  parallel_ranges(parts_.count(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      for_groups(part, [&](std::size_t first, std::size_t count, std::size_t block_part) {
        multiply(block_part, first, count, source, result, panels + first * panels_.size(), ending);
      });
    }
  });
  return true;
}

bool UnpackedFilter::run(const float* source, float* result, const ScaledWeights& weights, const FilterEnding& ending, std::byte*,
                         const PartScratch& parts) const {
  parallel_ranges(parts_.count(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      float* panels = parts.of(part);
      for_groups(part, [&](std::size_t first, std::size_t count, std::size_t block_part) {
        panels_.make(weights, first, count, panels);
        multiply(block_part, first, count, source, result, panels, ending);
      });
    }
  });
  return true;
}

}  // namespace mpsnn::cpu::direct
