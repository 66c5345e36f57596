#pragma once

#include <cstddef>
#include <memory>

#include "mpsnn/kernel.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn {

struct SavedSource;
using BatchNormalizationStatePtr = std::shared_ptr<CNNBatchNormalizationState>;

/// MPSCNNBatchNormalization. The data source is read when the kernel is made. Without a state it normalises with the data
/// source's statistics.
class MPSNN_API CNNBatchNormalization final : public CNNKernel, public std::enable_shared_from_this<CNNBatchNormalization> {
 public:
  CNNBatchNormalization(std::shared_ptr<Device> device, std::shared_ptr<CNNBatchNormalizationDataSource> data_source,
                        const NNNeuronDescriptor& fused_neuron = {});
  /// For states of graphs: shares the parameters.
  explicit CNNBatchNormalization(std::shared_ptr<KernelCore> core);
  CNNBatchNormalization(const CNNBatchNormalization&) = delete;
  std::size_t number_of_feature_channels() const;
  const std::shared_ptr<CNNBatchNormalizationDataSource>& data_source() const;
  /// The values in use, as a graph saves those of sources that are not the library's.
  SavedSource save_parameters() const;
  const NNNeuronDescriptor& fused_neuron() const;
  /// The data source's until it is set. Encodes and states keep the one that they were made with.
  float epsilon() const;
  void set_epsilon(float epsilon);

  using CNNKernel::encode_batch_to_command_buffer;
  using CNNKernel::encode_to_command_buffer;
  /// With the statistics of a state, which counts as read.
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImagePtr& source_image,
                                const BatchNormalizationStatePtr& state, const ImagePtr& destination_image);
  void encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                      const BatchNormalizationStatePtr& state, const ImageBatch& destination_images);

  void reload_gamma_and_beta_from_data_source();
  void reload_mean_and_variance_from_data_source();
  /// New values from a state, in the order of encodes.
  void reload_gamma_and_beta_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                 const std::shared_ptr<CNNNormalizationGammaAndBetaState>& state);
  void reload_mean_and_variance_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                    const std::shared_ptr<CNNNormalizationMeanAndVarianceState>& state);

 private:
  void claim(State& state);
};

/// MPSCNNBatchNormalizationStatistics: mean and variance of batches, added up in a state until it is read.
class MPSNN_API CNNBatchNormalizationStatistics final : public CNNKernel {
 public:
  explicit CNNBatchNormalizationStatistics(std::shared_ptr<Device> device = nullptr);
  bool append_batch_barrier() const override { return true; }
  bool is_state_modified() const override { return true; }
  void encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                      const BatchNormalizationStatePtr& state);
};

/// Base of the two steps of the gradient. The state knows the forward kernel's parameters, the activation is their own.
class MPSNN_API BatchNormalizationGradientKernel : public CNNGradientKernel {
 public:
  BatchNormalizationGradientKernel(const BatchNormalizationGradientKernel&) = delete;
  const NNNeuronDescriptor& fused_neuron() const { return neuron_; }

 protected:
  BatchNormalizationGradientKernel(std::shared_ptr<KernelCore> core, const NNNeuronDescriptor& fused_neuron);
  KernelCall gradient_call(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_gradients,
                           const ImageBatch& source_images, const BatchNormalizationStatePtr& state,
                           const ImageBatch& destination_gradients) const;

 private:
  NNNeuronDescriptor neuron_;
};

/// MPSCNNBatchNormalizationStatisticsGradient: gradients for gamma and beta, added up in the state until they are read.
class MPSNN_API CNNBatchNormalizationStatisticsGradient final : public BatchNormalizationGradientKernel {
 public:
  explicit CNNBatchNormalizationStatisticsGradient(std::shared_ptr<Device> device = nullptr,
                                                   const NNNeuronDescriptor& fused_neuron = {});
  bool append_batch_barrier() const override { return true; }
  bool is_state_modified() const override { return true; }
  void encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_gradients,
                                      const ImageBatch& source_images, const BatchNormalizationStatePtr& state);
};

/// MPSCNNBatchNormalizationGradient: after the statistics gradient, which left its sums in the state.
class MPSNN_API CNNBatchNormalizationGradient final : public BatchNormalizationGradientKernel {
 public:
  explicit CNNBatchNormalizationGradient(std::shared_ptr<Device> device = nullptr, const NNNeuronDescriptor& fused_neuron = {});
  /// Without destinations the allocator makes them; with them nothing is returned.
  ImageBatch encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                            const ImageBatch& source_gradients, const ImageBatch& source_images,
                                            const BatchNormalizationStatePtr& state,
                                            const ImageBatch& destination_gradients = {});
};

}  // namespace mpsnn
