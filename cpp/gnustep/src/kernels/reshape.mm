#import <MetalPerformanceShaders/MPSNNReshape.h>

#include "mpsnn/kernels/reshape.hpp"
#import "support/kernel_encode.hpp"

using namespace mpsnn::gnustep;

namespace {

mpsnn::ReshapeOp reshaped(NSUInteger width, NSUInteger height, NSUInteger feature_channels) {
  mpsnn::ReshapeOp op;
  op.result_width = width;
  op.result_height = height;
  op.result_feature_channels = feature_channels;
  return op;
}

}  // namespace

MPSNN_PLAIN_KERNEL(MPSNNReshape, NNReshape)
MPSNN_PLAIN_KERNEL(MPSNNReshapeGradient, NNReshapeGradient)

@implementation MPSNNReshape

MPSNN_INHERITED_INITIALIZERS

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
                      reshapedWidth:(NSUInteger)reshapedWidth
                     reshapedHeight:(NSUInteger)reshapedHeight
            reshapedFeatureChannels:(NSUInteger)reshapedFeatureChannels {
  return guarded([&] {
    return objc(as<mpsnn::NNReshape>(self).encode_batch_to_command_buffer(
        MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceImage),
        reshaped(reshapedWidth, reshapedHeight, reshapedFeatureChannels))[0]);
  });
}

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
                   destinationState:(MPSState **)outState
        destinationStateIsTemporary:(BOOL)isTemporary
                      reshapedWidth:(NSUInteger)reshapedWidth
                     reshapedHeight:(NSUInteger)reshapedHeight
            reshapedFeatureChannels:(NSUInteger)reshapedFeatureChannels {
  return guarded([&] {
    const auto made = encode_with_states(outState, [&](mpsnn::StateBatch *states) {
      return as<mpsnn::NNReshape>(self).encode_batch_to_command_buffer(
          MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceImage),
          reshaped(reshapedWidth, reshapedHeight, reshapedFeatureChannels), states, isTemporary);
    });
    return objc(made[0]);
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                                reshapedWidth:(NSUInteger)reshapedWidth
                               reshapedHeight:(NSUInteger)reshapedHeight
                      reshapedFeatureChannels:(NSUInteger)reshapedFeatureChannels {
  return guarded([&] {
    return objc_batch(as<mpsnn::NNReshape>(self).encode_batch_to_command_buffer(
        MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImages),
        reshaped(reshapedWidth, reshapedHeight, reshapedFeatureChannels)));
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                            destinationStates:(MPSStateBatch **)outStates
                  destinationStateIsTemporary:(BOOL)isTemporary
                                reshapedWidth:(NSUInteger)reshapedWidth
                               reshapedHeight:(NSUInteger)reshapedHeight
                      reshapedFeatureChannels:(NSUInteger)reshapedFeatureChannels {
  return guarded([&] {
    return objc_batch(encode_with_states(outStates, [&](mpsnn::StateBatch *states) {
      return as<mpsnn::NNReshape>(self).encode_batch_to_command_buffer(
          MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImages),
          reshaped(reshapedWidth, reshapedHeight, reshapedFeatureChannels), states, isTemporary);
    }));
  });
}

@end

@implementation MPSNNReshapeGradient
MPSNN_INHERITED_INITIALIZERS
@end
