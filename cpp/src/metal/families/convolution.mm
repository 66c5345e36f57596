#include "mpsnn/nodes/convolution.hpp"

#include "metal/data_sources.hpp"
#include "metal/nodes.hpp"

namespace mpsnn::metal {

namespace {

id<MPSCNNConvolutionDataSource> weights_of(const NodeRequest &in) {
  return source_for(in.graph, in.parameters<ConvolutionParameters>());
}

MPSNNFilterNode *with_precision(const ConvolutionOp &op, MPSCNNConvolutionNode *node) {
  node.accumulatorPrecision = MPSNNConvolutionAccumulatorPrecisionOption(op.accumulator_precision);
  return node;
}

MPSNNFilterNode *with_style(const NodeRequest &in, MPSCNNConvolutionGradientNode *node) {
  node.trainingStyle = MPSNNTrainingStyle(in.step.training_style);
  return node;
}

}  // namespace

void add_convolution_nodes(NodeMakers &makers) {
  makers.add<ConvolutionOp>([](const ConvolutionOp &op, const NodeRequest &in) {
    return with_precision(op, [MPSCNNConvolutionNode nodeWithSource:in.image() weights:weights_of(in)]);
  });
  makers.add<FullyConnectedOp>([](const FullyConnectedOp &op, const NodeRequest &in) {
    return with_precision(op, [MPSCNNFullyConnectedNode nodeWithSource:in.image() weights:weights_of(in)]);
  });
  makers.add<ConvolutionTransposeOp>([](const ConvolutionTransposeOp &op, const NodeRequest &in) {
    MPSCNNConvolutionGradientStateNode *mirrored = in.states.empty() ? nil : in.state<MPSCNNConvolutionGradientStateNode>();
    return with_precision(op, [MPSCNNConvolutionTransposeNode nodeWithSource:in.image()
                                                    convolutionGradientState:mirrored
                                                                     weights:weights_of(in)]);
  });
  makers.add<ConvolutionGradientOp>([](const ConvolutionGradientOp &, const NodeRequest &in) {
    return with_style(in, [MPSCNNConvolutionGradientNode nodeWithSourceGradient:in.image(0)
                                                                    sourceImage:in.image(1)
                                                       convolutionGradientState:in.state<MPSCNNConvolutionGradientStateNode>()
                                                                        weights:weights_of(in)]);
  });
  makers.add<FullyConnectedGradientOp>([](const FullyConnectedGradientOp &, const NodeRequest &in) {
    return with_style(in, [MPSCNNFullyConnectedGradientNode nodeWithSourceGradient:in.image(0)
                                                                       sourceImage:in.image(1)
                                                          convolutionGradientState:in.state<MPSCNNConvolutionGradientStateNode>()
                                                                           weights:weights_of(in)]);
  });
  makers.add<ConvolutionTransposeGradientOp>([](const ConvolutionTransposeGradientOp &, const NodeRequest &in) {
    return with_style(
        in, [MPSCNNConvolutionTransposeGradientNode nodeWithSourceGradient:in.image(0)
                                                               sourceImage:in.image(1)
                                         convolutionTransposeGradientState:in.state<MPSCNNConvolutionTransposeGradientStateNode>()
                                                                   weights:weights_of(in)]);
  });
}

}  // namespace mpsnn::metal
