#include <algorithm>

#include "kernels/cpu/convolution_kernels.hpp"
#include "kernels/cpu/matrix.hpp"
#include "kernels/cpu/neuron.hpp"
#include "kernels/cpu/onednn_convolution.hpp"

namespace mpsnn::cpu {

namespace {

/// Images as rows of a matrix. Where more channels lie between the pixels, a copy stands for them.
struct Rows {
  Rows(const TensorDescriptor& t, std::size_t channels)
      : t(t), channels(channels), count(t.h * t.w * channels), is_copied(t.pixel_stride != channels) {}
  std::size_t scratch_bytes() const { return is_copied ? t.n * count * sizeof(float) : 0; }
  const float* read(const float* image, std::byte* scratch) const {
    if (!is_copied) return image;
    auto* copy = reinterpret_cast<float*>(scratch);
    copy_channels(image, t.pixel_stride, copy, channels, t.pixels(), channels);
    return copy;
  }
  TensorDescriptor t;
  std::size_t channels, count;  // numbers of one row
  bool is_copied;
};

class FullyConnectedLoops final : public PlanKernel {
 public:
  FullyConnectedLoops(const KernelRequest& request, const FullyConnectedOp& op)
      : parameters_(*request.parameters),
        neuron_(op.neuron),
        source_(request.sources[0], op.input_feature_channels),
        result_(*request.result) {
    if (op.adds_source) addend_stride_ = request.sources[1].pixel_stride;
  }

  std::size_t scratch_bytes() const override { return source_.scratch_bytes(); }

  void run(const RunArguments& arguments) override {
    const float* rows = source_.read(arguments.sources[0], arguments.scratch);
    const auto* weights = static_cast<const float*>(parameters_.parameters[0].values->data());
    float* result = arguments.result;
    // The weights that the run before has read last are still in a cache.
    const bool from_the_end = arguments.encode_count % 2 == 1;
    multiply_transposed(
        {result_.n, result_.c, source_.count, rows, source_.count, 1, weights, source_.count, result, result_.pixel_stride},
        biases_of(parameters_), from_the_end);
    if (addend_stride_ > 0) {
      for (std::size_t n = 0; n < result_.n; ++n) {
        const float* addend = arguments.sources[1] + n * addend_stride_;
        for (std::size_t o = 0; o < result_.c; ++o) result[n * result_.pixel_stride + o] += addend[o];
      }
    }
    if (neuron_.neuron_type != CNNNeuronType::None) {
      apply_neuron(neuron_, result, result, result_.n, result_.c, result_.pixel_stride, result_.pixel_stride);
    }
  }

 private:
  const ParameterSet& parameters_;
  const NNNeuronDescriptor neuron_;
  const Rows source_;
  const TensorDescriptor result_;
  std::size_t addend_stride_ = 0;
};

class FullyConnectedGradientLoops final : public PlanKernel {
 public:
  FullyConnectedGradientLoops(const KernelRequest& request, const FullyConnectedGradientOp& op)
      : parameters_(*request.parameters),
        gradient_(first_channels(request.sources[0], op.output_feature_channels)),
        source_(request.sources[1], op.input_feature_channels),
        has_states_(!request.states.empty()) {
    if (request.result) result_ = std::make_unique<Rows>(*request.result, op.input_feature_channels);
  }

  std::size_t scratch_bytes() const override {
    return std::max(result_ ? result_->scratch_bytes() : 0, has_states_ ? source_.scratch_bytes() : 0);
  }

  void run(const RunArguments& arguments) override {
    const float* gradient = arguments.sources[0];
    const std::size_t outputs = gradient_.c, inputs = source_.count;
    if (result_) {
      float* rows = result_->is_copied ? reinterpret_cast<float*>(arguments.scratch) : arguments.result;
      const auto* weights = static_cast<const float*>(parameters_.parameters[0].values->data());
      multiply({gradient_.n, inputs, outputs, gradient, gradient_.pixel_stride, 1, weights, inputs, rows, inputs});
      if (result_->is_copied) {
        copy_channels(rows, result_->channels, arguments.result, result_->t.pixel_stride, result_->t.pixels(), result_->channels);
        clear_channels(arguments.result, result_->t, result_->channels);
      }
    }
    if (has_states_) {
      const float* rows = source_.read(arguments.sources[1], arguments.scratch);
      multiply({outputs, inputs, gradient_.n, gradient, 1, gradient_.pixel_stride, rows, inputs,
                static_cast<float*>(arguments.states[0]), inputs});
      sum_pixels(gradient, gradient_, outputs, static_cast<float*>(arguments.states[1]));
    }
  }

 private:
  const ParameterSet& parameters_;
  const TensorDescriptor gradient_;
  const Rows source_;
  const bool has_states_;
  std::unique_ptr<Rows> result_;
};

bool is_one_pixel(KernelRequest& request, const TensorDescriptor& t) {
  if (t.h == 1 && t.w == 1) return true;
  return request.decline("the result must be 1 x 1, got " + std::to_string(t.h) + " x " + std::to_string(t.w) +
                         " (height x width)");
}

std::unique_ptr<PlanKernel> make_loops(KernelRequest& request) {
  if (!is_one_pixel(request, *request.result)) return nullptr;
  return std::make_unique<FullyConnectedLoops>(request, dynamic_cast<const FullyConnectedOp&>(request.op));
}

std::unique_ptr<PlanKernel> make_gradient_loops(KernelRequest& request) {
  if (!is_one_pixel(request, request.sources[0])) return nullptr;
  return std::make_unique<FullyConnectedGradientLoops>(request, dynamic_cast<const FullyConnectedGradientOp&>(request.op));
}

#ifdef MPSNN_ONEDNN
constexpr std::size_t kFewRows = 16;  // the plain loops are as fast

/// The result, n x outputs; one pixel leaves no other order.
onednn::Desc outputs_desc(const TensorDescriptor& t, const ConvolutionAttributes& op) {
  return onednn::dense({std::int64_t(t.n), std::int64_t(op.output_feature_channels)}, onednn::Tag::nc);
}

/// As a product of matrices, where oneDNN has small kernels for those: its inner products compile all that they have for products
/// of any size, which takes as long as hundreds of runs. Null where inner products are faster, or oneDNN has no such kernel.
std::unique_ptr<PlanKernel> make_product(KernelRequest& request, const FullyConnectedOp& op) {
  const TensorDescriptor& t = request.sources[0];
  const std::size_t count = t.h * t.w * op.input_feature_channels;
  if (t.n <= kFewRows || count * op.output_feature_channels != op.weight_count()) return nullptr;
  const auto rows = std::int64_t(t.n), inputs = std::int64_t(count), outputs = std::int64_t(op.output_feature_channels);
  using onednn::Tag;
  const onednn::Desc source = onednn::dense({rows, inputs}, Tag::ab), weights = onednn::dense({inputs, outputs}, Tag::ba),
                     biases = onednn::dense({1, outputs}, Tag::ab), result = onednn::dense({rows, outputs}, Tag::ab);
  const auto describe = [=](const onednn::Desc& order, const dnnl::primitive_attr& attributes) {
    return dnnl::matmul::primitive_desc(onednn::engine(), source, order, biases, result, attributes);
  };
  const std::string name = describe(weights, onednn::attributes()).impl_info_str();
  if (name.find("brg") == std::string::npos) return nullptr;
  return onednn::make_forward(request, op, {}, weights, weights, result, false, describe);
}

std::unique_ptr<PlanKernel> make_inner_product(KernelRequest& request, const FullyConnectedOp& op) {
  const onednn::DenseImage source(request.sources[0], op.input_feature_channels);
  const onednn::Desc weights = onednn::user_weights(op), result = outputs_desc(*request.result, op);
  const auto describe = [=, source = source.desc(), biases = onednn::biases_desc(op)](const onednn::Desc& order,
                                                                                      const dnnl::primitive_attr& attributes) {
    return dnnl::inner_product_forward::primitive_desc(onednn::engine(), dnnl::prop_kind::forward_inference, source, order,
                                                       biases, result, attributes);
  };
  return onednn::make_forward(request, op, {}, weights, weights, result, false, describe);
}

std::unique_ptr<PlanKernel> make_onednn(KernelRequest& request) {
  const auto& op = dynamic_cast<const FullyConnectedOp&>(request.op);
  if (!is_one_pixel(request, *request.result) || !onednn::is_worth_starting(request, op)) return nullptr;
  if (op.adds_source) {
    request.decline("addition of a source");
    return nullptr;
  }
  if (request.sources[0].n <= kFewRows && !request.is_asked_for) {
    request.decline("the plain loops are as fast for so few images");
    return nullptr;
  }
  return onednn::make_or_decline(request, [&] {
    auto kernel = make_product(request, op);
    return kernel ? std::move(kernel) : make_inner_product(request, op);
  });
}
#endif

}  // namespace

void register_fully_connected(KernelTable& table) {
#ifdef MPSNN_ONEDNN
  table.add<FullyConnectedOp>("onednn", make_onednn);
#endif
  table.add<FullyConnectedOp>("loops", make_loops);
  table.add<FullyConnectedGradientOp>("loops", make_gradient_loops);
}

}  // namespace mpsnn::cpu
