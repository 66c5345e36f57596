#include <algorithm>
#include <vector>

#include "kernels/cpu/convolution_depthwise.hpp"
#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/instruction_set.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu {

namespace {

using depthwise::EdgePixel;
using depthwise::kTaps;
using depthwise::Row;

/// Result pixels and their taps, as a pixel of the source sees them on one axis.
struct Readers {
  explicit Readers(const TapAxis& axis) : axis(axis) {}
  /// The pixel of the result that reads `at` with `tap`; false where there is none.
  bool find(std::size_t at, std::size_t tap, std::size_t& result) const {
    const std::ptrdiff_t first = std::ptrdiff_t(at) - axis.shift - std::ptrdiff_t(tap);
    if (first < 0 || first % axis.scale != 0 || first / axis.scale >= std::ptrdiff_t(axis.result)) return false;
    result = std::size_t(first / axis.scale);
    return true;
  }
  const TapAxis axis;
};

/// Neighbours on a row of the source that the loops take: all of their taps exist.
struct Inner {
  explicit Inner(const TapAxis& x) {
    const auto width = std::ptrdiff_t(x.source), results = std::ptrdiff_t(x.result);
    std::ptrdiff_t begin = 0, end = 0;
    if (x.scale == 1) {
      begin = std::max<std::ptrdiff_t>(0, x.shift + std::ptrdiff_t(kTaps) - 1);
      end = std::min(width, results + x.shift);
      reader = begin - x.shift - std::ptrdiff_t(kTaps) + 1;
    } else {
      const std::ptrdiff_t window = std::max<std::ptrdiff_t>(1, (1 - x.shift) / 2), behind = (width - x.shift) / 2;
      begin = 2 * window + x.shift;
      end = 2 * std::min(results, behind) + x.shift;
      reader = window - 1;
    }
    if (begin >= end) return;
    first = std::size_t(begin);
    last = std::size_t(end);
  }
  std::size_t first = 0, last = 0;  ///< first, and before last; the same where there are none
  std::ptrdiff_t reader = 0;        ///< pixel of the result that reads the first one with its last tap
};

/// Both halves of a depthwise convolution's gradient. A part is a range of the source's rows, and has sums of its own:
/// the last bits of the weights' depend on the number of threads.
class DepthwiseGradient final : public PlanKernel {
 public:
  DepthwiseGradient(const KernelRequest& request, const Axes& axes, const WeightsView& view)
      : parameters_(*request.parameters),
        view_(view),
        gradient_(first_channels(request.sources[0], view.groups)),
        source_(first_channels(request.sources[1], view.groups)),
        result_(*request.result),
        rows_(axes.y),
        inner_(axes.x),
        step_(std::size_t(axes.x.scale)),
        lanes_(view.groups >= vector_lanes() ? vector_lanes() : kVec),
        blocks_(blocks_of(view.groups, lanes_)),
        parts_(std::clamp<std::size_t>(source_.count() * kTaps * kTaps / kMultiplicationsWorthAThread, 1,
                                       std::min(std::size_t(request.threads), source_.n * source_.h))),
        wants_biases_(wants_biases(request)),
        loops_(depthwise::loops(step_, lanes_)) {
    const Readers columns(axes.x);
    for (std::size_t x = 0; x < source_.w; ++x) {
      if (x >= inner_.first && x < inner_.last) continue;
      EdgePixel edge;
      edge.at = x;
      for (std::size_t tap = 0; tap < kTaps; ++tap) {
        if (!columns.find(x, tap, edge.gradient_at[edge.count])) continue;
        edge.taps[edge.count++] = tap;
      }
      edges_.push_back(edge);
    }
  }

  std::size_t scratch_bytes() const override { return weights_size() * sizeof(float); }
  std::size_t part_scratch_bytes() const override { return weights_size() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    auto* weights = reinterpret_cast<float*>(arguments.scratch);
    pack(static_cast<const float*>(parameters_.parameters[0].values->data()), weights);
    const std::size_t all_rows = source_.n * source_.h;
    parallel_ranges(parts_, 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t part = begin; part < end; ++part) {
        float* sums = arguments.parts.of(part);
        std::fill_n(sums, weights_size(), 0.0f);
        for (std::size_t row = all_rows * part / parts_; row < all_rows * (part + 1) / parts_; ++row) {
          run_row(row, arguments, weights, sums);
        }
      }
    });
    write_sums(arguments.parts, static_cast<float*>(arguments.states[0]));
    if (wants_biases_) sum_pixels(arguments.sources[0], gradient_, gradient_.c, static_cast<float*>(arguments.states[1]));
    clear_channels(arguments.result, result_, view_.groups);
  }

 private:
  static constexpr std::size_t kAllTaps = kTaps * kTaps;

  std::size_t weights_size() const { return blocks_ * kAllTaps * lanes_; }  ///< [block][tap][lane]
  std::size_t first_channel(std::size_t block) const { return std::min(block * lanes_, view_.groups - lanes_); }

  /// Calls `body(block)`, by several threads where there are many.
  template <class Body>
  void for_blocks(const Body& body) const {
    constexpr std::size_t kCostOfNumber = 16;  // in multiplications, of one that is read where it lies by itself
    const std::size_t grain = kMultiplicationsWorthAThread / (kCostOfNumber * kAllTaps * lanes_) + 1;
    parallel_ranges(blocks_, grain, [&](std::size_t begin, std::size_t end) {
      for (std::size_t block = begin; block < end; ++block) body(block);
    });
  }

  void pack(const float* weights, float* packed) const {
    for_blocks([&](std::size_t block) {
      const float* of_block = weights + first_channel(block) * view_.group_stride;
      float* to = packed + block * kAllTaps * lanes_;
      for (std::size_t tap = 0; tap < kAllTaps; ++tap) {
        for (std::size_t lane = 0; lane < lanes_; ++lane) *to++ = of_block[lane * view_.group_stride + tap * view_.tap_stride];
      }
    });
  }

  /// The channels of a last block that the one before has as well are that one's.
  void write_sums(const PartScratch& parts, float* weights) const {
    for_blocks([&](std::size_t block) {
      const std::size_t first = first_channel(block);
      for (std::size_t tap = 0; tap < kAllTaps; ++tap) {
        for (std::size_t lane = block * lanes_ - first; lane < lanes_; ++lane) {
          float sum = 0;
          for (std::size_t part = 0; part < parts_; ++part) sum += parts.of(part)[(block * kAllTaps + tap) * lanes_ + lane];
          weights[(first + lane) * view_.group_stride + tap * view_.tap_stride] = sum;
        }
      }
    });
  }

  /// What all blocks of a row of the source have in common, but for the first block's channels.
  Row row_at(std::size_t at, const RunArguments& arguments, const float* weights, float* sums) const {
    Row row{};
    row.gradient_pixel = std::ptrdiff_t(gradient_.pixel_stride);
    row.source_pixel = std::ptrdiff_t(source_.pixel_stride);
    row.result_pixel = std::ptrdiff_t(result_.pixel_stride);
    row.source = arguments.sources[1] + at * source_.w * source_.pixel_stride;
    row.result = arguments.result + at * source_.w * result_.pixel_stride;
    for (std::size_t tap = 0; tap < kTaps; ++tap) {
      std::size_t from;
      if (!rows_.find(at % source_.h, tap, from)) continue;
      row.gradients[row.rows] =
          arguments.sources[0] + (at / source_.h * gradient_.h + from) * gradient_.w * gradient_.pixel_stride;
      row.weights[row.rows] = weights + tap * kTaps * lanes_;
      row.sums[row.rows++] = sums + tap * kTaps * lanes_;
    }
    return row;
  }

  void run_row(std::size_t at, const RunArguments& arguments, const float* weights, float* sums) const {
    const Row all = row_at(at, arguments, weights, sums);
    for (std::size_t block = 0; block < blocks_; ++block) {
      const std::size_t channel = first_channel(block), taps = block * kAllTaps * lanes_;
      // The next block, and the first one of the next row.
      const auto to_next = [&](std::ptrdiff_t pixel, std::size_t pixels) {
        return block + 1 < blocks_ ? std::ptrdiff_t(lanes_) : std::ptrdiff_t(pixels) * pixel - std::ptrdiff_t(channel);
      };
      Row row = all;
      row.source += channel;
      row.result += channel;
      for (std::size_t i = 0; i < row.rows; ++i) {
        row.gradients[i] += channel;
        row.weights[i] += taps;
        row.sums[i] += taps;
      }
      row.gradient_ahead = to_next(row.gradient_pixel, gradient_.w);
      row.source_ahead = to_next(row.source_pixel, source_.w);
      row.result_ahead = to_next(row.result_pixel, source_.w);
      if (row.rows > 0) {
        for (const EdgePixel& pixel : edges_) loops_.run_edge(row, pixel);
        if (inner_.last > inner_.first) run_inner(row);
      } else {
        for (std::size_t x = 0; x < source_.w; ++x) loops_.run_edge(row, {x, 0, {}, {}});
      }
    }
  }

  void run_inner(Row row) const {
    row.source += std::ptrdiff_t(inner_.first) * row.source_pixel;
    row.result += std::ptrdiff_t(inner_.first) * row.result_pixel;
    for (std::size_t i = 0; i < row.rows; ++i) row.gradients[i] += inner_.reader * row.gradient_pixel;
    row.count = (inner_.last - inner_.first) / step_;
    loops_.run[row.rows - 1](row);
  }

  const ParameterSet& parameters_;
  const WeightsView view_;
  const TensorDescriptor gradient_, source_, result_;
  const Readers rows_;
  const Inner inner_;
  const std::size_t step_, lanes_, blocks_, parts_;
  const bool wants_biases_;
  const depthwise::Loops loops_;
  std::vector<EdgePixel> edges_;
};

}  // namespace

std::unique_ptr<PlanKernel> make_depthwise_gradient(KernelRequest& request) {
  const auto& op = dynamic_cast<const ConvolutionGradientOp&>(request.op);
  const WeightsView view = forward_view(op);
  const Axes axes = convolution_axes(op, request.geometry, request.sources[1], request.sources[0]);
  const auto fits = [](const TapAxis& axis) {
    return axis.taps == kTaps && axis.step == 1 && axis.divisor == 1 && (axis.scale == 1 || axis.scale == 2);
  };
  if (request.geometry.edge_mode != ImageEdgeMode::Zero) {
    request.decline("edge mode other than Zero");
  } else if (!is_depthwise(view) || !fits(axes.x) || !fits(axes.y) || axes.x.scale != axes.y.scale) {
    request.decline("not depthwise with a window of 3 x 3 and a step of 1 or 2");
  } else if (!request.result || request.states.empty()) {
    request.decline("only one of the gradients is asked for");
  } else {
    return std::make_unique<DepthwiseGradient>(request, axes, view);
  }
  return nullptr;
}

}  // namespace mpsnn::cpu
