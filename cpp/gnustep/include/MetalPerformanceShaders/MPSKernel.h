// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSKERNEL_H
#define METALPERFORMANCESHADERS_MPSKERNEL_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>

NS_ASSUME_NONNULL_BEGIN

MTL_EXTERN MTLRegion const MPSRectNoClip;

@interface MPSKernel : NSObject <NSCopying, NSSecureCoding> {
 @public
  void *_impl;
}
@property (nonatomic) MPSKernelOptions options;
@property (nonatomic, readonly) id<MTLDevice> device;
@property (nonatomic, copy, nullable) NSString *label;
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)copyWithZone:(NSZone * _Nullable)zone device:(id<MTLDevice> _Nullable)device;
@end

NS_ASSUME_NONNULL_END

#endif
