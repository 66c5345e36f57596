#include "kernels/cpu/binary_convolution.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/neuron.hpp"

namespace mpsnn::cpu {

namespace binary {

namespace {

constexpr std::size_t kGrain = 32768;  // numbers worth a thread
constexpr std::size_t kChunk = 64;     // channels processed at once

FrameAxis axis_of(std::size_t kernel, std::size_t stride, std::size_t dilation, std::ptrdiff_t offset, std::size_t source,
                  std::size_t result) {
  // Far outside the image one offset is like another, but must not overflow.
  constexpr std::ptrdiff_t kFar = std::ptrdiff_t(1) << 31;
  FrameAxis axis;
  const std::size_t extent = (kernel - 1) * dilation + 1;
  axis.start = std::clamp(offset, -kFar, kFar) - std::ptrdiff_t(extent >> 1);
  axis.source = source;
  axis.length = (result - 1) * stride + extent;
  axis.taps = kernel;
  axis.stride = stride;
  axis.step = dilation;
  return axis;
}

std::vector<float> terms_or(const std::vector<float>& terms, std::size_t count, float value) {
  return terms.empty() ? std::vector<float>(count, value) : terms;
}

}  // namespace

std::size_t FrameAxis::position(std::size_t i) const {
  return std::size_t(std::clamp<std::ptrdiff_t>(start + std::ptrdiff_t(i), 0, std::ptrdiff_t(source) - 1));
}

BinaryKernel::BinaryKernel(const KernelRequest& request)
    : source_(request.sources[0]),
      result_(*request.result),
      parameters_(*request.parameters),
      is_clamped_(request.geometry.edge_mode == ImageEdgeMode::Clamp) {
  const auto& op = dynamic_cast<const BinaryConvolutionOp&>(request.op);
  const Geometry& g = request.geometry;
  x_ = axis_of(op.kernel_width, op.stride_in_pixels_x, op.dilation_rate_x, g.offset_x, source_.w, result_.w);
  y_ = axis_of(op.kernel_height, op.stride_in_pixels_y, op.dilation_rate_y, g.offset_y, source_.h, result_.h);
  has_beta_ = op.flags == CNNBinaryConvolutionFlags::UseBetaScaling;
  has_terms_ = op.has_terms;
  input_bias_ = terms_or(op.input_bias_terms, op.input_feature_channels, 0);
  input_scale_ = terms_or(op.input_scale_terms, op.input_feature_channels, 1);
  output_bias_ = terms_or(op.output_bias_terms, op.output_feature_channels, 0);
  output_scale_ = terms_or(op.output_scale_terms, op.output_feature_channels, op.has_terms ? 1 : op.scale_value);
  neuron_ = op.neuron;
}

void BinaryKernel::process(const float* pixel, std::size_t first, std::size_t count, float* to) const {
  if (!pixel) {
    std::fill_n(to, count, 0.f);
    return;
  }
  const float *from = pixel + first, *bias = input_bias_.data() + first, *scale = input_scale_.data() + first;
  for (std::size_t c = 0; c < count; ++c) to[c] = (from[c] + bias[c]) * scale[c];
}

std::size_t BinaryKernel::frame_bytes() const {
  const std::size_t bytes = source_.n * y_.length * x_.length * frame_pixel_bytes();
  return (bytes + 63) / 64 * 64;
}

std::size_t BinaryKernel::scratch_bytes() const { return frame_bytes() + (has_beta_ ? source_.pixels() * sizeof(float) : 0); }

void BinaryKernel::run(const RunArguments& arguments) {
  prepare(parameters_.parameters[0]);
  fill_frame(arguments.sources[0], arguments.scratch);
  auto* magnitudes = reinterpret_cast<float*>(arguments.scratch + frame_bytes());
  if (has_beta_) measure(arguments.sources[0], magnitudes);
  sum(arguments.scratch, arguments.result);
  scale_sums(magnitudes, arguments.result);
  if (neuron_.neuron_type != CNNNeuronType::None) {
    apply_neuron(neuron_, arguments.result, arguments.result, result_.pixels(), result_.c, result_.pixel_stride,
                 result_.pixel_stride);
  }
}

void BinaryKernel::fill_frame(const float* source, std::byte* frame) const {
  const std::size_t bytes = frame_pixel_bytes();
  parallel_ranges(source_.n * y_.length, kGrain / (x_.length * inputs()) + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      const std::size_t image = row / y_.length, y = row % y_.length;
      const float* line = source + (image * source_.h + y_.position(y)) * source_.w * source_.pixel_stride;
      for (std::size_t x = 0; x < x_.length; ++x) {
        const bool is_read = is_clamped_ || (y_.is_inside(y) && x_.is_inside(x));
        fill(is_read ? line + x_.position(x) * source_.pixel_stride : nullptr, frame + (row * x_.length + x) * bytes);
      }
    }
  });
}

/// The mean magnitude of the processed channels of every source pixel.
void BinaryKernel::measure(const float* source, float* magnitudes) const {
  parallel_ranges(source_.pixels(), kGrain / inputs() + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      float sums[8] = {}, p[kChunk];
      for (std::size_t first = 0; first < inputs(); first += kChunk) {
        const std::size_t count = std::min(kChunk, inputs() - first);
        process(source + i * source_.pixel_stride, first, count, p);
        std::fill(p + count, p + kChunk, 0.f);
        for (std::size_t k = 0; k < kChunk; k += 8) {
          for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += std::fabs(p[k + lane]);
        }
      }
      float sum = 0;
      for (float lane : sums) sum += lane;
      magnitudes[i] = sum / float(inputs());
    }
  });
}

/// The mean over the window of a result pixel; source pixels outside the image count as 0.
float BinaryKernel::beta(const float* magnitudes, std::size_t row, std::size_t column) const {
  const float* image = magnitudes + row / result_.h * source_.h * source_.w;
  float sum = 0;
  for (std::size_t j = 0; j < y_.taps; ++j) {
    const std::size_t y = row % result_.h * y_.stride + j * y_.step;
    if (!y_.is_inside(y)) continue;
    for (std::size_t i = 0; i < x_.taps; ++i) {
      const std::size_t x = column * x_.stride + i * x_.step;
      if (x_.is_inside(x)) sum += image[y_.position(y) * source_.w + x_.position(x)];
    }
  }
  return sum / float(y_.taps * x_.taps);
}

void BinaryKernel::scale_sums(const float* magnitudes, float* result) const {
  const auto& biases = parameters_.parameters[1].values;
  const float* source_bias = biases ? static_cast<const float*>(biases->data()) : output_bias_.data();
  const float *bias = has_terms_ ? output_bias_.data() : source_bias, *scale = output_scale_.data();
  parallel_ranges(result_.pixels(), kGrain / result_.c + 1, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      float* pixel = result + i * result_.pixel_stride;
      const float factor = has_beta_ ? beta(magnitudes, i / result_.w, i % result_.w) : 1.f;
      for (std::size_t o = 0; o < result_.c; ++o) pixel[o] = pixel[o] * scale[o] * factor + bias[o];
    }
  });
}

namespace {

/// An ordinary convolution of the frame, in numbers: p, or 1 and -1 (XNOR), or 1 and 0 (AND).
class FrameLoops final : public BinaryKernel {
 public:
  explicit FrameLoops(const KernelRequest& request) : BinaryKernel(request) {
    const auto& op = dynamic_cast<const BinaryConvolutionOp&>(request.op);
    type_ = op.type;
    const auto axis = [](const FrameAxis& a, std::size_t result) {
      return TapAxis{std::ptrdiff_t(a.stride), 0, std::ptrdiff_t(a.step), 1, a.taps, a.length, result, false};
    };
    filter_ = TapFilter::make(axis(x_, result_.w), axis(y_, result_.h), forward_view(op),
                              dense_tensor(source_.n, y_.length, x_.length, inputs()), result_);
  }

 private:
  void prepare(const Parameter& weights) override {
    if (type_ != CNNBinaryConvolutionType::AND) {
      filter_->prepare(weights);
      return;
    }
    if (!bits_.values || bits_.version != weights.version) {
      const float* from = static_cast<const float*>(weights.values->data());
      if (!bits_.values) bits_.values = std::make_shared<Buffer>(weights.count * sizeof(float));
      auto* to = static_cast<float*>(bits_.values->data());
      for (std::size_t i = 0; i < weights.count; ++i) to[i] = from[i] > 0 ? 1.f : 0.f;
      bits_.version = weights.version;
    }
    filter_->prepare(bits_);
  }

  std::size_t frame_pixel_bytes() const override { return inputs() * sizeof(float); }

  void fill(const float* pixel, std::byte* to) const override {
    auto* p = reinterpret_cast<float*>(to);
    process(pixel, 0, inputs(), p);
    if (type_ == CNNBinaryConvolutionType::BinaryWeights) return;
    const float negative = type_ == CNNBinaryConvolutionType::XNOR ? -1.f : 0.f;
    for (std::size_t c = 0; c < inputs(); ++c) p[c] = p[c] < 0 ? negative : 1.f;
  }

  void sum(const std::byte* frame, float* result) const override {
    filter_->run(reinterpret_cast<const float*>(frame), result, nullptr, nullptr, 0);
  }

  CNNBinaryConvolutionType type_;
  Parameter bits_;  // the weights of AND
  std::unique_ptr<TapFilter> filter_;
};

std::unique_ptr<PlanKernel> make_loops(KernelRequest& request) {
  if (!accepts_edge_mode(request)) return nullptr;
  return std::make_unique<FrameLoops>(request);
}

}  // namespace

}  // namespace binary

void register_binary_convolution(KernelTable& table) {
  table.add<BinaryConvolutionOp>("popcount", binary::make_popcount);
  table.add<BinaryConvolutionOp>("loops", binary::make_loops);
  table.add<BinaryFullyConnectedOp>("popcount", binary::make_popcount);
  table.add<BinaryFullyConnectedOp>("loops", binary::make_loops);
}

}  // namespace mpsnn::cpu
