#include "mpsnn/nodes/arithmetic.hpp"

#include "metal/nodes.hpp"

namespace mpsnn::metal {

namespace {

// What an op and Apple's node of it both have, by the same names.

template <class OpType, class Node>
void set_constants(const OpType &op, Node *node) {
  node.primaryScale = op.primary_scale;
  node.secondaryScale = op.secondary_scale;
  node.bias = op.bias;
  node.secondaryStrideInPixelsX = op.secondary_stride_in_pixels_x;
  node.secondaryStrideInPixelsY = op.secondary_stride_in_pixels_y;
  node.secondaryStrideInFeatureChannels = op.secondary_stride_in_feature_channels;
  node.minimumValue = op.minimum_value;
  node.maximumValue = op.maximum_value;
}

MPSNNBinaryArithmeticNode *make(Class kind, const ArithmeticOp &op, const NodeRequest &in) {
  MPSNNBinaryArithmeticNode *node = [[(MPSNNBinaryArithmeticNode *)[kind alloc] initWithLeftSource:in.image(0)
                                                                                       rightSource:in.image(1)] autorelease];
  set_constants(op, node);
  node.primaryStrideInPixelsX = op.primary_stride_in_pixels_x;
  node.primaryStrideInPixelsY = op.primary_stride_in_pixels_y;
  node.primaryStrideInFeatureChannels = op.primary_stride_in_feature_channels;
  return node;
}

Class node_class(ArithmeticOperation operation) {
  switch (operation) {
    case ArithmeticOperation::Addition:
      return [MPSNNAdditionNode class];
    case ArithmeticOperation::Subtraction:
      return [MPSNNSubtractionNode class];
    case ArithmeticOperation::Multiplication:
      return [MPSNNMultiplicationNode class];
    case ArithmeticOperation::Division:
      return [MPSNNDivisionNode class];
    default:
      return [MPSNNComparisonNode class];
  }
}

Class gradient_class(ArithmeticOperation operation) {
  switch (operation) {
    case ArithmeticOperation::Addition:
      return [MPSNNAdditionGradientNode class];
    case ArithmeticOperation::Subtraction:
      return [MPSNNSubtractionGradientNode class];
    default:
      return [MPSNNMultiplicationGradientNode class];
  }
}

}  // namespace

void add_arithmetic_nodes(NodeMakers &makers) {
  makers.add<ArithmeticOp>([](const ArithmeticOp &op, const NodeRequest &in) { return make(node_class(op.operation), op, in); });
  makers.add<ComparisonOp>([](const ComparisonOp &op, const NodeRequest &in) {
    if (op.threshold != 0)
      throw Unsupported(in.step.node + ": Apple's node has no threshold, got " + std::to_string(op.threshold));
    auto *node = (MPSNNComparisonNode *)make(node_class(op.operation), op, in);
    node.comparisonType = MPSNNComparisonType(op.comparison_type);
    return node;
  });
  makers.add<ArithmeticGradientOp>([](const ArithmeticGradientOp &op, const NodeRequest &in) {
    MPSNNArithmeticGradientNode *node = [[(MPSNNArithmeticGradientNode *)[gradient_class(op.operation) alloc]
         initWithSourceGradient:in.image(0)
                    sourceImage:in.image(1)
                  gradientState:in.state<MPSNNBinaryGradientStateNode>()
        isSecondarySourceFilter:op.is_secondary_source_filter] autorelease];
    set_constants(op, node);
    return node;
  });
}

}  // namespace mpsnn::metal
