#pragma once

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/softmax.hpp"

namespace mpsnn {

using CNNSoftMax = KernelOf<CNNSoftMaxNode>;
using CNNLogSoftMax = KernelOf<CNNLogSoftMaxNode>;
/// The source image is the forward kernel's result.
using CNNSoftMaxGradient = KernelOf<CNNSoftMaxGradientNode, CNNGradientKernel>;
using CNNLogSoftMaxGradient = KernelOf<CNNLogSoftMaxGradientNode, CNNGradientKernel>;

}  // namespace mpsnn
