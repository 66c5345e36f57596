#import "support/optimizers.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSNNOptimizerAdam

- (instancetype)initWithDevice:(id<MTLDevice>)device learningRate:(float)learningRate {
  return made(self, [&] { return NNOptimizerAdam::with_learning_rate(learningRate, device_of(MPSNN_REQUIRE(device))); });
}

- (instancetype)initWithDevice:(id<MTLDevice>)device
                         beta1:(double)beta1
                         beta2:(double)beta2
                       epsilon:(float)epsilon
                      timeStep:(NSUInteger)timeStep
           optimizerDescriptor:(MPSNNOptimizerDescriptor *)optimizerDescriptor {
  return made(self, [&] {
    return std::make_shared<NNOptimizerAdam>(beta1, beta2, epsilon, timeStep, *MPSNN_BEHIND(optimizerDescriptor),
                                             device_of(MPSNN_REQUIRE(device)));
  });
}

MPSNN_READONLY(double, beta1, as<NNOptimizerAdam>(self).beta1())
MPSNN_READONLY(double, beta2, as<NNOptimizerAdam>(self).beta2())
MPSNN_READONLY(float, epsilon, as<NNOptimizerAdam>(self).epsilon())
MPSNN_PROPERTY(NSUInteger, timeStep, setTimeStep, as<NNOptimizerAdam>(self).time_step)

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientVector:(MPSVector *)inputGradientVector
            inputValuesVector:(MPSVector *)inputValuesVector
          inputMomentumVector:(MPSVector *)inputMomentumVector
          inputVelocityVector:(MPSVector *)inputVelocityVector
           resultValuesVector:(MPSVector *)resultValuesVector {
  [self encodeToCommandBuffer:commandBuffer
          inputGradientVector:inputGradientVector
            inputValuesVector:inputValuesVector
          inputMomentumVector:inputMomentumVector
          inputVelocityVector:inputVelocityVector
        maximumVelocityVector:nil
           resultValuesVector:resultValuesVector];
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientMatrix:(MPSMatrix *)inputGradientMatrix
            inputValuesMatrix:(MPSMatrix *)inputValuesMatrix
          inputMomentumMatrix:(MPSMatrix *)inputMomentumMatrix
          inputVelocityMatrix:(MPSMatrix *)inputVelocityMatrix
           resultValuesMatrix:(MPSMatrix *)resultValuesMatrix {
  [self encodeToCommandBuffer:commandBuffer
          inputGradientMatrix:inputGradientMatrix
            inputValuesMatrix:inputValuesMatrix
          inputMomentumMatrix:inputMomentumMatrix
          inputVelocityMatrix:inputVelocityMatrix
        maximumVelocityMatrix:nil
           resultValuesMatrix:resultValuesMatrix];
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientVector:(MPSVector *)inputGradientVector
            inputValuesVector:(MPSVector *)inputValuesVector
          inputMomentumVector:(MPSVector *)inputMomentumVector
          inputVelocityVector:(MPSVector *)inputVelocityVector
        maximumVelocityVector:(MPSVector *)maximumVelocityVector
           resultValuesVector:(MPSVector *)resultValuesVector {
  MPSNN_ENCODE(NNOptimizerAdam, MPSNN_BEHIND(inputGradientVector), MPSNN_BEHIND(inputValuesVector),
               MPSNN_BEHIND(inputMomentumVector), MPSNN_BEHIND(inputVelocityVector), MPSNN_BEHIND_OR_NULL(maximumVelocityVector),
               MPSNN_BEHIND(resultValuesVector))
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientMatrix:(MPSMatrix *)inputGradientMatrix
            inputValuesMatrix:(MPSMatrix *)inputValuesMatrix
          inputMomentumMatrix:(MPSMatrix *)inputMomentumMatrix
          inputVelocityMatrix:(MPSMatrix *)inputVelocityMatrix
        maximumVelocityMatrix:(MPSMatrix *)maximumVelocityMatrix
           resultValuesMatrix:(MPSMatrix *)resultValuesMatrix {
  MPSNN_ENCODE(NNOptimizerAdam, MPSNN_BEHIND(inputGradientMatrix), MPSNN_BEHIND(inputValuesMatrix),
               MPSNN_BEHIND(inputMomentumMatrix), MPSNN_BEHIND(inputVelocityMatrix), MPSNN_BEHIND_OR_NULL(maximumVelocityMatrix),
               MPSNN_BEHIND(resultValuesMatrix))
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
     convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState
       convolutionSourceState:(MPSCNNConvolutionWeightsAndBiasesState *)convolutionSourceState
         inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
         inputVelocityVectors:(NSArray<MPSVector *> *)inputVelocityVectors
                  resultState:(MPSCNNConvolutionWeightsAndBiasesState *)resultState {
  [self encodeToCommandBuffer:commandBuffer
      convolutionGradientState:convolutionGradientState
        convolutionSourceState:convolutionSourceState
          inputMomentumVectors:inputMomentumVectors
          inputVelocityVectors:inputVelocityVectors
        maximumVelocityVectors:nil
                   resultState:resultState];
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
     convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState
       convolutionSourceState:(MPSCNNConvolutionWeightsAndBiasesState *)convolutionSourceState
         inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
         inputVelocityVectors:(NSArray<MPSVector *> *)inputVelocityVectors
       maximumVelocityVectors:(NSArray<MPSVector *> *)maximumVelocityVectors
                  resultState:(MPSCNNConvolutionWeightsAndBiasesState *)resultState {
  MPSNN_ENCODE(NNOptimizerAdam, MPSNN_BEHIND_AS(CNNConvolutionGradientState, convolutionGradientState),
               MPSNN_BEHIND_AS(CNNConvolutionWeightsAndBiasesState, convolutionSourceState), MPSNN_VECTORS(inputMomentumVectors),
               MPSNN_VECTORS(inputVelocityVectors), MPSNN_VECTORS(maximumVelocityVectors),
               MPSNN_BEHIND_AS(CNNConvolutionWeightsAndBiasesState, resultState))
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
         inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
         inputVelocityVectors:(NSArray<MPSVector *> *)inputVelocityVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState {
  [self encodeToCommandBuffer:commandBuffer
      batchNormalizationState:batchNormalizationState
         inputMomentumVectors:inputMomentumVectors
         inputVelocityVectors:inputVelocityVectors
       maximumVelocityVectors:nil
                  resultState:resultState];
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
         inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
         inputVelocityVectors:(NSArray<MPSVector *> *)inputVelocityVectors
       maximumVelocityVectors:(NSArray<MPSVector *> *)maximumVelocityVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState {
  [self encodeToCommandBuffer:commandBuffer
      batchNormalizationGradientState:batchNormalizationState
        batchNormalizationSourceState:batchNormalizationState
                 inputMomentumVectors:inputMomentumVectors
                 inputVelocityVectors:inputVelocityVectors
               maximumVelocityVectors:maximumVelocityVectors
                          resultState:resultState];
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    batchNormalizationGradientState:(MPSCNNBatchNormalizationState *)batchNormalizationGradientState
      batchNormalizationSourceState:(MPSCNNBatchNormalizationState *)batchNormalizationSourceState
               inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
               inputVelocityVectors:(NSArray<MPSVector *> *)inputVelocityVectors
                        resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState {
  [self encodeToCommandBuffer:commandBuffer
      batchNormalizationGradientState:batchNormalizationGradientState
        batchNormalizationSourceState:batchNormalizationSourceState
                 inputMomentumVectors:inputMomentumVectors
                 inputVelocityVectors:inputVelocityVectors
               maximumVelocityVectors:nil
                          resultState:resultState];
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    batchNormalizationGradientState:(MPSCNNBatchNormalizationState *)batchNormalizationGradientState
      batchNormalizationSourceState:(MPSCNNBatchNormalizationState *)batchNormalizationSourceState
               inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
               inputVelocityVectors:(NSArray<MPSVector *> *)inputVelocityVectors
             maximumVelocityVectors:(NSArray<MPSVector *> *)maximumVelocityVectors
                        resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState {
  MPSNN_ENCODE(NNOptimizerAdam, MPSNN_BEHIND_AS(CNNBatchNormalizationState, batchNormalizationGradientState),
               MPSNN_BEHIND_AS(CNNBatchNormalizationState, batchNormalizationSourceState), MPSNN_VECTORS(inputMomentumVectors),
               MPSNN_VECTORS(inputVelocityVectors), MPSNN_VECTORS(maximumVelocityVectors),
               MPSNN_BEHIND_AS(CNNNormalizationGammaAndBetaState, resultState))
}

@end
