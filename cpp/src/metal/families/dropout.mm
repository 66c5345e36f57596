#include "mpsnn/nodes/dropout.hpp"

#include "metal/nodes.hpp"

namespace mpsnn::metal {

namespace {

MTLSize mask_stride(const DropoutBaseOp &op) {
  const mtl::Size &stride = op.mask_stride_in_pixels;
  return MTLSizeMake(stride.width, stride.height, stride.depth);
}

}  // namespace

void add_dropout_nodes(NodeMakers &makers) {
  makers.add<DropoutOp>([](const DropoutOp &op, const NodeRequest &in) {
    return [MPSCNNDropoutNode nodeWithSource:in.image()
                             keepProbability:op.keep_probability
                                        seed:op.seed
                          maskStrideInPixels:mask_stride(op)];
  });
  makers.add<DropoutGradientOp>([](const DropoutGradientOp &op, const NodeRequest &in) {
    return [MPSCNNDropoutGradientNode nodeWithSourceGradient:in.image(0)
                                                 sourceImage:in.image(1)
                                               gradientState:in.gradient_state()
                                             keepProbability:op.keep_probability
                                                        seed:op.seed
                                          maskStrideInPixels:mask_stride(op)];
  });
}

}  // namespace mpsnn::metal
