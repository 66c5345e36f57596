#import <MetalPerformanceShaders/MPSCNNConvolution.h>

#include "mpsnn/nodes/convolution.hpp"
#import "support/behind.hpp"
#import "support/descriptors.hpp"
#import "support/kernels.hpp"
#import "support/metal.hpp"
#import "support/states.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

MPSNN_STATE_CLASS(CNNConvolutionWeightsAndBiasesState, MPSCNNConvolutionWeightsAndBiasesState)
MPSNN_STATE_CLASS(CNNConvolutionGradientState, MPSCNNConvolutionGradientState)
MPSNN_STATE_CLASS(CNNConvolutionTransposeGradientState, MPSCNNConvolutionTransposeGradientState)

@implementation MPSCNNConvolutionWeightsAndBiasesState

- (instancetype)initWithWeights:(id<MTLBuffer>)weights biases:(id<MTLBuffer>)biases {
  return made_state(self, _cmd, [&] {
    return std::make_shared<CNNConvolutionWeightsAndBiasesState>(buffer_of(MPSNN_REQUIRE(weights)),
                                                                 biases ? buffer_of(biases) : nullptr);
  });
}

- (instancetype)initWithDevice:(id<MTLDevice>)device cnnConvolutionDescriptor:(MPSCNNConvolutionDescriptor *)descriptor {
  return made_state(self, _cmd, [&] {
    device_of(MPSNN_REQUIRE(device));
    return std::make_shared<CNNConvolutionWeightsAndBiasesState>(*MPSNN_BEHIND(descriptor));
  });
}

- (instancetype)initWithWeights:(id<MTLBuffer>)weights
                  weightsOffset:(NSUInteger)weightsOffset
                         biases:(id<MTLBuffer>)biases
                   biasesOffset:(NSUInteger)biasesOffset
       cnnConvolutionDescriptor:(MPSCNNConvolutionDescriptor *)descriptor {
  return made_state(self, _cmd, [&] {
    return std::make_shared<CNNConvolutionWeightsAndBiasesState>(buffer_of(MPSNN_REQUIRE(weights)), weightsOffset,
                                                                 biases ? buffer_of(biases) : nullptr, biasesOffset,
                                                                 *MPSNN_BEHIND(descriptor));
  });
}

+ (instancetype)temporaryCNNConvolutionWeightsAndBiasesStateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                     cnnConvolutionDescriptor:(MPSCNNConvolutionDescriptor *)descriptor {
  return [made_state([self alloc], _cmd, [&] {
    return CNNConvolutionWeightsAndBiasesState::temporary_cnn_convolution_weights_and_biases_state(
        command_buffer_of(MPSNN_REQUIRE(commandBuffer)), *MPSNN_BEHIND(descriptor));
  }) autorelease];
}

MPSNN_READONLY(id<MTLBuffer>, weights, objc(as<CNNConvolutionWeightsAndBiasesState>(self).weights()))
MPSNN_READONLY(id<MTLBuffer>, biases, objc(as<CNNConvolutionWeightsAndBiasesState>(self).biases()))
MPSNN_READONLY(NSUInteger, weightsOffset, as<CNNConvolutionWeightsAndBiasesState>(self).weights_offset())
MPSNN_READONLY(NSUInteger, biasesOffset, as<CNNConvolutionWeightsAndBiasesState>(self).biases_offset())

@end

@implementation MPSCNNConvolutionGradientState

MPSNN_READONLY(id<MTLBuffer>, gradientForWeights, objc(as<CNNConvolutionGradientState>(self).gradient_for_weights()))
MPSNN_READONLY(id<MTLBuffer>, gradientForBiases, objc(as<CNNConvolutionGradientState>(self).gradient_for_biases()))
MPSNN_READONLY(MPSCNNConvolution *, convolution, objc(as<CNNConvolutionGradientState>(self).convolution()))
MPSNN_READONLY(MPSCNNConvolutionWeightsLayout, gradientForWeightsLayout,
               as<CNNConvolutionGradientState>(self).gradient_for_weights_layout())
MPSNN_READONLY(NSUInteger, sourceWidth, as<CNNConvolutionGradientState>(self).source_width())
MPSNN_READONLY(NSUInteger, sourceHeight, as<CNNConvolutionGradientState>(self).source_height())

@end

@implementation MPSCNNConvolutionTransposeGradientState

MPSNN_READONLY(MPSCNNConvolutionTranspose *, convolutionTranspose,
               objc(as<CNNConvolutionTransposeGradientState>(self).convolution_transpose()))

@end
