#include "mpsnn/nodes/dropout.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

namespace {

template <class OpType, class Kernel>
void add_kernel(KernelMakers &makers) {
  makers.add<OpType>([](const OpType &op, id<MTLDevice> device) {
    const auto &[width, height, depth] = op.mask_stride_in_pixels;
    return [[Kernel alloc] initWithDevice:device
                          keepProbability:op.keep_probability
                                     seed:op.seed
                       maskStrideInPixels:MTLSizeMake(width, height, depth)];
  });
}

}  // namespace

void add_dropout_kernels(KernelMakers &makers) {
  add_kernel<DropoutOp, MPSCNNDropout>(makers);
  add_kernel<DropoutGradientOp, MPSCNNDropoutGradient>(makers);
}

}  // namespace mpsnn::metal
