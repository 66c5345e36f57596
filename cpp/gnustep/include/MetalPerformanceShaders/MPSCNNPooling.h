// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNPOOLING_H
#define METALPERFORMANCESHADERS_MPSCNNPOOLING_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@interface MPSCNNPooling : MPSCNNKernel
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNDilatedPoolingMax : MPSCNNPooling
@property (nonatomic, readonly) NSUInteger dilationRateX;
@property (nonatomic, readonly) NSUInteger dilationRateY;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
                 dilationRateX:(NSUInteger)dilationRateX
                 dilationRateY:(NSUInteger)dilationRateY
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNPoolingGradient : MPSCNNGradientKernel
@property (nonatomic) MTLSize sourceSize;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNDilatedPoolingMaxGradient : MPSCNNPoolingGradient
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
                 dilationRateX:(NSUInteger)dilationRateX
                 dilationRateY:(NSUInteger)dilationRateY
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY MTL_UNAVAILABLE;
@end

@interface MPSCNNPoolingAverage : MPSCNNPooling
@property (nonatomic) NSUInteger zeroPadSizeX;
@property (nonatomic) NSUInteger zeroPadSizeY;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNPoolingAverageGradient : MPSCNNPoolingGradient
@property (nonatomic) NSUInteger zeroPadSizeX;
@property (nonatomic) NSUInteger zeroPadSizeY;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNPoolingL2Norm : MPSCNNPooling
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNPoolingL2NormGradient : MPSCNNPoolingGradient
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNPoolingMax : MPSCNNPooling
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNPoolingMaxGradient : MPSCNNPoolingGradient
- (instancetype)initWithDevice:(id<MTLDevice>)device
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

NS_ASSUME_NONNULL_END

#endif
