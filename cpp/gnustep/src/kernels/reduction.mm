#import <MetalPerformanceShaders/MPSNNLocalCorrelation.h>
#import <MetalPerformanceShaders/MPSNNReduce.h>

#include "mpsnn/kernels/reduction.hpp"
#import "support/kernel_classes.hpp"

using namespace mpsnn::gnustep;

namespace {

// The constructor knows axis and operation.
template <class K>
std::shared_ptr<K> reduction(const DevicePtr &device, const mpsnn::ReductionOp &attributes) {
  const auto kernel = std::make_shared<K>(device);
  kernel->attributes.clip_rect_source = attributes.clip_rect_source;
  kernel->attributes.weight = attributes.weight;
  return kernel;
}

}  // namespace

MPSNN_ABSTRACT_KERNEL(MPSNNReduceUnary, NNReduceUnary)
MPSNN_ABSTRACT_KERNEL(MPSNNReduceBinary, NNReduceBinary)
MPSNN_PLAIN_KERNEL(MPSNNReduceFeatureChannelsAndWeightsSum, NNReduceFeatureChannelsAndWeightsSum)
MPSNN_PLAIN_KERNEL(MPSNNReduceFeatureChannelsAndWeightsMean, NNReduceFeatureChannelsAndWeightsMean)
MPSNN_PLAIN_KERNEL(MPSNNLocalCorrelation, NNLocalCorrelation)

@implementation MPSNNReduceUnary
@dynamic offset;
MPSNN_KERNEL_PROPERTY(MTLRegion, clipRectSource, setClipRectSource, NNReduceUnary, clip_rect_source)
@end

@implementation MPSNNReduceBinary
@dynamic primaryOffset, secondaryOffset;
MPSNN_KERNEL_PROPERTY(MTLRegion, primarySourceClipRect, setPrimarySourceClipRect, NNReduceBinary, primary_source_clip_rect)
MPSNN_KERNEL_PROPERTY(MTLRegion, secondarySourceClipRect, setSecondarySourceClipRect, NNReduceBinary, secondary_source_clip_rect)
@end

#define REDUCTION(Name)                                                                                          \
  MPSNN_REGISTER_KERNEL(mpsnn::NNReduce##Name, MPSNNReduce##Name,                                                \
                        plain<mpsnn::NNReduce##Name>("MPSNNReduce" #Name, own_attributes<mpsnn::NNReduce##Name>, \
                                                     reduction<mpsnn::NNReduce##Name>))                          \
  @implementation MPSNNReduce                                                                                    \
  ##Name MPSNN_INHERITED_INITIALIZERS

REDUCTION(RowMin)
@end REDUCTION(RowMax) @end REDUCTION(RowMean) @end REDUCTION(RowSum) @end REDUCTION(ColumnMin) @end REDUCTION(ColumnMax)
    @end REDUCTION(ColumnMean) @end REDUCTION(ColumnSum) @end REDUCTION(FeatureChannelsMin) @end REDUCTION(FeatureChannelsMax)
        @end REDUCTION(FeatureChannelsMean) @end REDUCTION(FeatureChannelsArgumentMin) @end REDUCTION(FeatureChannelsArgumentMax)
            @end REDUCTION(FeatureChannelsSum) MPSNN_KERNEL_PROPERTY(float, weight, setWeight, NNReduceUnary, weight) @end

    @implementation MPSNNReduceFeatureChannelsAndWeightsSum

MPSNN_INHERITED_INITIALIZERS

- (instancetype)initWithDevice:(id<MTLDevice>)device doWeightedSumByNonZeroWeights:(BOOL)doWeightedSumByNonZeroWeights {
  return made_kernel(self, _cmd, [&] {
    mpsnn::WeightedSumOp op;
    op.do_weighted_sum_by_non_zero_weights = doWeightedSumByNonZeroWeights;
    return std::make_shared<mpsnn::NNReduceFeatureChannelsAndWeightsSum>(device_of(MPSNN_REQUIRE(device)), op);
  });
}

MPSNN_KERNEL_READONLY(BOOL, doWeightedSumByNonZeroWeights, NNReduceFeatureChannelsAndWeightsSum,
                      do_weighted_sum_by_non_zero_weights)

@end

@implementation MPSNNReduceFeatureChannelsAndWeightsMean
MPSNN_INHERITED_INITIALIZERS
@end

@implementation MPSNNLocalCorrelation

MPSNN_INHERITED_INITIALIZERS

- (instancetype)initWithDevice:(id<MTLDevice>)device
                     windowInX:(NSUInteger)windowInX
                     windowInY:(NSUInteger)windowInY
                     strideInX:(NSUInteger)strideInX
                     strideInY:(NSUInteger)strideInY {
  return made_kernel(self, _cmd, [&] {
    mpsnn::LocalCorrelationOp op;
    op.window_in_x = windowInX;
    op.window_in_y = windowInY;
    op.stride_in_x = strideInX;
    op.stride_in_y = strideInY;
    return std::make_shared<mpsnn::NNLocalCorrelation>(device_of(MPSNN_REQUIRE(device)), op);
  });
}

MPSNN_KERNEL_PROPERTY(NSUInteger, windowInX, setWindowInX, NNLocalCorrelation, window_in_x)
MPSNN_KERNEL_PROPERTY(NSUInteger, windowInY, setWindowInY, NNLocalCorrelation, window_in_y)
MPSNN_KERNEL_PROPERTY(NSUInteger, strideInX, setStrideInX, NNLocalCorrelation, stride_in_x)
MPSNN_KERNEL_PROPERTY(NSUInteger, strideInY, setStrideInY, NNLocalCorrelation, stride_in_y)

@end
