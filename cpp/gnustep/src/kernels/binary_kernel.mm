#import "support/kernel_encode.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

namespace mpsnn::gnustep {

template <>
struct Properties<CNNBinaryKernel> {
  template <class V>
  static void for_each(V &&v) {
    using K = CNNBinaryKernel;
    Properties<Kernel>::for_each(v);
    v("primary_offset", &K::primary_offset);
    v("secondary_offset", &K::secondary_offset);
    v("clip_rect", &K::clip_rect);
    v("destination_feature_channel_offset", &K::destination_feature_channel_offset);
    v("primary_source_feature_channel_offset", &K::primary_source_feature_channel_offset);
    v("secondary_source_feature_channel_offset", &K::secondary_source_feature_channel_offset);
    v("primary_source_feature_channel_max_count", &K::primary_source_feature_channel_max_count);
    v("secondary_source_feature_channel_max_count", &K::secondary_source_feature_channel_max_count);
    v("primary_edge_mode", &K::primary_edge_mode);
    v("secondary_edge_mode", &K::secondary_edge_mode);
  }
};

template <>
struct Properties<CNNGradientKernel> {
  template <class V>
  static void for_each(V &&v) {
    Properties<CNNBinaryKernel>::for_each(v);
    v("kernel_offset_x", &CNNGradientKernel::kernel_offset_x);
    v("kernel_offset_y", &CNNGradientKernel::kernel_offset_y);
  }
};

}  // namespace mpsnn::gnustep

namespace {

mpsnn::CNNBinaryKernel &kernel(MPSCNNBinaryKernel *object) { return as<mpsnn::CNNBinaryKernel>(object); }
mpsnn::CNNGradientKernel &gradient(MPSCNNGradientKernel *object) { return as<mpsnn::CNNGradientKernel>(object); }

// The windows are fixed, but for arithmetic kernels, which have setters of their own.
void set_stride(id object, SEL method, std::size_t stride, std::size_t value) {
  if (value == stride) return;
  throw mpsnn::Unsupported(method_name(object, method) + ": the stride of this kernel is always " + std::to_string(stride));
}

}  // namespace

MPSNN_ABSTRACT_KERNEL(MPSCNNBinaryKernel, CNNBinaryKernel)
MPSNN_ABSTRACT_KERNEL(MPSCNNGradientKernel, CNNGradientKernel)

@implementation MPSCNNBinaryKernel

- (instancetype)initWithDevice:(id<MTLDevice>)device {
  return made_plain(self, _cmd, device);
}

- (instancetype)copyWithZone:(NSZone *)zone device:(id<MTLDevice>)device {
  return made_copy<mpsnn::CNNBinaryKernel>(self, zone, device);
}

- (void)encodeWithCoder:(NSCoder *)coder {
  save_kernel<mpsnn::CNNBinaryKernel>(coder, self);
}

- (instancetype)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device {
  return restored_or_nil<mpsnn::CNNBinaryKernel>(self, aDecoder, device);
}

// Properties --------------------------------------------------------------------------------------------------------

MPSNN_PROPERTY(MPSOffset, primaryOffset, setPrimaryOffset, kernel(self).primary_offset)
MPSNN_PROPERTY(MPSOffset, secondaryOffset, setSecondaryOffset, kernel(self).secondary_offset)
MPSNN_PROPERTY(MTLRegion, clipRect, setClipRect, kernel(self).clip_rect)
MPSNN_PROPERTY(NSUInteger, destinationFeatureChannelOffset, setDestinationFeatureChannelOffset,
               kernel(self).destination_feature_channel_offset)
MPSNN_PROPERTY(NSUInteger, primarySourceFeatureChannelOffset, setPrimarySourceFeatureChannelOffset,
               kernel(self).primary_source_feature_channel_offset)
MPSNN_PROPERTY(NSUInteger, secondarySourceFeatureChannelOffset, setSecondarySourceFeatureChannelOffset,
               kernel(self).secondary_source_feature_channel_offset)
MPSNN_PROPERTY(NSUInteger, primarySourceFeatureChannelMaxCount, setPrimarySourceFeatureChannelMaxCount,
               kernel(self).primary_source_feature_channel_max_count)
MPSNN_PROPERTY(NSUInteger, secondarySourceFeatureChannelMaxCount, setSecondarySourceFeatureChannelMaxCount,
               kernel(self).secondary_source_feature_channel_max_count)
MPSNN_PROPERTY(MPSImageEdgeMode, primaryEdgeMode, setPrimaryEdgeMode, kernel(self).primary_edge_mode)
MPSNN_PROPERTY(MPSImageEdgeMode, secondaryEdgeMode, setSecondaryEdgeMode, kernel(self).secondary_edge_mode)
MPSNN_READONLY(NSUInteger, primaryKernelWidth, kernel(self).primary_window().kernel_width)
MPSNN_READONLY(NSUInteger, primaryKernelHeight, kernel(self).primary_window().kernel_height)
MPSNN_READONLY(NSUInteger, secondaryKernelWidth, kernel(self).secondary_window().kernel_width)
MPSNN_READONLY(NSUInteger, secondaryKernelHeight, kernel(self).secondary_window().kernel_height)
MPSNN_READONLY(NSUInteger, primaryDilationRateX, kernel(self).primary_window().dilation_x)
MPSNN_READONLY(NSUInteger, primaryDilationRateY, kernel(self).primary_window().dilation_y)
MPSNN_READONLY(NSUInteger, secondaryDilationRateX, kernel(self).secondary_window().dilation_x)
MPSNN_READONLY(NSUInteger, secondaryDilationRateY, kernel(self).secondary_window().dilation_y)
MPSNN_READONLY(BOOL, isBackwards, kernel(self).is_backwards())
MPSNN_READONLY(BOOL, isStateModified, kernel(self).is_state_modified())
MPSNN_READONLY(BOOL, isResultStateReusedAcrossBatch, kernel(self).is_result_state_reused_across_batch())
MPSNN_READONLY(BOOL, appendBatchBarrier, kernel(self).append_batch_barrier())

#define STRIDE(getter, setter, stride)                                    \
  MPSNN_READONLY(NSUInteger, getter, kernel(self).stride)                 \
  -(void)setter : (NSUInteger)value {                                     \
    guarded([&] { set_stride(self, _cmd, kernel(self).stride, value); }); \
  }
STRIDE(primaryStrideInPixelsX, setPrimaryStrideInPixelsX, primary_window().stride_x)
STRIDE(primaryStrideInPixelsY, setPrimaryStrideInPixelsY, primary_window().stride_y)
STRIDE(secondaryStrideInPixelsX, setSecondaryStrideInPixelsX, secondary_window().stride_x)
STRIDE(secondaryStrideInPixelsY, setSecondaryStrideInPixelsY, secondary_window().stride_y)

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
                 primaryImage:(MPSImage *)primaryImage
               secondaryImage:(MPSImage *)secondaryImage
             destinationImage:(MPSImage *)destinationImage {
  guarded([&] {
    kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(primaryImage),
                                                MPSNN_IMAGE(secondaryImage), {}, MPSNN_IMAGE(destinationImage));
  });
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                     primaryImages:(MPSImageBatch *)primaryImages
                   secondaryImages:(MPSImageBatch *)secondaryImages
                 destinationImages:(MPSImageBatch *)destinationImages {
  guarded([&] {
    kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(primaryImages),
                                                MPSNN_IMAGES(secondaryImages), {}, MPSNN_IMAGES(destinationImages));
  });
}

// Into images of the allocator's ------------------------------------------------------------------------------------

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                       primaryImage:(MPSImage *)primaryImage
                     secondaryImage:(MPSImage *)secondaryImage {
  return guarded([&] {
    return objc(kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(primaryImage),
                                                            MPSNN_IMAGE(secondaryImage))[0]);
  });
}

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                       primaryImage:(MPSImage *)primaryImage
                     secondaryImage:(MPSImage *)secondaryImage
                   destinationState:(MPSState **)outState
        destinationStateIsTemporary:(BOOL)isTemporary {
  return guarded([&] {
    const auto made = encode_with_states(outState, [&](mpsnn::StateBatch *states) {
      return kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(primaryImage),
                                                         MPSNN_IMAGE(secondaryImage), states, isTemporary);
    });
    return objc(made[0]);
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                primaryImages:(MPSImageBatch *)primaryImage
                              secondaryImages:(MPSImageBatch *)secondaryImage {
  return guarded([&] {
    return objc_batch(kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(primaryImage),
                                                                  MPSNN_IMAGES(secondaryImage)));
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                primaryImages:(MPSImageBatch *)primaryImages
                              secondaryImages:(MPSImageBatch *)secondaryImages
                            destinationStates:(MPSStateBatch **)outState
                  destinationStateIsTemporary:(BOOL)isTemporary {
  return guarded([&] {
    return objc_batch(encode_with_states(outState, [&](mpsnn::StateBatch *states) {
      return kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(primaryImages),
                                                         MPSNN_IMAGES(secondaryImages), states, isTemporary);
    }));
  });
}

// What an encode would need -----------------------------------------------------------------------------------------

- (MPSState *)resultStateForPrimaryImage:(MPSImage *)primaryImage
                          secondaryImage:(MPSImage *)secondaryImage
                            sourceStates:(NSArray *)sourceStates
                        destinationImage:(MPSImage *)destinationImage {
  return guarded([&] {
    return objc_first(kernel(self).result_state_batch_for_primary_image(MPSNN_IMAGE(primaryImage), MPSNN_IMAGE(secondaryImage),
                                                                        MPSNN_IMAGE(destinationImage)));
  });
}

- (MPSStateBatch *)resultStateBatchForPrimaryImage:(MPSImageBatch *)primaryImage
                                    secondaryImage:(MPSImageBatch *)secondaryImage
                                      sourceStates:(NSArray *)sourceStates
                                  destinationImage:(MPSImageBatch *)destinationImage {
  return guarded([&] {
    return objc_all(kernel(self).result_state_batch_for_primary_image(MPSNN_IMAGES(primaryImage), MPSNN_IMAGES(secondaryImage),
                                                                      MPSNN_IMAGES(destinationImage)));
  });
}

- (MPSState *)temporaryResultStateForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                      primaryImage:(MPSImage *)primaryImage
                                    secondaryImage:(MPSImage *)secondaryImage
                                      sourceStates:(NSArray *)sourceStates
                                  destinationImage:(MPSImage *)destinationImage {
  return guarded([&] {
    MPSNN_COMMAND_BUFFER(commandBuffer);
    return objc_first(kernel(self).result_state_batch_for_primary_image(MPSNN_IMAGE(primaryImage), MPSNN_IMAGE(secondaryImage),
                                                                        MPSNN_IMAGE(destinationImage), true));
  });
}

- (MPSStateBatch *)temporaryResultStateBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                primaryImage:(MPSImageBatch *)primaryImage
                                              secondaryImage:(MPSImageBatch *)secondaryImage
                                                sourceStates:(NSArray *)sourceStates
                                            destinationImage:(MPSImageBatch *)destinationImage {
  return guarded([&] {
    MPSNN_COMMAND_BUFFER(commandBuffer);
    return objc_all(kernel(self).result_state_batch_for_primary_image(MPSNN_IMAGES(primaryImage), MPSNN_IMAGES(secondaryImage),
                                                                      MPSNN_IMAGES(destinationImage), true));
  });
}

- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray *)sourceImages sourceStates:(NSArray *)sourceStates {
  return guarded([&] {
    return objc(kernel(self).destination_image_descriptor_for_source_images(MPSNN_IMAGES(sourceImages),
                                                                            MPSNN_STATES_OR_NONE(sourceStates)));
  });
}

- (NSUInteger)encodingStorageSizeForPrimaryImage:(MPSImage *)primaryImage
                                  secondaryImage:(MPSImage *)secondaryImage
                                    sourceStates:(NSArray *)sourceStates
                                destinationImage:(MPSImage *)destinationImage {
  return 0;  // encodes take nothing from the command buffer's heap
}

- (NSUInteger)batchEncodingStorageSizeForPrimaryImage:(MPSImageBatch *)primaryImage
                                       secondaryImage:(MPSImageBatch *)secondaryImage
                                         sourceStates:(NSArray *)sourceStates
                                     destinationImage:(MPSImageBatch *)destinationImage {
  return 0;
}

@end

@implementation MPSCNNGradientKernel

MPSNN_INHERITED_DEVICE_INITIALIZER

- (instancetype)copyWithZone:(NSZone *)zone device:(id<MTLDevice>)device {
  return made_copy<mpsnn::CNNGradientKernel>(self, zone, device);
}

- (void)encodeWithCoder:(NSCoder *)coder {
  save_kernel<mpsnn::CNNGradientKernel>(coder, self);
}

- (instancetype)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device {
  return restored_or_nil<mpsnn::CNNGradientKernel>(self, aDecoder, device);
}

MPSNN_PROPERTY(NSInteger, kernelOffsetX, setKernelOffsetX, gradient(self).kernel_offset_x)
MPSNN_PROPERTY(NSInteger, kernelOffsetY, setKernelOffsetY, gradient(self).kernel_offset_y)

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                     sourceGradient:(MPSImage *)sourceGradient
                        sourceImage:(MPSImage *)sourceImage
                      gradientState:(MPSState *)gradientState {
  return guarded([&] {
    return objc(gradient(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceGradient),
                                                              MPSNN_IMAGE(sourceImage),
                                                              batch_of_one(MPSNN_BEHIND(gradientState)))[0]);
  });
}

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
               sourceGradient:(MPSImage *)sourceGradient
                  sourceImage:(MPSImage *)sourceImage
                gradientState:(MPSState *)gradientState
          destinationGradient:(MPSImage *)destinationGradient {
  guarded([&] {
    gradient(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceGradient),
                                                  MPSNN_IMAGE(sourceImage), batch_of_one(MPSNN_BEHIND(gradientState)),
                                                  MPSNN_IMAGE(destinationGradient));
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              sourceGradients:(MPSImageBatch *)sourceGradients
                                 sourceImages:(MPSImageBatch *)sourceImages
                               gradientStates:(MPSStateBatch *)gradientStates {
  return guarded([&] {
    return objc_batch(gradient(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer),
                                                                    MPSNN_IMAGES(sourceGradients), MPSNN_IMAGES(sourceImages),
                                                                    MPSNN_BEHIND_ALL(MPSState, gradientStates)));
  });
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                   sourceGradients:(MPSImageBatch *)sourceGradients
                      sourceImages:(MPSImageBatch *)sourceImages
                    gradientStates:(MPSStateBatch *)gradientStates
              destinationGradients:(MPSImageBatch *)destinationGradients {
  guarded([&] {
    gradient(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceGradients),
                                                  MPSNN_IMAGES(sourceImages), MPSNN_BEHIND_ALL(MPSState, gradientStates),
                                                  MPSNN_IMAGES(destinationGradients));
  });
}

@end
