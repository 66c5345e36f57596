#include <utility>

#include "core/checked.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/convolution.hpp"

namespace mpsnn {

// Descriptors -------------------------------------------------------------------------------------------------------

CNNConvolutionDescriptor::CNNConvolutionDescriptor(std::size_t kernel_width, std::size_t kernel_height,
                                                   std::size_t input_feature_channels, std::size_t output_feature_channels)
    : kernel_width(kernel_width),
      kernel_height(kernel_height),
      input_feature_channels(input_feature_channels),
      output_feature_channels(output_feature_channels) {
  const auto check = [](const char* name, std::size_t value) {
    if (value == 0) throw InvalidArgument(std::string("MPSCNNConvolutionDescriptor: ") + name + " must be positive, got 0");
  };
  check("kernel_width", kernel_width);
  check("kernel_height", kernel_height);
  check("input_feature_channels", input_feature_channels);
  check("output_feature_channels", output_feature_channels);
}

CNNConvolutionDescriptor::~CNNConvolutionDescriptor() = default;

std::shared_ptr<CNNConvolutionDescriptor> CNNConvolutionDescriptor::copy() const {
  std::shared_ptr<CNNConvolutionDescriptor> copy(new CNNConvolutionDescriptor(*this));
  copy->fused_neuron_descriptor_ = std::make_shared<NNNeuronDescriptor>(*fused_neuron_descriptor_);
  return copy;
}

std::shared_ptr<CNNConvolutionDescriptor> CNNSubPixelConvolutionDescriptor::copy() const {
  auto copy = std::make_shared<CNNSubPixelConvolutionDescriptor>(*this);
  copy->set_fused_neuron_descriptor(std::make_shared<NNNeuronDescriptor>(*fused_neuron_descriptor()));
  return copy;
}

std::shared_ptr<CNNConvolutionDescriptor> CNNDepthWiseConvolutionDescriptor::copy() const {
  auto copy = std::make_shared<CNNDepthWiseConvolutionDescriptor>(*this);
  copy->set_fused_neuron_descriptor(std::make_shared<NNNeuronDescriptor>(*fused_neuron_descriptor()));
  return copy;
}

std::size_t CNNDepthWiseConvolutionDescriptor::channel_multiplier() const {
  return input_feature_channels == 0 ? 0 : output_feature_channels / input_feature_channels;
}

void CNNConvolutionDescriptor::set_fused_neuron_descriptor(std::shared_ptr<NNNeuronDescriptor> descriptor) {
  fused_neuron_descriptor_ = descriptor ? std::move(descriptor) : std::make_shared<NNNeuronDescriptor>();
}

void CNNConvolutionDescriptor::set_neuron_to_prelu_with_parameters_a(std::vector<float> a) {
  fused_neuron_descriptor_ = std::make_shared<NNNeuronDescriptor>(NNNeuronDescriptor::prelu(std::move(a)));
}

void CNNConvolutionDescriptor::set_batch_normalization_parameters_for_inference_with_mean(std::span<const float> mean,
                                                                                          std::span<const float> variance,
                                                                                          std::span<const float> gamma,
                                                                                          std::span<const float> beta,
                                                                                          float epsilon) {
  if (mean.empty() && variance.empty() && gamma.empty() && beta.empty()) {
    batch_normalization_.reset();
    return;
  }
  const auto take = [&](const char* name, std::span<const float> values) {
    if (!values.empty() && values.size() != output_feature_channels) {
      throw InvalidArgument(std::string(class_name()) + ": " + name + " has " + std::to_string(values.size()) +
                            " elements, output_feature_channels is " + std::to_string(output_feature_channels));
    }
    return std::vector<float>(values.begin(), values.end());
  };
  batch_normalization_ =
      BatchNormalization{take("mean", mean), take("variance", variance), take("gamma", gamma), take("beta", beta), epsilon};
}

std::vector<std::size_t> CNNConvolutionDescriptor::binary_weights_shape() const {
  return {output_feature_channels, kernel_height, kernel_width, (input_feature_channels + 31) / 32};
}

std::vector<std::size_t> CNNConvolutionDescriptor::weights_shape() const {
  if (channel_multiplier() != 0) return {output_feature_channels, kernel_height, kernel_width};
  return {output_feature_channels, kernel_height, kernel_width, groups == 0 ? 0 : input_feature_channels / groups};
}

// States ------------------------------------------------------------------------------------------------------------

CNNConvolutionGradientState::CNNConvolutionGradientState(std::shared_ptr<Buffer> gradient_for_weights,
                                                         std::shared_ptr<Buffer> gradient_for_biases, std::size_t source_width,
                                                         std::size_t source_height, std::shared_ptr<CNNKernel> convolution)
    : NNGradientState({std::move(gradient_for_weights), std::move(gradient_for_biases)}),
      source_width_(source_width),
      source_height_(source_height),
      convolution_(std::move(convolution)) {}

CNNConvolutionTransposeGradientState::CNNConvolutionTransposeGradientState(std::shared_ptr<Buffer> gradient_for_weights,
                                                                           std::shared_ptr<Buffer> gradient_for_biases,
                                                                           std::size_t source_width, std::size_t source_height,
                                                                           std::shared_ptr<CNNKernel> convolution_transpose)
    : CNNConvolutionGradientState(std::move(gradient_for_weights), std::move(gradient_for_biases), source_width, source_height,
                                  nullptr),
      convolution_transpose_(std::move(convolution_transpose)) {}

namespace {

constexpr const char* kWeightsState = "MPSCNNConvolutionWeightsAndBiasesState";

std::vector<std::shared_ptr<Buffer>> resources_of(std::shared_ptr<Buffer> weights, std::shared_ptr<Buffer> biases) {
  if (!weights) throw InvalidArgument(std::string(kWeightsState) + ": weights is missing");
  std::vector<std::shared_ptr<Buffer>> resources{std::move(weights)};
  if (biases) resources.push_back(std::move(biases));
  return resources;
}

std::size_t weights_bytes(const CNNConvolutionDescriptor& descriptor) {
  std::size_t bytes = sizeof(float);
  for (std::size_t extent : descriptor.weights_shape()) bytes = checked_product({bytes, extent}, kWeightsState);
  return bytes;
}

std::size_t biases_bytes(const CNNConvolutionDescriptor& descriptor) {
  return checked_product({descriptor.output_feature_channels, sizeof(float)}, kWeightsState);
}

void check_range(const char* name, const Buffer& buffer, std::size_t offset, std::size_t bytes) {
  const std::string prefix = std::string(kWeightsState) + ": " + name;
  if (offset % sizeof(float) != 0)
    throw InvalidArgument(prefix + "_offset must be a multiple of 4, got " + std::to_string(offset));
  if (offset > buffer.length() || buffer.length() - offset < bytes) {
    throw InvalidArgument(prefix + " has " + std::to_string(buffer.length()) + " bytes, the descriptor needs " +
                          std::to_string(bytes) + " from " + name + "_offset " + std::to_string(offset));
  }
}

}  // namespace

CNNConvolutionWeightsAndBiasesState::CNNConvolutionWeightsAndBiasesState(std::shared_ptr<Buffer> weights,
                                                                         std::shared_ptr<Buffer> biases)
    : State(resources_of(std::move(weights), std::move(biases))) {}

CNNConvolutionWeightsAndBiasesState::CNNConvolutionWeightsAndBiasesState(const CNNConvolutionDescriptor& descriptor)
    : State(resources_of(std::make_shared<Buffer>(weights_bytes(descriptor)),
                         std::make_shared<Buffer>(biases_bytes(descriptor)))) {}

CNNConvolutionWeightsAndBiasesState::CNNConvolutionWeightsAndBiasesState(std::shared_ptr<Buffer> weights,
                                                                         std::size_t weights_offset,
                                                                         std::shared_ptr<Buffer> biases,
                                                                         std::size_t biases_offset,
                                                                         const CNNConvolutionDescriptor& descriptor)
    : State(resources_of(std::move(weights), std::move(biases))), weights_offset_(weights_offset), biases_offset_(biases_offset) {
  check_range("weights", *this->weights(), weights_offset, weights_bytes(descriptor));
  if (const auto buffer = this->biases()) check_range("biases", *buffer, biases_offset, biases_bytes(descriptor));
}

std::shared_ptr<CNNConvolutionWeightsAndBiasesState>
CNNConvolutionWeightsAndBiasesState::temporary_cnn_convolution_weights_and_biases_state(
    const std::shared_ptr<CommandBuffer>& command_buffer, const CNNConvolutionDescriptor& descriptor) {
  if (!command_buffer) throw InvalidArgument(std::string(kWeightsState) + ": command_buffer is missing");
  auto state = std::make_shared<CNNConvolutionWeightsAndBiasesState>(descriptor);
  state->make_temporary(1);
  return state;
}

}  // namespace mpsnn
