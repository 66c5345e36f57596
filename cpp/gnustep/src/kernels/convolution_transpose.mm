#import "support/convolution_kernels.hpp"

using namespace mpsnn::gnustep;

using Transpose = mpsnn::CNNConvolutionTranspose;

MPSNN_REGISTER_KERNEL(Transpose, MPSCNNConvolutionTranspose, forward_class<Transpose>("MPSCNNConvolutionTranspose"))

// The states of the convolution whose mirror image this is; none for nil.
#define MIRRORED(argument)                                                                                   \
  ((argument) ? mpsnn::ConvolutionGradientStateBatch{MPSNN_BEHIND_AS(CNNConvolutionGradientState, argument)} \
              : mpsnn::ConvolutionGradientStateBatch())
#define ALL_MIRRORED(argument)                                                     \
  vector_of((argument), [&](id element) {                                          \
    return std::dynamic_pointer_cast<mpsnn::CNNConvolutionGradientState>(          \
        behind(self, _cmd, (MPSCNNConvolutionGradientState *)element, #argument)); \
  })

@implementation MPSCNNConvolutionTranspose

MPSNN_WEIGHTS_INITIALIZER(CNNConvolutionTranspose)
MPSNN_WEIGHTS_RELOAD(CNNConvolutionTranspose)
MPSNN_WEIGHTS_EXPORT(CNNConvolutionTranspose)
MPSNN_RESULT_STATE(MPSCNNConvolutionTransposeGradientState)
MPSNN_RESULT_STATE_BATCHES(MPSCNNConvolutionTransposeGradientStateBatch, MPSCNNConvolutionTransposeGradientStateBatch)

MPSNN_WEIGHTS_NUMBER(inputFeatureChannels, CNNConvolutionTranspose, input_feature_channels)
MPSNN_WEIGHTS_NUMBER(outputFeatureChannels, CNNConvolutionTranspose, output_feature_channels)
MPSNN_WEIGHTS_NUMBER(groups, CNNConvolutionTranspose, groups)
MPSNN_PROPERTY(NSInteger, kernelOffsetX, setKernelOffsetX, as<Transpose>(self).kernel_offset_x)
MPSNN_PROPERTY(NSInteger, kernelOffsetY, setKernelOffsetY, as<Transpose>(self).kernel_offset_y)

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
           convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState {
  return guarded([&] {
    return objc(as<Transpose>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceImage),
                                                                   MIRRORED(convolutionGradientState), nullptr, false)[0]);
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImage
                    convolutionGradientStates:(MPSCNNConvolutionGradientStateBatch *)convolutionGradientState {
  return guarded([&] {
    return objc_batch(as<Transpose>(self).encode_batch_to_command_buffer(
        MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImage), ALL_MIRRORED(convolutionGradientState), nullptr, false));
  });
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
     convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState
             destinationImage:(MPSImage *)destinationImage {
  guarded([&] {
    as<Transpose>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceImage),
                                                       MIRRORED(convolutionGradientState), mpsnn::StateBatch(),
                                                       MPSNN_IMAGE(destinationImage));
  });
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImage
         convolutionGradientStates:(MPSCNNConvolutionGradientStateBatch *)convolutionGradientState
                 destinationImages:(MPSImageBatch *)destinationImage {
  guarded([&] {
    as<Transpose>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImage),
                                                       ALL_MIRRORED(convolutionGradientState), mpsnn::StateBatch(),
                                                       MPSNN_IMAGES(destinationImage));
  });
}

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
           convolutionGradientState:(MPSCNNConvolutionGradientState *)convolutionGradientState
                   destinationState:(MPSCNNConvolutionTransposeGradientState **)outState
        destinationStateIsTemporary:(BOOL)isTemporary {
  return guarded([&] {
    const auto made = encode_with_states((MPSState **)outState, [&](mpsnn::StateBatch *states) {
      return as<Transpose>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceImage),
                                                                MIRRORED(convolutionGradientState), states, isTemporary);
    });
    return objc(made[0]);
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                    convolutionGradientStates:(MPSCNNConvolutionGradientStateBatch *)convolutionGradientStates
                            destinationStates:(MPSCNNConvolutionTransposeGradientStateBatch **)outStates
                  destinationStateIsTemporary:(BOOL)isTemporary {
  return guarded([&] {
    return objc_batch(encode_with_states(outStates, [&](mpsnn::StateBatch *states) {
      return as<Transpose>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImages),
                                                                ALL_MIRRORED(convolutionGradientStates), states, isTemporary);
    }));
  });
}

@end
