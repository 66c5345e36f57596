#pragma once

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/pooling.hpp"

namespace mpsnn {

/// MPSCNNPooling: base of the pooling kernels. Edge mode Zero; nodes use Clamp.
class MPSNN_API CNNPooling : public CNNKernel {
 protected:
  using CNNKernel::CNNKernel;
};
using CNNPoolingMax = KernelOf<CNNPoolingMaxNode, CNNPooling>;
using CNNPoolingAverage = KernelOf<CNNPoolingAverageNode, CNNPooling>;

/// MPSCNNPoolingGradient: the forward state says where the windows lie.
class MPSNN_API CNNPoolingGradient : public CNNGradientKernel {
 protected:
  using CNNGradientKernel::CNNGradientKernel;
};
using CNNPoolingMaxGradient = KernelOf<CNNPoolingMaxGradientNode, CNNPoolingGradient>;
using CNNPoolingAverageGradient = KernelOf<CNNPoolingAverageGradientNode, CNNPoolingGradient>;

}  // namespace mpsnn
