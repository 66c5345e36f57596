#include "mpsnn/nodes/reduction.hpp"

#include "metal/images.hpp"
#include "metal/nodes.hpp"

namespace mpsnn::metal {

void add_reduction_nodes(NodeMakers &makers) {
  makers.add<ReductionOp>([](const ReductionOp &op, const NodeRequest &in) {
    Class kind = NSClassFromString(ns_string(reduction_class_name(op.axis, op.operation)));
    MPSNNUnaryReductionNode *node = [[(MPSNNUnaryReductionNode *)[kind alloc] initWithSource:in.image()] autorelease];
    node.clipRectSource = native_region(op.clip_rect_source);
    if (op.is_sum_of_channels()) [(MPSNNReductionFeatureChannelsSumNode *)node setWeight:op.weight];
    return node;
  });
  makers.add<ReductionSpatialMeanGradientOp>([](const ReductionSpatialMeanGradientOp &, const NodeRequest &in) {
    return [MPSNNReductionSpatialMeanGradientNode nodeWithSourceGradient:in.image(0)
                                                             sourceImage:in.image(1)
                                                           gradientState:in.gradient_state()];
  });
}

}  // namespace mpsnn::metal
