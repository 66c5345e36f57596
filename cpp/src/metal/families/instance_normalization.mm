#include "mpsnn/nodes/instance_normalization.hpp"

#include "metal/nodes.hpp"
#include "metal/normalization_sources.hpp"

namespace mpsnn::metal {

namespace {

template <class OpType, class Node>
void add_gradient(NodeMakers &makers) {
  makers.add<OpType>([](const OpType &, const NodeRequest &in) {
    Node *node = [Node nodeWithSourceGradient:in.image(0) sourceImage:in.image(1) gradientState:in.gradient_state()];
    node.trainingStyle = MPSNNTrainingStyle(in.step.training_style);
    return node;
  });
}

}  // namespace

void add_instance_normalization_nodes(NodeMakers &makers) {
  makers.add<InstanceNormalizationOp>([](const InstanceNormalizationOp &, const NodeRequest &in) {
    return [MPSCNNInstanceNormalizationNode
        nodeWithSource:in.image()
            dataSource:instance_source_for(in.graph, in.parameters<ImageNormalizationParameters>())];
  });
  makers.add<GroupNormalizationOp>([](const GroupNormalizationOp &, const NodeRequest &in) {
    return
        [MPSCNNGroupNormalizationNode nodeWithSource:in.image()
                                          dataSource:group_source_for(in.graph, in.parameters<ImageNormalizationParameters>())];
  });
  add_gradient<InstanceNormalizationGradientOp, MPSCNNInstanceNormalizationGradientNode>(makers);
  add_gradient<GroupNormalizationGradientOp, MPSCNNGroupNormalizationGradientNode>(makers);
}

}  // namespace mpsnn::metal
