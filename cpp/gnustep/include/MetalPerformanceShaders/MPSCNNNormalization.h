// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNNORMALIZATION_H
#define METALPERFORMANCESHADERS_MPSCNNNORMALIZATION_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@interface MPSCNNCrossChannelNormalization : MPSCNNKernel
@property (nonatomic) float alpha;
@property (nonatomic) float beta;
@property (nonatomic) float delta;
@property (nonatomic, readonly) NSUInteger kernelSize;
- (instancetype)initWithDevice:(id<MTLDevice>)device kernelSize:(NSUInteger)kernelSize;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNCrossChannelNormalizationGradient : MPSCNNGradientKernel
@property (nonatomic) float alpha;
@property (nonatomic) float beta;
@property (nonatomic) float delta;
@property (nonatomic, readonly) NSUInteger kernelSize;
- (instancetype)initWithDevice:(id<MTLDevice>)device kernelSize:(NSUInteger)kernelSize;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNLocalContrastNormalization : MPSCNNKernel
@property (nonatomic) float alpha;
@property (nonatomic) float beta;
@property (nonatomic) float delta;
@property (nonatomic) float p0;
@property (nonatomic) float pm;
@property (nonatomic) float ps;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNLocalContrastNormalizationGradient : MPSCNNGradientKernel
@property (nonatomic) float alpha;
@property (nonatomic) float beta;
@property (nonatomic) float delta;
@property (nonatomic) float p0;
@property (nonatomic) float pm;
@property (nonatomic) float ps;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNSpatialNormalization : MPSCNNKernel
@property (nonatomic) float alpha;
@property (nonatomic) float beta;
@property (nonatomic) float delta;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNSpatialNormalizationGradient : MPSCNNGradientKernel
@property (nonatomic) float alpha;
@property (nonatomic) float beta;
@property (nonatomic) float delta;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

NS_ASSUME_NONNULL_END

#endif
