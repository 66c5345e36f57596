#pragma once

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/kernel_only_node.hpp"
#include "mpsnn/nodes/concatenation.hpp"

namespace mpsnn {

/// Copies the channels from `source_feature_channel_offset` on, `source_feature_channel_max_count` at most.
using NNSlice = KernelOf<KernelOnlyNode<SliceOp>>;

}  // namespace mpsnn
