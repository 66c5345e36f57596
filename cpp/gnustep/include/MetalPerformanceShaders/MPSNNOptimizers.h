// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSNNOPTIMIZERS_H
#define METALPERFORMANCESHADERS_MPSNNOPTIMIZERS_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSKernel.h>
#import <MetalPerformanceShaders/MPSCNNTypes.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSCNNBatchNormalizationState;
@class MPSCNNConvolutionGradientState;
@class MPSCNNConvolutionWeightsAndBiasesState;
@class MPSCNNNormalizationGammaAndBetaState;
@class MPSMatrix;
@class MPSNNOptimizerDescriptor;
@class MPSVector;

@interface MPSNNOptimizer : MPSKernel
@property (nonatomic, readonly) float learningRate;
@property (nonatomic, readonly) float gradientRescale;
@property (nonatomic) BOOL applyGradientClipping;
@property (nonatomic, readonly) float gradientClipMax;
@property (nonatomic, readonly) float gradientClipMin;
@property (nonatomic, readonly) float regularizationScale;
@property (nonatomic, readonly) MPSNNRegularizationType regularizationType;
- (void)setLearningRate:(float)newLearningRate;
- (instancetype)initWithDevice:(id<MTLDevice>)device MTL_UNAVAILABLE;
@end

@interface MPSNNOptimizerAdam : MPSNNOptimizer
@property (nonatomic, readonly) double beta1;
@property (nonatomic, readonly) double beta2;
@property (nonatomic, readonly) float epsilon;
@property (nonatomic) NSUInteger timeStep;
- (instancetype)initWithDevice:(id<MTLDevice>)device learningRate:(float)learningRate;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                         beta1:(double)beta1
                         beta2:(double)beta2
                       epsilon:(float)epsilon
                      timeStep:(NSUInteger)timeStep
           optimizerDescriptor:(MPSNNOptimizerDescriptor *)optimizerDescriptor;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientVector:(MPSVector *)inputGradientVector
            inputValuesVector:(MPSVector *)inputValuesVector
          inputMomentumVector:(MPSVector *)inputMomentumVector
          inputVelocityVector:(MPSVector *)inputVelocityVector
           resultValuesVector:(MPSVector *)resultValuesVector;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientMatrix:(MPSMatrix *)inputGradientMatrix
            inputValuesMatrix:(MPSMatrix *)inputValuesMatrix
          inputMomentumMatrix:(MPSMatrix *)inputMomentumMatrix
          inputVelocityMatrix:(MPSMatrix *)inputVelocityMatrix
           resultValuesMatrix:(MPSMatrix *)resultValuesMatrix;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientVector:(MPSVector *)inputGradientVector
            inputValuesVector:(MPSVector *)inputValuesVector
          inputMomentumVector:(MPSVector *)inputMomentumVector
          inputVelocityVector:(MPSVector *)inputVelocityVector
        maximumVelocityVector:(MPSVector * _Nullable)maximumVelocityVector
           resultValuesVector:(MPSVector *)resultValuesVector;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientMatrix:(MPSMatrix *)inputGradientMatrix
            inputValuesMatrix:(MPSMatrix *)inputValuesMatrix
          inputMomentumMatrix:(MPSMatrix *)inputMomentumMatrix
          inputVelocityMatrix:(MPSMatrix *)inputVelocityMatrix
        maximumVelocityMatrix:(MPSMatrix * _Nullable)maximumVelocityMatrix
           resultValuesMatrix:(MPSMatrix *)resultValuesMatrix;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
     convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState
       convolutionSourceState:(MPSCNNConvolutionWeightsAndBiasesState *)convolutionSourceState
         inputMomentumVectors:(NSArray<MPSVector *> * _Nullable)inputMomentumVectors
         inputVelocityVectors:(NSArray<MPSVector *> * _Nullable)inputVelocityVectors
                  resultState:(MPSCNNConvolutionWeightsAndBiasesState *)resultState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
     convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState
       convolutionSourceState:(MPSCNNConvolutionWeightsAndBiasesState *)convolutionSourceState
         inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
         inputVelocityVectors:(NSArray<MPSVector *> *)inputVelocityVectors
       maximumVelocityVectors:(NSArray<MPSVector *> * _Nullable)maximumVelocityVectors
                  resultState:(MPSCNNConvolutionWeightsAndBiasesState *)resultState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
         inputMomentumVectors:(NSArray<MPSVector *> * _Nullable)inputMomentumVectors
         inputVelocityVectors:(NSArray<MPSVector *> * _Nullable)inputVelocityVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
         inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
         inputVelocityVectors:(NSArray<MPSVector *> *)inputVelocityVectors
       maximumVelocityVectors:(NSArray<MPSVector *> * _Nullable)maximumVelocityVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
  batchNormalizationGradientState:(MPSCNNBatchNormalizationState *)batchNormalizationGradientState
  batchNormalizationSourceState:(MPSCNNBatchNormalizationState *)batchNormalizationSourceState
         inputMomentumVectors:(NSArray<MPSVector *> * _Nullable)inputMomentumVectors
         inputVelocityVectors:(NSArray<MPSVector *> * _Nullable)inputVelocityVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
  batchNormalizationGradientState:(MPSCNNBatchNormalizationState *)batchNormalizationGradientState
  batchNormalizationSourceState:(MPSCNNBatchNormalizationState *)batchNormalizationSourceState
         inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
         inputVelocityVectors:(NSArray<MPSVector *> *)inputVelocityVectors
       maximumVelocityVectors:(NSArray<MPSVector *> * _Nullable)maximumVelocityVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState;
@end

@interface MPSNNOptimizerDescriptor : NSObject {
 @public
  void *_impl;
}
@property (nonatomic) float learningRate;
@property (nonatomic) float gradientRescale;
@property (nonatomic) BOOL applyGradientClipping;
@property (nonatomic) float gradientClipMax;
@property (nonatomic) float gradientClipMin;
@property (nonatomic) float regularizationScale;
@property (nonatomic) MPSNNRegularizationType regularizationType;
- (instancetype)initWithLearningRate:(float)learningRate
                     gradientRescale:(float)gradientRescale
                  regularizationType:(MPSNNRegularizationType)regularizationType
                 regularizationScale:(float)regularizationScale;
- (instancetype)initWithLearningRate:(float)learningRate
                     gradientRescale:(float)gradientRescale
               applyGradientClipping:(BOOL)applyGradientClipping
                     gradientClipMax:(float)gradientClipMax
                     gradientClipMin:(float)gradientClipMin
                  regularizationType:(MPSNNRegularizationType)regularizationType
                 regularizationScale:(float)regularizationScale;
+ (instancetype)optimizerDescriptorWithLearningRate:(float)learningRate
                                    gradientRescale:(float)gradientRescale
                                 regularizationType:(MPSNNRegularizationType)regularizationType
                                regularizationScale:(float)regularizationScale;
+ (instancetype)optimizerDescriptorWithLearningRate:(float)learningRate
                                    gradientRescale:(float)gradientRescale
                              applyGradientClipping:(BOOL)applyGradientClipping
                                    gradientClipMax:(float)gradientClipMax
                                    gradientClipMin:(float)gradientClipMin
                                 regularizationType:(MPSNNRegularizationType)regularizationType
                                regularizationScale:(float)regularizationScale;
@end

@interface MPSNNOptimizerRMSProp : MPSNNOptimizer
@property (nonatomic, readonly) double decay;
@property (nonatomic, readonly) float epsilon;
- (instancetype)initWithDevice:(id<MTLDevice>)device learningRate:(float)learningRate;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                         decay:(double)decay
                       epsilon:(float)epsilon
           optimizerDescriptor:(MPSNNOptimizerDescriptor *)optimizerDescriptor;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientVector:(MPSVector *)inputGradientVector
            inputValuesVector:(MPSVector *)inputValuesVector
      inputSumOfSquaresVector:(MPSVector *)inputSumOfSquaresVector
           resultValuesVector:(MPSVector *)resultValuesVector;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientMatrix:(MPSMatrix *)inputGradientMatrix
            inputValuesMatrix:(MPSMatrix *)inputValuesMatrix
      inputSumOfSquaresMatrix:(MPSMatrix *)inputSumOfSquaresMatrix
           resultValuesMatrix:(MPSMatrix *)resultValuesMatrix;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
     convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState
       convolutionSourceState:(MPSCNNConvolutionWeightsAndBiasesState *)convolutionSourceState
     inputSumOfSquaresVectors:(NSArray<MPSVector *> * _Nullable)inputSumOfSquaresVectors
                  resultState:(MPSCNNConvolutionWeightsAndBiasesState *)resultState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
     inputSumOfSquaresVectors:(NSArray<MPSVector *> * _Nullable)inputSumOfSquaresVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
  batchNormalizationGradientState:(MPSCNNBatchNormalizationState *)batchNormalizationGradientState
  batchNormalizationSourceState:(MPSCNNBatchNormalizationState *)batchNormalizationSourceState
     inputSumOfSquaresVectors:(NSArray<MPSVector *> * _Nullable)inputSumOfSquaresVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState;
@end

@interface MPSNNOptimizerStochasticGradientDescent : MPSNNOptimizer
@property (nonatomic, readonly) float momentumScale;
@property (nonatomic, readonly) BOOL useNesterovMomentum;
@property (nonatomic, readonly) BOOL useNestrovMomentum;
- (instancetype)initWithDevice:(id<MTLDevice>)device learningRate:(float)learningRate;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                 momentumScale:(float)momentumScale
           useNesterovMomentum:(BOOL)useNesterovMomentum
           optimizerDescriptor:(MPSNNOptimizerDescriptor *)optimizerDescriptor;
- (instancetype)initWithDevice:(id<MTLDevice>)device
                 momentumScale:(float)momentumScale
            useNestrovMomentum:(BOOL)useNestrovMomentum
           optimizerDescriptor:(MPSNNOptimizerDescriptor *)optimizerDescriptor;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientVector:(MPSVector *)inputGradientVector
            inputValuesVector:(MPSVector *)inputValuesVector
          inputMomentumVector:(MPSVector * _Nullable)inputMomentumVector
           resultValuesVector:(MPSVector *)resultValuesVector;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientMatrix:(MPSMatrix *)inputGradientMatrix
            inputValuesMatrix:(MPSMatrix *)inputValuesMatrix
          inputMomentumMatrix:(MPSMatrix * _Nullable)inputMomentumMatrix
           resultValuesMatrix:(MPSMatrix *)resultValuesMatrix;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
     convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState
       convolutionSourceState:(MPSCNNConvolutionWeightsAndBiasesState *)convolutionSourceState
         inputMomentumVectors:(NSArray<MPSVector *> * _Nullable)inputMomentumVectors
                  resultState:(MPSCNNConvolutionWeightsAndBiasesState *)resultState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
         inputMomentumVectors:(NSArray<MPSVector *> * _Nullable)inputMomentumVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState;
- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
  batchNormalizationGradientState:(MPSCNNBatchNormalizationState *)batchNormalizationGradientState
  batchNormalizationSourceState:(MPSCNNBatchNormalizationState *)batchNormalizationSourceState
         inputMomentumVectors:(NSArray<MPSVector *> * _Nullable)inputMomentumVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState;
@end

NS_ASSUME_NONNULL_END

#endif
