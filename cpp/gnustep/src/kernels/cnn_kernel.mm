#import "support/kernel.hpp"
#import "support/kernel_encode.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

namespace mpsnn::gnustep {

template <>
struct Properties<CNNKernel> {
  template <class V>
  static void for_each(V &&v) {
    using K = CNNKernel;
    Properties<Kernel>::for_each(v);
    v("offset", &K::offset);
    v("clip_rect", &K::clip_rect);
    v("destination_feature_channel_offset", &K::destination_feature_channel_offset);
    v("source_feature_channel_offset", &K::source_feature_channel_offset);
    v("source_feature_channel_max_count", &K::source_feature_channel_max_count);
    v("edge_mode", &K::edge_mode);
    v("kernel_offset_x", &K::kernel_offset_x);
    v("kernel_offset_y", &K::kernel_offset_y);
    v("zero_pad_size_x", &K::zero_pad_size_x);
    v("zero_pad_size_y", &K::zero_pad_size_y);
  }
};

}  // namespace mpsnn::gnustep

namespace {

mpsnn::CNNKernel &kernel(MPSCNNKernel *object) { return as<mpsnn::CNNKernel>(object); }

// What only padding policies need: it cannot be encoded.
KernelClass policy_kernel_class() {
  KernelClass known;
  known.name = "MPSCNNKernel";
  known.make = [](const DevicePtr &device) { return std::make_shared<mpsnn::CNNKernel>(device, mpsnn::Window()); };
  known.copy = [](const DevicePtr &, const mpsnn::Kernel &original) {
    return std::make_shared<mpsnn::CNNKernel>(static_cast<const mpsnn::CNNKernel &>(original));
  };
  return known;
}

}  // namespace

MPSNN_REGISTER_KERNEL(mpsnn::CNNKernel, MPSCNNKernel, policy_kernel_class())

@implementation MPSCNNKernel

- (instancetype)initWithDevice:(id<MTLDevice>)device {
  return made_plain(self, _cmd, device);
}

- (instancetype)copyWithZone:(NSZone *)zone device:(id<MTLDevice>)device {
  return made_copy<mpsnn::CNNKernel>(self, zone, device);
}

- (void)encodeWithCoder:(NSCoder *)coder {
  save_kernel<mpsnn::CNNKernel>(coder, self);
}

- (instancetype)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device {
  return restored_or_nil<mpsnn::CNNKernel>(self, aDecoder, device);
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
    kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceImage),
                                                mpsnn::StateBatch(), MPSNN_IMAGE(destinationImage));
  });
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
             destinationState:(MPSState *)destinationState
             destinationImage:(MPSImage *)destinationImage {
  guarded([&] {
    kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceImage),
                                                batch_of_one(MPSNN_BEHIND(destinationState)), MPSNN_IMAGE(destinationImage));
  });
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
                 destinationImages:(MPSImageBatch *)destinationImages {
  guarded([&] {
    kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImages),
                                                mpsnn::StateBatch(), MPSNN_IMAGES(destinationImages));
  });
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
                 destinationStates:(MPSStateBatch *)destinationStates
                 destinationImages:(MPSImageBatch *)destinationImages {
  guarded([&] {
    kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImages),
                                                MPSNN_STATES_OR_NONE(destinationStates), MPSNN_IMAGES(destinationImages));
  });
}

// Into images of the allocator's ------------------------------------------------------------------------------------

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer sourceImage:(MPSImage *)sourceImage {
  return guarded([&] {
    return objc(kernel(self).encode_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_BEHIND(sourceImage)));
  });
}

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        sourceImage:(MPSImage *)sourceImage
                   destinationState:(MPSState **)outState
        destinationStateIsTemporary:(BOOL)isTemporary {
  return guarded([&] {
    const auto made = encode_with_states(outState, [&](mpsnn::StateBatch *states) {
      return kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceImage), states,
                                                         isTemporary);
    });
    return objc(made[0]);
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer sourceImages:(MPSImageBatch *)sourceImages {
  return guarded([&] {
    return objc_batch(
        kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImages)));
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                            destinationStates:(MPSStateBatch **)outStates
                  destinationStateIsTemporary:(BOOL)isTemporary {
  return guarded([&] {
    return objc_batch(encode_with_states(outStates, [&](mpsnn::StateBatch *states) {
      return kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImages), states,
                                                         isTemporary);
    }));
  });
}

// What an encode would need -----------------------------------------------------------------------------------------

- (MPSState *)resultStateForSourceImage:(MPSImage *)sourceImage
                           sourceStates:(NSArray *)sourceStates
                       destinationImage:(MPSImage *)destinationImage {
  return guarded([&] {
    return objc_first(kernel(self).result_state_batch_for_source_image(MPSNN_IMAGE(sourceImage), MPSNN_IMAGE(destinationImage)));
  });
}

- (MPSStateBatch *)resultStateBatchForSourceImage:(MPSImageBatch *)sourceImage
                                     sourceStates:(NSArray *)sourceStates
                                 destinationImage:(MPSImageBatch *)destinationImage {
  return guarded([&] {
    return objc_all(kernel(self).result_state_batch_for_source_image(MPSNN_IMAGES(sourceImage), MPSNN_IMAGES(destinationImage)));
  });
}

- (MPSState *)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                       sourceImage:(MPSImage *)sourceImage
                                      sourceStates:(NSArray *)sourceStates
                                  destinationImage:(MPSImage *)destinationImage {
  return guarded([&] {
    MPSNN_COMMAND_BUFFER(commandBuffer);
    return objc_first(
        kernel(self).result_state_batch_for_source_image(MPSNN_IMAGE(sourceImage), MPSNN_IMAGE(destinationImage), true));
  });
}

- (MPSStateBatch *)temporaryResultStateBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                 sourceImage:(MPSImageBatch *)sourceImage
                                                sourceStates:(NSArray *)sourceStates
                                            destinationImage:(MPSImageBatch *)destinationImage {
  return guarded([&] {
    MPSNN_COMMAND_BUFFER(commandBuffer);
    return objc_all(
        kernel(self).result_state_batch_for_source_image(MPSNN_IMAGES(sourceImage), MPSNN_IMAGES(destinationImage), true));
  });
}

- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray *)sourceImages sourceStates:(NSArray *)sourceStates {
  return guarded([&] {
    return objc(kernel(self).destination_image_descriptor_for_source_images(MPSNN_IMAGES(sourceImages),
                                                                            MPSNN_STATES_OR_NONE(sourceStates)));
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
