// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNNORMALIZATIONWEIGHTS_H
#define METALPERFORMANCESHADERS_MPSCNNNORMALIZATIONWEIGHTS_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSState.h>

NS_ASSUME_NONNULL_BEGIN

@interface MPSCNNNormalizationGammaAndBetaState : MPSState
@property (nonatomic, readonly) id<MTLBuffer> gamma;
@property (nonatomic, readonly) id<MTLBuffer> beta;
- (instancetype)initWithGamma:(id<MTLBuffer>)gamma beta:(id<MTLBuffer>)beta;
+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        numberOfFeatureChannels:(NSUInteger)numberOfFeatureChannels;
@end

@interface MPSCNNNormalizationMeanAndVarianceState : MPSState
@property (nonatomic, readonly) id<MTLBuffer> mean;
@property (nonatomic, readonly) id<MTLBuffer> variance;
- (instancetype)initWithMean:(id<MTLBuffer>)mean variance:(id<MTLBuffer>)variance;
+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        numberOfFeatureChannels:(NSUInteger)numberOfFeatureChannels;
@end

NS_ASSUME_NONNULL_END

#endif
