#include "mpsnn/nodes/forward_loss.hpp"

#include "metal/families/loss.hpp"
#include "metal/nodes.hpp"
#include "metal/questions.hpp"

namespace mpsnn::metal {

void add_forward_loss_nodes(NodeMakers &makers) {
  makers.add<ForwardLossOp>([](const ForwardLossOp &op, const NodeRequest &in) {
    MPSNNForwardLossNode *node = [MPSNNForwardLossNode nodeWithSources:in.all_images() lossDescriptor:loss_of(op.descriptor)];
    node.propertyCallBack = asker_of(in);
    return node;
  });
  makers.add<LossGradientOp>([](const LossGradientOp &op, const NodeRequest &in) {
    MPSNNLossGradientNode *node = [MPSNNLossGradientNode nodeWithSources:in.all_images()
                                                           gradientState:in.states.empty() ? nil : in.gradient_state()
                                                          lossDescriptor:loss_of(op.descriptor)
                                                  isLabelsGradientFilter:op.is_labels_gradient_filter];
    node.propertyCallBack = asker_of(in);
    return node;
  });
}

}  // namespace mpsnn::metal
