// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNBATCHNORMALIZATION_H
#define METALPERFORMANCESHADERS_MPSCNNBATCHNORMALIZATION_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSImage.h>
#import <MetalPerformanceShaders/MPSNNGradientState.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSCNNBatchNormalizationState;
@class MPSCNNNormalizationGammaAndBetaState;
@class MPSCNNNormalizationMeanAndVarianceState;
@class MPSNNNeuronDescriptor;

@protocol MPSCNNBatchNormalizationDataSource <NSObject, NSCopying>
@required
- (NSUInteger)numberOfFeatureChannels;
- (float * _Nullable)gamma;
- (float * _Nullable)beta;
- (float * _Nullable)mean;
- (float * _Nullable)variance;
- (BOOL)load;
- (void)purge;
- (NSString * _Nullable)label;
@optional
@property (class, nonatomic, readonly) BOOL supportsSecureCoding;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder;
- (MPSCNNNormalizationGammaAndBetaState * _Nullable)updateGammaAndBetaWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState;
- (MPSCNNNormalizationMeanAndVarianceState * _Nullable)updateMeanAndVarianceWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState;
- (BOOL)updateGammaAndBetaWithBatchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState;
- (BOOL)updateMeanAndVarianceWithBatchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState;
- (float)epsilon;
- (void)encodeWithCoder:(NSCoder *)aCoder;
- (instancetype)copyWithZone:(NSZone * _Nullable)zone device:(id<MTLDevice> _Nullable)device;
@end

@interface MPSCNNBatchNormalization : MPSCNNKernel
@property (nonatomic, readonly) NSUInteger numberOfFeatureChannels;
@property (nonatomic) float epsilon;
@property (nonatomic, readonly) id<MPSCNNBatchNormalizationDataSource> dataSource;
- (instancetype)initWithDevice:(id<MTLDevice>)device dataSource:(id<MPSCNNBatchNormalizationDataSource>)dataSource;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                    dataSource:(id<MPSCNNBatchNormalizationDataSource>)dataSource
         fusedNeuronDescriptor:(MPSNNNeuronDescriptor * _Nullable)fusedNeuronDescriptor;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
             destinationImage:(MPSImage *)destinationImage;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
           batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
                 destinationImages:(MPSImageBatch *)destinationImages;
- (MPSCNNBatchNormalizationState * _Nullable)resultStateForSourceImage:(MPSImage *)sourceImage
                                                          sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                                                      destinationImage:(MPSImage *)destinationImage;
- (MPSCNNBatchNormalizationState * _Nullable)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImage:(MPSImage *)sourceImage
    sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
    destinationImage:(MPSImage *)destinationImage;
- (void)reloadDataSource:(id<MPSCNNBatchNormalizationDataSource>)dataSource MTL_DEPRECATED;
- (void)reloadGammaAndBetaFromDataSource;
- (void)reloadMeanAndVarianceFromDataSource;
- (void)reloadGammaAndBetaWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                          gammaAndBetaState:(MPSCNNNormalizationGammaAndBetaState *)gammaAndBetaState;
- (void)reloadMeanAndVarianceWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                          meanAndVarianceState:(MPSCNNNormalizationMeanAndVarianceState *)meanAndVarianceState;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
             destinationState:(MPSState *)destinationState
             destinationImage:(MPSImage *)destinationImage MTL_UNAVAILABLE;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
                   destinationState:(MPSState * _Nullable * _Nonnull)outState
        destinationStateIsTemporary:(BOOL)isTemporary MTL_UNAVAILABLE;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
                 destinationStates:(MPSStateBatch * _Nullable)destinationStates
                 destinationImages:(MPSImageBatch *)destinationImages MTL_UNAVAILABLE;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                            destinationStates:(MPSStateBatch * _Nullable * _Nonnull)outStates
                  destinationStateIsTemporary:(BOOL)isTemporary MTL_UNAVAILABLE;
@end

@interface MPSCNNBatchNormalizationGradient : MPSCNNGradientKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device
         fusedNeuronDescriptor:(MPSNNNeuronDescriptor * _Nullable)fusedNeuronDescriptor;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
               sourceGradient:(MPSImage *)sourceGradient
                  sourceImage:(MPSImage *)sourceImage
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
          destinationGradient:(MPSImage *)destinationGradient;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                   sourceGradients:(MPSImageBatch *)sourceGradients
                      sourceImages:(MPSImageBatch *)sourceImages
           batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
              destinationGradients:(MPSImageBatch *)destinationGradients;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                     sourceGradient:(MPSImage *)sourceGradient
                        sourceImage:(MPSImage *)sourceImage
            batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              sourceGradients:(MPSImageBatch *)sourceGradients
                                 sourceImages:(MPSImageBatch *)sourceImages
                      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState;
@end

@interface MPSCNNBatchNormalizationState : MPSNNGradientState
@property (nonatomic, readonly) MPSCNNBatchNormalization *batchNormalization;
- (void)reset;
- (id<MTLBuffer> _Nullable)gamma;
- (id<MTLBuffer> _Nullable)beta;
- (id<MTLBuffer> _Nullable)mean;
- (id<MTLBuffer> _Nullable)variance;
- (id<MTLBuffer> _Nullable)gradientForGamma;
- (id<MTLBuffer> _Nullable)gradientForBeta;
- (instancetype)initWithResource:(id<MTLResource> _Nullable)resource MTL_UNAVAILABLE;
+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)cmdBuf
                                     bufferSize:(size_t)bufferSize MTL_UNAVAILABLE;
+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)cmdBuf
                              textureDescriptor:(MTLTextureDescriptor *)descriptor MTL_UNAVAILABLE;
@end

@interface MPSCNNBatchNormalizationStatistics : MPSCNNKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
           batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState;
@end

@interface MPSCNNBatchNormalizationStatisticsGradient : MPSCNNGradientKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device
         fusedNeuronDescriptor:(MPSNNNeuronDescriptor * _Nullable)fusedNeuronDescriptor;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                   sourceGradients:(MPSImageBatch *)sourceGradients
                      sourceImages:(MPSImageBatch *)sourceImages
           batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState;
@end

NS_ASSUME_NONNULL_END

#endif
