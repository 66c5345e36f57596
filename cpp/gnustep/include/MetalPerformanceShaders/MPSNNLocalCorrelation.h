// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNNLOCALCORRELATION_H
#define METALPERFORMANCESHADERS_MPSNNLOCALCORRELATION_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSNNReduce.h>

NS_ASSUME_NONNULL_BEGIN

@interface MPSNNLocalCorrelation : MPSNNReduceBinary
@property (nonatomic) NSUInteger windowInX;
@property (nonatomic) NSUInteger windowInY;
@property (nonatomic) NSUInteger strideInX;
@property (nonatomic) NSUInteger strideInY;
- (instancetype)initWithDevice:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                     windowInX:(NSUInteger)windowInX
                     windowInY:(NSUInteger)windowInY
                     strideInX:(NSUInteger)strideInX
                     strideInY:(NSUInteger)strideInY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

NS_ASSUME_NONNULL_END

#endif
