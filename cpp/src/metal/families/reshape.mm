#include "mpsnn/nodes/reshape.hpp"

#include "metal/nodes.hpp"

namespace mpsnn::metal {

void add_reshape_nodes(NodeMakers &makers) {
  makers.add<ReshapeOp>([](const ReshapeOp &op, const NodeRequest &in) {
    return [MPSNNReshapeNode nodeWithSource:in.image()
                                resultWidth:op.result_width
                               resultHeight:op.result_height
                      resultFeatureChannels:op.result_feature_channels];
  });
  makers.add<ReshapeGradientOp>([](const ReshapeGradientOp &, const NodeRequest &in) {
    return [MPSNNReshapeGradientNode nodeWithSourceGradient:in.image(0)
                                                sourceImage:in.image(1)
                                              gradientState:in.gradient_state()];
  });
}

}  // namespace mpsnn::metal
