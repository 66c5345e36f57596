#include "mpsnn/nodes/neuron.hpp"

#include "metal/data_sources.hpp"
#include "metal/kernels.hpp"

namespace mpsnn::metal {

void add_neuron_kernels(KernelMakers &makers) {
  makers.add<NeuronOp>([](const NeuronOp &op, id<MTLDevice> device) {
    return [[MPSCNNNeuron alloc] initWithDevice:device neuronDescriptor:neuron_of(op.neuron)];
  });
  makers.add<NeuronGradientOp>([](const NeuronGradientOp &op, id<MTLDevice> device) {
    return [[MPSCNNNeuronGradient alloc] initWithDevice:device neuronDescriptor:neuron_of(op.descriptor)];
  });
}

}  // namespace mpsnn::metal
