#include <algorithm>
#include <vector>

#include "kernels/cpu/convolution_depthwise.hpp"
#include "kernels/cpu/convolution_grouped.hpp"
#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/vector_block.hpp"

namespace mpsnn::cpu {

namespace {

using depthwise::kTaps;
using depthwise::Readers;
using depthwise::Row;

/// Of the source's pixels on one axis, which is that of the image's gradient.
std::vector<Readers> readers_of(const TapAxis& axis) {
  std::vector<Readers> all(axis.result);
  for (const TapRun& run : make_runs(axis)) {
    for (std::size_t i = 0; i < run.count; ++i) {
      Readers& readers = all[run.first + i * run.stride];
      for (const Tap& tap : run.taps) {
        readers.taps[readers.count] = tap.tap;
        readers.windows[readers.count++] = std::size_t(tap.source + std::ptrdiff_t(i) * run.source_step);
      }
    }
  }
  return all;
}

/// Both halves of a depthwise convolution's gradient. A part is a range of the source's rows, and has sums of its own:
/// the last bits of the weights' depend on the number of threads.
class DepthwiseGradient final : public PlanKernel {
 public:
  /// `axes` are those of the image's gradient.
  DepthwiseGradient(const KernelRequest& request, const Axes& axes, const WeightsView& view)
      : parameters_(*request.parameters),
        view_(view),
        gradient_(first_channels(request.sources[0], view.groups)),
        source_(first_channels(request.sources[1], view.groups)),
        result_(*request.result),
        rows_(readers_of(axes.y)),
        columns_(readers_of(axes.x)),
        step_(std::size_t(axes.x.divisor)),
        lanes_(grouped::lanes_of(view)),
        blocks_(blocks_of(view.groups, lanes_)),
        parts_(std::clamp<std::size_t>(source_.count() * kTaps * kTaps / kMultiplicationsWorthAThread, 1,
                                       std::min(std::size_t(request.threads), source_.n * source_.h))),
        wants_biases_(wants_biases(request)),
        loops_(depthwise::loops(step_, lanes_)) {
    const std::size_t most = step_ == 1 ? kTaps : kTaps - 1;  // taps that read one pixel
    const auto has_most = [&](const Readers& readers) { return readers.count == most; };
    inner_first_ = std::size_t(std::find_if(columns_.begin(), columns_.end(), has_most) - columns_.begin());
    inner_last_ = inner_first_;
    while (inner_last_ + step_ <= source_.w && has_most(columns_[inner_last_])) inner_last_ += step_;
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
    const Readers& readers = rows_[at % source_.h];
    row.rows = readers.count;
    for (std::size_t i = 0; i < row.rows; ++i) {
      const std::size_t gradient_row = at / source_.h * gradient_.h + readers.windows[i], taps = readers.taps[i] * kTaps * lanes_;
      row.gradients[i] = arguments.sources[0] + gradient_row * gradient_.w * gradient_.pixel_stride;
      row.weights[i] = weights + taps;
      row.sums[i] = sums + taps;
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
      const std::size_t inner_last = row.rows > 0 ? inner_last_ : inner_first_;
      for (std::size_t x = 0; x < inner_first_; ++x) loops_.run_pixel(row, x, columns_[x]);
      for (std::size_t x = inner_last; x < source_.w; ++x) loops_.run_pixel(row, x, columns_[x]);
      if (inner_last > inner_first_) run_inner(row);
    }
  }

  void run_inner(Row row) const {
    const Readers& readers = columns_[inner_first_];
    row.source += std::ptrdiff_t(inner_first_) * row.source_pixel;
    row.result += std::ptrdiff_t(inner_first_) * row.result_pixel;
    const std::ptrdiff_t last_window = std::ptrdiff_t(readers.windows[readers.count - 1]) * row.gradient_pixel;
    for (std::size_t i = 0; i < row.rows; ++i) row.gradients[i] += last_window;
    row.count = (inner_last_ - inner_first_) / step_;
    loops_.run[row.rows - 1](row);
  }

  const ParameterSet& parameters_;
  const WeightsView view_;
  const TensorDescriptor gradient_, source_, result_;
  const std::vector<Readers> rows_, columns_;
  const std::size_t step_, lanes_, blocks_, parts_;
  const bool wants_biases_;
  const depthwise::Loops loops_;
  std::size_t inner_first_, inner_last_;  ///< columns that the loops take: all their taps are there; first, and before last
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
    const Axes back = convolution_gradient_axes(op, request.geometry, request.sources[0], request.sources[1]);
    return std::make_unique<DepthwiseGradient>(request, back, view);
  }
  return nullptr;
}

}  // namespace mpsnn::cpu
