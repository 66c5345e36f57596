#pragma once

#include <memory>

#include "metal/graph.hpp"
#include "metal/objc.hpp"
#include "nodes/convolution_parameters.hpp"

namespace mpsnn::metal {

/// The caller's data source for Apple's graph: every method of the protocol is the caller's own, with what it returns. It is
/// found loaded the first time, by the checks above this engine. Values that a saved graph brought back take the place of the
/// source's.
id<MPSCNNConvolutionDataSource> source_for(NativeGraph &graph, const std::shared_ptr<ConvolutionParameters> &parameters);

MPSNNNeuronDescriptor *neuron_of(const NNNeuronDescriptor &neuron);
MPSCNNConvolutionDescriptor *descriptor_of(const CNNConvolutionDescriptor &descriptor);

}  // namespace mpsnn::metal
