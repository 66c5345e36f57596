#import "support/optimizers.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSNNOptimizerRMSProp

- (instancetype)initWithDevice:(id<MTLDevice>)device learningRate:(float)learningRate {
  return made(self, [&] { return NNOptimizerRMSProp::with_learning_rate(learningRate, device_of(MPSNN_REQUIRE(device))); });
}

- (instancetype)initWithDevice:(id<MTLDevice>)device
                         decay:(double)decay
                       epsilon:(float)epsilon
           optimizerDescriptor:(MPSNNOptimizerDescriptor *)optimizerDescriptor {
  return made(self, [&] {
    return std::make_shared<NNOptimizerRMSProp>(decay, epsilon, *MPSNN_BEHIND(optimizerDescriptor),
                                                device_of(MPSNN_REQUIRE(device)));
  });
}

MPSNN_READONLY(double, decay, as<NNOptimizerRMSProp>(self).decay())
MPSNN_READONLY(float, epsilon, as<NNOptimizerRMSProp>(self).epsilon())

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientVector:(MPSVector *)inputGradientVector
            inputValuesVector:(MPSVector *)inputValuesVector
      inputSumOfSquaresVector:(MPSVector *)inputSumOfSquaresVector
           resultValuesVector:(MPSVector *)resultValuesVector {
  MPSNN_ENCODE(NNOptimizerRMSProp, MPSNN_BEHIND(inputGradientVector), MPSNN_BEHIND(inputValuesVector),
               MPSNN_BEHIND(inputSumOfSquaresVector), MPSNN_BEHIND(resultValuesVector))
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
          inputGradientMatrix:(MPSMatrix *)inputGradientMatrix
            inputValuesMatrix:(MPSMatrix *)inputValuesMatrix
      inputSumOfSquaresMatrix:(MPSMatrix *)inputSumOfSquaresMatrix
           resultValuesMatrix:(MPSMatrix *)resultValuesMatrix {
  MPSNN_ENCODE(NNOptimizerRMSProp, MPSNN_BEHIND(inputGradientMatrix), MPSNN_BEHIND(inputValuesMatrix),
               MPSNN_BEHIND(inputSumOfSquaresMatrix), MPSNN_BEHIND(resultValuesMatrix))
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
     convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState
       convolutionSourceState:(MPSCNNConvolutionWeightsAndBiasesState *)convolutionSourceState
     inputSumOfSquaresVectors:(NSArray<MPSVector *> *)inputSumOfSquaresVectors
                  resultState:(MPSCNNConvolutionWeightsAndBiasesState *)resultState {
  MPSNN_ENCODE(NNOptimizerRMSProp, MPSNN_BEHIND_AS(CNNConvolutionGradientState, convolutionGradientState),
               MPSNN_BEHIND_AS(CNNConvolutionWeightsAndBiasesState, convolutionSourceState),
               MPSNN_VECTORS(inputSumOfSquaresVectors), MPSNN_BEHIND_AS(CNNConvolutionWeightsAndBiasesState, resultState))
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
     inputSumOfSquaresVectors:(NSArray<MPSVector *> *)inputSumOfSquaresVectors
                  resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState {
  [self encodeToCommandBuffer:commandBuffer
      batchNormalizationGradientState:batchNormalizationState
        batchNormalizationSourceState:batchNormalizationState
             inputSumOfSquaresVectors:inputSumOfSquaresVectors
                          resultState:resultState];
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
    batchNormalizationGradientState:(MPSCNNBatchNormalizationState *)batchNormalizationGradientState
      batchNormalizationSourceState:(MPSCNNBatchNormalizationState *)batchNormalizationSourceState
           inputSumOfSquaresVectors:(NSArray<MPSVector *> *)inputSumOfSquaresVectors
                        resultState:(MPSCNNNormalizationGammaAndBetaState *)resultState {
  MPSNN_ENCODE(NNOptimizerRMSProp, MPSNN_BEHIND_AS(CNNBatchNormalizationState, batchNormalizationGradientState),
               MPSNN_BEHIND_AS(CNNBatchNormalizationState, batchNormalizationSourceState),
               MPSNN_VECTORS(inputSumOfSquaresVectors), MPSNN_BEHIND_AS(CNNNormalizationGammaAndBetaState, resultState))
}

@end
