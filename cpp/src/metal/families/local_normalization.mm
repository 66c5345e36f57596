#include "mpsnn/nodes/local_normalization.hpp"

#include "metal/nodes.hpp"

namespace mpsnn::metal {

namespace {

template <class OpType, class Node>
Node *with_powers(const OpType &op, Node *node) {
  node.alpha = op.alpha;
  node.beta = op.beta;
  node.delta = op.delta;
  return node;
}

template <class OpType, class Node>
Node *with_contrast(const OpType &op, Node *node) {
  node.p0 = op.p0;
  node.pm = op.pm;
  node.ps = op.ps;
  return with_powers(op, node);
}

// Apple's initializers take one size for both directions.
template <class OpType, class Node>
Node *with_window(const OpType &op, Node *node) {
  node.kernelWidth = op.kernel_width;
  node.kernelHeight = op.kernel_height;
  return node;
}

}  // namespace

void add_local_normalization_nodes(NodeMakers &makers) {
  makers.add<CrossChannelNormalizationOp>([](const CrossChannelNormalizationOp &op, const NodeRequest &in) {
    return with_powers(op, [MPSCNNCrossChannelNormalizationNode nodeWithSource:in.image()
                                                                    kernelSize:op.kernel_size_in_feature_channels]);
  });
  makers.add<SpatialNormalizationOp>([](const SpatialNormalizationOp &op, const NodeRequest &in) {
    return with_powers(op, with_window(op, [MPSCNNSpatialNormalizationNode nodeWithSource:in.image()
                                                                               kernelSize:op.kernel_width]));
  });
  makers.add<LocalContrastNormalizationOp>([](const LocalContrastNormalizationOp &op, const NodeRequest &in) {
    return with_contrast(op, with_window(op, [MPSCNNLocalContrastNormalizationNode nodeWithSource:in.image()
                                                                                       kernelSize:op.kernel_width]));
  });
  makers.add<CrossChannelNormalizationGradientOp>([](const CrossChannelNormalizationGradientOp &op, const NodeRequest &in) {
    return [MPSCNNCrossChannelNormalizationGradientNode nodeWithSourceGradient:in.image(0)
                                                                   sourceImage:in.image(1)
                                                                 gradientState:in.gradient_state()
                                                                    kernelSize:op.kernel_size];
  });
  makers.add<SpatialNormalizationGradientOp>([](const SpatialNormalizationGradientOp &op, const NodeRequest &in) {
    return with_powers(op, with_window(op, [MPSCNNSpatialNormalizationGradientNode nodeWithSourceGradient:in.image(0)
                                                                                              sourceImage:in.image(1)
                                                                                            gradientState:in.gradient_state()
                                                                                               kernelSize:op.kernel_width]));
  });
  makers.add<LocalContrastNormalizationGradientOp>([](const LocalContrastNormalizationGradientOp &op, const NodeRequest &in) {
    return with_contrast(op, [MPSCNNLocalContrastNormalizationGradientNode nodeWithSourceGradient:in.image(0)
                                                                                      sourceImage:in.image(1)
                                                                                    gradientState:in.gradient_state()
                                                                                      kernelWidth:op.kernel_width
                                                                                     kernelHeight:op.kernel_height]);
  });
}

}  // namespace mpsnn::metal
