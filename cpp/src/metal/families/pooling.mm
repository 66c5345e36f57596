#include "mpsnn/nodes/pooling.hpp"
#include "metal/nodes.hpp"

namespace mpsnn::metal {

namespace {

template <class OpType>
void add_pooling(NodeMakers &makers, Class kind) {
  makers.add<OpType>([kind](const OpType &op, const NodeRequest &in) -> MPSNNFilterNode * {
    return [[(MPSCNNPoolingNode *)[kind alloc] initWithSource:in.image()
                                                  kernelWidth:op.kernel_width
                                                 kernelHeight:op.kernel_height
                                              strideInPixelsX:op.stride_in_pixels_x
                                              strideInPixelsY:op.stride_in_pixels_y] autorelease];
  });
}

template <class OpType>
void add_pooling_gradient(NodeMakers &makers, Class kind) {
  makers.add<OpType>([kind](const OpType &op, const NodeRequest &in) -> MPSNNFilterNode * {
    return [[(MPSCNNPoolingGradientNode *)[kind alloc] initWithSourceGradient:in.image(0)
                                                                  sourceImage:in.image(1)
                                                                gradientState:in.gradient_state()
                                                                  kernelWidth:op.kernel_width
                                                                 kernelHeight:op.kernel_height
                                                              strideInPixelsX:op.stride_in_pixels_x
                                                              strideInPixelsY:op.stride_in_pixels_y
                                                                paddingPolicy:nil] autorelease];
  });
}

}  // namespace

void add_pooling_nodes(NodeMakers &makers) {
  add_pooling<PoolingMaxOp>(makers, [MPSCNNPoolingMaxNode class]);
  add_pooling<PoolingAverageOp>(makers, [MPSCNNPoolingAverageNode class]);
  add_pooling<PoolingL2NormOp>(makers, [MPSCNNPoolingL2NormNode class]);
  makers.add<DilatedPoolingMaxOp>([](const DilatedPoolingMaxOp &op, const NodeRequest &in) {
    return [[[MPSCNNDilatedPoolingMaxNode alloc] initWithSource:in.image()
                                                    kernelWidth:op.kernel_width
                                                   kernelHeight:op.kernel_height
                                                strideInPixelsX:op.stride_in_pixels_x
                                                strideInPixelsY:op.stride_in_pixels_y
                                                  dilationRateX:op.dilation_rate_x
                                                  dilationRateY:op.dilation_rate_y] autorelease];
  });
  add_pooling_gradient<PoolingMaxGradientOp>(makers, [MPSCNNPoolingMaxGradientNode class]);
  add_pooling_gradient<PoolingAverageGradientOp>(makers, [MPSCNNPoolingAverageGradientNode class]);
  add_pooling_gradient<PoolingL2NormGradientOp>(makers, [MPSCNNPoolingL2NormGradientNode class]);
  makers.add<DilatedPoolingMaxGradientOp>([](const DilatedPoolingMaxGradientOp &op, const NodeRequest &in) {
    return [[[MPSCNNDilatedPoolingMaxGradientNode alloc] initWithSourceGradient:in.image(0)
                                                                    sourceImage:in.image(1)
                                                                  gradientState:in.gradient_state()
                                                                    kernelWidth:op.kernel_width
                                                                   kernelHeight:op.kernel_height
                                                                strideInPixelsX:op.stride_in_pixels_x
                                                                strideInPixelsY:op.stride_in_pixels_y
                                                                  dilationRateX:op.dilation_rate_x
                                                                  dilationRateY:op.dilation_rate_y] autorelease];
  });
}

}  // namespace mpsnn::metal
