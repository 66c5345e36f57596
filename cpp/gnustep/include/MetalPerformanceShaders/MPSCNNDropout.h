// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNDROPOUT_H
#define METALPERFORMANCESHADERS_MPSCNNDROPOUT_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSImage.h>
#import <MetalPerformanceShaders/MPSState.h>
#import <MetalPerformanceShaders/MPSNNGradientState.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSCNNDropoutGradientState;

typedef NSArray<MPSCNNDropoutGradientState *> MPSCNNDropoutGradientStateBatch;

@interface MPSCNNDropout : MPSCNNKernel
@property (nonatomic, readonly) float keepProbability;
@property (nonatomic, readonly) NSUInteger seed;
@property (nonatomic, readonly) MTLSize maskStrideInPixels;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device
               keepProbability:(float)keepProbability
                          seed:(NSUInteger)seed
            maskStrideInPixels:(MTLSize)maskStrideInPixels;
- (MPSCNNDropoutGradientState * _Nullable)resultStateForSourceImage:(MPSImage *)sourceImage
                                                       sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                                                   destinationImage:(MPSImage *)destinationImage;
- (MPSCNNDropoutGradientState * _Nullable)resultStateBatchForSourceImage:(MPSImageBatch *)sourceImage
    sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
    destinationImage:(MPSImageBatch *)destinationImage;
- (MPSCNNDropoutGradientState * _Nullable)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImage:(MPSImage *)sourceImage
    sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
    destinationImage:(MPSImage *)destinationImage;
- (MPSCNNDropoutGradientStateBatch * _Nullable)temporaryResultStateBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImage:(MPSImageBatch *)sourceImage
    sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
    destinationImage:(MPSImageBatch *)destinationImage;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNDropoutGradient : MPSCNNGradientKernel
@property (nonatomic, readonly) float keepProbability;
@property (nonatomic, readonly) NSUInteger seed;
@property (nonatomic, readonly) MTLSize maskStrideInPixels;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device
               keepProbability:(float)keepProbability
                          seed:(NSUInteger)seed
            maskStrideInPixels:(MTLSize)maskStrideInPixels;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNDropoutGradientState : MPSNNGradientState
- (NSData *)maskData;
@end

NS_ASSUME_NONNULL_END

#endif
