// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNEURALNETWORKTYPES_H
#define METALPERFORMANCESHADERS_MPSNEURALNETWORKTYPES_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MPSHandle;
@class MPSImage;
@class MPSImageDescriptor;
@class MPSKernel;
@class MPSState;

typedef NS_OPTIONS(NSUInteger, MPSNNConvolutionAccumulatorPrecisionOption) {
  MPSNNConvolutionAccumulatorPrecisionOptionHalf = 0,
  MPSNNConvolutionAccumulatorPrecisionOptionFloat = 1,
};

typedef NS_OPTIONS(NSUInteger, MPSNNPaddingMethod) {
  MPSNNPaddingMethodAlignCentered = 0,
  MPSNNPaddingMethodAlignTopLeft = 1,
  MPSNNPaddingMethodAlignBottomRight = 2,
  MPSNNPaddingMethodAlign_reserved = 3,
  MPSNNPaddingMethodAlignMask = 3,
  MPSNNPaddingMethodAddRemainderToTopLeft = 0,
  MPSNNPaddingMethodAddRemainderToTopRight = 4,
  MPSNNPaddingMethodAddRemainderToBottomLeft = 8,
  MPSNNPaddingMethodAddRemainderToBottomRight = 12,
  MPSNNPaddingMethodAddRemainderToMask = 12,
  MPSNNPaddingMethodSizeValidOnly = 0,
  MPSNNPaddingMethodSizeSame = 16,
  MPSNNPaddingMethodSizeFull = 32,
  MPSNNPaddingMethodSize_reserved = 48,
  MPSNNPaddingMethodCustomWhitelistForNodeFusion MTL_DEPRECATED = 8192,
  MPSNNPaddingMethodCustomAllowForNodeFusion = 8192,
  MPSNNPaddingMethodCustom = 16384,
  MPSNNPaddingMethodSizeMask = 2032,
  MPSNNPaddingMethodExcludeEdges = 32768,
};

typedef NS_OPTIONS(NSUInteger, MPSNNTrainingStyle) {
  MPSNNTrainingStyleUpdateDeviceNone = 0,
  MPSNNTrainingStyleUpdateDeviceCPU = 1,
  MPSNNTrainingStyleUpdateDeviceGPU = 2,
};

@protocol MPSImageSizeEncodingState <NSObject>
@property (nonatomic, readonly) NSUInteger sourceWidth;
@property (nonatomic, readonly) NSUInteger sourceHeight;
@end

@protocol MPSImageTransformProvider <NSSecureCoding, NSObject>
- (MPSScaleTransform)transformForSourceImage:(MPSImage *)image handle:(id<MPSHandle> _Nullable)handle;
@end

@protocol MPSNNPadding <NSObject, NSSecureCoding>
@required
- (MPSNNPaddingMethod)paddingMethod;
@optional
- (NSString *)label;
- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray<MPSImage *> *)sourceImages
                                                     sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                                                        forKernel:(MPSKernel *)kernel
                                              suggestedDescriptor:(MPSImageDescriptor *)inDescriptor;
- (instancetype _Nullable)inverse;
@end

@interface MPSNNDefaultPadding : NSObject <MPSNNPadding> {
 @public
  void *_impl;
}
+ (instancetype)paddingWithMethod:(MPSNNPaddingMethod)method;
+ (instancetype)paddingForTensorflowAveragePooling;
+ (instancetype)paddingForTensorflowAveragePoolingValidOnly;
- (NSString *)label;
@end

NS_ASSUME_NONNULL_END

#endif
