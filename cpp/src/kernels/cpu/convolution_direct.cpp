#include "kernels/cpu/convolution_direct.hpp"

#include <algorithm>

namespace mpsnn::cpu::direct {

namespace {

// Panels that stay in the second cache.
constexpr std::size_t kPanelBytes = std::size_t(5) << 17;

/// What decides how threads divide the work: each result is a sum of so many products.
TensorDescriptor patches_of(TensorDescriptor source, std::size_t taps) {
  source.c *= taps;
  return source;
}

}  // namespace

Filter::Filter(const Axes& axes, const WeightsView& view, const TensorDescriptor& source, const TensorDescriptor& result,
               int threads)
    : loops_(panel_loops()),
      plane_(std::make_shared<Plane>(axes.x, axes.y, source, result)),
      view_(view),
      panels_of_tap_(view),
      parts_(patches_of(source, plane_->taps), result, pointwise::kCostOfChangingWeight, threads),
      panels_(blocks_of(view.outputs, loops_.width())),
      are_far_(result.count() * sizeof(float) > kNearBytes) {
  const std::size_t fit = std::max(kPanelBytes / (panel_size() * sizeof(float)), std::size_t(1));
  group_ = std::min(fit, blocks_of(panels_, parts_.panels));
  const auto column = std::ptrdiff_t(source.pixel_stride), row = column * std::ptrdiff_t(source.w);
  for (const Rectangle& rectangle : plane_->rectangles) {
    Area area{rectangle, {}};
    for (const Tap& y : rectangle.y->taps) {
      for (const Tap& x : rectangle.x->taps) {
        const std::size_t tap = y.tap * plane_->tap_columns + x.tap;
        area.taps.push_back({y.source * row + x.source * column, tap * view.inputs * loops_.width()});
      }
    }
    areas_.push_back(std::move(area));
  }
}

void Filter::make_panels(const float* weights, std::size_t first, std::size_t count, float* panels) const {
  for (std::size_t panel = first; panel < first + count; ++panel) {
    for (std::size_t tap = 0; tap < plane_->taps; ++tap, panels += view_.inputs * loops_.width()) {
      panels_of_tap_.make({weights + tap * view_.tap_stride}, panel, 1, 0, view_.inputs, panels);
    }
  }
}

/// The block's pixels, channels of `count` panels.
void Filter::multiply(const Block& block, const Area& area, std::size_t rows, std::size_t first, std::size_t count,
                      const float* panels, const FilterEnding& ending) const {
  const std::size_t width = loops_.width();
  for (std::size_t panel = first; panel < first + count; ++panel, panels += panel_size()) {
    const std::size_t channel = panel * width;
    PanelEnding e{std::min(width, view_.outputs - channel),
                  ending.biases ? ending.biases + channel : nullptr,
                  block.addend ? block.addend + channel : nullptr,
                  std::size_t(block.addend_step),
                  ending.rectifier,
                  are_far_};
    const std::size_t most_rows = e.columns > loops_.lanes ? loops_.rows : loops_.narrow_rows;
    for (std::size_t row = 0; row < rows; row += most_rows) {
      const auto at = std::ptrdiff_t(row);
      if (row > 0 && e.addend) e.addend += std::ptrdiff_t(most_rows) * block.addend_step;
      loops_.multiply_to_results({std::min(most_rows, rows - row), view_.inputs, block.source + at * block.source_step,
                                  std::size_t(block.source_step), 1, panels, block.result + at * block.result_step + channel,
                                  std::size_t(block.result_step), 0, area.taps.data(), area.taps.size()},
                                 e);
    }
  }
}

void Filter::run_part(std::size_t part, const float* source, float* result, const float* weights, const FilterEnding& ending,
                      float* panels) const {
  const std::size_t row_part = part / parts_.panels, panel_part = part % parts_.panels;
  const std::size_t last = panels_ * (panel_part + 1) / parts_.panels;
  for (std::size_t panel = panels_ * panel_part / parts_.panels; panel < last; panel += group_) {
    const std::size_t count = std::min(group_, last - panel);
    make_panels(weights, panel, count, panels);
    for (const Area& area : areas_) {
      walk_blocks(
          *plane_, loops_.rows, 1, area.pixels, source, result, ending.addend, ending.addend_stride, row_part, parts_.rows,
          [&](std::size_t, std::size_t rows, const Block& block) { multiply(block, area, rows, panel, count, panels, ending); });
    }
  }
}

bool Filter::run(const float* source, float* result, const float* weights, const FilterEnding& ending, std::byte*,
                 const PartScratch& parts) const {
  parallel_ranges(parts_.count(), 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) {
      run_part(part, source, result, weights, ending, parts.of(part));
    }
  });
  return true;
}

}  // namespace mpsnn::cpu::direct
