#pragma once

#include "mpsnn/nodes/convolution.hpp"

// What convolutions and binary convolutions share.

namespace mpsnn {

void copy_descriptor(const CNNConvolutionDescriptor& from, ConvolutionAttributes& to);
/// Throws ShapeError where the source has too few channels.
void check_channels(const InferRequest& request, const ConvolutionAttributes& op);
/// One pixel; throws ShapeError where the window is not the source.
Inferred infer_fully_connected(const InferRequest& request, const ConvolutionAttributes& op);

}  // namespace mpsnn
