// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNNRESHAPE_H
#define METALPERFORMANCESHADERS_MPSNNRESHAPE_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSImage.h>
#import <MetalPerformanceShaders/MPSState.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@interface MPSNNReshape : MPSCNNKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
                      reshapedWidth:(NSUInteger)reshapedWidth
                     reshapedHeight:(NSUInteger)reshapedHeight
            reshapedFeatureChannels:(NSUInteger)reshapedFeatureChannels;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
                   destinationState:(MPSState * _Nullable * _Nonnull)outState
        destinationStateIsTemporary:(BOOL)isTemporary
                      reshapedWidth:(NSUInteger)reshapedWidth
                     reshapedHeight:(NSUInteger)reshapedHeight
            reshapedFeatureChannels:(NSUInteger)reshapedFeatureChannels;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                                reshapedWidth:(NSUInteger)reshapedWidth
                               reshapedHeight:(NSUInteger)reshapedHeight
                      reshapedFeatureChannels:(NSUInteger)reshapedFeatureChannels;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                            destinationStates:(MPSStateBatch * _Nullable * _Nonnull)outStates
                  destinationStateIsTemporary:(BOOL)isTemporary
                                reshapedWidth:(NSUInteger)reshapedWidth
                               reshapedHeight:(NSUInteger)reshapedHeight
                      reshapedFeatureChannels:(NSUInteger)reshapedFeatureChannels;
@end

@interface MPSNNReshapeGradient : MPSCNNGradientKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

NS_ASSUME_NONNULL_END

#endif
