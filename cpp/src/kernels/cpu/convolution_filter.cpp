#include <algorithm>

#include "kernels/cpu/convolution_blocks.hpp"

namespace mpsnn::cpu {

TapFilter::~TapFilter() = default;

void TapFilter::run_rows(const float*, std::size_t, std::size_t, const float*, float*, std::size_t) const {}

void TapFilter::prepare(const Parameter& weights) {
  if (seen_.are_new(weights)) pack(static_cast<const float*>(weights.values->data()));
}

namespace {

void load_lanes(float (&to)[kLanes], const float* from, std::size_t lanes) {
  std::fill_n(to, kLanes, 0.0f);
  std::copy_n(from, lanes, to);
}

/// `rows` pixels, `vectors` vectors of channels each, in registers over all taps and inputs.
template <int rows, int vectors>
[[gnu::noinline]] void run_block(const Block& b) {
  Vec sums[rows][vectors] = {};
  if (b.biases) {
    float biases[kLanes];
    load_lanes(biases, b.biases, b.lanes);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) sums[r][v] = load(biases + v * kVec);
    }
  }
  for (const Tap& y : b.y->taps) {
    for (const Tap& x : b.x->taps) {
      const float* source = b.source + y.source * b.row + x.source * b.column;
      const float* weights = b.weights + (y.tap * b.tap_columns + x.tap) * b.tap_size;
      for (std::size_t i = 0; i < b.inputs; ++i) {
        Vec w[vectors];
#pragma GCC unroll 2
        for (int v = 0; v < vectors; ++v) w[v] = load(weights + i * kLanes + v * kVec);
#pragma GCC unroll 8
        for (int r = 0; r < rows; ++r) {
          const float s = source[r * b.source_step + std::ptrdiff_t(i)];
#pragma GCC unroll 2
          for (int v = 0; v < vectors; ++v) sums[r][v] += s * w[v];
        }
      }
    }
  }
  for (int r = 0; r < rows; ++r) {
    float* to = b.result + r * b.result_step;
    const float* addend = b.addend ? b.addend + r * b.addend_step : nullptr;
    if (b.lanes == vectors * kVec) {
      for (int v = 0; v < vectors; ++v) store(to + v * kVec, addend ? sums[r][v] + load(addend + v * kVec) : sums[r][v]);
    } else {
      float lanes[kLanes] = {};
      for (int v = 0; v < vectors; ++v) store(lanes + v * kVec, sums[r][v]);
      for (std::size_t i = 0; i < b.lanes; ++i) to[i] = addend ? lanes[i] + addend[i] : lanes[i];
    }
  }
}

/// Sums over channels. Weights in blocks [group][block of outputs][tap][input][16 outputs].
class DenseFilter final : public TapFilter {
 public:
  DenseFilter(const TapAxis& x, const TapAxis& y, const WeightsView& view, const TensorDescriptor& source,
              const TensorDescriptor& result)
      : plane_(x, y, source, result), view_(view), blocks_(blocks_of(view.outputs, kLanes)) {}

  void run(const float* source, float* result, const float* biases, const float* addend,
           std::size_t addend_stride) const override {
    const TensorDescriptor& r = plane_.result;
    on_threads(r.pixels() * plane_.taps * view_.groups * view_.inputs * blocks_ * kLanes,
               [&](std::size_t part, std::size_t parts) {
                 for (const Rectangle& rectangle : plane_.rectangles) {
                   walk_blocks(plane_, kRows, view_.groups * blocks_, rectangle, source, result, addend, addend_stride, part,
                               parts, [&](std::size_t index, std::size_t rows, Block b) {
                                 const std::size_t group = index / blocks_, first = index % blocks_ * kLanes;
                                 const std::size_t channel = group * view_.outputs + first;
                                 b.tap_size = view_.inputs * kLanes;
                                 b.weights = packed_.data() + index * plane_.taps * b.tap_size;
                                 b.inputs = view_.inputs;
                                 b.source += group * view_.inputs;
                                 b.result += channel;
                                 if (b.addend) b.addend += channel;
                                 b.biases = biases ? biases + channel : nullptr;
                                 b.lanes = std::min(kLanes, view_.outputs - first);
                                 with_rows(rows, [&]<int n>() { b.lanes <= kVec ? run_block<n, 1>(b) : run_block<n, 2>(b); });
                               });
                 }
               });
  }

 protected:
  void pack(const float* weights) override {
    packed_.resize(view_.groups * blocks_ * plane_.taps * view_.inputs * kLanes);
    parallel_ranges(view_.groups * blocks_, kMultiplicationsWorthAThread / (plane_.taps * view_.inputs * kLanes) + 1,
                    [&](std::size_t begin, std::size_t end) {
                      for (std::size_t index = begin; index < end; ++index) {
                        const std::size_t first = index % blocks_ * kLanes, lanes = std::min(kLanes, view_.outputs - first);
                        const float* from = weights + index / blocks_ * view_.group_stride + first * view_.output_stride;
                        float* to = packed_.data() + index * plane_.taps * view_.inputs * kLanes;
                        for (std::size_t tap = 0; tap < plane_.taps; ++tap) {
                          for (std::size_t i = 0; i < view_.inputs; ++i, to += kLanes) {
                            const float* element = from + tap * view_.tap_stride + i * view_.input_stride;
                            for (std::size_t lane = 0; lane < kLanes; ++lane)
                              to[lane] = lane < lanes ? element[lane * view_.output_stride] : 0.0f;
                          }
                        }
                      }
                    });
  }

 private:
  const Plane plane_;
  const WeightsView view_;
  const std::size_t blocks_;
  std::vector<float> packed_;
};

/// `rows` pixels of whole vectors of channels that do not mix; results lie `lane_step` numbers apart.
template <int rows, int vectors>
[[gnu::noinline]] void run_separate_block(const Block& b, std::size_t lane_step) {
  Vec sums[rows][vectors] = {};
  for (const Tap& y : b.y->taps) {
    for (const Tap& x : b.x->taps) {
      const float* source = b.source + y.source * b.row + x.source * b.column;
      const float* weights = b.weights + (y.tap * b.tap_columns + x.tap) * kLanes;
#pragma GCC unroll 2
      for (int v = 0; v < vectors; ++v) {
        const Vec w = load(weights + v * kVec);
#pragma GCC unroll 8
        for (int r = 0; r < rows; ++r) sums[r][v] += load(source + r * b.source_step + v * kVec) * w;
      }
    }
  }
  for (int r = 0; r < rows; ++r) {
    float* to = b.result + r * b.result_step;
    const float* addend = b.addend ? b.addend + r * b.addend_step : nullptr;
    for (int v = 0; v < vectors; ++v) {
      if (lane_step == 1) {
        Vec sum = sums[r][v];
        if (b.biases) sum += load(b.biases + v * kVec);
        if (addend) sum += load(addend + v * kVec);
        store(to + v * kVec, sum);
        continue;
      }
      float lanes[kVec];
      store(lanes, sums[r][v]);
      for (std::size_t i = 0; i < kVec; ++i) {
        const std::size_t at = (std::size_t(v) * kVec + i) * lane_step;
        to[at] = lanes[i] + (b.biases ? b.biases[at] : 0.0f) + (addend ? addend[at] : 0.0f);
      }
    }
  }
}

/// Groups of one input channel, or of one output channel: nothing is summed over channels but the few members of a group. Blocks
/// go over groups; weights in blocks [member][block of groups][tap][16 groups].
class SeparateFilter final : public TapFilter {
 public:
  SeparateFilter(const TapAxis& x, const TapAxis& y, const WeightsView& view, const TensorDescriptor& source,
                 const TensorDescriptor& result)
      : plane_(x, y, source, result),
        view_(view),
        blocks_(blocks_of(view.groups, kLanes)),
        members_(view.outputs * view.inputs) {}

  void run(const float* source, float* result, const float* biases, const float* addend,
           std::size_t addend_stride) const override {
    const TensorDescriptor& r = plane_.result;
    on_threads(r.pixels() * plane_.taps * members_ * blocks_ * kLanes, [&](std::size_t part, std::size_t parts) {
      for (const Rectangle& rectangle : plane_.rectangles) {
        // All channels of a few pixels: they lie side by side.
        walk_blocks(plane_, kRows, 1, rectangle, source, result, addend, addend_stride, part, parts,
                    [&](std::size_t, std::size_t rows, Block b) {
                      for (std::size_t index = 0; index < blocks_; ++index) {
                        b.lanes = std::min(kLanes, view_.groups - index * kLanes);
                        for (std::size_t member = 0; member < members_; ++member) run_member(b, index, member, rows, biases);
                      }
                    });
      }
    });
  }

 protected:
  void pack(const float* weights) override {
    packed_.assign(members_ * blocks_ * plane_.taps * kLanes, 0.0f);
    for (std::size_t member = 0; member < members_; ++member) {
      const float* from = weights + member * (view_.inputs == 1 ? view_.output_stride : view_.input_stride);
      for (std::size_t group = 0; group < view_.groups; ++group) {
        float* to = packed_.data() + (member * blocks_ + group / kLanes) * plane_.taps * kLanes + group % kLanes;
        for (std::size_t tap = 0; tap < plane_.taps; ++tap)
          to[tap * kLanes] = from[group * view_.group_stride + tap * view_.tap_stride];
      }
    }
  }

 private:
  void run_member(Block b, std::size_t index, std::size_t member, std::size_t rows, const float* biases) const {
    const std::size_t first = index * kLanes;
    const std::size_t source_member = view_.inputs == 1 ? 0 : member, result_member = view_.inputs == 1 ? member : 0;
    b.source += first * view_.inputs + source_member;
    b.result += first * view_.outputs + result_member;
    if (b.addend) b.addend += first * view_.outputs + result_member;
    b.biases = biases ? biases + first * view_.outputs + result_member : nullptr;
    b.weights = packed_.data() + (member * blocks_ + index) * plane_.taps * kLanes;
    const bool accumulate = source_member != 0;
    if (accumulate) b.biases = nullptr;
    if (b.lanes % kVec != 0 || view_.inputs != 1) return run_scattered(b, rows, accumulate);
    with_rows(rows, [&]<int n>() {
      b.lanes == kVec ? run_separate_block<n, 1>(b, view_.outputs) : run_separate_block<n, 2>(b, view_.outputs);
    });
  }

  // Incomplete vectors, and sources that do not follow one another.
  void run_scattered(const Block& b, std::size_t rows, bool accumulate) const {
    for (std::size_t r = 0; r < rows; ++r) {
      float sums[kLanes] = {};
      for (const Tap& y : b.y->taps) {
        for (const Tap& x : b.x->taps) {
          const float* source = b.source + y.source * b.row + x.source * b.column + std::ptrdiff_t(r) * b.source_step;
          const float* weights = b.weights + (y.tap * b.tap_columns + x.tap) * kLanes;
          for (std::size_t i = 0; i < b.lanes; ++i) sums[i] += source[i * view_.inputs] * weights[i];
        }
      }
      float* to = b.result + std::ptrdiff_t(r) * b.result_step;
      const float* addend = b.addend ? b.addend + std::ptrdiff_t(r) * b.addend_step : nullptr;
      for (std::size_t i = 0; i < b.lanes; ++i) {
        const std::size_t at = i * view_.outputs;
        float sum = sums[i];
        if (b.biases) sum += b.biases[at];
        if (accumulate) {
          sum += to[at];
        } else if (addend) {
          sum += addend[at];
        }
        to[at] = sum;
      }
    }
  }

  const Plane plane_;
  const WeightsView view_;
  const std::size_t blocks_, members_;
  std::vector<float> packed_;
};

}  // namespace

bool is_separate(const WeightsView& view) {
  return view.groups > 1 && std::min(view.inputs, view.outputs) == 1 && std::max(view.inputs, view.outputs) < kVec;
}

std::unique_ptr<TapFilter> TapFilter::make(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                           const TensorDescriptor& source, const TensorDescriptor& result) {
  if (has_small_groups(x, y, view)) return make_grouped_filter(x, y, view, source, result);
  if (is_narrow(view)) return make_narrow_filter(x, y, view, source, result);
  if (is_separate(view)) return std::make_unique<SeparateFilter>(x, y, view, source, result);
  return std::make_unique<DenseFilter>(x, y, view, source, result);
}

}  // namespace mpsnn::cpu
