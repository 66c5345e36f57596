#include "metal/callbacks.hpp"

#include "metal/caller_object.hpp"
#include "metal/graph.hpp"
#include "metal/recording.hpp"
#include "mpsnn/padding.hpp"

// Classes that stand for the caller's C++ objects in Apple's graph. They own what they point to, catch every exception, and
// answer something harmless after one.

namespace mpsnn::metal {
namespace {

struct HandleState {
  int id;
  std::shared_ptr<Handle> handle;
};
struct AllocatorState {
  NativeGraph &graph;
  std::shared_ptr<ImageAllocator> allocator;
};
struct PolicyState {
  NativeGraph &graph;
  std::shared_ptr<NNPadding> policy;
};

}  // namespace
}  // namespace mpsnn::metal

using namespace mpsnn;
using namespace mpsnn::metal;

@interface MPNHandle : MPNCallerObject <MPSHandle> {
 @public
  HandleState *_state;
}
@end

@implementation MPNHandle
- (void)dealloc {
  delete _state;
  [super dealloc];
}
- (NSString *)label {
  if (!_state->handle) return nil;
  NSString *text = nil;
  Failures ignored;  // a label is for people only
  ignored.guard([&] { text = ns_string(_state->handle->label()); });
  return [text length] ? text : nil;
}
@end

@interface MPNAllocator : MPNCallerObject <MPSImageAllocator> {
 @public
  AllocatorState *_state;
}
@end

@implementation MPNAllocator
- (void)dealloc {
  delete _state;
  [super dealloc];
}
- (MPSImage *)imageForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                    imageDescriptor:(MPSImageDescriptor *)descriptor
                             kernel:(MPSKernel *)kernel {
  return [[self imageBatchForCommandBuffer:commandBuffer imageDescriptor:descriptor kernel:kernel count:1] objectAtIndex:0];
}
- (MPSImageBatch *)imageBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              imageDescriptor:(MPSImageDescriptor *)descriptor
                                       kernel:(MPSKernel *)kernel
                                        count:(NSUInteger)count {
  NSMutableArray *images = [NSMutableArray arrayWithCapacity:count];
  Recording *recording = Recording::current();
  const bool is_made = recording && recording->failures.guard([&] {
    const ImageDescriptor wanted = descriptor_of(descriptor);
    for (const ImagePtr &image : allocate(*recording, *_state->allocator, wanted, count)) {
      [images addObject:recording->destination(image)];
    }
  });
  if (is_made) return images;
  // The encode fails when Apple's framework returns; until then it needs images.
  [images removeAllObjects];
  id<MPSImageAllocator> ready = [MPSImage defaultAllocator];
  for (NSUInteger i = 0; i < count; ++i) {
    [images addObject:[ready imageForCommandBuffer:commandBuffer imageDescriptor:descriptor kernel:kernel]];
  }
  return images;
}
@end

@interface MPNPadding : MPNCallerObject <MPSNNPadding> {
 @public
  PolicyState *_state;
}
@end

@implementation MPNPadding
- (void)dealloc {
  delete _state;
  [super dealloc];
}
- (MPSNNPaddingMethod)paddingMethod {
  MPSNNPaddingMethod method = MPSNNPaddingMethodSizeSame;
  _state->graph.failures_now().guard([&] { method = MPSNNPaddingMethod(_state->policy->padding_method()); });
  return method;
}
- (NSString *)label {
  NSString *text = @"";
  _state->graph.failures_now().guard([&] { text = ns_string(_state->policy->label()); });
  return text;
}
- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray<MPSImage *> *)sourceImages
                                                     sourceStates:(NSArray<MPSState *> *)sourceStates
                                                        forKernel:(MPSKernel *)kernel
                                              suggestedDescriptor:(MPSImageDescriptor *)suggested {
  (void)sourceStates;  // C++ policies of graphs are shown none
  MPSImageDescriptor *answer = suggested;
  _state->graph.failures_now().guard([&] {
    ImageBatch sources;
    for (MPSImage *image in sourceImages) sources.push_back(image_of(image, Recording::current(), _state->graph.device()));
    ImageDescriptor wanted = descriptor_of(suggested);
    if (![kernel isKindOfClass:[MPSCNNKernel class]]) {
      CNNKernel shown(_state->graph.device(), Window{});
      shown.label = string_of([kernel label]);
      wanted = _state->policy->destination_image_descriptor_for_source_images(sources, {}, shown, wanted);
    } else {
      wanted = ask_about((MPSCNNKernel *)kernel, *_state->policy, _state->graph.device(), sources, wanted);
    }
    answer = [[suggested copy] autorelease];  // with the storage that Apple chose
    answer.width = wanted.width;
    answer.height = wanted.height;
    answer.featureChannels = wanted.feature_channels;
    answer.numberOfImages = wanted.number_of_images;
    answer.channelFormat = MPSImageFeatureChannelFormat(wanted.channel_format);
  });
  return answer;
}
- (instancetype)inverse {
  id inverse = nil;
  _state->graph.failures_now().guard([&] {
    if (auto policy = _state->policy->inverse()) inverse = padding_of(_state->graph, policy);
  });
  return inverse;
}
@end

namespace mpsnn::metal {

NSObject<MPSHandle> *handle_of(int id, const std::shared_ptr<Handle> &handle) {
  MPNHandle *object = [[[MPNHandle alloc] init] autorelease];
  object->_state = new HandleState{id, handle};
  return object;
}

int id_of(id handle) { return [handle isKindOfClass:[MPNHandle class]] ? ((MPNHandle *)handle)->_state->id : kNone; }

std::shared_ptr<Handle> caller_handle(id handle) {
  return [handle isKindOfClass:[MPNHandle class]] ? ((MPNHandle *)handle)->_state->handle : nullptr;
}

id<MPSImageAllocator> allocator_for(NativeGraph &graph, std::shared_ptr<ImageAllocator> allocator) {
  MPNAllocator *object = [[[MPNAllocator alloc] init] autorelease];
  object->_state = new AllocatorState{graph, std::move(allocator)};
  return object;
}

id<MPSNNPadding> padding_of(NativeGraph &graph, const std::shared_ptr<NNPadding> &policy) {
  if (const auto ready = std::dynamic_pointer_cast<NNDefaultPadding>(policy)) {
    if (ready == NNDefaultPadding::padding_for_tensorflow_average_pooling()) {
      return [MPSNNDefaultPadding paddingForTensorflowAveragePooling];
    }
    if (ready == NNDefaultPadding::padding_for_tensorflow_average_pooling_valid_only()) {
      return [MPSNNDefaultPadding paddingForTensorflowAveragePoolingValidOnly];
    }
    return [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethod(ready->padding_method())];
  }
  // A gradient filter that has its forward filter's policy must be seen to have it.
  auto *object = (MPNPadding *)graph.shared_object(policy.get());
  if (!object) {
    object = [[[MPNPadding alloc] init] autorelease];
    object->_state = new PolicyState{graph, policy};
    graph.keep_shared_object(policy.get(), object);
  }
  return object;
}

ImageBatch allocate(Recording &recording, ImageAllocator &allocator, const ImageDescriptor &descriptor, std::size_t count) {
  const ImageBatch images =
      allocator.image_batch_for_command_buffer(recording.command_buffer(), descriptor, recording.kernel, count);
  check_allocated(images, descriptor, count, "MPSNNGraph");
  return images;
}

std::shared_ptr<CNNKernel> shown_kernel(MPSCNNKernel *kernel, const std::shared_ptr<Device> &device) {
  Window window;
  window.kernel_width = kernel.kernelWidth;
  window.kernel_height = kernel.kernelHeight;
  window.stride_x = kernel.strideInPixelsX;
  window.stride_y = kernel.strideInPixelsY;
  window.dilation_x = kernel.dilationRateX;
  window.dilation_y = kernel.dilationRateY;
  window.is_backwards = kernel.isBackwards;
  auto shown = std::make_shared<CNNKernel>(device, window);
  shown->label = string_of(kernel.label);
  const MPSOffset offset = kernel.offset;
  shown->offset = {offset.x, offset.y, offset.z};
  shown->edge_mode = ImageEdgeMode(kernel.edgeMode);
  return shown;
}

ImageDescriptor ask_about(MPSCNNKernel *kernel, NNPadding &policy, const std::shared_ptr<Device> &device,
                          const ImageBatch &sources, const ImageDescriptor &suggested) {
  const auto kept = shown_kernel(kernel, device);
  CNNKernel &shown = *kept;
  shown.source_feature_channel_offset = kernel.sourceFeatureChannelOffset;
  shown.source_feature_channel_max_count = kernel.sourceFeatureChannelMaxCount;
  shown.destination_feature_channel_offset = kernel.destinationFeatureChannelOffset;
  const MTLRegion given = kernel.clipRect;
  shown.clip_rect = {{given.origin.x, given.origin.y, given.origin.z}, {given.size.width, given.size.height, given.size.depth}};
  const bool has_zero_pad = [kernel respondsToSelector:@selector(setZeroPadSizeX:)];
  const bool has_kernel_offset = [kernel respondsToSelector:@selector(setKernelOffsetX:)];
  if (has_zero_pad) {
    shown.zero_pad_size_x = [(MPSCNNPoolingAverage *)kernel zeroPadSizeX];
    shown.zero_pad_size_y = [(MPSCNNPoolingAverage *)kernel zeroPadSizeY];
  }
  if (has_kernel_offset) {
    shown.kernel_offset_x = [(MPSCNNConvolutionTranspose *)kernel kernelOffsetX];
    shown.kernel_offset_y = [(MPSCNNConvolutionTranspose *)kernel kernelOffsetY];
  }
  const ImageDescriptor wanted = policy.destination_image_descriptor_for_source_images(sources, {}, shown, suggested);
  kernel.offset = MPSOffset{shown.offset.x, shown.offset.y, shown.offset.z};
  kernel.edgeMode = MPSImageEdgeMode(shown.edge_mode);
  kernel.sourceFeatureChannelOffset = shown.source_feature_channel_offset;
  kernel.sourceFeatureChannelMaxCount = shown.source_feature_channel_max_count;
  kernel.destinationFeatureChannelOffset = shown.destination_feature_channel_offset;
  kernel.clipRect = native_region(shown.clip_rect);
  if (has_zero_pad) {
    [(MPSCNNPoolingAverage *)kernel setZeroPadSizeX:shown.zero_pad_size_x];
    [(MPSCNNPoolingAverage *)kernel setZeroPadSizeY:shown.zero_pad_size_y];
  }
  if (has_kernel_offset) {
    [(MPSCNNConvolutionTranspose *)kernel setKernelOffsetX:shown.kernel_offset_x];
    [(MPSCNNConvolutionTranspose *)kernel setKernelOffsetY:shown.kernel_offset_y];
  }
  if (Recording *recording = Recording::current()) {
    recording->remember_answer(policy, wanted,
                               {shown.offset.x, shown.offset.y, shown.kernel_offset_x, shown.kernel_offset_y, shown.edge_mode,
                                shown.zero_pad_size_x, shown.zero_pad_size_y});
  }
  return wanted;
}

ImagePtr image_of(MPSImage *image, const Recording *recording, const std::shared_ptr<Device> &device) {
  if (recording) {
    if (ImagePtr known = recording->image_for(image)) return known;
  }
  return std::make_shared<Image>(device, descriptor_of(image));
}

}  // namespace mpsnn::metal
