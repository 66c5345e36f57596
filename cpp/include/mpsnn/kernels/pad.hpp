#pragma once

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/pad.hpp"

namespace mpsnn {

/// Encoded into an image of the caller's, `offset` (minus the padding before) and the clip rectangle say what is around the
/// source along x and y; the padding sizes do so for images that the allocator makes. `edge_mode` is the kernel's, not the
/// attribute.
using NNPad = KernelOf<NNPadNode>;
using NNPadGradient = KernelOf<NNPadGradientNode, CNNGradientKernel>;

}  // namespace mpsnn
