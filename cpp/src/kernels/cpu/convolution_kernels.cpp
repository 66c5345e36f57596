#include "kernels/cpu/convolution_kernels.hpp"

#include <algorithm>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/neuron.hpp"

namespace mpsnn::cpu {

namespace {

/// An axis in numbers; `total` is the shift of a backwards window, `start` the source pixel of a forward window's first tap.
struct AxisAttributes {
  std::size_t kernel, stride, dilation;
  std::ptrdiff_t half;  // index of the centre in the dilated window
  std::ptrdiff_t start;
  std::ptrdiff_t total;
};

AxisAttributes axis_attributes(std::size_t kernel, std::size_t stride, std::size_t dilation, std::ptrdiff_t offset,
                               std::ptrdiff_t kernel_offset) {
  // A policy may ask for any offset. Far outside all images one is like another, but must not overflow.
  constexpr std::ptrdiff_t kFar = std::ptrdiff_t(1) << 31;
  offset = std::clamp(offset, -kFar, kFar);
  kernel_offset = std::clamp(kernel_offset, -kFar * (kFar >> 1), kFar * (kFar >> 1));
  const auto half = std::ptrdiff_t(((kernel - 1) * dilation + 1) >> 1);
  return {kernel, stride, dilation, half, offset - half, offset * std::ptrdiff_t(stride) + kernel_offset};
}

AxisAttributes x_of(const ConvolutionAttributes& op, const Geometry& g) {
  return axis_attributes(op.kernel_width, op.stride_in_pixels_x, op.dilation_rate_x, g.offset_x, g.kernel_offset_x);
}

AxisAttributes y_of(const ConvolutionAttributes& op, const Geometry& g) {
  return axis_attributes(op.kernel_height, op.stride_in_pixels_y, op.dilation_rate_y, g.offset_y, g.kernel_offset_y);
}

TapAxis axis_of(const AxisAttributes& a, std::ptrdiff_t scale, std::ptrdiff_t shift, std::ptrdiff_t step, std::ptrdiff_t divisor,
                std::size_t source, std::size_t result) {
  return {scale, shift, step, divisor, a.kernel, source, result, false};
}

}  // namespace

Axes convolution_axes(const ConvolutionAttributes& op, const Geometry& g, const TensorDescriptor& source,
                      const TensorDescriptor& result) {
  const AxisAttributes x = x_of(op, g), y = y_of(op, g);
  Axes axes{axis_of(x, std::ptrdiff_t(x.stride), x.start, std::ptrdiff_t(x.dilation), 1, source.w, result.w),
            axis_of(y, std::ptrdiff_t(y.stride), y.start, std::ptrdiff_t(y.dilation), 1, source.h, result.h)};
  axes.x.clamp = axes.y.clamp = g.edge_mode == ImageEdgeMode::Clamp;
  return axes;
}

Axes convolution_gradient_axes(const ConvolutionAttributes& op, const Geometry& g, const TensorDescriptor& gradient,
                               const TensorDescriptor& source) {
  const AxisAttributes x = x_of(op, g), y = y_of(op, g);
  return {axis_of(x, 1, -x.start, -std::ptrdiff_t(x.dilation), std::ptrdiff_t(x.stride), gradient.w, source.w),
          axis_of(y, 1, -y.start, -std::ptrdiff_t(y.dilation), std::ptrdiff_t(y.stride), gradient.h, source.h)};
}

Axes transpose_axes(const ConvolutionAttributes& op, const Geometry& g, const TensorDescriptor& source,
                    const TensorDescriptor& result) {
  const AxisAttributes x = x_of(op, g), y = y_of(op, g);
  return {axis_of(x, 1, x.total - x.half, std::ptrdiff_t(x.dilation), std::ptrdiff_t(x.stride), source.w, result.w),
          axis_of(y, 1, y.total - y.half, std::ptrdiff_t(y.dilation), std::ptrdiff_t(y.stride), source.h, result.h)};
}

Axes transpose_gradient_axes(const ConvolutionAttributes& op, const Geometry& g, const TensorDescriptor& gradient,
                             const TensorDescriptor& source) {
  const AxisAttributes x = x_of(op, g), y = y_of(op, g);
  return {axis_of(x, std::ptrdiff_t(x.stride), x.half - x.total, -std::ptrdiff_t(x.dilation), 1, gradient.w, source.w),
          axis_of(y, std::ptrdiff_t(y.stride), y.half - y.total, -std::ptrdiff_t(y.dilation), 1, gradient.h, source.h)};
}

bool accepts_edge_mode(KernelRequest& request) {
  const ImageEdgeMode mode = request.geometry.edge_mode;
  if (mode == ImageEdgeMode::Zero || mode == ImageEdgeMode::Clamp) return true;
  return request.decline("edge_mode must be Zero or Clamp, got " + std::to_string(std::size_t(mode)));
}

bool is_dense_with_zeros(KernelRequest& request, const ConvolutionAttributes& op) {
  if (request.geometry.edge_mode != ImageEdgeMode::Zero) return request.decline("edge mode other than Zero");
  if (op.group_count() != 1) return request.decline("groups");
  return true;
}

namespace {

class ForwardLoops final : public PlanKernel, public MakesPixels {
 public:
  ForwardLoops(const KernelRequest& request, const Axes& axes)
      : parameters_(*request.parameters), result_(*request.result), made_(*request.result) {
    const auto& op = dynamic_cast<const ConvolutionOp&>(request.op);
    scale_ = op.sub_pixel_scale_factor;
    const TensorDescriptor source = first_channels(request.sources[0], op.input_feature_channels);
    if (scale_ > 1) {
      made_ = dense_tensor(result_.n, (result_.h + scale_ - 1) / scale_, (result_.w + scale_ - 1) / scale_,
                           op.output_feature_channels);
    }
    if (op.adds_source) addend_stride_ = request.sources[1].pixel_stride;
    filter_ = TapFilter::make(axes.x, axes.y, forward_view(op), source, made_);
    if (!filter_->fuse(op.neuron)) neuron_ = op.neuron;
  }

  std::size_t scratch_bytes() const override { return scale_ > 1 ? made_.count() * sizeof(float) : 0; }

  void run(const RunArguments& arguments) override {
    filter_->prepare(parameters_.parameters[0]);
    parameters_.drop_weights();
    if (!arguments.result) return;  // its pixels are made where they are read
    float* to = scale_ > 1 ? reinterpret_cast<float*>(arguments.scratch) : arguments.result;
    filter_->run(arguments.sources[0], to, biases_of(parameters_), addend_stride_ ? arguments.sources[1] : nullptr,
                 addend_stride_);
    if (neuron_.neuron_type != CNNNeuronType::None) {
      apply_neuron(neuron_, to, to, made_.pixels(), made_.c, made_.pixel_stride, made_.pixel_stride);
    }
    if (scale_ > 1) spread(to, arguments.result);
  }

  bool can_make_pixels() const override {
    return scale_ == 1 && addend_stride_ == 0 && neuron_.neuron_type == CNNNeuronType::None && filter_->has_rows();
  }
  std::size_t pixels_at_once() const override { return result_.w; }
  void make_pixels(std::span<const float* const> sources, std::size_t first, std::size_t count, float* to,
                   std::size_t row) const override {
    filter_->run_rows(sources[0], first / result_.w, count / result_.w, biases_of(parameters_), to, row);
  }

 private:
  // Channel block r * (y mod r) + (x mod r) of a pixel becomes pixel (x, y) of its r x r block.
  void spread(const float* from, float* to) const {
    const std::size_t channels = result_.c;
    parallel_ranges(result_.n * result_.h, 16384 / (result_.w * channels) + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t row = begin; row < end; ++row) {
        const std::size_t n = row / result_.h, y = row % result_.h;
        const float* source = from + (n * made_.h + y / scale_) * made_.w * made_.c + scale_ * (y % scale_) * channels;
        float* pixel = to + row * result_.w * result_.pixel_stride;
        for (std::size_t x = 0; x < result_.w; ++x, pixel += result_.pixel_stride) {
          std::copy_n(source + x / scale_ * made_.c + x % scale_ * channels, channels, pixel);
        }
      }
    });
  }

  ParameterSet& parameters_;
  const TensorDescriptor result_;
  TensorDescriptor made_;  // before the spreading
  NNNeuronDescriptor neuron_;
  std::size_t scale_ = 1, addend_stride_ = 0;
  std::unique_ptr<TapFilter> filter_;
};

class GradientLoops final : public PlanKernel {
 public:
  GradientLoops(const KernelRequest& request, const Axes& data_axes, const Axes& weight_axes, bool looped_is_output)
      : parameters_(*request.parameters), looped_is_output_(looped_is_output), wants_biases_(wants_biases(request)) {
    const auto& op = dynamic_cast<const ConvolutionAttributes&>(request.op);
    gradient_ = first_channels(request.sources[0], op.output_feature_channels);
    const TensorDescriptor source = first_channels(request.sources[1], op.input_feature_channels);
    inputs_ = op.input_feature_channels;
    if (request.result) {
      result_ = *request.result;
      data_ = TapFilter::make(data_axes.x, data_axes.y, transposed_view(op), gradient_, first_channels(result_, inputs_));
    }
    if (!request.states.empty()) {
      weights_ =
          WeightGradient::make(weight_axes.x, weight_axes.y, forward_view(op), looped_is_output,
                               looped_is_output ? gradient_ : source, looped_is_output ? source : gradient_, request.threads);
    }
  }

  std::size_t scratch_bytes() const override { return weights_ ? weights_->scratch_bytes() : 0; }

  void run(const RunArguments& arguments) override {
    const float *gradient = arguments.sources[0], *source = arguments.sources[1];
    if (data_) {
      data_->prepare(parameters_.parameters[0]);
      data_->run(gradient, arguments.result, nullptr, nullptr, 0);
      clear_channels(arguments.result, result_, inputs_);
    }
    if (weights_) {
      weights_->run(looped_is_output_ ? gradient : source, looped_is_output_ ? source : gradient,
                    static_cast<float*>(arguments.states[0]), arguments.scratch);
      if (wants_biases_) sum_pixels(gradient, gradient_, gradient_.c, static_cast<float*>(arguments.states[1]));
    }
  }

 private:
  const ParameterSet& parameters_;
  const bool looped_is_output_, wants_biases_;
  TensorDescriptor gradient_, result_;
  std::size_t inputs_ = 0;
  std::unique_ptr<TapFilter> data_;
  std::unique_ptr<WeightGradient> weights_;
};

}  // namespace

std::unique_ptr<PlanKernel> make_forward_loops(const KernelRequest& request, const Axes& axes) {
  return std::make_unique<ForwardLoops>(request, axes);
}

std::unique_ptr<PlanKernel> make_gradient_loops(const KernelRequest& request, const Axes& data_axes, const Axes& weight_axes,
                                                bool looped_is_output) {
  return std::make_unique<GradientLoops>(request, data_axes, weight_axes, looped_is_output);
}

}  // namespace mpsnn::cpu
