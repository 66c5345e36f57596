#pragma once

#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/loss.hpp"
#include "mpsnn/nodes/neuron.hpp"
#include "support/behind.hpp"
#include "support/objects.hpp"

namespace mpsnn::gnustep {

MPSNN_STANDS_FOR(MPSNNNeuronDescriptor, NNNeuronDescriptor)
MPSNN_STANDS_FOR(MPSCNNConvolutionDescriptor, CNNConvolutionDescriptor)
MPSNN_STANDS_FOR(MPSCNNLossDescriptor, CNNLossDescriptor)
MPSNN_STANDS_FOR(MPSCNNLossDataDescriptor, CNNLossDataDescriptor)

inline MPSNNNeuronDescriptor *objc(const std::shared_ptr<NNNeuronDescriptor> &descriptor) {
  return standing_for<MPSNNNeuronDescriptor>(descriptor, [] { return [MPSNNNeuronDescriptor alloc]; });
}

/// The numbers of an NSData with packed float32.
std::vector<float> floats_of(NSData *data);
/// The other way; nil for no numbers.
NSData *data_of(const std::vector<float> &values);

}  // namespace mpsnn::gnustep
