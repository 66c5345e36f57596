#include "mpsnn/nodes/resampling.hpp"

#include "metal/nodes.hpp"
#include "metal/questions.hpp"

namespace mpsnn::metal {

namespace {

// Apple's nodes take whole factors.
NSUInteger whole(double factor, const char *property, const NodeRequest &in) {
  const auto integer = NSUInteger(factor);
  if (double(integer) == factor) return integer;
  throw Unsupported(in.step.node + ": Apple's node takes whole factors, got " + property + " " + std::to_string(factor));
}

template <class OpType, class Node>
void add_upsampling_gradient(NodeMakers &makers) {
  makers.add<OpType>([](const OpType &op, const NodeRequest &in) {
    return [Node nodeWithSourceGradient:in.image(0)
                            sourceImage:in.image(1)
                          gradientState:in.gradient_state()
                           scaleFactorX:op.scale_factor_x
                           scaleFactorY:op.scale_factor_y];
  });
}

template <class OpType, class Node>
void add_scale(NodeMakers &makers) {
  makers.add<OpType>([](const OpType &op, const NodeRequest &in) {
    return [Node nodeWithSource:in.image()
              transformProvider:asker_of(in)
                     outputSize:MTLSizeMake(op.output_size.width, op.output_size.height, op.output_size.depth)];
  });
}

}  // namespace

void add_resampling_nodes(NodeMakers &makers) {
  makers.add<UpsamplingNearestOp>([](const UpsamplingNearestOp &op, const NodeRequest &in) {
    return [MPSCNNUpsamplingNearestNode nodeWithSource:in.image()
                                   integerScaleFactorX:whole(op.scale_factor_x, "scale_factor_x", in)
                                   integerScaleFactorY:whole(op.scale_factor_y, "scale_factor_y", in)];
  });
  makers.add<UpsamplingBilinearOp>([](const UpsamplingBilinearOp &op, const NodeRequest &in) {
    return [MPSCNNUpsamplingBilinearNode nodeWithSource:in.image()
                                    integerScaleFactorX:whole(op.scale_factor_x, "scale_factor_x", in)
                                    integerScaleFactorY:whole(op.scale_factor_y, "scale_factor_y", in)
                                           alignCorners:op.align_corners];
  });
  add_upsampling_gradient<UpsamplingNearestGradientOp, MPSCNNUpsamplingNearestGradientNode>(makers);
  add_upsampling_gradient<UpsamplingBilinearGradientOp, MPSCNNUpsamplingBilinearGradientNode>(makers);
  add_scale<BilinearScaleOp, MPSNNBilinearScaleNode>(makers);
  add_scale<LanczosScaleOp, MPSNNLanczosScaleNode>(makers);
}

}  // namespace mpsnn::metal
