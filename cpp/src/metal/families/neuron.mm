#include "mpsnn/nodes/neuron.hpp"

#include "metal/data_sources.hpp"
#include "metal/nodes.hpp"

namespace mpsnn::metal {

void add_neuron_nodes(NodeMakers &makers) {
  makers.add<NeuronOp>([](const NeuronOp &op, const NodeRequest &in) -> MPSNNFilterNode * {
    return [MPSCNNNeuronNode nodeWithSource:in.image() descriptor:neuron_of(op.neuron)];
  });
  makers.add<NeuronGradientOp>([](const NeuronGradientOp &op, const NodeRequest &in) {
    return [MPSCNNNeuronGradientNode nodeWithSourceGradient:in.image(0)
                                                sourceImage:in.image(1)
                                              gradientState:in.gradient_state()
                                                 descriptor:neuron_of(op.descriptor)];
  });
}

}  // namespace mpsnn::metal
