#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/convolution.hpp"

namespace mpsnn {

struct SavedSource;
using ConvolutionGradientStateBatch = std::vector<std::shared_ptr<CNNConvolutionGradientState>>;

/// What the kernels of convolutions share. The data source is read when the kernel is made.
class MPSNN_API ConvolutionKernel : public CNNKernel {
 public:
  /// What the data source's descriptor said.
  std::shared_ptr<const ConvolutionOp> attributes() const;
  const ConvolutionSourcePtr& data_source() const;
  /// The values in use, as a graph saves those of sources that are not the library's.
  SavedSource save_parameters() const;
  NNConvolutionAccumulatorPrecisionOption accumulator_precision_option = NNConvolutionAccumulatorPrecisionOption::Float;
  void reload_weights_and_biases_from_data_source();
  /// New values from a state, in the order of encodes.
  void reload_weights_and_biases_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                     const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& state);
  /// A copy of the values in use then, which is there when the command buffer has completed.
  std::shared_ptr<CNNConvolutionWeightsAndBiasesState> export_weights_and_biases_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, bool result_state_can_be_temporary = false);

 protected:
  explicit ConvolutionKernel(std::shared_ptr<KernelCore> core) : CNNKernel(std::move(core)) {}
};

/// MPSCNNConvolution.
class MPSNN_API CNNConvolution : public ConvolutionKernel, public std::enable_shared_from_this<CNNConvolution> {
 public:
  CNNConvolution(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
  /// For states of graphs: shares the parameters.
  explicit CNNConvolution(std::shared_ptr<KernelCore> core);
  CNNConvolution(const CNNConvolution&) = delete;
};

/// MPSCNNFullyConnected: a convolution whose window is its source.
class MPSNN_API CNNFullyConnected final : public CNNConvolution {
 public:
  CNNFullyConnected(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
  using CNNConvolution::CNNConvolution;
};

/// MPSCNNConvolutionTranspose: the stride enlarges.
class MPSNN_API CNNConvolutionTranspose final : public ConvolutionKernel,
                                                public std::enable_shared_from_this<CNNConvolutionTranspose> {
 public:
  CNNConvolutionTranspose(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
  /// For states of graphs: shares the parameters.
  explicit CNNConvolutionTranspose(std::shared_ptr<KernelCore> core);
  CNNConvolutionTranspose(const CNNConvolutionTranspose&) = delete;
  using CNNKernel::encode_batch_to_command_buffer;
  /// The mirror image of the convolution that made the states: the windows lie where it read, whatever the properties say.
  void encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                      const ConvolutionGradientStateBatch& convolution_gradient_states,
                                      const StateBatch& destination_states, const ImageBatch& destination_images);
  /// The same, into images of the size of the convolution's source.
  ImageBatch encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                            const ConvolutionGradientStateBatch& convolution_gradient_states,
                                            StateBatch* destination_states, bool is_temporary);

 private:
  static void tell_mirrored(const StateBatch& states, const StateBatch& mirrored);
};

/// The gradient with respect to the source, and into the state those of weights and biases.
class MPSNN_API ConvolutionGradientKernel : public CNNGradientKernel {
 public:
  bool is_state_modified() const override { return true; }
  std::shared_ptr<const ConvolutionGradientOp> attributes() const;
  const ConvolutionSourcePtr& data_source() const;
  /// The values in use, as a graph saves those of sources that are not the library's.
  SavedSource save_parameters() const;
  CNNConvolutionGradientOption gradient_option() const { return option_; }
  void set_gradient_option(CNNConvolutionGradientOption option) { option_ = option; }
  void reload_weights_and_biases_from_data_source();
  void reload_weights_and_biases_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                     const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& state);

 protected:
  explicit ConvolutionGradientKernel(std::shared_ptr<KernelCore> core) : CNNGradientKernel(std::move(core)) {}
};

/// MPSCNNConvolutionGradient.
class MPSNN_API CNNConvolutionGradient : public ConvolutionGradientKernel {
 public:
  CNNConvolutionGradient(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
  /// Whether archives have the values in use, which are those of the forward kernel.
  bool serialize_weights_and_biases = false;

 protected:
  explicit CNNConvolutionGradient(std::shared_ptr<KernelCore> core) : ConvolutionGradientKernel(std::move(core)) {}
};

class MPSNN_API CNNFullyConnectedGradient final : public CNNConvolutionGradient {
 public:
  CNNFullyConnectedGradient(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
};

class MPSNN_API CNNConvolutionTransposeGradient final : public ConvolutionGradientKernel {
 public:
  CNNConvolutionTransposeGradient(std::shared_ptr<Device> device, ConvolutionSourcePtr weights);
};

}  // namespace mpsnn
