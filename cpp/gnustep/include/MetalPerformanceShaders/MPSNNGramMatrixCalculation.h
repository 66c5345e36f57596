// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNNGRAMMATRIXCALCULATION_H
#define METALPERFORMANCESHADERS_MPSNNGRAMMATRIXCALCULATION_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MPSNNGramMatrixCallback <NSObject, NSSecureCoding, NSCopying>
- (float)alphaForSourceImage:(MPSImage *)sourceImage destinationImage:(MPSImage *)destinationImage;
@end

@interface MPSNNGramMatrixCalculation : MPSCNNKernel
@property (nonatomic) float alpha;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device alpha:(float)alpha;
- (instancetype)initWithDevice:(id<MTLDevice>)device;
@end

@interface MPSNNGramMatrixCalculationGradient : MPSCNNGradientKernel
@property (nonatomic) float alpha;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (instancetype)initWithDevice:(id<MTLDevice>)device alpha:(float)alpha;
- (instancetype)initWithDevice:(id<MTLDevice>)device;
@end

NS_ASSUME_NONNULL_END

#endif
