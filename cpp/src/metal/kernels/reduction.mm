#include "mpsnn/nodes/reduction.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

namespace {

template <class Kernel>
Kernel *with_rectangles(const BinaryReductionOp &op, Kernel *kernel) {
  kernel.primarySourceClipRect = native_region(op.primary_source_clip_rect);
  kernel.secondarySourceClipRect = native_region(op.secondary_source_clip_rect);
  return kernel;
}

}  // namespace

void add_reduction_kernels(KernelMakers &makers) {
  makers.add<ReductionOp>([](const ReductionOp &op, id<MTLDevice> device) {
    Class kind = NSClassFromString(ns_string(op.kernel_name()));
    MPSNNReduceUnary *kernel = [(MPSNNReduceUnary *)[kind alloc] initWithDevice:device];
    kernel.clipRectSource = native_region(op.clip_rect_source);
    if (op.is_sum_of_channels()) [(MPSNNReduceFeatureChannelsSum *)kernel setWeight:op.weight];
    return kernel;
  });
  makers.add<WeightedSumOp>([](const WeightedSumOp &op, id<MTLDevice> device) {
    const BOOL by_weights = op.do_weighted_sum_by_non_zero_weights;
    return with_rectangles(op, [[MPSNNReduceFeatureChannelsAndWeightsSum alloc] initWithDevice:device
                                                                 doWeightedSumByNonZeroWeights:by_weights]);
  });
  makers.add<WeightedMeanOp>([](const WeightedMeanOp &op, id<MTLDevice> device) {
    return with_rectangles(op, [[MPSNNReduceFeatureChannelsAndWeightsMean alloc] initWithDevice:device]);
  });
  makers.add<LocalCorrelationOp>([](const LocalCorrelationOp &op, id<MTLDevice> device) {
    return with_rectangles(op, [[MPSNNLocalCorrelation alloc] initWithDevice:device
                                                                   windowInX:op.window_in_x
                                                                   windowInY:op.window_in_y
                                                                   strideInX:op.stride_in_x
                                                                   strideInY:op.stride_in_y]);
  });
}

}  // namespace mpsnn::metal
