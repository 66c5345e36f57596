// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCNNCONVOLUTION_H
#define METALPERFORMANCESHADERS_MPSCNNCONVOLUTION_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSVectorTypes.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>
#import <MetalPerformanceShaders/MPSImage.h>
#import <MetalPerformanceShaders/MPSState.h>
#import <MetalPerformanceShaders/MPSNeuralNetworkTypes.h>
#import <MetalPerformanceShaders/MPSCNNNeuronType.h>
#import <MetalPerformanceShaders/MPSCNNTypes.h>
#import <MetalPerformanceShaders/MPSNNGradientState.h>
#import <MetalPerformanceShaders/MPSCNNKernel.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSCNNConvolutionDescriptor;
@class MPSCNNConvolutionGradientState;
@class MPSCNNConvolutionTransposeGradientState;
@class MPSCNNConvolutionWeightsAndBiasesState;
@class MPSCNNNeuron;
@class MPSNNNeuronDescriptor;

typedef NSArray<MPSCNNConvolutionGradientState *> MPSCNNConvolutionGradientStateBatch;
typedef NSArray<MPSCNNConvolutionTransposeGradientState *> MPSCNNConvolutionTransposeGradientStateBatch;

@protocol MPSCNNConvolutionDataSource <NSCopying, NSObject>
@required
- (MPSDataType)dataType;
- (MPSCNNConvolutionDescriptor *)descriptor;
- (void *)weights;
- (float * _Nullable)biasTerms;
- (BOOL)load;
- (void)purge;
- (NSString * _Nullable)label;
@optional
- (float *)lookupTableForUInt8Kernel;
- (MPSCNNWeightsQuantizationType)weightsQuantizationType;
- (MPSCNNConvolutionWeightsAndBiasesState * _Nullable)updateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    gradientState:(MPSCNNConvolutionGradientState *)gradientState
    sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)sourceState;
- (BOOL)updateWithGradientState:(MPSCNNConvolutionGradientState *)gradientState
                    sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)sourceState;
- (instancetype)copyWithZone:(NSZone * _Nullable)zone device:(id<MTLDevice> _Nullable)device;
- (MPSCNNConvolutionWeightsLayout)weightsLayout;
- (MPSDataType)kernelWeightsDataType;
- (vector_float2 *)rangesForUInt8Kernel;
@end

@interface MPSCNNBinaryConvolution : MPSCNNKernel
@property (nonatomic, readonly) NSUInteger inputFeatureChannels;
@property (nonatomic, readonly) NSUInteger outputFeatureChannels;
- (instancetype)initWithDevice:(id<MTLDevice>)device
               convolutionData:(id<MPSCNNConvolutionDataSource>)convolutionData
                    scaleValue:(float)scaleValue
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
- (instancetype)initWithDevice:(id<MTLDevice>)device
               convolutionData:(id<MPSCNNConvolutionDataSource>)convolutionData
               outputBiasTerms:(const float * _Nullable)outputBiasTerms
              outputScaleTerms:(const float * _Nullable)outputScaleTerms
                inputBiasTerms:(const float * _Nullable)inputBiasTerms
               inputScaleTerms:(const float * _Nullable)inputScaleTerms
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNBinaryFullyConnected : MPSCNNBinaryConvolution
- (instancetype)initWithDevice:(id<MTLDevice>)device
               convolutionData:(id<MPSCNNConvolutionDataSource>)convolutionData
                    scaleValue:(float)scaleValue
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
- (instancetype)initWithDevice:(id<MTLDevice>)device
               convolutionData:(id<MPSCNNConvolutionDataSource>)convolutionData
               outputBiasTerms:(const float * _Nullable)outputBiasTerms
              outputScaleTerms:(const float * _Nullable)outputScaleTerms
                inputBiasTerms:(const float * _Nullable)inputBiasTerms
               inputScaleTerms:(const float * _Nullable)inputScaleTerms
                          type:(MPSCNNBinaryConvolutionType)type
                         flags:(MPSCNNBinaryConvolutionFlags)flags;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNConvolution : MPSCNNKernel
@property (nonatomic, readonly) NSUInteger inputFeatureChannels;
@property (nonatomic, readonly) NSUInteger outputFeatureChannels;
@property (nonatomic, readonly) NSUInteger groups;
@property (nonatomic, readonly) id<MPSCNNConvolutionDataSource> dataSource;
@property (nonatomic, readonly) NSUInteger subPixelScaleFactor;
@property (nonatomic, readonly, nullable) MPSCNNNeuron *neuron MTL_DEPRECATED;
@property (nonatomic, readonly) MPSCNNNeuronType neuronType MTL_DEPRECATED;
@property (nonatomic, readonly) float neuronParameterA MTL_DEPRECATED;
@property (nonatomic, readonly) float neuronParameterB MTL_DEPRECATED;
@property (nonatomic, readonly) float neuronParameterC MTL_DEPRECATED;
@property (nonatomic, readonly, nullable) MPSNNNeuronDescriptor *fusedNeuronDescriptor;
@property (nonatomic, readonly) NSUInteger channelMultiplier;
@property (nonatomic) MPSNNConvolutionAccumulatorPrecisionOption accumulatorPrecisionOption;
- (instancetype)initWithDevice:(id<MTLDevice>)device weights:(id<MPSCNNConvolutionDataSource>)weights;
- (instancetype)initWithDevice:(id<MTLDevice>)device
         convolutionDescriptor:(MPSCNNConvolutionDescriptor *)convolutionDescriptor
                 kernelWeights:(const float *)kernelWeights
                     biasTerms:(const float * _Nullable)biasTerms
                         flags:(MPSCNNConvolutionFlags)flags MTL_DEPRECATED;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (MPSCNNConvolutionGradientState * _Nullable)resultStateForSourceImage:(MPSImage *)sourceImage
                                                           sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                                                       destinationImage:(MPSImage *)destinationImage;
- (MPSCNNConvolutionGradientStateBatch * _Nullable)resultStateBatchForSourceImage:(MPSImageBatch *)sourceImage
    sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
    destinationImage:(MPSImageBatch *)destinationImage;
- (MPSCNNConvolutionGradientState * _Nullable)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImage:(MPSImage *)sourceImage
    sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
    destinationImage:(MPSImage *)destinationImage;
- (MPSCNNConvolutionGradientStateBatch * _Nullable)temporaryResultStateBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImage:(MPSImageBatch *)sourceImage
    sourceStates:(NSArray<MPSStateBatch *> * _Nullable)sourceStates
    destinationImage:(MPSImageBatch *)destinationImage;
- (void)reloadWeightsAndBiasesFromDataSource;
- (void)reloadWeightsAndBiasesWithDataSource:(id<MPSCNNConvolutionDataSource>)dataSource MTL_DEPRECATED;
- (void)reloadWeightsAndBiasesWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                          state:(MPSCNNConvolutionWeightsAndBiasesState *)state;
- (MPSCNNConvolutionWeightsAndBiasesState *)exportWeightsAndBiasesWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                          resultStateCanBeTemporary:(BOOL)resultStateCanBeTemporary;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNConvolutionDescriptor : NSObject <NSCopying, NSSecureCoding> {
 @public
  void *_impl;
}
@property (nonatomic) NSUInteger kernelWidth;
@property (nonatomic) NSUInteger kernelHeight;
@property (nonatomic) NSUInteger inputFeatureChannels;
@property (nonatomic) NSUInteger outputFeatureChannels;
@property (nonatomic) NSUInteger strideInPixelsX;
@property (nonatomic) NSUInteger strideInPixelsY;
@property (nonatomic) NSUInteger groups;
@property (nonatomic) NSUInteger dilationRateX;
@property (nonatomic) NSUInteger dilationRateY;
@property (nonatomic, retain) MPSNNNeuronDescriptor *fusedNeuronDescriptor;
@property (nonatomic, retain, nullable) MPSCNNNeuron *neuron MTL_DEPRECATED;
@property (class, nonatomic, readonly) BOOL supportsSecureCoding;
+ (instancetype)cnnConvolutionDescriptorWithKernelWidth:(NSUInteger)kernelWidth
                                           kernelHeight:(NSUInteger)kernelHeight
                                   inputFeatureChannels:(NSUInteger)inputFeatureChannels
                                  outputFeatureChannels:(NSUInteger)outputFeatureChannels
                                           neuronFilter:(MPSCNNNeuron * _Nullable)neuronFilter MTL_DEPRECATED;
+ (instancetype)cnnConvolutionDescriptorWithKernelWidth:(NSUInteger)kernelWidth
                                           kernelHeight:(NSUInteger)kernelHeight
                                   inputFeatureChannels:(NSUInteger)inputFeatureChannels
                                  outputFeatureChannels:(NSUInteger)outputFeatureChannels;
- (void)encodeWithCoder:(NSCoder *)aCoder;
- (void)setBatchNormalizationParametersForInferenceWithMean:(const float * _Nullable)mean
                                                   variance:(const float * _Nullable)variance
                                                      gamma:(const float * _Nullable)gamma
                                                       beta:(const float * _Nullable)beta
                                                    epsilon:(float)epsilon;
- (void)setNeuronType:(MPSCNNNeuronType)neuronType
           parameterA:(float)parameterA
           parameterB:(float)parameterB MTL_DEPRECATED;
- (MPSCNNNeuronType)neuronType MTL_DEPRECATED;
- (float)neuronParameterA MTL_DEPRECATED;
- (float)neuronParameterB MTL_DEPRECATED;
- (void)setNeuronToPReLUWithParametersA:(NSData *)A MTL_DEPRECATED;
@end

@interface MPSCNNConvolutionGradient : MPSCNNGradientKernel
@property (nonatomic, readonly) NSUInteger sourceGradientFeatureChannels;
@property (nonatomic, readonly) NSUInteger sourceImageFeatureChannels;
@property (nonatomic, readonly) NSUInteger groups;
@property (nonatomic, readonly) NSUInteger channelMultiplier;
@property (nonatomic, readonly) id<MPSCNNConvolutionDataSource> dataSource;
@property (nonatomic) MPSCNNConvolutionGradientOption gradientOption;
@property (nonatomic) BOOL serializeWeightsAndBiases MTL_DEPRECATED;
- (instancetype)initWithDevice:(id<MTLDevice>)device weights:(id<MPSCNNConvolutionDataSource>)weights;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)reloadWeightsAndBiasesFromDataSource;
- (void)reloadWeightsAndBiasesWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                          state:(MPSCNNConvolutionWeightsAndBiasesState *)state;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNConvolutionGradientState : MPSNNGradientState <MPSImageSizeEncodingState>
@property (nonatomic, readonly) id<MTLBuffer> gradientForWeights;
@property (nonatomic, readonly) id<MTLBuffer> gradientForBiases;
@property (nonatomic, readonly) MPSCNNConvolution *convolution;
@property (nonatomic, readonly) MPSCNNConvolutionWeightsLayout gradientForWeightsLayout;
@end

@interface MPSCNNConvolutionTranspose : MPSCNNKernel
@property (nonatomic, readonly) NSUInteger inputFeatureChannels;
@property (nonatomic, readonly) NSUInteger outputFeatureChannels;
@property (nonatomic) NSInteger kernelOffsetX;
@property (nonatomic) NSInteger kernelOffsetY;
@property (nonatomic, readonly) NSUInteger groups;
@property (nonatomic) MPSNNConvolutionAccumulatorPrecisionOption accumulatorPrecisionOption;
@property (nonatomic, readonly) id<MPSCNNConvolutionDataSource> dataSource;
- (instancetype)initWithDevice:(id<MTLDevice>)device weights:(id<MPSCNNConvolutionDataSource>)weights;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
           convolutionGradientState:(MPSCNNConvolutionGradientState * _Nullable)convolutionGradientState;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImage
                    convolutionGradientStates:(MPSCNNConvolutionGradientStateBatch * _Nullable)convolutionGradientState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
     convolutionGradientState:(MPSCNNConvolutionGradientState * _Nullable)convolutionGradientState
             destinationImage:(MPSImage *)destinationImage;
- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImage
         convolutionGradientStates:(MPSCNNConvolutionGradientStateBatch * _Nullable)convolutionGradientState
                 destinationImages:(MPSImageBatch *)destinationImage;
- (MPSCNNConvolutionTransposeGradientState * _Nullable)resultStateForSourceImage:(MPSImage *)sourceImage
    sourceStates:(NSArray<MPSCNNConvolutionGradientState *> * _Nullable)sourceStates
    destinationImage:(MPSImage *)destinationImage;
- (MPSCNNConvolutionTransposeGradientStateBatch * _Nullable)resultStateBatchForSourceImage:(MPSImageBatch *)sourceImage
    sourceStates:(NSArray<MPSCNNConvolutionGradientStateBatch *> * _Nullable)sourceStates
    destinationImage:(MPSImageBatch *)destinationImage;
- (MPSCNNConvolutionTransposeGradientState * _Nullable)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImage:(MPSImage *)sourceImage
    sourceStates:(NSArray<MPSCNNConvolutionGradientState *> * _Nullable)sourceStates
    destinationImage:(MPSImage *)destinationImage;
- (MPSCNNConvolutionTransposeGradientStateBatch * _Nullable)temporaryResultStateBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImage:(MPSImageBatch *)sourceImage
    sourceStates:(NSArray<MPSCNNConvolutionGradientStateBatch *> * _Nullable)sourceStates
    destinationImage:(MPSImageBatch *)destinationImage;
- (void)reloadWeightsAndBiasesFromDataSource;
- (void)reloadWeightsAndBiasesWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                          state:(MPSCNNConvolutionWeightsAndBiasesState *)state;
- (MPSCNNConvolutionWeightsAndBiasesState *)exportWeightsAndBiasesWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                          resultStateCanBeTemporary:(BOOL)resultStateCanBeTemporary;
- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
           convolutionGradientState:(MPSCNNConvolutionGradientState * _Nullable)convolutionGradientState
                   destinationState:(MPSCNNConvolutionTransposeGradientState * _Nullable * _Nonnull)outState
        destinationStateIsTemporary:(BOOL)isTemporary;
- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    sourceImages:(MPSImageBatch *)sourceImages
    convolutionGradientStates:(MPSCNNConvolutionGradientStateBatch * _Nullable)convolutionGradientStates
    destinationStates:(MPSCNNConvolutionTransposeGradientStateBatch * _Nullable * _Nonnull)outStates
    destinationStateIsTemporary:(BOOL)isTemporary;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNConvolutionTransposeGradient : MPSCNNGradientKernel
@property (nonatomic, readonly) NSUInteger sourceGradientFeatureChannels;
@property (nonatomic, readonly) NSUInteger sourceImageFeatureChannels;
@property (nonatomic, readonly) NSUInteger groups;
@property (nonatomic, readonly) id<MPSCNNConvolutionDataSource> dataSource;
@property (nonatomic) MPSCNNConvolutionGradientOption gradientOption;
- (instancetype)initWithDevice:(id<MTLDevice>)device weights:(id<MPSCNNConvolutionDataSource>)weights;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
- (void)reloadWeightsAndBiasesFromDataSource;
- (void)reloadWeightsAndBiasesWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                          state:(MPSCNNConvolutionWeightsAndBiasesState *)state;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSCNNConvolutionTransposeGradientState : MPSCNNConvolutionGradientState
@property (nonatomic, readonly) MPSCNNConvolutionTranspose *convolutionTranspose;
@end

@interface MPSCNNConvolutionWeightsAndBiasesState : MPSState
@property (nonatomic, readonly) id<MTLBuffer> weights;
@property (nonatomic, readonly, nullable) id<MTLBuffer> biases;
@property (nonatomic, readonly) NSUInteger weightsOffset;
@property (nonatomic, readonly) NSUInteger biasesOffset;
- (instancetype)initWithWeights:(id<MTLBuffer>)weights biases:(id<MTLBuffer> _Nullable)biases;
- (instancetype)initWithDevice:(id<MTLDevice>)device cnnConvolutionDescriptor:(MPSCNNConvolutionDescriptor *)descriptor;
+ (instancetype)temporaryCNNConvolutionWeightsAndBiasesStateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                     cnnConvolutionDescriptor:(MPSCNNConvolutionDescriptor *)descriptor;
- (instancetype)initWithWeights:(id<MTLBuffer>)weights
                  weightsOffset:(NSUInteger)weightsOffset
                         biases:(id<MTLBuffer> _Nullable)biases
                   biasesOffset:(NSUInteger)biasesOffset
       cnnConvolutionDescriptor:(MPSCNNConvolutionDescriptor *)descriptor;
@end

@interface MPSCNNDepthWiseConvolutionDescriptor : MPSCNNConvolutionDescriptor
@property (nonatomic, readonly) NSUInteger channelMultiplier;
@end

@interface MPSCNNFullyConnected : MPSCNNConvolution
- (instancetype)initWithDevice:(id<MTLDevice>)device weights:(id<MPSCNNConvolutionDataSource>)weights;
- (instancetype)initWithDevice:(id<MTLDevice>)device
         convolutionDescriptor:(MPSCNNConvolutionDescriptor *)convolutionDescriptor
                 kernelWeights:(const float *)kernelWeights
                     biasTerms:(const float * _Nullable)biasTerms
                         flags:(MPSCNNConvolutionFlags)flags MTL_DEPRECATED;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNFullyConnectedGradient : MPSCNNConvolutionGradient
- (instancetype)initWithDevice:(id<MTLDevice>)device weights:(id<MPSCNNConvolutionDataSource>)weights;
- (instancetype _Nullable)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device;
@end

@interface MPSCNNSubPixelConvolutionDescriptor : MPSCNNConvolutionDescriptor
@property (nonatomic) NSUInteger subPixelScaleFactor;
@end

NS_ASSUME_NONNULL_END

#endif
