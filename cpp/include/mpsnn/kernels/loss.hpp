#pragma once

#include <memory>
#include <vector>

#include "mpsnn/kernel.hpp"
#include "mpsnn/nodes/loss.hpp"

namespace mpsnn {

using LossLabelsBatch = std::vector<std::shared_ptr<CNNLossLabels>>;

/// Kernels that take labels: the gradient goes into an image of the source's size, the loss into the labels. Offset and clip
/// rectangle must have their defaults.
class MPSNN_API CNNLossKernel : public CNNKernel {
 public:
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImagePtr& source_image,
                                const std::shared_ptr<CNNLossLabels>& labels, const ImagePtr& destination_image);
  /// Into an image of the allocator's.
  ImagePtr encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImagePtr& source_image,
                                    const std::shared_ptr<CNNLossLabels>& labels);
  /// Labels for each image.
  void encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                      const LossLabelsBatch& labels, const ImageBatch& destination_images);
  ImageBatch encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                            const LossLabelsBatch& labels);

 protected:
  using CNNKernel::CNNKernel;
};

/// MPSCNNLoss.
class MPSNN_API CNNLoss final : public CNNLossKernel {
 public:
  CNNLoss(std::shared_ptr<Device> device, const CNNLossDescriptor& loss_descriptor);
  const CNNLossDescriptor& descriptor() const { return static_cast<CNNLossNode&>(node()).attributes.descriptor; }
};

}  // namespace mpsnn
