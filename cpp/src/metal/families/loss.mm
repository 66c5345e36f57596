#include "metal/families/loss.hpp"

#include "metal/nodes.hpp"

namespace mpsnn::metal {

MPSCNNLossDescriptor *loss_of(const CNNLossDescriptor &d) {
  MPSCNNLossDescriptor *descriptor = [MPSCNNLossDescriptor cnnLossDescriptorWithType:MPSCNNLossType(d.loss_type)
                                                                       reductionType:MPSCNNReductionType(d.reduction_type)];
  descriptor.reduceAcrossBatch = d.reduce_across_batch;
  descriptor.weight = d.weight;
  descriptor.labelSmoothing = d.label_smoothing;
  descriptor.numberOfClasses = d.number_of_classes;
  descriptor.epsilon = d.epsilon;
  descriptor.delta = d.delta;
  return descriptor;
}

void add_loss_nodes(NodeMakers &makers) {
  makers.add<LossOp>([](const LossOp &op, const NodeRequest &in) {
    return [MPSCNNLossNode nodeWithSource:in.image() lossDescriptor:loss_of(op.descriptor)];
  });
}

}  // namespace mpsnn::metal
