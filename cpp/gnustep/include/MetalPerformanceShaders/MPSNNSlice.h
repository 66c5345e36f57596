// Written by generate_headers.py from tests/data/api_surface.json.
#ifndef METALPERFORMANCESHADERS_MPSNNSLICE_H
#define METALPERFORMANCESHADERS_MPSNNSLICE_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLDevice;

@interface MPSNNSlice : MPSCNNKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

NS_ASSUME_NONNULL_END

#endif
