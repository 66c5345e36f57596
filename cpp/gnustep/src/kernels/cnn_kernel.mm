#import "support/behind.hpp"
#import "support/images.hpp"
#import "support/kernel.hpp"
#import "support/kernels.hpp"
#import "support/metal.hpp"
#import "support/nodes.hpp"
#import "support/states.hpp"

using namespace mpsnn::gnustep;

namespace {

mpsnn::CNNKernel &kernel(MPSCNNKernel *object) { return as<mpsnn::CNNKernel>(object); }

}  // namespace

@implementation MPSCNNKernel

- (instancetype)initWithDevice:(id<MTLDevice>)device {
  return made(self, [&] { return std::make_shared<mpsnn::CNNKernel>(device_of(device), mpsnn::Window()); });
}

- (instancetype)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device {
  return [super initWithCoder:aDecoder device:device];
}

// Properties --------------------------------------------------------------------------------------------------------

MPSNN_PROPERTY(MPSOffset, offset, setOffset, kernel(self).offset)
MPSNN_PROPERTY(MTLRegion, clipRect, setClipRect, kernel(self).clip_rect)
MPSNN_PROPERTY(NSUInteger, destinationFeatureChannelOffset, setDestinationFeatureChannelOffset,
               kernel(self).destination_feature_channel_offset)
MPSNN_PROPERTY(NSUInteger, sourceFeatureChannelOffset, setSourceFeatureChannelOffset, kernel(self).source_feature_channel_offset)
MPSNN_PROPERTY(NSUInteger, sourceFeatureChannelMaxCount, setSourceFeatureChannelMaxCount,
               kernel(self).source_feature_channel_max_count)
MPSNN_PROPERTY(MPSImageEdgeMode, edgeMode, setEdgeMode, kernel(self).edge_mode)
MPSNN_READONLY(NSUInteger, kernelWidth, kernel(self).window().kernel_width)
MPSNN_READONLY(NSUInteger, kernelHeight, kernel(self).window().kernel_height)
MPSNN_READONLY(NSUInteger, strideInPixelsX, kernel(self).window().stride_x)
MPSNN_READONLY(NSUInteger, strideInPixelsY, kernel(self).window().stride_y)
MPSNN_READONLY(NSUInteger, dilationRateX, kernel(self).window().dilation_x)
MPSNN_READONLY(NSUInteger, dilationRateY, kernel(self).window().dilation_y)
MPSNN_READONLY(BOOL, isBackwards, kernel(self).window().is_backwards)
MPSNN_READONLY(BOOL, isStateModified, kernel(self).is_state_modified())
MPSNN_READONLY(BOOL, isResultStateReusedAcrossBatch, kernel(self).is_result_state_reused_across_batch())
MPSNN_READONLY(BOOL, appendBatchBarrier, kernel(self).append_batch_barrier())

MPSNN_READONLY(id<MPSNNPadding>, padding, objc(kernel(self).padding))
- (void)setPadding:(id<MPSNNPadding>)padding {
  guarded([&] { kernel(self).padding = padding_of(MPSNN_REQUIRE(padding)); });
}
MPSNN_READONLY(id<MPSImageAllocator>, destinationImageAllocator, objc(kernel(self).destination_image_allocator))
- (void)setDestinationImageAllocator:(id<MPSImageAllocator>)destinationImageAllocator {
  guarded([&] { kernel(self).destination_image_allocator = allocator_of(MPSNN_REQUIRE(destinationImageAllocator)); });
}

// Into images of the client's ---------------------------------------------------------------------------------------

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
             destinationImage:(MPSImage *)destinationImage {
  guarded([&] {
    kernel(self).encode_to_command_buffer(command_buffer_of(commandBuffer), MPSNN_BEHIND(sourceImage), nullptr,
                                          MPSNN_BEHIND(destinationImage));
  });
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
             destinationState:(MPSState *)destinationState
             destinationImage:(MPSImage *)destinationImage {
  guarded([&] {
    kernel(self).encode_to_command_buffer(command_buffer_of(commandBuffer), MPSNN_BEHIND(sourceImage),
                                          MPSNN_BEHIND(destinationState), MPSNN_BEHIND(destinationImage));
  });
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
                 destinationImages:(MPSImageBatch *)destinationImages {
  [self encodeBatchToCommandBuffer:commandBuffer
                      sourceImages:sourceImages
                 destinationStates:nil
                 destinationImages:destinationImages];
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
                 destinationStates:(MPSStateBatch *)destinationStates
                 destinationImages:(MPSImageBatch *)destinationImages {
  guarded([&] {
    kernel(self).encode_batch_to_command_buffer(
        command_buffer_of(commandBuffer), MPSNN_BEHIND_ALL(MPSImage, sourceImages),
        destinationStates ? MPSNN_BEHIND_ALL(MPSState, destinationStates) : mpsnn::StateBatch(),
        MPSNN_BEHIND_ALL(MPSImage, destinationImages));
  });
}

// Into images of the allocator's ------------------------------------------------------------------------------------

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer sourceImage:(MPSImage *)sourceImage {
  return guarded([&] {
    return objc(kernel(self).encode_to_command_buffer(command_buffer_of(commandBuffer), MPSNN_BEHIND(sourceImage)));
  });
}

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
                   destinationState:(MPSState **)outState
        destinationStateIsTemporary:(BOOL)isTemporary {
  return guarded([&] {
    mpsnn::StatePtr state;
    const auto result = kernel(self).encode_to_command_buffer(command_buffer_of(commandBuffer), MPSNN_BEHIND(sourceImage),
                                                              outState ? &state : nullptr, isTemporary);
    if (outState) *outState = objc(state);
    return objc(result);
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer sourceImages:(MPSImageBatch *)sourceImages {
  return guarded([&] {
    return objc_batch(kernel(self).encode_batch_to_command_buffer(command_buffer_of(commandBuffer),
                                                                  MPSNN_BEHIND_ALL(MPSImage, sourceImages)));
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                            destinationStates:(MPSStateBatch **)outStates
                  destinationStateIsTemporary:(BOOL)isTemporary {
  return guarded([&] {
    mpsnn::StateBatch states;
    const auto result =
        kernel(self).encode_batch_to_command_buffer(command_buffer_of(commandBuffer), MPSNN_BEHIND_ALL(MPSImage, sourceImages),
                                                    outStates ? &states : nullptr, isTemporary);
    if (outStates) *outStates = states.empty() ? nil : objc_state_batch(states);
    return objc_batch(result);
  });
}

// What an encode would need -----------------------------------------------------------------------------------------

- (MPSState *)resultStateForSourceImage:(MPSImage *)sourceImage
                           sourceStates:(NSArray *)sourceStates
                       destinationImage:(MPSImage *)destinationImage {
  return guarded([&] {
    return objc(kernel(self).result_state_for_source_image(MPSNN_BEHIND(sourceImage), MPSNN_BEHIND(destinationImage)));
  });
}

- (MPSStateBatch *)resultStateBatchForSourceImage:(MPSImageBatch *)sourceImage
                                     sourceStates:(NSArray *)sourceStates
                                 destinationImage:(MPSImageBatch *)destinationImage {
  return guarded([&]() -> MPSStateBatch * {
    const auto states = kernel(self).result_state_batch_for_source_image(MPSNN_BEHIND_ALL(MPSImage, sourceImage),
                                                                         MPSNN_BEHIND_ALL(MPSImage, destinationImage));
    return states.empty() ? nil : objc_state_batch(states);
  });
}

- (MPSState *)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                       sourceImage:(MPSImage *)sourceImage
                                      sourceStates:(NSArray *)sourceStates
                                  destinationImage:(MPSImage *)destinationImage {
  NSArray *states = [self temporaryResultStateBatchForCommandBuffer:commandBuffer
                                                        sourceImage:[NSArray arrayWithObject:sourceImage]
                                                       sourceStates:sourceStates
                                                   destinationImage:[NSArray arrayWithObject:destinationImage]];
  return [states count] ? [states objectAtIndex:0] : nil;
}

- (MPSStateBatch *)temporaryResultStateBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                 sourceImage:(MPSImageBatch *)sourceImage
                                                sourceStates:(NSArray *)sourceStates
                                            destinationImage:(MPSImageBatch *)destinationImage {
  return guarded([&]() -> MPSStateBatch * {
    command_buffer_of(commandBuffer);
    const auto states = kernel(self).result_state_batch_for_source_image(MPSNN_BEHIND_ALL(MPSImage, sourceImage),
                                                                         MPSNN_BEHIND_ALL(MPSImage, destinationImage), true);
    return states.empty() ? nil : objc_state_batch(states);
  });
}

- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray *)sourceImages sourceStates:(NSArray *)sourceStates {
  return guarded([&] {
    return objc(kernel(self).destination_image_descriptor_for_source_images(
        MPSNN_BEHIND_ALL(MPSImage, sourceImages),
        sourceStates ? MPSNN_BEHIND_ALL(MPSState, sourceStates) : mpsnn::StateBatch()));
  });
}

- (NSUInteger)encodingStorageSizeForSourceImage:(MPSImage *)sourceImage
                                   sourceStates:(NSArray *)sourceStates
                               destinationImage:(MPSImage *)destinationImage {
  return 0;  // encodes take nothing from the command buffer's heap
}

- (NSUInteger)batchEncodingStorageSizeForSourceImage:(MPSImageBatch *)sourceImage
                                        sourceStates:(NSArray *)sourceStates
                                    destinationImage:(MPSImageBatch *)destinationImage {
  return 0;
}

@end

@implementation MPSCNNPolicyKernel

MPSNN_PROPERTY(NSInteger, kernelOffsetX, setKernelOffsetX, kernel(self).kernel_offset_x)
MPSNN_PROPERTY(NSInteger, kernelOffsetY, setKernelOffsetY, kernel(self).kernel_offset_y)
MPSNN_PROPERTY(NSUInteger, zeroPadSizeX, setZeroPadSizeX, kernel(self).zero_pad_size_x)
MPSNN_PROPERTY(NSUInteger, zeroPadSizeY, setZeroPadSizeY, kernel(self).zero_pad_size_y)

@end

namespace mpsnn::gnustep {

MPSCNNPolicyKernel *policy_kernel(const std::shared_ptr<CNNKernel> &kernel) {
  return standing_for<MPSCNNPolicyKernel>(std::shared_ptr<Kernel>(kernel), [] { return [MPSCNNPolicyKernel alloc]; });
}

}  // namespace mpsnn::gnustep
