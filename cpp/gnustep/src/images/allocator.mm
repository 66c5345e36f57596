#import "support/images.hpp"
#import "support/kernels.hpp"

/// An allocator of the engine's.
@interface MPSPortableAllocator : NSObject <MPSImageAllocator> {
 @public
  void *_impl;
}
@end

namespace mpsnn::gnustep {

MPSNN_STANDS_FOR(MPSPortableAllocator, ImageAllocator)

namespace {

class ClientAllocator final : public ImageAllocator, public ClientObject {
 public:
  using ClientObject::ClientObject;

  ImagePtr image_for_command_buffer(const std::shared_ptr<CommandBuffer> &command_buffer, const ImageDescriptor &descriptor,
                                    Kernel *kernel) override {
    ImagePtr image;
    call_client([&] {
      image = image_of([client() imageForCommandBuffer:objc(command_buffer)
                                       imageDescriptor:objc(descriptor)
                                                kernel:objc(kernel)]);
    });
    return image;
  }

  ImageBatch image_batch_for_command_buffer(const std::shared_ptr<CommandBuffer> &command_buffer,
                                            const ImageDescriptor &descriptor, Kernel *kernel, std::size_t count) override {
    if (![client() respondsToSelector:@selector(imageBatchForCommandBuffer:imageDescriptor:kernel:count:)]) {
      return ImageAllocator::image_batch_for_command_buffer(command_buffer, descriptor, kernel, count);
    }
    ImageBatch images;
    call_client([&] {
      images = images_of([client() imageBatchForCommandBuffer:objc(command_buffer)
                                              imageDescriptor:objc(descriptor)
                                                       kernel:objc(kernel)
                                                        count:count]);
    });
    return images;
  }

 private:
  id<MPSImageAllocator> client() const { return object(); }
  ImagePtr image_of(id image) const {
    if (![image isKindOfClass:[MPSImage class]]) {
      throw InvalidArgument(std::string("MPSImageAllocator: ") + [NSStringFromClass([object() class]) UTF8String] +
                            " made no MPSImage");
    }
    return handed_over((MPSImage *)image);
  }
};

}  // namespace

std::shared_ptr<ImageAllocator> allocator_of(id<MPSImageAllocator> allocator) {
  if ([(id)allocator isKindOfClass:[MPSPortableAllocator class]]) return portable((MPSPortableAllocator *)allocator);
  return adapter_for<ClientAllocator>(allocator);
}

id<MPSImageAllocator> objc(const std::shared_ptr<ImageAllocator> &allocator) {
  if (id client = client_object(allocator)) return [[client retain] autorelease];
  return standing_for<MPSPortableAllocator>(allocator, [] { return [MPSPortableAllocator alloc]; });
}

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSPortableAllocator

MPSNN_ROOT_IMPLEMENTATION(ImageAllocator)

- (MPSImage *)imageForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                    imageDescriptor:(MPSImageDescriptor *)descriptor
                             kernel:(MPSKernel *)kernel {
  return guarded([&] {
    return objc(portable(self)->image_for_command_buffer(command_buffer_of(MPSNN_REQUIRE(commandBuffer)),
                                                         *MPSNN_BEHIND(descriptor), MPSNN_BEHIND_OR_NULL(kernel).get()));
  });
}

- (MPSImageBatch *)imageBatchForCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              imageDescriptor:(MPSImageDescriptor *)descriptor
                                       kernel:(MPSKernel *)kernel
                                        count:(NSUInteger)count {
  return guarded([&] {
    return objc_batch(portable(self)->image_batch_for_command_buffer(
        command_buffer_of(MPSNN_REQUIRE(commandBuffer)), *MPSNN_BEHIND(descriptor), MPSNN_BEHIND_OR_NULL(kernel).get(), count));
  });
}

+ (BOOL)supportsSecureCoding {
  return YES;
}

- (void)encodeWithCoder:(NSCoder *)coder {
  guarded(
      [&] { [coder encodeBool:portable(self) == TemporaryImage::default_allocator() forKey:@"MPSImageAllocator.isTemporary"]; });
}

- (instancetype)initWithCoder:(NSCoder *)coder {
  const BOOL is_temporary = [coder decodeBoolForKey:@"MPSImageAllocator.isTemporary"];
  [self release];
  return [(id)objc(is_temporary ? TemporaryImage::default_allocator() : Image::default_allocator()) retain];
}

@end
