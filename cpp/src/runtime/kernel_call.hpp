#pragma once

#include "mpsnn/kernel.hpp"
#include "runtime/kernel_core.hpp"

// What kernels with encodes of their own share with CNNKernel.

namespace mpsnn {

/// An encode with the kernel's properties as they are.
KernelCall make_call(const CNNKernel& kernel, const KernelCore& core, const std::shared_ptr<CommandBuffer>& command_buffer,
                     const ImageBatch& source_images, const ImageBatch& destination_images);
/// Into images that the allocator makes, placed by the padding policy.
ImageBatch encode_call(CNNKernel& kernel, KernelCore& core, const KernelCall& call, StateBatch* destination_states,
                       bool is_temporary);

}  // namespace mpsnn
