#include <algorithm>
#include <utility>

#include "kernels/cpu/convolution_blocks.hpp"
#include "kernels/cpu/instruction_set.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kMostOutputs = 4;

/// Keeps a loaded vector in its register: GCC would load it anew for each use, which takes longer than to multiply.
template <std::size_t lanes>
MPSNN_INLINE void keep([[maybe_unused]] Vector<lanes>& v) {
#if MPSNN_HAS_AVX512 && !defined(__clang__)
  asm("" : "+v"(v));
#endif
}

template <std::size_t lanes>
MPSNN_INLINE float sum_of_lanes(const Vector<lanes>& v) {
  if constexpr (lanes == 1) {
    return v[0];
  } else {
    Vector<lanes / 2> halves[2];
    __builtin_memcpy(&halves, &v, sizeof v);
    return sum_of_lanes<lanes / 2>(halves[0] + halves[1]);
  }
}

/// `pixels` pixels with all their outputs; vectors go over the inputs. Weights in blocks [tap][block of inputs][output][lane].
template <std::size_t lanes, std::size_t outputs, std::size_t pixels>
MPSNN_INLINE void run_narrow(const Block& block, const Rectifier& rectifier) {
  using V = Vector<lanes>;
  const Block b = block;  // of its own: no store changes it
  V sums[pixels][outputs] = {};
  const std::vector<Tap>& columns = b.x->taps;
  // Neighbours lie in memory like one pixel with all their channels, and so do the weights of taps that follow one another.
  const auto is_apart = [](const Tap& a, const Tap& b) { return b.source - a.source != 1 || b.tap - a.tap != 1; };
  const bool is_line = b.column == std::ptrdiff_t(b.inputs) && !columns.empty() &&
                       std::adjacent_find(columns.begin(), columns.end(), is_apart) == columns.end();
  const std::size_t lines = is_line ? 1 : columns.size(), length = b.inputs * (is_line ? columns.size() : 1);
  for (const Tap& y : b.y->taps) {
    for (std::size_t line = 0; line < lines; ++line) {
      const Tap& x = columns[line];
      const float* source = b.source + y.source * b.row + x.source * b.column;
      const float* weights = b.weights + (y.tap * b.tap_columns + x.tap) * b.tap_size;
      for (std::size_t i = 0; i < length; i += lanes, weights += outputs * lanes) {
        V w[outputs];
#pragma GCC unroll 4
        for (std::size_t o = 0; o < outputs; ++o) w[o] = loaded<lanes>(weights + o * lanes);
#pragma GCC unroll 8
        for (std::size_t p = 0; p < pixels; ++p) {
          V s = loaded<lanes>(source + std::ptrdiff_t(p) * b.source_step + i);
          keep<lanes>(s);
#pragma GCC unroll 4
          for (std::size_t o = 0; o < outputs; ++o) sums[p][o] += s * w[o];
        }
      }
    }
  }
#pragma GCC unroll 8
  for (std::size_t p = 0; p < pixels; ++p) {
    float* to = b.result + std::ptrdiff_t(p) * b.result_step;
    const float* addend = b.addend ? b.addend + std::ptrdiff_t(p) * b.addend_step : nullptr;
#pragma GCC unroll 4
    for (std::size_t o = 0; o < outputs; ++o) {
      float sum = sum_of_lanes<lanes>(sums[p][o]);
      if (b.biases) sum += b.biases[o];
      if (addend) sum += addend[o];
      to[o] = rectifier(sum);
    }
  }
}

using RunBlock = void (*)(const Block&, const Rectifier&);

template <std::size_t outputs, std::size_t pixels>
void run_narrow_8(const Block& b, const Rectifier& rectifier) {
  run_narrow<8, outputs, pixels>(b, rectifier);
}
template <std::size_t outputs, std::size_t pixels>
MPSNN_AVX512 void run_narrow_16(const Block& b, const Rectifier& rectifier) {
  run_narrow<16, outputs, pixels>(b, rectifier);
}

/// For 1, 2, ... pixels, as many as the processor has registers for.
template <std::size_t outputs>
std::vector<RunBlock> runners(std::size_t lanes) {
  constexpr std::size_t kPixels8 = std::min<std::size_t>(12 / outputs, 8), kPixels16 = std::min<std::size_t>(24 / outputs, 8);
  const auto make_8 = []<std::size_t... p>(std::index_sequence<p...>) {
    return std::vector<RunBlock>{run_narrow_8<outputs, p + 1>...};
  };
  const auto make_16 = []<std::size_t... p>(std::index_sequence<p...>) {
    return std::vector<RunBlock>{run_narrow_16<outputs, p + 1>...};
  };
  return lanes == 16 ? make_16(std::make_index_sequence<kPixels16>()) : make_8(std::make_index_sequence<kPixels8>());
}

std::vector<RunBlock> runners(std::size_t outputs, std::size_t lanes) {
  switch (outputs) {
    case 1:
      return runners<1>(lanes);
    case 2:
      return runners<2>(lanes);
    case 3:
      return runners<3>(lanes);
    default:
      return runners<4>(lanes);
  }
}

class NarrowFilter final : public TapFilter {
 public:
  NarrowFilter(const TapAxis& x, const TapAxis& y, const WeightsView& view, const TensorDescriptor& source,
               const TensorDescriptor& result)
      : plane_(x, y, source, result),
        view_(view),
        lanes_(view.inputs % 16 == 0 ? vector_lanes() : 8),
        runners_(runners(view.outputs, lanes_)) {}

  bool fuse(const NNNeuronDescriptor& neuron) override { return rectifier_.set(neuron); }

  void run(const float* source, float* result, const float* biases, const float* addend,
           std::size_t addend_stride) const override {
    on_threads(plane_.result.pixels() * packed_.size(), [&](std::size_t part, std::size_t parts) {
      for (const Rectangle& rectangle : plane_.rectangles) {
        walk_blocks(plane_, runners_.size(), 1, rectangle, source, result, addend, addend_stride, part, parts,
                    [&](std::size_t, std::size_t pixels, Block b) {
                      b.tap_size = view_.inputs * view_.outputs;
                      b.weights = packed_.data();
                      b.inputs = view_.inputs;
                      b.biases = biases;
                      runners_[pixels - 1](b, rectifier_);
                    });
      }
    });
  }

 protected:
  void pack(const float* weights) override {
    packed_.resize(plane_.taps * view_.inputs * view_.outputs);
    float* to = packed_.data();
    for (std::size_t tap = 0; tap < plane_.taps; ++tap) {
      for (std::size_t i = 0; i < view_.inputs; i += lanes_) {
        for (std::size_t o = 0; o < view_.outputs; ++o) {
          const float* from = weights + tap * view_.tap_stride + o * view_.output_stride + i * view_.input_stride;
          for (std::size_t lane = 0; lane < lanes_; ++lane) *to++ = from[lane * view_.input_stride];
        }
      }
    }
  }

 private:
  const Plane plane_;
  const WeightsView view_;
  const std::size_t lanes_;
  const std::vector<RunBlock> runners_;
  Rectifier rectifier_;
  std::vector<float> packed_;
};

}  // namespace

bool is_narrow(const WeightsView& view) {
  if (view.groups > 1 || view.outputs > kMostOutputs || view.inputs % 8 != 0) return false;
  // Adding up the lanes at the end costs what so many products do.
  return view.group_stride / view.outputs >= 32 * view.outputs;
}

std::unique_ptr<TapFilter> make_narrow_filter(const TapAxis& x, const TapAxis& y, const WeightsView& view,
                                              const TensorDescriptor& source, const TensorDescriptor& result) {
  return std::make_unique<NarrowFilter>(x, y, view, source, result);
}

}  // namespace mpsnn::cpu
