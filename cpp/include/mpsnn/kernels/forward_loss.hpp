#pragma once

#include <memory>

#include "mpsnn/kernel.hpp"
#include "mpsnn/nodes/forward_loss.hpp"

namespace mpsnn {

/// MPSNNForwardLoss: a loss as an image. It reads whole images: an offset or a clip rectangle is an error.
class MPSNN_API NNForwardLoss final : public CNNKernel {
 public:
  using Attributes = ForwardLossOp;
  NNForwardLoss(std::shared_ptr<Device> device, const CNNLossDescriptor& loss_descriptor);
  /// What an encode uses.
  Attributes& attributes;

  /// `weights` and `destination_states` may be empty.
  void encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                      const ImageBatch& labels, const ImageBatch& weights, const StateBatch& destination_states,
                                      const ImageBatch& destination_images);
  /// Into images of the allocator's. `destination_states` receives the result states.
  ImageBatch encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                            const ImageBatch& labels, const ImageBatch& weights,
                                            StateBatch* destination_states = nullptr, bool is_temporary = true);

 private:
  KernelCall call(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images, const ImageBatch& labels,
                  const ImageBatch& weights) const;
};

/// MPSNNLossGradient: its gradient with respect to the predictions, or to the labels.
class MPSNN_API NNLossGradient final : public CNNBinaryKernel {
 public:
  using Attributes = LossGradientOp;
  NNLossGradient(std::shared_ptr<Device> device, const CNNLossDescriptor& loss_descriptor);
  Attributes& attributes;

  /// `weights` and `source_states` may be empty. Without destinations the allocator makes them; with them nothing is returned.
  ImageBatch encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                            const ImageBatch& source_gradients, const ImageBatch& source_images,
                                            const ImageBatch& labels, const ImageBatch& weights,
                                            const StateBatch& source_states = {}, const ImageBatch& destination_gradients = {});
};

}  // namespace mpsnn
