#pragma once

#include <memory>

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/convolution.hpp"

namespace mpsnn {

/// MPSCNNConvolution. The data source is read when the kernel is made.
class MPSNN_API CNNConvolution : public CNNKernel {
 public:
  CNNConvolution(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
  /// What the data source's descriptor said.
  std::shared_ptr<const ConvolutionOp> attributes() const;
  const ConvolutionSourcePtr& data_source() const;
  NNConvolutionAccumulatorPrecisionOption accumulator_precision_option = NNConvolutionAccumulatorPrecisionOption::Float;
  void reload_weights_and_biases_from_data_source();
  /// New values from a state, in the order of encodes.
  void reload_weights_and_biases_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                     const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& state);
  /// A copy of the values in use then, which is there when the command buffer has completed.
  std::shared_ptr<CNNConvolutionWeightsAndBiasesState> export_weights_and_biases_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, bool result_state_can_be_temporary = false);

 protected:
  explicit CNNConvolution(std::shared_ptr<KernelCore> core) : CNNKernel(std::move(core)) {}
};

/// MPSCNNFullyConnected: a convolution whose window is its source.
class MPSNN_API CNNFullyConnected final : public CNNConvolution {
 public:
  CNNFullyConnected(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
};

/// MPSCNNConvolutionTranspose: the stride enlarges.
class MPSNN_API CNNConvolutionTranspose final : public CNNConvolution {
 public:
  CNNConvolutionTranspose(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
};

/// MPSCNNConvolutionGradient: the gradient with respect to the source, and into the state those of weights and biases.
class MPSNN_API CNNConvolutionGradient : public CNNGradientKernel {
 public:
  CNNConvolutionGradient(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
  bool is_state_modified() const override { return true; }
  std::shared_ptr<const ConvolutionGradientOp> attributes() const;
  const ConvolutionSourcePtr& data_source() const;
  CNNConvolutionGradientOption gradient_option() const { return option_; }
  void set_gradient_option(CNNConvolutionGradientOption option) { option_ = option; }
  void reload_weights_and_biases_from_data_source();
  void reload_weights_and_biases_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                     const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& state);

 protected:
  explicit CNNConvolutionGradient(std::shared_ptr<KernelCore> core) : CNNGradientKernel(std::move(core)) {}
};

class MPSNN_API CNNFullyConnectedGradient final : public CNNConvolutionGradient {
 public:
  CNNFullyConnectedGradient(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
};

class MPSNN_API CNNConvolutionTransposeGradient final : public CNNConvolutionGradient {
 public:
  CNNConvolutionTransposeGradient(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
};

}  // namespace mpsnn
