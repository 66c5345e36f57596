// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNINSTANCENORMALIZATION_H
#define METALPERFORMANCESHADERS_MPSCNNINSTANCENORMALIZATION_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSNNGradientState.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSCNNInstanceNormalizationGradientState;
@class MPSCNNNormalizationGammaAndBetaState;

typedef NSArray<MPSCNNInstanceNormalizationGradientState *> MPSCNNInstanceNormalizationGradientStateBatch;

@protocol MPSCNNInstanceNormalizationDataSource <NSObject, NSCopying>
@required
@property (nonatomic, readonly) NSUInteger numberOfFeatureChannels;
- (float * _Nullable)gamma;
- (float * _Nullable)beta;
- (NSString * _Nullable)label;
@optional
@property (class, nonatomic, readonly) BOOL supportsSecureCoding;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder;
- (MPSCNNNormalizationGammaAndBetaState * _Nullable)updateGammaAndBetaWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    instanceNormalizationStateBatch:(MPSCNNInstanceNormalizationGradientStateBatch *)instanceNormalizationStateBatch;
- (BOOL)updateGammaAndBetaWithInstanceNormalizationStateBatch:(MPSCNNInstanceNormalizationGradientStateBatch *)instanceNormalizationStateBatch;
- (float)epsilon;
- (void)encodeWithCoder:(NSCoder *)aCoder;
- (instancetype)copyWithZone:(NSZone * _Nullable)zone device:(id<MTLDevice> _Nullable)device;
- (BOOL)load;
- (void)purge;
@end

@interface MPSCNNInstanceNormalization : MPSCNNKernel
@property (nonatomic) float epsilon;
@property (nonatomic, readonly) id<MPSCNNInstanceNormalizationDataSource> dataSource;
- (instancetype)initWithDevice:(id<MTLDevice>)device dataSource:(id<MPSCNNInstanceNormalizationDataSource>)dataSource;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)reloadDataSource:(id<MPSCNNInstanceNormalizationDataSource>)dataSource MTL_DEPRECATED;
- (void)reloadGammaAndBetaFromDataSource;
- (void)reloadGammaAndBetaWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                          gammaAndBetaState:(MPSCNNNormalizationGammaAndBetaState *)gammaAndBetaState;
- (MPSCNNInstanceNormalizationGradientState * _Nullable)resultStateForSourceImage:(MPSImage *)sourceImage
    sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
    destinationImage:(MPSImage *)destinationImage;
- (MPSCNNInstanceNormalizationGradientState * _Nullable)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImage:(MPSImage *)sourceImage
    sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
    destinationImage:(MPSImage *)destinationImage;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNInstanceNormalizationGradient : MPSCNNGradientKernel
@end

@interface MPSCNNInstanceNormalizationGradientState : MPSNNGradientState
@property (nonatomic, readonly) MPSCNNInstanceNormalization *instanceNormalization;
@property (nonatomic, readonly, nullable) id<MTLBuffer> gamma;
@property (nonatomic, readonly, nullable) id<MTLBuffer> beta;
@property (nonatomic, readonly) id<MTLBuffer> gradientForGamma;
@property (nonatomic, readonly) id<MTLBuffer> gradientForBeta;
@end

NS_ASSUME_NONNULL_END

#endif
