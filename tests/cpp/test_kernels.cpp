// Kernels keep to their memory: bytes around sources, results, states and scratch stay as they are, gaps between the pixels of a
// channel range too; every result is written; neither gaps, nor what scratch holds, nor running in place changes a bit of it.

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "check.hpp"
#include "kernels/registry.hpp"
#include "mpsnn/nodes/concatenation.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/dropout.hpp"
#include "mpsnn/nodes/pooling.hpp"
#include "mpsnn/nodes/softmax.hpp"
#include "nodes/lowered.hpp"

namespace {

using namespace mpsnn;
using Bytes = std::vector<std::uint8_t>;

/// Memory between guards, aligned to 64 bytes. Read as numbers, guards and unwritten memory are NaN.
class Guarded {
 public:
  explicit Guarded(std::size_t length, std::uint8_t fill = kUnwritten)
      : length_(length), memory_(length + 2 * kGuard + kAlignment, kUnwritten) {
    start_ = kGuard + (kAlignment - reinterpret_cast<std::uintptr_t>(memory_.data()) % kAlignment);
    std::fill(data(), data() + length, fill);
  }
  std::uint8_t* data() { return memory_.data() + start_; }
  Bytes content() { return Bytes(data(), data() + length_); }
  bool is_intact() const {
    for (std::size_t i = 0; i < memory_.size(); ++i) {
      if ((i < start_ || i >= start_ + length_) && memory_[i] != kUnwritten) return false;
    }
    return true;
  }
  static constexpr std::uint8_t kUnwritten = 0xFF;

 private:
  static constexpr std::size_t kGuard = 256, kAlignment = 64;
  std::size_t length_, start_ = 0;
  Bytes memory_;
};

/// A batch of images between guards, with gaps of `gap` values between pixels.
class Images {
 public:
  Images(std::size_t n, const ImageShape& shape, std::size_t gap)
      : descriptor_{n, shape.height, shape.width, shape.channels, shape.channels + gap},
        memory_(descriptor_.pixels() * descriptor_.pixel_stride * sizeof(float)) {}

  const TensorDescriptor& descriptor() const { return descriptor_; }
  float* data() { return reinterpret_cast<float*>(memory_.data()); }
  std::vector<float> values() {
    std::vector<float> dense;
    for (std::size_t i = 0; i < descriptor_.pixels(); ++i) {
      const float* pixel = data() + i * descriptor_.pixel_stride;
      dense.insert(dense.end(), pixel, pixel + descriptor_.c);
    }
    return dense;
  }
  void set(const std::vector<float>& dense) {
    for (std::size_t i = 0; i < descriptor_.pixels(); ++i) {
      std::memcpy(data() + i * descriptor_.pixel_stride, dense.data() + i * descriptor_.c, descriptor_.c * sizeof(float));
    }
  }
  Bytes content() { return memory_.content(); }
  /// Guards and gaps are as they were.
  bool is_intact() {
    for (std::size_t i = 0; i < descriptor_.pixels(); ++i) {
      const float* pixel = data() + i * descriptor_.pixel_stride;
      for (std::size_t k = descriptor_.c; k < descriptor_.pixel_stride; ++k) {
        if (std::bit_cast<std::uint32_t>(pixel[k]) != 0xFFFFFFFFu) return false;
      }
    }
    return memory_.is_intact();
  }

 private:
  TensorDescriptor descriptor_;
  Guarded memory_;
};

struct Step {
  std::string name;
  std::shared_ptr<const Op> op;
  std::vector<ImageShape> shapes;
  std::vector<std::vector<float>> sources;
  std::size_t n;
  Inferred inferred;
  const ForwardStep* forward = nullptr;
  std::vector<StateDescriptor> source_states, states;
  std::vector<Bytes> source_state_bytes;
  ParameterSet* parameters = nullptr;
};

struct Outcome {
  std::vector<float> result;
  std::vector<Bytes> states;
};

struct Manner {
  std::size_t gap = 0;
  std::uint8_t scratch = 0;
  bool in_place = false;
};

std::size_t length_of(const StateDescriptor& state, std::size_t n) {
  return state.count * (state.per_image ? n : 1) * (state.data_type == DataType::UInt8 ? 1 : sizeof(float));
}

/// Runs one implementation; an empty result where it declines, or does not run in this manner.
Outcome run(const Step& step, const KernelTable::Entry& entry, const Manner& manner) {
  std::vector<Images> sources;
  for (std::size_t i = 0; i < step.shapes.size(); ++i) {
    sources.emplace_back(step.n, step.shapes[i], manner.gap * (i + 1));
    sources.back().set(step.sources[i]);
  }
  Images result(step.n, step.inferred.result, manner.gap);
  std::vector<TensorDescriptor> descriptors;
  for (const Images& source : sources) descriptors.push_back(source.descriptor());
  KernelRequest request{*step.op,     step.name,          descriptors, &result.descriptor(), step.inferred.geometry,
                        step.forward, step.source_states, step.states, step.parameters};
  const auto kernel = entry.make(request);
  if (!kernel || (manner.in_place && !kernel->can_run_in_place())) return {};

  std::vector<const float*> source_data;
  std::vector<Bytes> before;
  for (Images& source : sources) {
    source_data.push_back(source.data());
    before.push_back(source.content());
  }
  std::vector<const void*> source_states;
  for (const Bytes& bytes : step.source_state_bytes) source_states.push_back(bytes.data());
  std::vector<Guarded> states;
  for (const StateDescriptor& state : step.states) states.emplace_back(length_of(state, step.n));
  std::vector<void*> state_data;
  for (Guarded& state : states) state_data.push_back(state.data());
  Guarded scratch(kernel->scratch_bytes(), manner.scratch), part(kernel->part_scratch_bytes(), manner.scratch);
  Images& target = manner.in_place ? sources[0] : result;

  RunArguments arguments;
  arguments.sources = source_data;
  arguments.result = target.data();
  arguments.source_states = source_states;
  arguments.states = state_data;
  arguments.scratch = reinterpret_cast<std::byte*>(scratch.data());
  arguments.parts = {reinterpret_cast<std::byte*>(part.data()), kernel->part_scratch_bytes()};  // of one thread
  kernel->run(arguments);

  const std::string where = step.name + ", " + entry.name;
  const auto check = [&](bool holds, const char* what) {
    if (!holds) check::fail(__FILE__, __LINE__, where + ": " + what);
  };
  for (std::size_t i = manner.in_place ? 1 : 0; i < sources.size(); ++i)
    check(sources[i].content() == before[i], "a source changed");
  for (Images& source : sources) check(source.is_intact(), "memory around a source changed");
  check(target.is_intact(), "memory around the result changed");
  check(scratch.is_intact() && part.is_intact(), "memory around scratch changed");
  Outcome outcome{target.values(), {}};
  for (Guarded& state : states) {
    check(state.is_intact(), "memory around a state changed");
    outcome.states.push_back(state.content());
  }
  for (const float value : outcome.result) {
    if (value != value) return check(false, "a result was not written, or made from memory around a source"), outcome;
  }
  return outcome;
}

/// Every implementation in every manner; the outcome of the last, plain one.
Outcome check_step(const Step& step) {
  Outcome last;
  const auto entries = cpu::kernel_table().find(*step.op);
  CHECK(!entries.empty());
  for (const KernelTable::Entry& entry : entries) {
    const Outcome dense = run(step, entry, {});
    if (dense.result.empty()) continue;
    for (const Manner& manner : {Manner{}, Manner{0, 0xFF}, Manner{4}, Manner{3, 0x55}, Manner{0, 0, true}}) {
      const Outcome other = run(step, entry, manner);
      if (other.result.empty()) continue;
      const bool is_same = other.result == dense.result && other.states == dense.states;
      if (!is_same) {
        check::fail(__FILE__, __LINE__,
                    step.name + ", " + entry.name + ": another result, gap " + std::to_string(manner.gap) +
                        (manner.in_place ? ", in place" : ""));
      }
    }
    last = dense;
  }
  if (last.result.empty()) check::fail(__FILE__, __LINE__, step.name + ": the plain kernel declined");
  return last;
}

std::vector<float> random_values(std::size_t count) {
  static std::mt19937 generator(1);
  std::vector<float> values(count);
  for (float& value : values) value = float(int(generator() % 2001) - 1000) / 128.f;
  return values;
}

std::string text_of(const std::vector<ImageShape>& shapes, std::size_t n) {
  std::string text = " n" + std::to_string(n);
  for (const ImageShape& shape : shapes) text += " " + to_string(shape);
  return text;
}

/// A forward step, and what a gradient step needs to know of it.
struct Forward {
  Step step;
  ForwardStep made;
  Outcome outcome;
};

Forward check_forward(std::shared_ptr<const Op> op, std::vector<ImageShape> shapes, std::size_t n,
                      NNPaddingMethod padding = NNPaddingMethod::SizeSame, ImageEdgeMode edge_mode = ImageEdgeMode::Clamp) {
  Forward f;
  Step& s = f.step;
  s.name = op->kernel_name() + text_of(shapes, n);
  s.op = std::move(op);
  s.shapes = std::move(shapes);
  s.n = n;
  for (const ImageShape& shape : s.shapes) s.sources.push_back(random_values(n * shape.count()));
  InferRequest request;
  request.sources = s.shapes;
  request.padding = padding;
  request.node = s.name;
  s.inferred = s.op->infer(request);
  if (s.inferred.geometry.edge_mode == ImageEdgeMode::Clamp) s.inferred.geometry.edge_mode = edge_mode;
  s.states = s.op->states({s.shapes, s.inferred.result, nullptr});
  f.outcome = check_step(s);
  f.made = {s.op.get(), s.shapes, s.inferred.result, s.inferred.geometry};
  return f;
}

/// The gradient for the forward step's source `index`, whose second source is that source, or the forward result.
void check_gradient(const Forward& forward, std::shared_ptr<const Op> op, std::size_t index = 0, bool reads_result = false) {
  Step s;
  s.name = op->kernel_name() + text_of(forward.step.shapes, forward.step.n);
  s.op = std::move(op);
  s.n = forward.step.n;
  s.shapes = {forward.made.result, reads_result ? forward.made.result : forward.made.sources[index]};
  s.sources = {random_values(s.n * forward.made.result.count()),
               reads_result ? forward.outcome.result : forward.step.sources[index]};
  s.forward = &forward.made;
  s.source_states = forward.step.states;
  s.source_state_bytes = forward.outcome.states;
  InferRequest request;
  request.sources = s.shapes;
  request.forward = &forward.made;
  request.node = s.name;
  s.inferred = s.op->infer(request);
  check_step(s);
}

constexpr std::size_t kChannels[] = {1, 3, 5, 8, 12, 17, 40, 131};

template <class ForwardOp, class GradientOp>
void check_pooling() {
  struct Sizes {
    std::size_t kernel_width, kernel_height, stride_x, stride_y;
  };
  for (const std::size_t channels : kChannels) {
    for (const Sizes& z : {Sizes{2, 2, 2, 2}, Sizes{3, 2, 1, 2}, Sizes{1, 5, 3, 1}, Sizes{9, 9, 4, 2}}) {
      for (const auto padding : {NNPaddingMethod::SizeSame, NNPaddingMethod::SizeFull}) {
        for (const auto edge_mode : {ImageEdgeMode::Clamp, ImageEdgeMode::Zero}) {
          for (const ImageShape& shape : {ImageShape{7, 5, channels}, ImageShape{8, 6, channels}, ImageShape{1, 1, channels}}) {
            const auto forward = check_forward(
                std::make_shared<ForwardOp>(pooling_op<ForwardOp>(z.kernel_width, z.kernel_height, z.stride_x, z.stride_y)),
                {shape}, 2, padding, edge_mode);
            check_gradient(forward, std::make_shared<GradientOp>(
                                        pooling_op<GradientOp>(z.kernel_width, z.kernel_height, z.stride_x, z.stride_y)));
          }
        }
      }
    }
  }
}

TEST(max_pooling) { check_pooling<PoolingMaxOp, PoolingMaxGradientOp>(); }
TEST(average_pooling) { check_pooling<PoolingAverageOp, PoolingAverageGradientOp>(); }

TEST(windows_wider_than_a_kernels_buffer) {
  const auto forward =
      check_forward(std::make_shared<PoolingMaxOp>(pooling_op<PoolingMaxOp>(4500, 2, 300, 1)), {{2, 4700, 3}}, 1);
  check_gradient(forward, std::make_shared<PoolingMaxGradientOp>(pooling_op<PoolingMaxGradientOp>(4500, 2, 300, 1)));
  const auto mean =
      check_forward(std::make_shared<PoolingAverageOp>(pooling_op<PoolingAverageOp>(4500, 2, 300, 1)), {{2, 4700, 3}}, 1);
  check_gradient(mean, std::make_shared<PoolingAverageGradientOp>(pooling_op<PoolingAverageGradientOp>(4500, 2, 300, 1)));
}

TEST(softmax) {
  for (const std::size_t channels : {1, 2, 10, 31, 33, 1000, 2049, 5000}) {
    for (const std::size_t n : {1, 3}) {
      const ImageShape shape{2, 3, channels};
      check_gradient(check_forward(std::make_shared<SoftMaxOp>(), {shape}, n), std::make_shared<SoftMaxGradientOp>(), 0, true);
      check_gradient(check_forward(std::make_shared<LogSoftMaxOp>(), {shape}, n), std::make_shared<LogSoftMaxGradientOp>(), 0,
                     true);
    }
  }
}

TEST(dropout) {
  for (const std::size_t channels : kChannels) {
    for (std::size_t strides = 0; strides < 8; ++strides) {
      const auto op = std::make_shared<DropoutOp>();
      op->seed = 5;
      op->mask_stride_in_pixels = {strides & 1, strides >> 1 & 1, strides >> 2};
      const auto gradient = std::make_shared<DropoutGradientOp>();
      static_cast<DropoutBaseOp&>(*gradient) = *op;
      Forward forward = check_forward(op, {{3, 5, channels}}, 3);
      check_gradient(forward, gradient);
      // Without a state the mask is drawn into scratch.
      forward.step.states.clear();
      CHECK(check_step(forward.step).result == forward.outcome.result);
    }
  }
}

/// Random weights, and no biases.
class Weights final : public ParameterSet {
 public:
  explicit Weights(std::size_t count) {
    const std::vector<float> values = random_values(count);
    Parameter weights{"weights", std::make_shared<Buffer>(count * sizeof(float)), count};
    std::copy(values.begin(), values.end(), weights.values->floats().begin());
    parameters = {std::move(weights), {"biases", nullptr, 0}};
  }
  std::function<void()> read_data_source() override {
    return [] {};
  }
  const void* source_identity() const override { return this; }
};

TEST(depthwise_gradients) {
  for (const std::size_t channels : {8, 9, 19, 40}) {
    for (const std::size_t stride : {1, 2}) {
      for (const auto padding : {NNPaddingMethod::SizeSame, NNPaddingMethod::SizeFull, NNPaddingMethod::SizeValidOnly}) {
        for (const ImageShape& shape : {ImageShape{7, 9, channels}, ImageShape{3, 6, channels}, ImageShape{8, 3, channels}}) {
          const auto op = std::make_shared<ConvolutionGradientOp>();
          op->kernel_width = op->kernel_height = 3;
          op->stride_in_pixels_x = op->stride_in_pixels_y = stride;
          op->input_feature_channels = op->output_feature_channels = channels;
          op->channel_multiplier = 1;
          ConvolutionOp convolution;
          static_cast<ConvolutionAttributes&>(convolution) = *op;
          InferRequest request;
          request.sources = std::span(&shape, 1);
          request.padding = padding;
          request.node = "forward";
          const Inferred inferred = convolution.infer(request);
          const ForwardStep forward{&convolution, {shape}, inferred.result, inferred.geometry};
          Weights weights(op->weight_count());
          Step step;
          step.name = op->kernel_name() + text_of({shape}, 2);
          step.op = op;
          step.n = 2;
          step.shapes = {inferred.result, shape};
          for (const ImageShape& s : step.shapes) step.sources.push_back(random_values(2 * s.count()));
          step.inferred = {shape, inferred.geometry};
          step.forward = &forward;
          step.states = op->states({step.shapes, shape, nullptr});
          step.parameters = &weights;
          check_step(step);
        }
      }
    }
  }
}

TEST(concatenation) {
  const std::vector<std::vector<std::size_t>> channels = {{4, 8}, {3, 1, 9, 4}, {17}, {1, 1}, {64, 30, 2}};
  for (const auto& counts : channels) {
    std::vector<ImageShape> shapes;
    for (const std::size_t count : counts) shapes.push_back({4, 3, count});
    const auto forward = check_forward(std::make_shared<ConcatenationOp>(), shapes, 2);
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const auto gradient = std::make_shared<ConcatenationGradientOp>();
      gradient->source_index = i;
      check_gradient(forward, gradient, i);
    }
  }
}

}  // namespace
