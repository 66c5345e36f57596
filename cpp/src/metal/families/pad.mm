#include "mpsnn/nodes/pad.hpp"

#include "metal/nodes.hpp"

namespace mpsnn::metal {

namespace {

MPSImageCoordinate native(const ImageCoordinate &c) { return MPSImageCoordinate{c.x, c.y, c.channel}; }

}  // namespace

void add_pad_nodes(NodeMakers &makers) {
  makers.add<PadOp>([](const PadOp &op, const NodeRequest &in) {
    MPSNNPadNode *node = [MPSNNPadNode nodeWithSource:in.image()
                                    paddingSizeBefore:native(op.padding_size_before)
                                     paddingSizeAfter:native(op.padding_size_after)
                                             edgeMode:MPSImageEdgeMode(op.edge_mode)];
    node.fillValue = op.fill_value;
    return node;
  });
  makers.add<PadGradientOp>([](const PadGradientOp &, const NodeRequest &in) {
    return [MPSNNPadGradientNode nodeWithSourceGradient:in.image(0) sourceImage:in.image(1) gradientState:in.gradient_state()];
  });
}

}  // namespace mpsnn::metal
