#pragma once

#include "metal/kernels.hpp"
#include "nodes/convolution_parameters.hpp"

namespace mpsnn::metal {

/// For kernels with the parameters of a convolution: the numbers that the library has read and checked, and computes with. They
/// are not reloaded.
KernelMakers::Source loaded_weights();
/// Without the normalization that is in these numbers already.
MPSCNNConvolutionDescriptor *descriptor_of(const ConvolutionParameters &parameters);

}  // namespace mpsnn::metal
