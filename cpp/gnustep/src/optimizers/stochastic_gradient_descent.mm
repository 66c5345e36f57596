#import "support/optimizers.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSNNOptimizerStochasticGradientDescent

- (instancetype)initWithDevice:(id<MTLDevice>)device learningRate:(float)learningRate {
  return made(self, [&] {
    return NNOptimizerStochasticGradientDescent::with_learning_rate(learningRate, device_of(MPSNN_REQUIRE(device)));
  });
}

- (instancetype)initWithDevice:(id<MTLDevice>)device
                 momentumScale:(float)momentumScale
           useNesterovMomentum:(BOOL)useNesterovMomentum
           optimizerDescriptor:(MPSNNOptimizerDescriptor *)optimizerDescriptor {
  return made(self, [&] {
    return std::make_shared<NNOptimizerStochasticGradientDescent>(
        momentumScale, useNesterovMomentum, *MPSNN_BEHIND(optimizerDescriptor), device_of(MPSNN_REQUIRE(device)));
  });
}

- (instancetype)initWithDevice:(id<MTLDevice>)device
                 momentumScale:(float)momentumScale
            useNestrovMomentum:(BOOL)useNestrovMomentum
           optimizerDescriptor:(MPSNNOptimizerDescriptor *)optimizerDescriptor {
  return [self initWithDevice:device
                momentumScale:momentumScale
          useNesterovMomentum:useNestrovMomentum
          optimizerDescriptor:optimizerDescriptor];
}

MPSNN_READONLY(float, momentumScale, as<NNOptimizerStochasticGradientDescent>(self).momentum_scale())
MPSNN_READONLY(BOOL, useNesterovMomentum, as<NNOptimizerStochasticGradientDescent>(self).use_nesterov_momentum())
MPSNN_READONLY(BOOL, useNestrovMomentum, as<NNOptimizerStochasticGradientDescent>(self).use_nesterov_momentum())

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientVector:(MPSVector *)inputGradientVector
            inputValuesVector:(MPSVector *)inputValuesVector
          inputMomentumVector:(MPSVector *)inputMomentumVector
           resultValuesVector:(MPSVector *)resultValuesVector {
  MPSNN_ENCODE(NNOptimizerStochasticGradientDescent, MPSNN_BEHIND(inputGradientVector), MPSNN_BEHIND(inputValuesVector),
               MPSNN_BEHIND_OR_NULL(inputMomentumVector), MPSNN_BEHIND(resultValuesVector))
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientMatrix:(MPSMatrix *)inputGradientMatrix
            inputValuesMatrix:(MPSMatrix *)inputValuesMatrix
          inputMomentumMatrix:(MPSMatrix *)inputMomentumMatrix
           resultValuesMatrix:(MPSMatrix *)resultValuesMatrix {
  MPSNN_ENCODE(NNOptimizerStochasticGradientDescent, MPSNN_BEHIND(inputGradientMatrix), MPSNN_BEHIND(inputValuesMatrix),
               MPSNN_BEHIND_OR_NULL(inputMomentumMatrix), MPSNN_BEHIND(resultValuesMatrix))
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
     convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState
       convolutionSourceState:(MPSCNNConvolutionWeightsAndBiasesState *)convolutionSourceState
         inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
                  resultState:(MPSCNNConvolutionWeightsAndBiasesState *)resultState {
  MPSNN_ENCODE(NNOptimizerStochasticGradientDescent, MPSNN_BEHIND_AS(CNNConvolutionGradientState, convolutionGradientState),
               MPSNN_BEHIND_AS(CNNConvolutionWeightsAndBiasesState, convolutionSourceState), MPSNN_VECTORS(inputMomentumVectors),
               MPSNN_BEHIND_AS(CNNConvolutionWeightsAndBiasesState, resultState))
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
         inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState {
  [self encodeToCommandBuffer:commandBuffer
      batchNormalizationGradientState:batchNormalizationState
        batchNormalizationSourceState:batchNormalizationState
                 inputMomentumVectors:inputMomentumVectors
                          resultState:resultState];
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    batchNormalizationGradientState:(MPSCNNBatchNormalizationState *)batchNormalizationGradientState
      batchNormalizationSourceState:(MPSCNNBatchNormalizationState *)batchNormalizationSourceState
               inputMomentumVectors:(NSArray<MPSVector *> *)inputMomentumVectors
                        resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState {
  MPSNN_ENCODE(NNOptimizerStochasticGradientDescent, MPSNN_BEHIND_AS(CNNBatchNormalizationState, batchNormalizationGradientState),
               MPSNN_BEHIND_AS(CNNBatchNormalizationState, batchNormalizationSourceState), MPSNN_VECTORS(inputMomentumVectors),
               MPSNN_BEHIND_AS(CNNNormalizationGammaAndBetaState, resultState))
}

@end
