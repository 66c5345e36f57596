// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNNREDUCE_H
#define METALPERFORMANCESHADERS_MPSNNREDUCE_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@interface MPSNNReduceBinary : MPSCNNBinaryKernel
@property (nonatomic) MTLRegion primarySourceClipRect;
@property (nonatomic) MTLRegion secondarySourceClipRect;
@property (nonatomic) MPSOffset primaryOffset MTL_DEPRECATED;
@property (nonatomic) MPSOffset secondaryOffset MTL_DEPRECATED;
@end

@interface MPSNNReduceUnary : MPSCNNKernel
@property (nonatomic) MTLRegion clipRectSource;
@property (nonatomic) MPSOffset offset MTL_DEPRECATED;
@end

@interface MPSNNReduceColumnMax : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceColumnMean : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceColumnMin : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceColumnSum : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceFeatureChannelsAndWeightsMean : MPSNNReduceBinary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceFeatureChannelsAndWeightsSum : MPSNNReduceBinary
@property (nonatomic, readonly) BOOL doWeightedSumByNonZeroWeights;
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device doWeightedSumByNonZeroWeights:(BOOL)doWeightedSumByNonZeroWeights;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceFeatureChannelsArgumentMax : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceFeatureChannelsArgumentMin : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceFeatureChannelsMax : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceFeatureChannelsMean : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceFeatureChannelsMin : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceFeatureChannelsSum : MPSNNReduceUnary
@property (nonatomic) float weight;
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceRowMax : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceRowMean : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceRowMin : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSNNReduceRowSum : MPSNNReduceUnary
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

NS_ASSUME_NONNULL_END

#endif
