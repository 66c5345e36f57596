#include "mpsnn/nodes/loss.hpp"

#include "metal/nodes.hpp"

namespace mpsnn::metal {

void add_loss_nodes(NodeMakers &makers) {
  makers.add<LossOp>([](const LossOp &op, const NodeRequest &in) {
    const CNNLossDescriptor &d = op.descriptor;
    MPSCNNLossDescriptor *descriptor = [MPSCNNLossDescriptor cnnLossDescriptorWithType:MPSCNNLossType(d.loss_type)
                                                                         reductionType:MPSCNNReductionType(d.reduction_type)];
    descriptor.reduceAcrossBatch = d.reduce_across_batch;
    descriptor.weight = d.weight;
    descriptor.labelSmoothing = d.label_smoothing;
    descriptor.numberOfClasses = d.number_of_classes;
    descriptor.epsilon = d.epsilon;
    descriptor.delta = d.delta;
    return [MPSCNNLossNode nodeWithSource:in.image() lossDescriptor:descriptor];
  });
}

}  // namespace mpsnn::metal
