// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNKERNEL_H
#define METALPERFORMANCESHADERS_MPSCNNKERNEL_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>
#import <MetalPerformanceShaders/MPSKernel.h>
#import <MetalPerformanceShaders/MPSImage.h>
#import <MetalPerformanceShaders/MPSState.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MPSNNPadding;

@interface MPSCNNBinaryKernel : MPSKernel
@property (nonatomic) MPSOffset primaryOffset;
@property (nonatomic) MPSOffset secondaryOffset;
@property (nonatomic) MTLRegion clipRect;
@property (nonatomic) NSUInteger destinationFeatureChannelOffset;
@property (nonatomic) NSUInteger primarySourceFeatureChannelOffset;
@property (nonatomic) NSUInteger secondarySourceFeatureChannelOffset;
@property (nonatomic) NSUInteger primarySourceFeatureChannelMaxCount;
@property (nonatomic) NSUInteger secondarySourceFeatureChannelMaxCount;
@property (nonatomic) MPSImageEdgeMode primaryEdgeMode;
@property (nonatomic) MPSImageEdgeMode secondaryEdgeMode;
@property (nonatomic, readonly) NSUInteger primaryKernelWidth;
@property (nonatomic, readonly) NSUInteger primaryKernelHeight;
@property (nonatomic, readonly) NSUInteger secondaryKernelWidth;
@property (nonatomic, readonly) NSUInteger secondaryKernelHeight;
@property (nonatomic) NSUInteger primaryStrideInPixelsX;
@property (nonatomic) NSUInteger primaryStrideInPixelsY;
@property (nonatomic) NSUInteger secondaryStrideInPixelsX;
@property (nonatomic) NSUInteger secondaryStrideInPixelsY;
@property (nonatomic, readonly) NSUInteger primaryDilationRateX;
@property (nonatomic, readonly) NSUInteger primaryDilationRateY;
@property (nonatomic, readonly) NSUInteger secondaryDilationRateX;
@property (nonatomic, readonly) NSUInteger secondaryDilationRateY;
@property (nonatomic, readonly) BOOL isBackwards;
@property (nonatomic, readonly) BOOL isStateModified;
@property (nonatomic, retain) id<MPSNNPadding> padding;
@property (nonatomic, retain) id<MPSImageAllocator> destinationImageAllocator;
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                 primaryImage:(MPSImage *)primaryImage
               secondaryImage:(MPSImage *)secondaryImage
             destinationImage:(MPSImage *)destinationImage;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                     primaryImages:(MPSImageBatch *)primaryImages
                   secondaryImages:(MPSImageBatch *)secondaryImages
                 destinationImages:(MPSImageBatch *)destinationImages;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                       primaryImage:(MPSImage *)primaryImage
                     secondaryImage:(MPSImage *)secondaryImage;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                primaryImages:(MPSImageBatch *)primaryImage
                              secondaryImages:(MPSImageBatch *)secondaryImage;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                       primaryImage:(MPSImage *)primaryImage
                     secondaryImage:(MPSImage *)secondaryImage
                   destinationState:(MPSState * _Nullable * _Nonnull)outState
        destinationStateIsTemporary:(BOOL)isTemporary;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                primaryImages:(MPSImageBatch *)primaryImages
                              secondaryImages:(MPSImageBatch *)secondaryImages
                            destinationStates:(MPSStateBatch * _Nullable * _Nonnull)outState
                  destinationStateIsTemporary:(BOOL)isTemporary;
- (MPSState * _Nullable)resultStateForPrimaryImage:(MPSImage *)primaryImage
                                    secondaryImage:(MPSImage *)secondaryImage
                                      sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                                  destinationImage:(MPSImage *)destinationImage;
- (MPSStateBatch * _Nullable)resultStateBatchForPrimaryImage:(MPSImageBatch *)primaryImage
                                              secondaryImage:(MPSImageBatch *)secondaryImage
                                                sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
                                            destinationImage:(MPSImageBatch *)destinationImage;
- (MPSState * _Nullable)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                primaryImage:(MPSImage *)primaryImage
                                              secondaryImage:(MPSImage *)secondaryImage
                                                sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                                            destinationImage:(MPSImage *)destinationImage;
- (MPSStateBatch * _Nullable)temporaryResultStateBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    primaryImage:(MPSImageBatch *)primaryImage
    secondaryImage:(MPSImageBatch *)secondaryImage
    sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
    destinationImage:(MPSImageBatch *)destinationImage;
- (BOOL)isResultStateReusedAcrossBatch;
- (BOOL)appendBatchBarrier;
- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray<MPSImage *> *)sourceImages
                                                     sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates;
- (NSUInteger)encodingStorageSizeForPrimaryImage:(MPSImage *)primaryImage
                                  secondaryImage:(MPSImage *)secondaryImage
                                    sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                                destinationImage:(MPSImage * _Nullable)destinationImage;
- (NSUInteger)batchEncodingStorageSizeForPrimaryImage:(MPSImageBatch *)primaryImage
                                       secondaryImage:(MPSImageBatch *)secondaryImage
                                         sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
                                     destinationImage:(MPSImageBatch * _Nullable)destinationImage;
@end

@interface MPSCNNGradientKernel : MPSCNNBinaryKernel
@property (nonatomic) NSInteger kernelOffsetX;
@property (nonatomic) NSInteger kernelOffsetY;
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                     sourceGradient:(MPSImage *)sourceGradient
                        sourceImage:(MPSImage *)sourceImage
                      gradientState:(MPSState *)gradientState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
               sourceGradient:(MPSImage *)sourceGradient
                  sourceImage:(MPSImage *)sourceImage
                gradientState:(MPSState *)gradientState
          destinationGradient:(MPSImage *)destinationGradient;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              sourceGradients:(MPSImageBatch *)sourceGradients
                                 sourceImages:(MPSImageBatch *)sourceImages
                               gradientStates:(MPSStateBatch *)gradientStates;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                   sourceGradients:(MPSImageBatch *)sourceGradients
                      sourceImages:(MPSImageBatch *)sourceImages
                    gradientStates:(MPSStateBatch *)gradientStates
              destinationGradients:(MPSImageBatch *)destinationGradients;
@end

@interface MPSCNNKernel : MPSKernel
@property (nonatomic) MPSOffset offset;
@property (nonatomic) MTLRegion clipRect;
@property (nonatomic) NSUInteger destinationFeatureChannelOffset;
@property (nonatomic) NSUInteger sourceFeatureChannelOffset;
@property (nonatomic) NSUInteger sourceFeatureChannelMaxCount;
@property (nonatomic) MPSImageEdgeMode edgeMode;
@property (nonatomic, readonly) NSUInteger kernelWidth;
@property (nonatomic, readonly) NSUInteger kernelHeight;
@property (nonatomic, readonly) NSUInteger strideInPixelsX;
@property (nonatomic, readonly) NSUInteger strideInPixelsY;
@property (nonatomic, readonly) NSUInteger dilationRateX;
@property (nonatomic, readonly) NSUInteger dilationRateY;
@property (nonatomic, readonly) BOOL isBackwards;
@property (nonatomic, readonly) BOOL isStateModified;
@property (nonatomic, retain) id<MPSNNPadding> padding;
@property (nonatomic, retain) id<MPSImageAllocator> destinationImageAllocator;
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
             destinationImage:(MPSImage *)destinationImage;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
             destinationState:(MPSState *)destinationState
             destinationImage:(MPSImage *)destinationImage;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
                 destinationImages:(MPSImageBatch *)destinationImages;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
                 destinationStates:(MPSStateBatch * _Nullable)destinationStates
                 destinationImages:(MPSImageBatch *)destinationImages;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer sourceImage:(MPSImage *)sourceImage;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
                   destinationState:(MPSState * _Nullable * _Nonnull)outState
        destinationStateIsTemporary:(BOOL)isTemporary;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                            destinationStates:(MPSStateBatch * _Nullable * _Nonnull)outStates
                  destinationStateIsTemporary:(BOOL)isTemporary;
- (MPSState * _Nullable)resultStateForSourceImage:(MPSImage *)sourceImage
                                     sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                                 destinationImage:(MPSImage *)destinationImage;
- (MPSStateBatch * _Nullable)resultStateBatchForSourceImage:(MPSImageBatch *)sourceImage
                                               sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
                                           destinationImage:(MPSImageBatch *)destinationImage;
- (MPSState * _Nullable)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                 sourceImage:(MPSImage *)sourceImage
                                                sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                                            destinationImage:(MPSImage *)destinationImage;
- (MPSStateBatch * _Nullable)temporaryResultStateBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImage:(MPSImageBatch *)sourceImage
    sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
    destinationImage:(MPSImageBatch *)destinationImage;
- (BOOL)isResultStateReusedAcrossBatch;
- (BOOL)appendBatchBarrier;
- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray<MPSImage *> *)sourceImages
                                                     sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates;
- (NSUInteger)encodingStorageSizeForSourceImage:(MPSImage *)sourceImage
                                   sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                               destinationImage:(MPSImage * _Nullable)destinationImage;
- (NSUInteger)batchEncodingStorageSizeForSourceImage:(MPSImageBatch *)sourceImage
                                        sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
                                    destinationImage:(MPSImageBatch * _Nullable)destinationImage;
@end

NS_ASSUME_NONNULL_END

#endif
