// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNNSLICE_H
#define METALPERFORMANCESHADERS_MPSNNSLICE_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@interface MPSNNSlice : MPSCNNKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

NS_ASSUME_NONNULL_END

#endif
