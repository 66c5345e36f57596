#include "mpsnn/nodes/normalization.hpp"

#include "metal/nodes.hpp"
#include "metal/normalization_sources.hpp"

namespace mpsnn::metal {

void add_normalization_nodes(NodeMakers &makers) {
  makers.add<BatchNormalizationOp>([](const BatchNormalizationOp &op, const NodeRequest &in) {
    MPSCNNBatchNormalizationNode *node =
        [MPSCNNBatchNormalizationNode nodeWithSource:in.image()
                                          dataSource:batch_source_for(in.graph, in.parameters<BatchNormalizationParameters>())];
    node.flags = MPSCNNBatchNormalizationFlags(op.flags);
    return node;
  });
  makers.add<BatchNormalizationGradientOp>([](const BatchNormalizationGradientOp &, const NodeRequest &in) {
    MPSCNNBatchNormalizationGradientNode *node =
        [MPSCNNBatchNormalizationGradientNode nodeWithSourceGradient:in.image(0)
                                                         sourceImage:in.image(1)
                                                       gradientState:in.gradient_state()];
    node.trainingStyle = MPSNNTrainingStyle(in.step.training_style);
    return node;
  });
}

}  // namespace mpsnn::metal
