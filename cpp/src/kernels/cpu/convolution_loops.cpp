#include "kernels/cpu/convolution_loops.hpp"

#include <algorithm>
#include <cstring>

#include "kernels/cpu/loops.hpp"

// Vectors are passed between functions of this file only: how they are passed without AVX does not matter.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wpsabi"
#endif

namespace mpsnn::cpu {

namespace {

// Eight numbers; the compiler splits them where registers are shorter.
using Vec = float __attribute__((vector_size(32)));
constexpr std::size_t kVec = 8;
constexpr std::size_t kLanes = 2 * kVec;  // channels of one block
// Rows of a block: with two vectors each they fill the registers, and leave some for the operands.
#if defined(__AVX__) || defined(__aarch64__)
constexpr std::size_t kRows = 6;
#else
constexpr std::size_t kRows = 3;
#endif
constexpr std::size_t kGrain = 65536;  // multiplications worth a thread

Vec load(const float* p) {
  Vec v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
void store(float* p, Vec v) { std::memcpy(p, &v, sizeof v); }

std::ptrdiff_t floor_divide(std::ptrdiff_t a, std::ptrdiff_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0); }

std::size_t blocks_of(std::size_t count, std::size_t size) { return (count + size - 1) / size; }

/// The result pixels p, p + divisor, ... of an axis and the pixels their taps read.
struct Phase {
  std::size_t first, count;
  struct Reach {
    std::size_t tap;
    std::ptrdiff_t base;  // source pixel of the first result pixel, inside or not
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
        if (reach.low <= from && to <= reach.high) run.taps.push_back({reach.tap, reach.base + axis.scale * std::ptrdiff_t(from)});
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
        runs.push_back({phase.first + from * std::size_t(axis.divisor), count, std::size_t(axis.divisor), axis.scale, {{reach.tap, source}}});
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

// Filters -----------------------------------------------------------------------------------------------------------

TapFilter::~TapFilter() = default;
WeightGradient::~WeightGradient() = default;

void TapFilter::prepare(const Parameter& weights) {
  const void* values = weights.values->data();
  if (version_ == weights.version && values_ == values) return;
  pack(static_cast<const float*>(values));
  version_ = weights.version;
  values_ = values;
}

namespace {

/// Result pixels with the same taps in x and y.
struct Rectangle {
  const TapRun *x, *y;
};

/// What the pixels of one block have in common.
struct Block {
  const float* source;         // at pixel (0, 0) of the first image, first channel
  std::ptrdiff_t source_step;  // numbers from one pixel's source to the next's
  std::ptrdiff_t row, column;  // numbers from one source row, column to the next
  const TapRun *x, *y;
  const float* weights;
  std::size_t tap_columns, tap_size, inputs;
  const float* biases;
  float* result;
  std::ptrdiff_t result_step;
  const float* addend;
  std::ptrdiff_t addend_step;
  std::size_t lanes;
};

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

template <int vectors>
void run_rows(const Block& b, std::size_t rows) {
  switch (rows) {
    case 1: return run_block<1, vectors>(b);
    case 2: return run_block<2, vectors>(b);
    case 3: return run_block<3, vectors>(b);
    case 4: return run_block<4, vectors>(b);
    case 5: return run_block<5, vectors>(b);
    default: return run_block<6, vectors>(b);
  }
}

/// Geometry that both filters share.
struct Plane {
  Plane(const TapAxis& x, const TapAxis& y, const TensorDescriptor& source, const TensorDescriptor& result)
      : x_runs(make_runs(x)), y_runs(make_runs(y)), source(source), result(result), tap_columns(x.taps), taps(x.taps * y.taps) {
    for (const TapRun& rows : y_runs) {
      for (const TapRun& columns : x_runs) rectangles.push_back({&columns, &rows});
    }
  }
  Plane(const Plane&) = delete;  // the rectangles point into the runs
  std::vector<TapRun> x_runs, y_runs;
  std::vector<Rectangle> rectangles;
  TensorDescriptor source, result;
  std::size_t tap_columns, taps;
};

/// One way through a rectangle: `count` pixels or images, and the distances between them.
struct Direction {
  std::size_t count;
  std::ptrdiff_t source_step, result_step, addend_step;
};

/// Calls `body(part, parts)` on each thread; few multiplications stay on one.
template <class Body>
void on_threads(std::size_t multiplications, const Body& body) {
  const std::size_t parts = std::max<std::size_t>(1, std::min<std::size_t>(std::size_t(thread_count()), multiplications / kGrain));
  parallel_ranges(parts, 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t part = begin; part < end; ++part) body(part, parts);
  });
}

/// Walks a rectangle in blocks of up to kRows pixels along its longest direction, so that narrow borders fill blocks too. Calls
/// `block(group of lanes, rows, Block)` with everything but channels and weights filled in.
template <class Body>
void walk_blocks(const Plane& plane, std::size_t lane_blocks, const Rectangle& rectangle, const float* source, float* result,
                 const float* addend, std::size_t addend_stride, std::size_t part, std::size_t parts, const Body& body) {
  const TapRun &x = *rectangle.x, &y = *rectangle.y;
  const auto source_pixel = std::ptrdiff_t(plane.source.pixel_stride), result_pixel = std::ptrdiff_t(plane.result.pixel_stride);
  const auto source_row = source_pixel * std::ptrdiff_t(plane.source.w), result_row = result_pixel * std::ptrdiff_t(plane.result.w);
  const auto addend_pixel = std::ptrdiff_t(addend_stride), addend_row = addend_pixel * std::ptrdiff_t(plane.result.w);
  Direction directions[3] = {
      {x.count, x.source_step * source_pixel, std::ptrdiff_t(x.stride) * result_pixel, std::ptrdiff_t(x.stride) * addend_pixel},
      {y.count, y.source_step * source_row, std::ptrdiff_t(y.stride) * result_row, std::ptrdiff_t(y.stride) * addend_row},
      {plane.source.n, source_row * std::ptrdiff_t(plane.source.h), result_row * std::ptrdiff_t(plane.result.h),
       addend_row * std::ptrdiff_t(plane.result.h)}};
  // Along a row where that fills a block: neighbours share cache lines.
  if (directions[0].count < kRows) {
    std::swap(directions[0], *std::max_element(directions, directions + 3,
                                               [](const Direction& a, const Direction& b) { return a.count < b.count; }));
  }
  const auto& [inner, middle, outer] = directions;
  const std::size_t lines = middle.count * outer.count, total = lane_blocks * lines;
  const std::ptrdiff_t first = std::ptrdiff_t(y.first) * result_row + std::ptrdiff_t(x.first) * result_pixel;
  const std::ptrdiff_t first_addend = std::ptrdiff_t(y.first) * addend_row + std::ptrdiff_t(x.first) * addend_pixel;
  Block b{};
  b.row = source_row;
  b.column = source_pixel;
  b.x = &x;
  b.y = &y;
  b.source_step = inner.source_step;
  b.result_step = inner.result_step;
  b.addend_step = inner.addend_step;
  b.tap_columns = plane.tap_columns;
  for (std::size_t line = total * part / parts; line < total * (part + 1) / parts; ++line) {
    const auto m = std::ptrdiff_t(line % lines % middle.count), o = std::ptrdiff_t(line % lines / middle.count);
    for (std::size_t i = 0; i < inner.count; i += kRows) {
      const auto at = std::ptrdiff_t(i);
      b.source = source + at * inner.source_step + m * middle.source_step + o * outer.source_step;
      b.result = result + first + at * inner.result_step + m * middle.result_step + o * outer.result_step;
      b.addend = addend ? addend + first_addend + at * inner.addend_step + m * middle.addend_step + o * outer.addend_step : nullptr;
      body(line / lines, std::min(kRows, inner.count - i), b);
    }
  }
}

/// Sums over channels. Weights in blocks [group][block of outputs][tap][input][16 outputs].
class DenseFilter final : public TapFilter {
 public:
  DenseFilter(const TapAxis& x, const TapAxis& y, const WeightsView& view, const TensorDescriptor& source,
              const TensorDescriptor& result)
      : plane_(x, y, source, result), view_(view), blocks_(blocks_of(view.outputs, kLanes)) {}

  void run(const float* source, float* result, const float* biases, const float* addend, std::size_t addend_stride) const override {
    const TensorDescriptor& r = plane_.result;
    on_threads(r.pixels() * plane_.taps * view_.groups * view_.inputs * blocks_ * kLanes, [&](std::size_t part, std::size_t parts) {
      for (const Rectangle& rectangle : plane_.rectangles) {
        walk_blocks(plane_, view_.groups * blocks_, rectangle, source, result, addend, addend_stride, part, parts,
                    [&](std::size_t index, std::size_t rows, Block b) {
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
                      if (b.lanes <= kVec) {
                        run_rows<1>(b, rows);
                      } else {
                        run_rows<2>(b, rows);
                      }
                    });
      }
    });
  }

 protected:
  void pack(const float* weights) override {
    packed_.resize(view_.groups * blocks_ * plane_.taps * view_.inputs * kLanes);
    parallel_ranges(view_.groups * blocks_, kGrain / (plane_.taps * view_.inputs * kLanes) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t index = begin; index < end; ++index) {
        const std::size_t first = index % blocks_ * kLanes, lanes = std::min(kLanes, view_.outputs - first);
        const float* from = weights + index / blocks_ * view_.group_stride + first * view_.output_stride;
        float* to = packed_.data() + index * plane_.taps * view_.inputs * kLanes;
        for (std::size_t tap = 0; tap < plane_.taps; ++tap) {
          for (std::size_t i = 0; i < view_.inputs; ++i, to += kLanes) {
            const float* element = from + tap * view_.tap_stride + i * view_.input_stride;
            for (std::size_t lane = 0; lane < kLanes; ++lane) to[lane] = lane < lanes ? element[lane * view_.output_stride] : 0.0f;
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

/// `rows` pixels of channels that do not mix.
template <int rows>
[[gnu::noinline]] void run_separate_block(const Block& b) {
  Vec sums[rows][2] = {};
  for (const Tap& y : b.y->taps) {
    for (const Tap& x : b.x->taps) {
      const float* source = b.source + y.source * b.row + x.source * b.column;
      const float* weights = b.weights + (y.tap * b.tap_columns + x.tap) * kLanes;
      const Vec w0 = load(weights), w1 = load(weights + kVec);
#pragma GCC unroll 8
      for (int r = 0; r < rows; ++r) {
        sums[r][0] += load(source + r * b.source_step) * w0;
        sums[r][1] += load(source + r * b.source_step + kVec) * w1;
      }
    }
  }
  for (int r = 0; r < rows; ++r) {
    float* to = b.result + r * b.result_step;
    const float* addend = b.addend ? b.addend + r * b.addend_step : nullptr;
    for (int v = 0; v < 2; ++v) {
      Vec sum = sums[r][v];
      if (b.biases) sum += load(b.biases + v * kVec);
      if (addend) sum += load(addend + v * kVec);
      store(to + v * kVec, sum);
    }
  }
}

/// Groups of one input channel, or of one output channel: nothing is summed over channels but the few members of a group. Blocks
/// go over groups; weights in blocks [member][block of groups][tap][16 groups].
class SeparateFilter final : public TapFilter {
 public:
  SeparateFilter(const TapAxis& x, const TapAxis& y, const WeightsView& view, const TensorDescriptor& source,
                 const TensorDescriptor& result)
      : plane_(x, y, source, result), view_(view), blocks_(blocks_of(view.groups, kLanes)), members_(view.outputs * view.inputs) {}

  void run(const float* source, float* result, const float* biases, const float* addend, std::size_t addend_stride) const override {
    const TensorDescriptor& r = plane_.result;
    on_threads(r.pixels() * plane_.taps * members_ * blocks_ * kLanes, [&](std::size_t part, std::size_t parts) {
      for (const Rectangle& rectangle : plane_.rectangles) {
        walk_blocks(plane_, blocks_, rectangle, source, result, addend, addend_stride, part, parts,
                    [&](std::size_t index, std::size_t rows, Block b) {
                      b.lanes = std::min(kLanes, view_.groups - index * kLanes);
                      for (std::size_t member = 0; member < members_; ++member) {
                        run_member(b, index, member, rows, biases);
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
        for (std::size_t tap = 0; tap < plane_.taps; ++tap) to[tap * kLanes] = from[group * view_.group_stride + tap * view_.tap_stride];
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
    if (b.lanes < kLanes || members_ != 1) return run_scattered(b, rows, accumulate);
    switch (rows) {
      case 1: return run_separate_block<1>(b);
      case 2: return run_separate_block<2>(b);
      case 3: return run_separate_block<3>(b);
      case 4: return run_separate_block<4>(b);
      case 5: return run_separate_block<5>(b);
      default: return run_separate_block<6>(b);
    }
  }

  // The last, incomplete block, and channels that do not follow one another.
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

/// Groups so small that a block of one group's channels would be mostly empty.
bool is_separate(const WeightsView& view) {
  return view.groups > 1 && std::min(view.inputs, view.outputs) == 1 && std::max(view.inputs, view.outputs) < kVec;
}

}  // namespace

std::unique_ptr<TapFilter> TapFilter::make(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                           const TensorDescriptor& source, const TensorDescriptor& result) {
  if (is_separate(view)) return std::make_unique<SeparateFilter>(x, y, view, source, result);
  return std::make_unique<DenseFilter>(x, y, view, source, result);
}

// Weight gradients --------------------------------------------------------------------------------------------------

namespace {

/// sums[row][16] += sum over n of scalars[row][n * scalar_step] * vectors[n * vector_step ... + 16].
template <int rows>
void add_products(const float* const* scalars, std::ptrdiff_t scalar_step, const float* vectors, std::ptrdiff_t vector_step,
                  std::size_t count, float* sums) {
  Vec s[rows][2] = {};
  for (std::size_t n = 0; n < count; ++n) {
    const auto at = std::ptrdiff_t(n);
    const Vec v0 = load(vectors + at * vector_step), v1 = load(vectors + at * vector_step + kVec);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const float scalar = scalars[r][at * scalar_step];
      s[r][0] += scalar * v0;
      s[r][1] += scalar * v1;
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
    store(sums + r * kLanes, load(sums + r * kLanes) + s[r][0]);
    store(sums + r * kLanes + kVec, load(sums + r * kLanes + kVec) + s[r][1]);
  }
}

void add_products(std::size_t rows, const float* const* scalars, std::ptrdiff_t scalar_step, const float* vectors,
                  std::ptrdiff_t vector_step, std::size_t count, float* sums) {
  switch (rows) {
    case 1: return add_products<1>(scalars, scalar_step, vectors, vector_step, count, sums);
    case 2: return add_products<2>(scalars, scalar_step, vectors, vector_step, count, sums);
    case 3: return add_products<3>(scalars, scalar_step, vectors, vector_step, count, sums);
    case 4: return add_products<4>(scalars, scalar_step, vectors, vector_step, count, sums);
    case 5: return add_products<5>(scalars, scalar_step, vectors, vector_step, count, sums);
    default: return add_products<6>(scalars, scalar_step, vectors, vector_step, count, sums);
  }
}

/// The taps of every result row.
std::vector<std::vector<Tap>> taps_of_rows(const TapAxis& axis) {
  std::vector<std::vector<Tap>> rows(axis.result);
  for (const TapRun& run : make_runs(axis)) {
    for (std::size_t i = 0; i < run.count; ++i) {
      for (const Tap& tap : run.taps) {
        rows[run.first + i * run.stride].push_back({tap.tap, tap.source + std::ptrdiff_t(i) * run.source_step});
      }
    }
  }
  return rows;
}

/// One item of work is a block of 16 channels of one image ("vector side") against all channels of the other ("scalar side") for one
/// row of taps. An item goes over the whole batch by itself, so the sums do not depend on the number of threads.
class DenseGradient final : public WeightGradient {
 public:
  DenseGradient(const TapAxis& x, const TapAxis& y, const WeightsView& view, bool looped_is_output, const TensorDescriptor& looped,
                const TensorDescriptor& mapped, int threads)
      : view_(view), looped_(looped), mapped_(mapped), tap_rows_(y.taps), tap_columns_(x.taps), rows_(taps_of_rows(y)) {
    const Side outputs{view.outputs, view.output_stride}, inputs{view.inputs, view.input_stride};
    looped_side_ = looped_is_output ? outputs : inputs;
    mapped_side_ = looped_is_output ? inputs : outputs;
    // The side that fills its blocks better; of equals the one with more blocks.
    const auto waste = [](const Side& side) { return double(blocks_of(side.channels, kLanes) * kLanes) / double(side.channels); };
    const double a = waste(looped_side_), b = waste(mapped_side_);
    vectors_are_looped_ = a != b ? a < b : looped_side_.channels >= mapped_side_.channels;
    const Side &vectors = vectors_are_looped_ ? looped_side_ : mapped_side_, &scalars = vectors_are_looped_ ? mapped_side_ : looped_side_;
    // A run with all its taps fills blocks where few scalar channels would not; one tap at a time has longer runs.
    runs_ = vectors_are_looped_ && scalars.channels < kRows ? make_runs(x) : make_single_tap_runs(x);
    blocks_ = blocks_of(vectors.channels, kLanes);
    sums_size_ = tap_columns_ * scalars.channels * kLanes;
    row_size_ = vectors.channels % kLanes == 0 ? 0 : (vectors_are_looped_ ? looped.w : mapped.w) * kLanes;
    parts_ = std::min(std::size_t(std::max(threads, 1)), view.groups * blocks_ * tap_rows_);
  }

  std::size_t scratch_bytes() const override { return parts_ * (sums_size_ + row_size_) * sizeof(float); }

  void run(const float* looped, const float* mapped, float* gradient, std::byte* scratch) const override {
    const std::size_t items = view_.groups * blocks_ * tap_rows_;
    parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t part = begin; part < end; ++part) {
        float* sums = reinterpret_cast<float*>(scratch) + part * (sums_size_ + row_size_);
        for (std::size_t item = items * part / parts_; item < items * (part + 1) / parts_; ++item) {
          run_item(item / tap_rows_, item % tap_rows_, looped, mapped, gradient, sums, sums + sums_size_);
        }
      }
    });
  }

 private:
  struct Side {
    std::size_t channels = 0, stride = 0;  // stride in the gradient
  };

  void run_item(std::size_t index, std::size_t tap_row, const float* looped, const float* mapped, float* gradient, float* sums,
                float* packed) const {
    const Side &vectors = vectors_are_looped_ ? looped_side_ : mapped_side_, &scalars = vectors_are_looped_ ? mapped_side_ : looped_side_;
    const std::size_t group = index / blocks_, first = index % blocks_ * kLanes, lanes = std::min(kLanes, vectors.channels - first);
    std::fill_n(sums, sums_size_, 0.0f);
    for (std::size_t n = 0; n < looped_.n; ++n) {
      for (std::size_t v = 0; v < looped_.h; ++v) {
        for (const Tap& tap : rows_[v]) {
          if (tap.tap != tap_row) continue;
          const float* looped_row = looped + (n * looped_.h + v) * looped_.w * looped_.pixel_stride + group * looped_side_.channels;
          const float* mapped_row =
              mapped + (n * mapped_.h + std::size_t(tap.source)) * mapped_.w * mapped_.pixel_stride + group * mapped_side_.channels;
          add_row(looped_row, mapped_row, first, lanes, scalars.channels, sums, packed);
        }
      }
    }
    float* to = gradient + group * view_.group_stride + first * vectors.stride;
    for (std::size_t column = 0; column < tap_columns_; ++column) {
      for (std::size_t s = 0; s < scalars.channels; ++s, sums += kLanes) {
        float* element = to + (tap_row * tap_columns_ + column) * view_.tap_stride + s * scalars.stride;
        for (std::size_t lane = 0; lane < lanes; ++lane) element[lane * vectors.stride] = sums[lane];
      }
    }
  }

  void add_row(const float* looped_row, const float* mapped_row, std::size_t first, std::size_t lanes, std::size_t scalar_channels,
               float* sums, float* packed) const {
    const TensorDescriptor& vector_image = vectors_are_looped_ ? looped_ : mapped_;
    const float* vectors = (vectors_are_looped_ ? looped_row : mapped_row) + first;
    auto vector_pixel = std::ptrdiff_t(vector_image.pixel_stride);
    if (lanes < kLanes) {
      // Reading whole vectors would run over the end of the row's last pixel.
      for (std::size_t x = 0; x < vector_image.w; ++x) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) packed[x * kLanes + lane] = lane < lanes ? vectors[lane] : 0.0f;
        vectors += vector_image.pixel_stride;
      }
      vectors = packed;
      vector_pixel = kLanes;
    }
    const auto looped_pixel = std::ptrdiff_t(looped_.pixel_stride), mapped_pixel = std::ptrdiff_t(mapped_.pixel_stride);
    for (const TapRun& run : runs_) {
      const std::size_t count = run.taps.size() * scalar_channels;
      const auto at = std::ptrdiff_t(run.first);
      for (std::size_t j = 0; j < count; j += kRows) {
        const std::size_t rows = std::min(kRows, count - j);
        const float* scalars[kRows];
        const Tap& tap = run.taps[j / scalar_channels];
        if (vectors_are_looped_) {
          for (std::size_t r = 0; r < rows; ++r) {
            scalars[r] = mapped_row + run.taps[(j + r) / scalar_channels].source * mapped_pixel + (j + r) % scalar_channels;
          }
        } else {
          for (std::size_t r = 0; r < rows; ++r) scalars[r] = looped_row + at * looped_pixel + (j + r);
        }
        // The taps of a run follow one another, so the sums of a block do too.
        float* to = sums + (tap.tap * scalar_channels + j % scalar_channels) * kLanes;
        if (vectors_are_looped_) {
          add_products(rows, scalars, run.source_step * mapped_pixel, vectors + at * vector_pixel, vector_pixel, run.count, to);
        } else {
          add_products(rows, scalars, looped_pixel, vectors + tap.source * vector_pixel, run.source_step * vector_pixel, run.count, to);
        }
      }
    }
  }

  const WeightsView view_;
  const TensorDescriptor looped_, mapped_;
  const std::size_t tap_rows_, tap_columns_;
  const std::vector<std::vector<Tap>> rows_;
  Side looped_side_, mapped_side_;
  bool vectors_are_looped_ = true;
  std::vector<TapRun> runs_;
  std::size_t blocks_ = 0, sums_size_ = 0, row_size_ = 0, parts_ = 1;
};

/// Groups of one channel on one side: an item is a block of 16 groups.
class SeparateGradient final : public WeightGradient {
 public:
  SeparateGradient(const TapAxis& x, const TapAxis& y, const WeightsView& view, bool looped_is_output, const TensorDescriptor& looped,
                   const TensorDescriptor& mapped, int threads)
      : view_(view), looped_(looped), mapped_(mapped), tap_columns_(x.taps), taps_(x.taps * y.taps), rows_(taps_of_rows(y)),
        runs_(make_single_tap_runs(x)) {
    looped_channels_ = looped_is_output ? view.outputs : view.inputs;
    mapped_channels_ = looped_is_output ? view.inputs : view.outputs;
    const std::size_t looped_stride = looped_is_output ? view.output_stride : view.input_stride;
    const std::size_t mapped_stride = looped_is_output ? view.input_stride : view.output_stride;
    member_stride_ = mapped_channels_ == 1 ? looped_stride : mapped_stride;
    members_ = looped_channels_ * mapped_channels_;
    parts_ = std::min(std::size_t(std::max(threads, 1)), members_ * blocks_of(view.groups, kLanes));
  }

  std::size_t scratch_bytes() const override { return parts_ * taps_ * kLanes * sizeof(float); }

  void run(const float* looped, const float* mapped, float* gradient, std::byte* scratch) const override {
    const std::size_t items = members_ * blocks_of(view_.groups, kLanes);
    parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t part = begin; part < end; ++part) {
        float* sums = reinterpret_cast<float*>(scratch) + part * taps_ * kLanes;
        for (std::size_t item = items * part / parts_; item < items * (part + 1) / parts_; ++item) {
          run_item(item % members_, item / members_ * kLanes, looped, mapped, gradient, sums);
        }
      }
    });
  }

 private:
  void run_item(std::size_t member, std::size_t first, const float* looped, const float* mapped, float* gradient, float* sums) const {
    const std::size_t lanes = std::min(kLanes, view_.groups - first);
    looped += first * looped_channels_ + (mapped_channels_ == 1 ? member : 0);
    mapped += first * mapped_channels_ + (mapped_channels_ == 1 ? 0 : member);
    std::fill_n(sums, taps_ * kLanes, 0.0f);
    const bool is_packed = lanes == kLanes && members_ == 1;
    for (std::size_t n = 0; n < looped_.n; ++n) {
      for (std::size_t v = 0; v < looped_.h; ++v) {
        for (const Tap& tap : rows_[v]) {
          const float* looped_row = looped + (n * looped_.h + v) * looped_.w * looped_.pixel_stride;
          const float* mapped_row = mapped + (n * mapped_.h + std::size_t(tap.source)) * mapped_.w * mapped_.pixel_stride;
          for (const TapRun& run : runs_) {
            const float* a = looped_row + run.first * looped_.pixel_stride;
            const float* b = mapped_row + run.taps[0].source * std::ptrdiff_t(mapped_.pixel_stride);
            const auto b_step = run.source_step * std::ptrdiff_t(mapped_.pixel_stride);
            float* to = sums + (tap.tap * tap_columns_ + run.taps[0].tap) * kLanes;
            if (is_packed) {
              Vec s0 = load(to), s1 = load(to + kVec);
              for (std::size_t i = 0; i < run.count; ++i, a += looped_.pixel_stride, b += b_step) {
                s0 += load(a) * load(b);
                s1 += load(a + kVec) * load(b + kVec);
              }
              store(to, s0);
              store(to + kVec, s1);
            } else {
              for (std::size_t i = 0; i < run.count; ++i, a += looped_.pixel_stride, b += b_step) {
                for (std::size_t lane = 0; lane < lanes; ++lane) to[lane] += a[lane * looped_channels_] * b[lane * mapped_channels_];
              }
            }
          }
        }
      }
    }
    for (std::size_t tap = 0; tap < taps_; ++tap) {
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        gradient[(first + lane) * view_.group_stride + member * member_stride_ + tap * view_.tap_stride] = sums[tap * kLanes + lane];
      }
    }
  }

  const WeightsView view_;
  const TensorDescriptor looped_, mapped_;
  const std::size_t tap_columns_, taps_;
  const std::vector<std::vector<Tap>> rows_;
  const std::vector<TapRun> runs_;
  std::size_t looped_channels_ = 1, mapped_channels_ = 1, member_stride_ = 0, members_ = 1, parts_ = 1;
};

}  // namespace

std::unique_ptr<WeightGradient> WeightGradient::make(const TapAxis& x, const TapAxis& y, const WeightsView& view, bool looped_is_output,
                                                     const TensorDescriptor& looped, const TensorDescriptor& mapped, int threads) {
  if (is_separate(view)) return std::make_unique<SeparateGradient>(x, y, view, looped_is_output, looped, mapped, threads);
  return std::make_unique<DenseGradient>(x, y, view, looped_is_output, looped, mapped, threads);
}

// Images ------------------------------------------------------------------------------------------------------------

void sum_pixels(const float* image, const TensorDescriptor& d, std::size_t channels, float* sums) {
  const std::size_t rows = d.n * d.h;
  parallel_ranges(blocks_of(channels, kLanes), kGrain / (d.pixels() * kLanes) + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t block = begin; block < end; ++block) {
      const std::size_t first = block * kLanes, lanes = std::min(kLanes, channels - first);
      double totals[kLanes] = {};
      const float* pixel = image + first;
      for (std::size_t row = 0; row < rows; ++row) {
        float line[kLanes] = {};
        for (std::size_t x = 0; x < d.w; ++x, pixel += d.pixel_stride) {
          for (std::size_t lane = 0; lane < lanes; ++lane) line[lane] += pixel[lane];
        }
        for (std::size_t lane = 0; lane < lanes; ++lane) totals[lane] += double(line[lane]);
      }
      for (std::size_t lane = 0; lane < lanes; ++lane) sums[first + lane] = float(totals[lane]);
    }
  });
}

void clear_channels(float* image, const TensorDescriptor& d, std::size_t first) {
  if (first >= d.c) return;
  for (std::size_t p = 0; p < d.pixels(); ++p) std::fill_n(image + p * d.pixel_stride + first, d.c - first, 0.0f);
}

void copy_channels(const float* from, std::size_t from_stride, float* to, std::size_t to_stride, std::size_t pixels,
                   std::size_t channels) {
  parallel_ranges(pixels, kGrain / channels + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t p = begin; p < end; ++p) std::copy_n(from + p * from_stride, channels, to + p * to_stride);
  });
}

// Matrices ----------------------------------------------------------------------------------------------------------

namespace {

/// c[rows][16] += a[rows][inner] * b[inner][16].
template <int rows>
void multiply_block(const float* a, std::size_t a_row, std::size_t a_column, const float* b, std::size_t b_row, std::size_t inner,
                    float* c, std::size_t c_row) {
  Vec s[rows][2];
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
    s[r][0] = load(c + std::size_t(r) * c_row);
    s[r][1] = load(c + std::size_t(r) * c_row + kVec);
  }
  for (std::size_t k = 0; k < inner; ++k) {
    const Vec b0 = load(b + k * b_row), b1 = load(b + k * b_row + kVec);
#pragma GCC unroll 8
    for (int r = 0; r < rows; ++r) {
      const float scalar = a[std::size_t(r) * a_row + k * a_column];
      s[r][0] += scalar * b0;
      s[r][1] += scalar * b1;
    }
  }
#pragma GCC unroll 8
  for (int r = 0; r < rows; ++r) {
    store(c + std::size_t(r) * c_row, s[r][0]);
    store(c + std::size_t(r) * c_row + kVec, s[r][1]);
  }
}

void multiply_block(std::size_t rows, const float* a, std::size_t a_row, std::size_t a_column, const float* b, std::size_t b_row,
                    std::size_t inner, float* c, std::size_t c_row) {
  switch (rows) {
    case 1: return multiply_block<1>(a, a_row, a_column, b, b_row, inner, c, c_row);
    case 2: return multiply_block<2>(a, a_row, a_column, b, b_row, inner, c, c_row);
    case 3: return multiply_block<3>(a, a_row, a_column, b, b_row, inner, c, c_row);
    case 4: return multiply_block<4>(a, a_row, a_column, b, b_row, inner, c, c_row);
    case 5: return multiply_block<5>(a, a_row, a_column, b, b_row, inner, c, c_row);
    default: return multiply_block<6>(a, a_row, a_column, b, b_row, inner, c, c_row);
  }
}

/// c[rows][columns] = a[rows] . b[columns], rows of both `inner` numbers, summed in vectors.
template <int rows, int columns>
void dot_block(const float* a, std::size_t a_row, const float* b, std::size_t inner, float* c, std::size_t c_row, const float* biases) {
  Vec s[rows][columns] = {};
  std::size_t k = 0;
  for (; k + kVec <= inner; k += kVec) {
    Vec w[columns];
#pragma GCC unroll 4
    for (int o = 0; o < columns; ++o) w[o] = load(b + std::size_t(o) * inner + k);
#pragma GCC unroll 4
    for (int r = 0; r < rows; ++r) {
      const Vec x = load(a + std::size_t(r) * a_row + k);
#pragma GCC unroll 4
      for (int o = 0; o < columns; ++o) s[r][o] += x * w[o];
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int o = 0; o < columns; ++o) {
      float parts[kVec];
      store(parts, s[r][o]);
      float sum = ((parts[0] + parts[4]) + (parts[1] + parts[5])) + ((parts[2] + parts[6]) + (parts[3] + parts[7]));
      for (std::size_t i = k; i < inner; ++i) sum += a[std::size_t(r) * a_row + i] * b[std::size_t(o) * inner + i];
      c[std::size_t(r) * c_row + std::size_t(o)] = biases ? sum + biases[o] : sum;
    }
  }
}

constexpr std::size_t kDotRows = 3, kDotColumns = kRows == 6 ? 4 : 2;

template <int columns>
void dot_rows(std::size_t rows, const float* a, std::size_t a_row, const float* b, std::size_t inner, float* c, std::size_t c_row,
              const float* biases) {
  switch (rows) {
    case 1: return dot_block<1, columns>(a, a_row, b, inner, c, c_row, biases);
    case 2: return dot_block<2, columns>(a, a_row, b, inner, c, c_row, biases);
    default: return dot_block<3, columns>(a, a_row, b, inner, c, c_row, biases);
  }
}

}  // namespace

void multiply(const Product& p) {
  constexpr std::size_t kInner = 32;  // rows of b that stay in the first cache
  const std::size_t blocks = blocks_of(p.columns, kLanes);
  parallel_ranges(blocks, kGrain / (p.rows * p.inner * kLanes) + 1, [&](std::size_t begin, std::size_t end) {
    const std::size_t first = begin * kLanes, last = std::min(end * kLanes, p.columns), whole = first + (last - first) / kLanes * kLanes;
    for (std::size_t r = 0; r < p.rows; ++r) std::fill(p.c + r * p.c_row + first, p.c + r * p.c_row + last, 0.0f);
    for (std::size_t k = 0; k < p.inner; k += kInner) {
      const std::size_t inner = std::min(kInner, p.inner - k);
      for (std::size_t j = first; j < whole; j += kLanes) {
        for (std::size_t r = 0; r < p.rows; r += kRows) {
          multiply_block(std::min(kRows, p.rows - r), p.a + r * p.a_row + k * p.a_column, p.a_row, p.a_column, p.b + k * p.b_row + j,
                         p.b_row, inner, p.c + r * p.c_row + j, p.c_row);
        }
      }
      for (std::size_t r = 0; r < p.rows && whole < last; ++r) {
        float* c = p.c + r * p.c_row;
        for (std::size_t i = k; i < k + inner; ++i) {
          const float scalar = p.a[r * p.a_row + i * p.a_column];
          for (std::size_t j = whole; j < last; ++j) c[j] += scalar * p.b[i * p.b_row + j];
        }
      }
    }
  });
}

void multiply_transposed(const Product& p, const float* biases) {
  parallel_ranges(blocks_of(p.columns, kDotColumns), kGrain / (p.rows * p.inner * kDotColumns) + 1,
                  [&](std::size_t begin, std::size_t end) {
                    for (std::size_t block = begin; block < end; ++block) {
                      const std::size_t o = block * kDotColumns, columns = std::min(kDotColumns, p.columns - o);
                      const float* b = p.b + o * p.inner;
                      for (std::size_t r = 0; r < p.rows; r += kDotRows) {
                        const std::size_t rows = std::min(kDotRows, p.rows - r);
                        const float* a = p.a + r * p.a_row;
                        float* c = p.c + r * p.c_row + o;
                        const float* bias = biases ? biases + o : nullptr;
                        switch (columns) {
                          case 1: dot_rows<1>(rows, a, p.a_row, b, p.inner, c, p.c_row, bias); break;
                          case 2: dot_rows<2>(rows, a, p.a_row, b, p.inner, c, p.c_row, bias); break;
                          case 3: dot_rows<3>(rows, a, p.a_row, b, p.inner, c, p.c_row, bias); break;
                          default: dot_rows<4>(rows, a, p.a_row, b, p.inner, c, p.c_row, bias); break;
                        }
                      }
                    }
                  });
}

}  // namespace mpsnn::cpu
