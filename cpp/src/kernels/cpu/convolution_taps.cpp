#include <algorithm>

#include "kernels/cpu/convolution_loops.hpp"

namespace mpsnn::cpu {

namespace {

std::ptrdiff_t floor_divide(std::ptrdiff_t a, std::ptrdiff_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

/// The result pixels p, p + divisor, ... of an axis and the pixels their taps read.
struct Phase {
  std::size_t first, count;
  struct Reach {
    std::size_t tap;
    std::ptrdiff_t base;    // source pixel of the first result pixel, inside or not
    std::size_t low, high;  // the members whose source pixel exists
  };
  std::vector<Reach> reaches;
};

std::vector<Phase> phases_of(const TapAxis& axis) {
  std::vector<Phase> phases;
  const std::size_t divisor = std::size_t(axis.divisor);
  for (std::size_t p = 0; p < std::min(divisor, axis.result); ++p) {
    Phase phase{p, (axis.result - p + divisor - 1) / divisor, {}};
    for (std::size_t k = 0; k < axis.taps; ++k) {
      const std::ptrdiff_t at = axis.scale * std::ptrdiff_t(p) + axis.shift + axis.step * std::ptrdiff_t(k);
      if (floor_divide(at, axis.divisor) * axis.divisor != at) continue;
      const std::ptrdiff_t base = at / axis.divisor, count = std::ptrdiff_t(phase.count);
      const std::ptrdiff_t low = -floor_divide(base, axis.scale);
      const std::ptrdiff_t high = floor_divide(std::ptrdiff_t(axis.source) - 1 - base, axis.scale) + 1;
      const std::size_t from = std::size_t(std::clamp<std::ptrdiff_t>(low, 0, count));
      phase.reaches.push_back({k, base, from, std::size_t(std::clamp<std::ptrdiff_t>(high, std::ptrdiff_t(from), count))});
    }
    phases.push_back(std::move(phase));
  }
  return phases;
}

std::ptrdiff_t clamped_source(const TapAxis& axis, std::ptrdiff_t source) {
  return std::clamp<std::ptrdiff_t>(source, 0, std::ptrdiff_t(axis.source) - 1);
}

}  // namespace

std::vector<TapRun> make_runs(const TapAxis& axis) {
  std::vector<TapRun> runs;
  for (const Phase& phase : phases_of(axis)) {
    std::vector<std::size_t> borders{0, phase.count};
    for (const auto& reach : phase.reaches) {
      borders.push_back(reach.low);
      borders.push_back(reach.high);
    }
    std::sort(borders.begin(), borders.end());
    borders.erase(std::unique(borders.begin(), borders.end()), borders.end());
    for (std::size_t b = 0; b + 1 < borders.size(); ++b) {
      const std::size_t from = borders[b], to = borders[b + 1];
      TapRun run;
      run.first = phase.first + from * std::size_t(axis.divisor);
      run.count = to - from;
      run.stride = std::size_t(axis.divisor);
      run.source_step = axis.scale;
      for (const auto& reach : phase.reaches) {
        if (reach.low <= from && to <= reach.high)
          run.taps.push_back({reach.tap, reach.base + axis.scale * std::ptrdiff_t(from)});
      }
      if (!axis.clamp || run.taps.size() == phase.reaches.size()) {
        runs.push_back(std::move(run));
        continue;
      }
      for (std::size_t m = from; m < to; ++m) {
        TapRun single;
        single.first = phase.first + m;
        single.count = 1;
        for (const auto& reach : phase.reaches) {
          single.taps.push_back({reach.tap, clamped_source(axis, reach.base + axis.scale * std::ptrdiff_t(m))});
        }
        runs.push_back(std::move(single));
      }
    }
  }
  return runs;
}

std::vector<TapRun> make_single_tap_runs(const TapAxis& axis) {
  std::vector<TapRun> runs;
  for (const Phase& phase : phases_of(axis)) {
    for (const auto& reach : phase.reaches) {
      const auto add = [&](std::size_t from, std::size_t count, std::ptrdiff_t source) {
        if (count == 0) return;
        runs.push_back({phase.first + from * std::size_t(axis.divisor),
                        count,
                        std::size_t(axis.divisor),
                        axis.scale,
                        {{reach.tap, source}}});
      };
      add(reach.low, reach.high - reach.low, reach.base + axis.scale * std::ptrdiff_t(reach.low));
      if (!axis.clamp) continue;
      for (std::size_t m = 0; m < phase.count; ++m) {
        if (m < reach.low || m >= reach.high) add(m, 1, clamped_source(axis, reach.base + axis.scale * std::ptrdiff_t(m)));
      }
    }
  }
  return runs;
}

WeightsView forward_view(const ConvolutionAttributes& op) {
  const std::size_t taps = op.kernel_height * op.kernel_width, inputs = op.inputs_per_group();
  return {op.group_count(), op.outputs_per_group(), inputs, op.outputs_per_group() * taps * inputs, taps * inputs, inputs, 1};
}

WeightsView transposed_view(const ConvolutionAttributes& op) {
  WeightsView view = forward_view(op);
  std::swap(view.outputs, view.inputs);
  std::swap(view.output_stride, view.input_stride);
  return view;
}

}  // namespace mpsnn::cpu
