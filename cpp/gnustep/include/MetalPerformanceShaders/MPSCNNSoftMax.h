// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNSOFTMAX_H
#define METALPERFORMANCESHADERS_MPSCNNSOFTMAX_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@interface MPSCNNLogSoftMax : MPSCNNKernel
@end

@interface MPSCNNLogSoftMaxGradient : MPSCNNGradientKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNSoftMax : MPSCNNKernel
@end

@interface MPSCNNSoftMaxGradient : MPSCNNGradientKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

NS_ASSUME_NONNULL_END

#endif
