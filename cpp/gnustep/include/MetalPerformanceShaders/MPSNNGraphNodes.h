// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNNGRAPHNODES_H
#define METALPERFORMANCESHADERS_MPSNNGRAPHNODES_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>
#import <MetalPerformanceShaders/MPSNeuralNetworkTypes.h>
#import <MetalPerformanceShaders/MPSCNNTypes.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MPSCNNBatchNormalizationDataSource;
@protocol MPSCNNConvolutionDataSource;
@class MPSCNNConvolutionGradientStateNode;
@class MPSCNNConvolutionTransposeGradientStateNode;
@protocol MPSCNNGroupNormalizationDataSource;
@protocol MPSCNNInstanceNormalizationDataSource;
@class MPSCNNLossDescriptor;
@class MPSCNNYOLOLossDescriptor;
@protocol MPSHandle;
@protocol MPSImageAllocator;
@class MPSNNBinaryGradientStateNode;
@class MPSNNFilterNode;
@class MPSNNGradientFilterNode;
@class MPSNNGradientStateNode;
@protocol MPSNNGramMatrixCallback;
@class MPSNNImageNode;
@class MPSNNLabelsNode;
@protocol MPSNNLossCallback;
@class MPSNNLossGradientNode;
@class MPSNNNeuronDescriptor;
@class MPSNNStateNode;

typedef void (^MPSGradientNodeBlock)(MPSNNFilterNode *gradientNode,
                                     MPSNNFilterNode *inferenceNode,
                                     MPSNNImageNode *inferenceSource,
                                     MPSNNImageNode *gradientSource);

@protocol MPSNNTrainableNode <NSObject>
@property (nonatomic) MPSNNTrainingStyle trainingStyle;
@end

@interface MPSNNFilterNode : NSObject {
 @public
  void *_impl;
}
@property (nonatomic, readonly) MPSNNImageNode *resultImage;
@property (nonatomic, readonly, nullable) MPSNNStateNode *resultState;
@property (nonatomic, readonly, nullable) NSArray<MPSNNStateNode *> *resultStates;
@property (nonatomic, retain) id<MPSNNPadding> paddingPolicy;
@property (nonatomic, copy, nullable) NSString *label;
- (MPSNNGradientFilterNode *)gradientFilterWithSource:(MPSNNImageNode *)gradientImage;
- (MPSNNGradientFilterNode *)gradientFilterWithSources:(NSArray<MPSNNImageNode *> *)gradientImages;
- (NSArray<MPSNNGradientFilterNode *> *)gradientFiltersWithSources:(NSArray<MPSNNImageNode *> *)gradientImages;
- (NSArray<MPSNNGradientFilterNode *> *)gradientFiltersWithSource:(MPSNNImageNode *)gradientImage;
- (NSArray<MPSNNFilterNode *> * _Nullable)trainingGraphWithSourceGradient:(MPSNNImageNode * _Nullable)gradientImage
                                                              nodeHandler:(MPSGradientNodeBlock _Nullable)nodeHandler;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

@interface MPSNNGradientFilterNode : MPSNNFilterNode
- (MPSNNGradientFilterNode *)gradientFilterWithSources:(NSArray<MPSNNImageNode *> *)gradientImages MTL_UNAVAILABLE;
- (NSArray<MPSNNGradientFilterNode *> *)gradientFiltersWithSources:(NSArray<MPSNNImageNode *> *)gradientImages MTL_UNAVAILABLE;
- (MPSNNGradientFilterNode *)gradientFilterWithSource:(MPSNNImageNode *)gradientImage MTL_UNAVAILABLE;
- (NSArray<MPSNNGradientFilterNode *> *)gradientFiltersWithSource:(MPSNNImageNode *)gradientImage MTL_UNAVAILABLE;
@end

@interface MPSCNNBatchNormalizationGradientNode : MPSNNGradientFilterNode <MPSNNTrainableNode>
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
@end

@interface MPSCNNBatchNormalizationNode : MPSNNFilterNode <MPSNNTrainableNode>
@property (nonatomic) MPSCNNBatchNormalizationFlags flags;
@property (nonatomic) MPSNNTrainingStyle trainingStyle;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source dataSource:(id<MPSCNNBatchNormalizationDataSource>)dataSource;
- (instancetype)initWithSource:(MPSNNImageNode *)source dataSource:(id<MPSCNNBatchNormalizationDataSource>)dataSource;
@end

@interface MPSCNNConvolutionNode : MPSNNFilterNode <MPSNNTrainableNode>
@property (nonatomic) MPSNNTrainingStyle trainingStyle;
@property (nonatomic) MPSNNConvolutionAccumulatorPrecisionOption accumulatorPrecision;
@property (nonatomic, readonly, nullable) MPSCNNConvolutionGradientStateNode *convolutionGradientState;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode weights:(id<MPSCNNConvolutionDataSource>)weights;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode weights:(id<MPSCNNConvolutionDataSource>)weights;
@end

@interface MPSCNNBinaryConvolutionNode : MPSCNNConvolutionNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
                       weights:(id<MPSCNNConvolutionDataSource>)weights
                    scaleValue:(float)scaleValue
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
                       weights:(id<MPSCNNConvolutionDataSource>)weights
                    scaleValue:(float)scaleValue
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
                       weights:(id<MPSCNNConvolutionDataSource>)weights
               outputBiasTerms:(const float * _Nullable)outputBiasTerms
              outputScaleTerms:(const float * _Nullable)outputScaleTerms
                inputBiasTerms:(const float * _Nullable)inputBiasTerms
               inputScaleTerms:(const float * _Nullable)inputScaleTerms
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
                       weights:(id<MPSCNNConvolutionDataSource>)weights
               outputBiasTerms:(const float * _Nullable)outputBiasTerms
              outputScaleTerms:(const float * _Nullable)outputScaleTerms
                inputBiasTerms:(const float * _Nullable)inputBiasTerms
               inputScaleTerms:(const float * _Nullable)inputScaleTerms
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
@end

@interface MPSCNNBinaryFullyConnectedNode : MPSCNNBinaryConvolutionNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
                       weights:(id<MPSCNNConvolutionDataSource>)weights
                    scaleValue:(float)scaleValue
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
                       weights:(id<MPSCNNConvolutionDataSource>)weights
                    scaleValue:(float)scaleValue
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
                       weights:(id<MPSCNNConvolutionDataSource>)weights
               outputBiasTerms:(const float * _Nullable)outputBiasTerms
              outputScaleTerms:(const float * _Nullable)outputScaleTerms
                inputBiasTerms:(const float * _Nullable)inputBiasTerms
               inputScaleTerms:(const float * _Nullable)inputScaleTerms
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
                       weights:(id<MPSCNNConvolutionDataSource>)weights
               outputBiasTerms:(const float * _Nullable)outputBiasTerms
              outputScaleTerms:(const float * _Nullable)outputScaleTerms
                inputBiasTerms:(const float * _Nullable)inputBiasTerms
               inputScaleTerms:(const float * _Nullable)inputScaleTerms
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
@end

@interface MPSCNNConvolutionGradientNode : MPSNNGradientFilterNode <MPSNNTrainableNode>
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
              convolutionGradientState:(MPSCNNConvolutionGradientStateNode *)gradientState
                               weights:(id<MPSCNNConvolutionDataSource> _Nullable)weights;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
              convolutionGradientState:(MPSCNNConvolutionGradientStateNode *)gradientState
                               weights:(id<MPSCNNConvolutionDataSource> _Nullable)weights;
@end

@interface MPSNNStateNode : NSObject {
 @public
  void *_impl;
}
@property (nonatomic, retain, nullable) id<MPSHandle> handle;
@property (nonatomic) BOOL exportFromGraph;
@property (nonatomic) BOOL synchronizeResource;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

@interface MPSNNGradientStateNode : MPSNNStateNode
@end

@interface MPSCNNConvolutionGradientStateNode : MPSNNGradientStateNode
@end

@interface MPSCNNConvolutionTransposeGradientNode : MPSCNNConvolutionGradientNode
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
     convolutionTransposeGradientState:(MPSCNNConvolutionTransposeGradientStateNode *)gradientState
                               weights:(id<MPSCNNConvolutionDataSource> _Nullable)weights;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
     convolutionTransposeGradientState:(MPSCNNConvolutionTransposeGradientStateNode *)gradientState
                               weights:(id<MPSCNNConvolutionDataSource> _Nullable)weights;
@end

@interface MPSCNNConvolutionTransposeGradientStateNode : MPSCNNConvolutionGradientStateNode
@end

@interface MPSCNNConvolutionTransposeNode : MPSCNNConvolutionNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
      convolutionGradientState:(MPSCNNConvolutionGradientStateNode * _Nullable)convolutionGradientState
                       weights:(id<MPSCNNConvolutionDataSource>)weights;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
      convolutionGradientState:(MPSCNNConvolutionGradientStateNode * _Nullable)convolutionGradientState
                       weights:(id<MPSCNNConvolutionDataSource>)weights;
@end

@interface MPSCNNCrossChannelNormalizationGradientNode : MPSNNGradientFilterNode
@property (nonatomic, readonly) NSUInteger kernelSize;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            kernelSize:(NSUInteger)kernelSize;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            kernelSize:(NSUInteger)kernelSize;
@end

@interface MPSCNNNormalizationNode : MPSNNFilterNode
@property (nonatomic) float alpha;
@property (nonatomic) float beta;
@property (nonatomic) float delta;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNCrossChannelNormalizationNode : MPSCNNNormalizationNode
@property (nonatomic) NSUInteger kernelSizeInFeatureChannels;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode kernelSize:(NSUInteger)kernelSize;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode kernelSize:(NSUInteger)kernelSize;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNPoolingGradientNode : MPSNNGradientFilterNode
@property (nonatomic, readonly) NSUInteger kernelWidth;
@property (nonatomic, readonly) NSUInteger kernelHeight;
@property (nonatomic, readonly) NSUInteger strideInPixelsX;
@property (nonatomic, readonly) NSUInteger strideInPixelsY;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight
                       strideInPixelsX:(NSUInteger)strideInPixelsX
                       strideInPixelsY:(NSUInteger)strideInPixelsY
                         paddingPolicy:(id<MPSNNPadding> _Nullable)paddingPolicy;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight
                       strideInPixelsX:(NSUInteger)strideInPixelsX
                       strideInPixelsY:(NSUInteger)strideInPixelsY
                         paddingPolicy:(id<MPSNNPadding> _Nullable)paddingPolicy;
@end

@interface MPSCNNDilatedPoolingMaxGradientNode : MPSCNNPoolingGradientNode
@property (nonatomic, readonly) NSUInteger dilationRateX;
@property (nonatomic, readonly) NSUInteger dilationRateY;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight
                       strideInPixelsX:(NSUInteger)strideInPixelsX
                       strideInPixelsY:(NSUInteger)strideInPixelsY
                         dilationRateX:(NSUInteger)dilationRateX
                         dilationRateY:(NSUInteger)dilationRateY;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight
                       strideInPixelsX:(NSUInteger)strideInPixelsX
                       strideInPixelsY:(NSUInteger)strideInPixelsY
                         dilationRateX:(NSUInteger)dilationRateX
                         dilationRateY:(NSUInteger)dilationRateY;
@end

@interface MPSCNNDilatedPoolingMaxNode : MPSNNFilterNode
@property (nonatomic, readonly) NSUInteger dilationRateX;
@property (nonatomic, readonly) NSUInteger dilationRateY;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
                    filterSize:(NSUInteger)size
                        stride:(NSUInteger)stride
                  dilationRate:(NSUInteger)dilationRate;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY
                 dilationRateX:(NSUInteger)dilationRateX
                 dilationRateY:(NSUInteger)dilationRateY;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
                    filterSize:(NSUInteger)size
                        stride:(NSUInteger)stride
                  dilationRate:(NSUInteger)dilationRate;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size;
@end

@interface MPSCNNDropoutGradientNode : MPSNNGradientFilterNode
@property (nonatomic, readonly) float keepProbability;
@property (nonatomic, readonly) NSUInteger seed;
@property (nonatomic, readonly) MTLSize maskStrideInPixels;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                       keepProbability:(float)keepProbability
                                  seed:(NSUInteger)seed
                    maskStrideInPixels:(MTLSize)maskStrideInPixels;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                       keepProbability:(float)keepProbability
                                  seed:(NSUInteger)seed
                    maskStrideInPixels:(MTLSize)maskStrideInPixels;
@end

@interface MPSCNNDropoutNode : MPSNNFilterNode
@property (nonatomic, readonly) float keepProbability;
@property (nonatomic, readonly) NSUInteger seed;
@property (nonatomic, readonly) MTLSize maskStrideInPixels;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source;
- (instancetype)initWithSource:(MPSNNImageNode *)source;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source keepProbability:(float)keepProbability;
- (instancetype)initWithSource:(MPSNNImageNode *)source keepProbability:(float)keepProbability;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
               keepProbability:(float)keepProbability
                          seed:(NSUInteger)seed
            maskStrideInPixels:(MTLSize)maskStrideInPixels;
- (instancetype)initWithSource:(MPSNNImageNode *)source
               keepProbability:(float)keepProbability
                          seed:(NSUInteger)seed
            maskStrideInPixels:(MTLSize)maskStrideInPixels;
@end

@interface MPSCNNFullyConnectedGradientNode : MPSCNNConvolutionGradientNode
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
              convolutionGradientState:(MPSCNNConvolutionGradientStateNode *)gradientState
                               weights:(id<MPSCNNConvolutionDataSource> _Nullable)weights;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
              convolutionGradientState:(MPSCNNConvolutionGradientStateNode *)gradientState
                               weights:(id<MPSCNNConvolutionDataSource> _Nullable)weights;
@end

@interface MPSCNNFullyConnectedNode : MPSCNNConvolutionNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode weights:(id<MPSCNNConvolutionDataSource>)weights;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode weights:(id<MPSCNNConvolutionDataSource>)weights;
@end

@interface MPSCNNGroupNormalizationGradientNode : MPSNNGradientFilterNode <MPSNNTrainableNode>
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
@end

@interface MPSCNNGroupNormalizationNode : MPSNNFilterNode <MPSNNTrainableNode>
@property (nonatomic) MPSNNTrainingStyle trainingStyle;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source dataSource:(id<MPSCNNGroupNormalizationDataSource>)dataSource;
- (instancetype)initWithSource:(MPSNNImageNode *)source dataSource:(id<MPSCNNGroupNormalizationDataSource>)dataSource;
@end

@interface MPSCNNInstanceNormalizationGradientNode : MPSNNGradientFilterNode <MPSNNTrainableNode>
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
@end

@interface MPSCNNInstanceNormalizationNode : MPSNNFilterNode <MPSNNTrainableNode>
@property (nonatomic) MPSNNTrainingStyle trainingStyle;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
                    dataSource:(id<MPSCNNInstanceNormalizationDataSource>)dataSource;
- (instancetype)initWithSource:(MPSNNImageNode *)source
                    dataSource:(id<MPSCNNInstanceNormalizationDataSource>)dataSource;
@end

@interface MPSCNNLocalContrastNormalizationGradientNode : MPSNNGradientFilterNode
@property (nonatomic) float alpha;
@property (nonatomic) float beta;
@property (nonatomic) float delta;
@property (nonatomic) float p0;
@property (nonatomic) float pm;
@property (nonatomic) float ps;
@property (nonatomic, readonly) NSUInteger kernelWidth;
@property (nonatomic, readonly) NSUInteger kernelHeight;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight;
@end

@interface MPSCNNLocalContrastNormalizationNode : MPSCNNNormalizationNode
@property (nonatomic) float pm;
@property (nonatomic) float ps;
@property (nonatomic) float p0;
@property (nonatomic) NSUInteger kernelWidth;
@property (nonatomic) NSUInteger kernelHeight;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode kernelSize:(NSUInteger)kernelSize;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode kernelSize:(NSUInteger)kernelSize;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNLogSoftMaxGradientNode : MPSNNGradientFilterNode
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
@end

@interface MPSCNNLogSoftMaxNode : MPSNNFilterNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNLossNode : MPSNNFilterNode
@property (nonatomic, readonly) MPSNNLabelsNode *inputLabels;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source lossDescriptor:(MPSCNNLossDescriptor *)descriptor;
- (instancetype)initWithSource:(MPSNNImageNode *)source lossDescriptor:(MPSCNNLossDescriptor *)descriptor;
@end

@interface MPSCNNNeuronNode : MPSNNFilterNode
@property (nonatomic, readonly) float a;
@property (nonatomic, readonly) float b;
@property (nonatomic, readonly) float c;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode descriptor:(MPSNNNeuronDescriptor *)descriptor;
@end

@interface MPSCNNNeuronAbsoluteNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronELUNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode a:(float)a;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode a:(float)a;
@end

@interface MPSCNNNeuronExponentialNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b c:(float)c;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b c:(float)c;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronGeLUNode : MPSCNNNeuronNode
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronGradientNode : MPSNNGradientFilterNode
@property (nonatomic, readonly) MPSNNNeuronDescriptor *descriptor;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            descriptor:(MPSNNNeuronDescriptor *)descriptor;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            descriptor:(MPSNNNeuronDescriptor *)descriptor;
@end

@interface MPSCNNNeuronHardSigmoidNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronLinearNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronLogarithmNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b c:(float)c;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b c:(float)c;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronPReLUNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode aData:(NSData *)aData;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode aData:(NSData *)aData;
@end

@interface MPSCNNNeuronPowerNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b c:(float)c;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b c:(float)c;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronReLUNNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronReLUNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode a:(float)a;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode a:(float)a;
@end

@interface MPSCNNNeuronSigmoidNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronSoftPlusNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronSoftSignNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNNeuronTanHNode : MPSCNNNeuronNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode a:(float)a b:(float)b;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNPoolingAverageGradientNode : MPSCNNPoolingGradientNode
@end

@interface MPSCNNPoolingNode : MPSNNFilterNode
@property (nonatomic, readonly) NSUInteger kernelWidth;
@property (nonatomic, readonly) NSUInteger kernelHeight;
@property (nonatomic, readonly) NSUInteger strideInPixelsX;
@property (nonatomic, readonly) NSUInteger strideInPixelsY;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size stride:(NSUInteger)stride;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size stride:(NSUInteger)stride;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size;
@end

@interface MPSCNNPoolingAverageNode : MPSCNNPoolingNode
@end

@interface MPSCNNPoolingL2NormGradientNode : MPSCNNPoolingGradientNode
@end

@interface MPSCNNPoolingL2NormNode : MPSCNNPoolingNode
@end

@interface MPSCNNPoolingMaxGradientNode : MPSCNNPoolingGradientNode
@end

@interface MPSCNNPoolingMaxNode : MPSCNNPoolingNode
@end

@interface MPSCNNSoftMaxGradientNode : MPSNNGradientFilterNode
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
@end

@interface MPSCNNSoftMaxNode : MPSNNFilterNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNSpatialNormalizationGradientNode : MPSNNGradientFilterNode
@property (nonatomic) NSUInteger kernelWidth;
@property (nonatomic) NSUInteger kernelHeight;
@property (nonatomic) float alpha;
@property (nonatomic) float beta;
@property (nonatomic) float delta;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            kernelSize:(NSUInteger)kernelSize;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            kernelSize:(NSUInteger)kernelSize;
@end

@interface MPSCNNSpatialNormalizationNode : MPSCNNNormalizationNode
@property (nonatomic) NSUInteger kernelWidth;
@property (nonatomic) NSUInteger kernelHeight;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode kernelSize:(NSUInteger)kernelSize;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode kernelSize:(NSUInteger)kernelSize;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSCNNUpsamplingBilinearGradientNode : MPSNNGradientFilterNode
@property (nonatomic, readonly) double scaleFactorX;
@property (nonatomic, readonly) double scaleFactorY;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                          scaleFactorX:(double)scaleFactorX
                          scaleFactorY:(double)scaleFactorY;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                          scaleFactorX:(double)scaleFactorX
                          scaleFactorY:(double)scaleFactorY;
@end

@interface MPSCNNUpsamplingBilinearNode : MPSNNFilterNode
@property (nonatomic, readonly) double scaleFactorX;
@property (nonatomic, readonly) double scaleFactorY;
@property (nonatomic, readonly) BOOL alignCorners;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY
                  alignCorners:(BOOL)alignCorners;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY
                  alignCorners:(BOOL)alignCorners;
@end

@interface MPSCNNUpsamplingNearestGradientNode : MPSNNGradientFilterNode
@property (nonatomic, readonly) double scaleFactorX;
@property (nonatomic, readonly) double scaleFactorY;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                          scaleFactorX:(double)scaleFactorX
                          scaleFactorY:(double)scaleFactorY;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                          scaleFactorX:(double)scaleFactorX
                          scaleFactorY:(double)scaleFactorY;
@end

@interface MPSCNNUpsamplingNearestNode : MPSNNFilterNode
@property (nonatomic, readonly) double scaleFactorX;
@property (nonatomic, readonly) double scaleFactorY;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY;
@end

@interface MPSCNNYOLOLossNode : MPSNNFilterNode
@property (nonatomic, readonly) MPSNNLabelsNode *inputLabels;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source lossDescriptor:(MPSCNNYOLOLossDescriptor *)descriptor;
- (instancetype)initWithSource:(MPSNNImageNode *)source lossDescriptor:(MPSCNNYOLOLossDescriptor *)descriptor;
@end

@interface MPSNNArithmeticGradientNode : MPSNNGradientFilterNode
@property (nonatomic) float primaryScale;
@property (nonatomic) float secondaryScale;
@property (nonatomic) float bias;
@property (nonatomic) NSUInteger secondaryStrideInPixelsX;
@property (nonatomic) NSUInteger secondaryStrideInPixelsY;
@property (nonatomic) NSUInteger secondaryStrideInFeatureChannels;
@property (nonatomic) float minimumValue;
@property (nonatomic) float maximumValue;
@property (nonatomic, readonly) BOOL isSecondarySourceFilter;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNBinaryGradientStateNode *)gradientState
               isSecondarySourceFilter:(BOOL)isSecondarySourceFilter;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNBinaryGradientStateNode *)gradientState
               isSecondarySourceFilter:(BOOL)isSecondarySourceFilter;
- (instancetype)initWithGradientImages:(NSArray<MPSNNImageNode *> *)gradientImages
                         forwardFilter:(MPSNNFilterNode *)filter
               isSecondarySourceFilter:(BOOL)isSecondarySourceFilter;
@end

@interface MPSNNAdditionGradientNode : MPSNNArithmeticGradientNode
@end

@interface MPSNNBinaryArithmeticNode : MPSNNFilterNode
@property (nonatomic) float primaryScale;
@property (nonatomic) float secondaryScale;
@property (nonatomic) float bias;
@property (nonatomic) NSUInteger primaryStrideInPixelsX;
@property (nonatomic) NSUInteger primaryStrideInPixelsY;
@property (nonatomic) NSUInteger primaryStrideInFeatureChannels;
@property (nonatomic) NSUInteger secondaryStrideInPixelsX;
@property (nonatomic) NSUInteger secondaryStrideInPixelsY;
@property (nonatomic) NSUInteger secondaryStrideInFeatureChannels;
@property (nonatomic) float minimumValue;
@property (nonatomic) float maximumValue;
+ (instancetype)nodeWithSources:(NSArray<MPSNNImageNode *> *)sourceNodes;
+ (instancetype)nodeWithLeftSource:(MPSNNImageNode *)left rightSource:(MPSNNImageNode *)right;
- (instancetype)initWithSources:(NSArray<MPSNNImageNode *> *)sourceNodes;
- (instancetype)initWithLeftSource:(MPSNNImageNode *)left rightSource:(MPSNNImageNode *)right;
- (Class)gradientClass;
- (NSArray<MPSNNGradientFilterNode *> *)gradientFiltersWithSources:(NSArray<MPSNNImageNode *> *)gradientImages;
- (MPSNNGradientFilterNode *)gradientFilterWithSources:(NSArray<MPSNNImageNode *> *)gradientImages MTL_UNAVAILABLE;
@end

@interface MPSNNAdditionNode : MPSNNBinaryArithmeticNode
@end

@interface MPSNNBinaryGradientStateNode : MPSNNStateNode
@end

@interface MPSNNArithmeticGradientStateNode : MPSNNBinaryGradientStateNode
@end

@interface MPSNNScaleNode : MPSNNFilterNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode outputSize:(MTLSize)size;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
             transformProvider:(id<MPSImageTransformProvider> _Nullable)transformProvider
                    outputSize:(MTLSize)size;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode outputSize:(MTLSize)size;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
             transformProvider:(id<MPSImageTransformProvider> _Nullable)transformProvider
                    outputSize:(MTLSize)size;
@end

@interface MPSNNBilinearScaleNode : MPSNNScaleNode
@end

@interface MPSNNComparisonNode : MPSNNBinaryArithmeticNode
@property (nonatomic) MPSNNComparisonType comparisonType;
@end

@interface MPSNNConcatenationGradientNode : MPSNNGradientFilterNode
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)gradientSourceNode
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)gradientSourceNode
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
@end

@interface MPSNNConcatenationNode : MPSNNFilterNode
+ (instancetype)nodeWithSources:(NSArray<MPSNNImageNode *> *)sourceNodes;
- (instancetype)initWithSources:(NSArray<MPSNNImageNode *> *)sourceNodes;
@end

@interface MPSNNDivisionNode : MPSNNBinaryArithmeticNode
@end

@interface MPSNNForwardLossNode : MPSNNFilterNode
@property (nonatomic, readonly) MPSCNNLossType lossType;
@property (nonatomic, readonly) MPSCNNReductionType reductionType;
@property (nonatomic, readonly) NSUInteger numberOfClasses;
@property (nonatomic, readonly) BOOL reduceAcrossBatch;
@property (nonatomic, readonly) float weight;
@property (nonatomic, readonly) float labelSmoothing;
@property (nonatomic, readonly) float epsilon;
@property (nonatomic, readonly) float delta;
@property (nonatomic, retain, nullable) id<MPSNNLossCallback> propertyCallBack;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
                        labels:(MPSNNImageNode *)labels
                       weights:(MPSNNImageNode *)weights
                lossDescriptor:(MPSCNNLossDescriptor *)descriptor;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
                        labels:(MPSNNImageNode *)labels
                lossDescriptor:(MPSCNNLossDescriptor *)descriptor;
+ (instancetype)nodeWithSources:(NSArray<MPSNNImageNode *> *)sourceNodes
                 lossDescriptor:(MPSCNNLossDescriptor *)descriptor;
- (instancetype)initWithSource:(MPSNNImageNode *)source
                        labels:(MPSNNImageNode *)labels
                       weights:(MPSNNImageNode * _Nullable)weights
                lossDescriptor:(MPSCNNLossDescriptor *)descriptor;
- (instancetype)initWithSource:(MPSNNImageNode *)source
                        labels:(MPSNNImageNode *)labels
                lossDescriptor:(MPSCNNLossDescriptor *)descriptor;
- (instancetype)initWithSources:(NSArray<MPSNNImageNode *> *)sourceNodes
                 lossDescriptor:(MPSCNNLossDescriptor *)descriptor;
- (MPSNNLossGradientNode *)gradientFilterWithSources:(NSArray<MPSNNImageNode *> *)gradientImages;
- (NSArray<MPSNNLossGradientNode *> *)gradientFiltersWithSources:(NSArray<MPSNNImageNode *> *)gradientImages;
- (MPSNNLossGradientNode *)gradientFilterWithSource:(MPSNNImageNode *)gradientImage;
- (NSArray<MPSNNLossGradientNode *> *)gradientFiltersWithSource:(MPSNNImageNode *)gradientImage;
@end

@interface MPSNNGramMatrixCalculationGradientNode : MPSNNGradientFilterNode
@property (nonatomic, readonly) float alpha;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                                 alpha:(float)alpha;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                                 alpha:(float)alpha;
@end

@interface MPSNNGramMatrixCalculationNode : MPSNNFilterNode
@property (nonatomic, readonly) float alpha;
@property (nonatomic, retain, nullable) id<MPSNNGramMatrixCallback> propertyCallBack;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode alpha:(float)alpha;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode alpha:(float)alpha;
@end

@interface MPSNNImageNode : NSObject {
 @public
  void *_impl;
}
@property (nonatomic, retain, nullable) id<MPSHandle> handle;
@property (nonatomic) MPSImageFeatureChannelFormat format;
@property (nonatomic, retain) id<MPSImageAllocator> imageAllocator;
@property (nonatomic) BOOL exportFromGraph;
@property (nonatomic) BOOL synchronizeResource;
@property (nonatomic) BOOL stopGradient;
- (instancetype)initWithHandle:(NSObject<MPSHandle> * _Nullable)handle;
+ (instancetype)nodeWithHandle:(NSObject<MPSHandle> * _Nullable)handle;
+ (instancetype)exportedNodeWithHandle:(NSObject<MPSHandle> * _Nullable)handle;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

@interface MPSNNInitialGradientNode : MPSNNFilterNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source;
- (instancetype)initWithSource:(MPSNNImageNode *)source;
@end

@interface MPSNNLabelsNode : MPSNNStateNode
@end

@interface MPSNNLanczosScaleNode : MPSNNScaleNode
@end

@interface MPSNNLossGradientNode : MPSNNGradientFilterNode
@property (nonatomic, readonly) MPSCNNLossType lossType;
@property (nonatomic, readonly) MPSCNNReductionType reductionType;
@property (nonatomic, readonly) NSUInteger numberOfClasses;
@property (nonatomic, readonly) BOOL reduceAcrossBatch;
@property (nonatomic, readonly) float weight;
@property (nonatomic, readonly) float labelSmoothing;
@property (nonatomic, readonly) float epsilon;
@property (nonatomic, readonly) float delta;
@property (nonatomic, readonly) BOOL isLabelsGradientFilter;
@property (nonatomic, retain, nullable) id<MPSNNLossCallback> propertyCallBack;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                                labels:(MPSNNImageNode *)labels
                               weights:(MPSNNImageNode *)weights
                         gradientState:(MPSNNGradientStateNode * _Nullable)gradientState
                        lossDescriptor:(MPSCNNLossDescriptor *)descriptor
                isLabelsGradientFilter:(BOOL)isLabelsGradientFilter;
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                                labels:(MPSNNImageNode *)labels
                         gradientState:(MPSNNGradientStateNode * _Nullable)gradientState
                        lossDescriptor:(MPSCNNLossDescriptor *)descriptor
                isLabelsGradientFilter:(BOOL)isLabelsGradientFilter;
+ (instancetype)nodeWithSources:(NSArray<MPSNNImageNode *> *)sourceNodes
                  gradientState:(MPSNNGradientStateNode * _Nullable)gradientState
                 lossDescriptor:(MPSCNNLossDescriptor *)descriptor
         isLabelsGradientFilter:(BOOL)isLabelsGradientFilter;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                                labels:(MPSNNImageNode *)labels
                               weights:(MPSNNImageNode * _Nullable)weights
                         gradientState:(MPSNNGradientStateNode * _Nullable)gradientState
                        lossDescriptor:(MPSCNNLossDescriptor *)descriptor
                isLabelsGradientFilter:(BOOL)isLabelsGradientFilter;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                                labels:(MPSNNImageNode *)labels
                         gradientState:(MPSNNGradientStateNode * _Nullable)gradientState
                        lossDescriptor:(MPSCNNLossDescriptor *)descriptor
                isLabelsGradientFilter:(BOOL)isLabelsGradientFilter;
- (instancetype)initWithSources:(NSArray<MPSNNImageNode *> *)sourceNodes
                  gradientState:(MPSNNGradientStateNode * _Nullable)gradientState
                 lossDescriptor:(MPSCNNLossDescriptor *)descriptor
         isLabelsGradientFilter:(BOOL)isLabelsGradientFilter;
@end

@interface MPSNNMultiaryGradientStateNode : MPSNNStateNode
@end

@interface MPSNNMultiplicationGradientNode : MPSNNArithmeticGradientNode
@end

@interface MPSNNMultiplicationNode : MPSNNBinaryArithmeticNode
@end

@interface MPSNNPadGradientNode : MPSNNGradientFilterNode
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
@end

@interface MPSNNPadNode : MPSNNFilterNode
@property (nonatomic) float fillValue;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
             paddingSizeBefore:(MPSImageCoordinate)paddingSizeBefore
              paddingSizeAfter:(MPSImageCoordinate)paddingSizeAfter
                      edgeMode:(MPSImageEdgeMode)edgeMode;
- (instancetype)initWithSource:(MPSNNImageNode *)source
             paddingSizeBefore:(MPSImageCoordinate)paddingSizeBefore
              paddingSizeAfter:(MPSImageCoordinate)paddingSizeAfter
                      edgeMode:(MPSImageEdgeMode)edgeMode;
@end

@interface MPSNNUnaryReductionNode : MPSNNFilterNode
@property (nonatomic) MTLRegion clipRectSource;
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode;
- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode;
@end

@interface MPSNNReductionColumnMaxNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionColumnMeanNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionColumnMinNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionColumnSumNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionFeatureChannelsArgumentMaxNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionFeatureChannelsArgumentMinNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionFeatureChannelsMaxNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionFeatureChannelsMeanNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionFeatureChannelsMinNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionFeatureChannelsSumNode : MPSNNUnaryReductionNode
@property (nonatomic) float weight;
@end

@interface MPSNNReductionRowMaxNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionRowMeanNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionRowMinNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionRowSumNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReductionSpatialMeanGradientNode : MPSNNGradientFilterNode
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
@end

@interface MPSNNReductionSpatialMeanNode : MPSNNUnaryReductionNode
@end

@interface MPSNNReshapeGradientNode : MPSNNGradientFilterNode
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState;
@end

@interface MPSNNReshapeNode : MPSNNFilterNode
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
                   resultWidth:(NSUInteger)resultWidth
                  resultHeight:(NSUInteger)resultHeight
         resultFeatureChannels:(NSUInteger)resultFeatureChannels;
- (instancetype)initWithSource:(MPSNNImageNode *)source
                   resultWidth:(NSUInteger)resultWidth
                  resultHeight:(NSUInteger)resultHeight
         resultFeatureChannels:(NSUInteger)resultFeatureChannels;
@end

@interface MPSNNSubtractionGradientNode : MPSNNArithmeticGradientNode
@end

@interface MPSNNSubtractionNode : MPSNNBinaryArithmeticNode
@end

NS_ASSUME_NONNULL_END

#endif
