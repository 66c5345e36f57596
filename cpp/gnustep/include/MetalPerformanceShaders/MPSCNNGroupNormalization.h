// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNGROUPNORMALIZATION_H
#define METALPERFORMANCESHADERS_MPSCNNGROUPNORMALIZATION_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSNNGradientState.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSCNNGroupNormalizationGradientState;
@class MPSCNNNormalizationGammaAndBetaState;

typedef NSArray<MPSCNNGroupNormalizationGradientState *> MPSCNNGroupNormalizationGradientStateBatch;

@protocol MPSCNNGroupNormalizationDataSource <NSObject, NSCopying>
@required
@property (nonatomic, readonly) NSUInteger numberOfFeatureChannels;
@property (nonatomic) NSUInteger numberOfGroups;
- (float * _Nullable)gamma;
- (float * _Nullable)beta;
- (NSString * _Nullable)label;
@optional
@property (class, nonatomic, readonly) BOOL supportsSecureCoding;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder;
- (MPSCNNNormalizationGammaAndBetaState * _Nullable)updateGammaAndBetaWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    groupNormalizationStateBatch:(MPSCNNGroupNormalizationGradientStateBatch *)groupNormalizationStateBatch;
- (BOOL)updateGammaAndBetaWithGroupNormalizationStateBatch:(MPSCNNGroupNormalizationGradientStateBatch *)groupNormalizationStateBatch;
- (float)epsilon;
- (void)encodeWithCoder:(NSCoder *)aCoder;
- (instancetype)copyWithZone:(NSZone * _Nullable)zone device:(id<MTLDevice> _Nullable)device;
@end

@interface MPSCNNGroupNormalization : MPSCNNKernel
@property (nonatomic) float epsilon;
@property (nonatomic, readonly) id<MPSCNNGroupNormalizationDataSource> dataSource;
- (instancetype)initWithDevice:(id<MTLDevice>)device dataSource:(id<MPSCNNGroupNormalizationDataSource>)dataSource;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)reloadGammaAndBetaFromDataSource;
- (void)reloadGammaAndBetaWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                          gammaAndBetaState:(MPSCNNNormalizationGammaAndBetaState *)gammaAndBetaState;
- (MPSCNNGroupNormalizationGradientState * _Nullable)resultStateForSourceImage:(MPSImage *)sourceImage
    sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
    destinationImage:(MPSImage *)destinationImage;
- (MPSCNNGroupNormalizationGradientState * _Nullable)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImage:(MPSImage *)sourceImage
    sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
    destinationImage:(MPSImage *)destinationImage;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNGroupNormalizationGradient : MPSCNNGradientKernel
@end

@interface MPSCNNGroupNormalizationGradientState : MPSNNGradientState
@property (nonatomic, readonly) MPSCNNGroupNormalization *groupNormalization;
@property (nonatomic, readonly, nullable) id<MTLBuffer> gamma;
@property (nonatomic, readonly, nullable) id<MTLBuffer> beta;
@property (nonatomic, readonly) id<MTLBuffer> gradientForGamma;
@property (nonatomic, readonly) id<MTLBuffer> gradientForBeta;
@end

NS_ASSUME_NONNULL_END

#endif
