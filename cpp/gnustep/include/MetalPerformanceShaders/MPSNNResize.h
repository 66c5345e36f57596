// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNNRESIZE_H
#define METALPERFORMANCESHADERS_MPSNNRESIZE_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@interface MPSNNCropAndResizeBilinear : MPSCNNKernel
@property (nonatomic, readonly) NSUInteger resizeWidth;
@property (nonatomic, readonly) NSUInteger resizeHeight;
@property (nonatomic, readonly) NSUInteger numberOfRegions;
@property (nonatomic, readonly) const MPSRegion *regions;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   resizeWidth:(NSUInteger)resizeWidth
                  resizeHeight:(NSUInteger)resizeHeight
               numberOfRegions:(NSUInteger)numberOfRegions
                       regions:(const MPSRegion *)regions;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSNNResizeBilinear : MPSCNNKernel
@property (nonatomic, readonly) NSUInteger resizeWidth;
@property (nonatomic, readonly) NSUInteger resizeHeight;
@property (nonatomic, readonly) BOOL alignCorners;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   resizeWidth:(NSUInteger)resizeWidth
                  resizeHeight:(NSUInteger)resizeHeight
                  alignCorners:(BOOL)alignCorners;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

NS_ASSUME_NONNULL_END

#endif
