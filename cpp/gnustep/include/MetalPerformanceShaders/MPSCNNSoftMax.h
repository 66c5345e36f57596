// Written by generate_headers.py from tests/data/api_surface.json.
#ifndef METALPERFORMANCESHADERS_MPSCNNSOFTMAX_H
#define METALPERFORMANCESHADERS_MPSCNNSOFTMAX_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLDevice;

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
