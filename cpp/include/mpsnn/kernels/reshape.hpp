#pragma once

#include <memory>

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/reshape.hpp"

namespace mpsnn {

/// MPSNNReshape: into an image of the caller's, to that one's size; else to the size that the encode is told, or the last one
/// was.
class MPSNN_API NNReshape final : public KernelOf<NNReshapeNode> {
 public:
  using CNNKernel::encode_batch_to_command_buffer;
  using CNNKernel::encode_to_command_buffer;
  using KernelOf::KernelOf;
  ImagePtr encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImagePtr& source_image,
                                    const ReshapeOp& reshaped, StatePtr* destination_state = nullptr, bool is_temporary = true) {
    attributes = reshaped;
    return encode_to_command_buffer(command_buffer, source_image, destination_state, is_temporary);
  }
  ImageBatch encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                            const ReshapeOp& reshaped, StateBatch* destination_states = nullptr,
                                            bool is_temporary = true) {
    attributes = reshaped;
    return encode_batch_to_command_buffer(command_buffer, source_images, destination_states, is_temporary);
  }
};
using NNReshapeGradient = KernelOf<NNReshapeGradientNode, CNNGradientKernel>;

}  // namespace mpsnn
