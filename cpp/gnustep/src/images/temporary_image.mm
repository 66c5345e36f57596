#import "metal/texture.hpp"
#import "support/images.hpp"

namespace mpsnn::gnustep {

namespace {

// The image that a texture of the descriptor would be. `channels` is 0 for all that the texture holds.
ImageDescriptor image_descriptor(const TextureDescriptor &texture, std::size_t channels) {
  Texture::length_of(texture);  // checks it
  const PixelLayout layout = pixel_layout(texture.pixel_format);
  if (channels == 0) channels = layout.channels < 4 ? layout.channels : 4 * texture.array_length;
  const std::size_t slices = slices_of(channels);
  if (layout.is_bgra || slices > texture.array_length || (slices == 1 ? channels > layout.channels : layout.channels < 4)) {
    throw InvalidArgument("MPSTemporaryImage: a texture of this descriptor does not hold " + std::to_string(channels) +
                          " feature channels of an image");
  }
  ImageDescriptor d;
  d.width = texture.width;
  d.height = texture.height;
  d.feature_channels = channels;
  d.number_of_images = texture.array_length / slices;
  d.channel_format = layout.format;
  d.usage = mtl::TextureUsage(texture.usage);
  return d;
}

template <class Made>
MPSTemporaryImage *temporary(Class its_class, id<MTLCommandBuffer> command_buffer, Made &&descriptor) {
  return [made((MPSTemporaryImage *)[its_class alloc], [&]() -> ImagePtr {
    return TemporaryImage::temporary_image(command_buffer_of(command_buffer), descriptor());
  }) autorelease];
}

}  // namespace

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSTemporaryImage

+ (instancetype)temporaryImageWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                imageDescriptor:(MPSImageDescriptor *)imageDescriptor {
  return temporary(self, commandBuffer, [&] { return *MPSNN_BEHIND(imageDescriptor); });
}

+ (instancetype)temporaryImageWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              textureDescriptor:(MTLTextureDescriptor *)textureDescriptor {
  return temporary(self, commandBuffer, [&] { return image_descriptor(*MPSNN_BEHIND(textureDescriptor), 0); });
}

+ (instancetype)temporaryImageWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              textureDescriptor:(MTLTextureDescriptor *)textureDescriptor
                                featureChannels:(NSUInteger)featureChannels {
  return temporary(self, commandBuffer, [&] {
    if (featureChannels == 0) throw InvalidArgument("MPSTemporaryImage: featureChannels must be positive");
    return image_descriptor(*MPSNN_BEHIND(textureDescriptor), featureChannels);
  });
}

+ (id<MPSImageAllocator>)defaultAllocator {
  return objc(TemporaryImage::default_allocator());
}

+ (void)prefetchStorageWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer imageDescriptorList:(NSArray *)descriptorList {
  guarded([&] {
    TemporaryImage::prefetch_storage(command_buffer_of(MPSNN_REQUIRE(commandBuffer)),
                                     descriptors_of(MPSNN_REQUIRE(descriptorList)));
  });
}

MPSNN_READONLY(NSUInteger, readCount, as<TemporaryImage>(self).read_count())
- (void)setReadCount:(NSUInteger)count {
  guarded([&] { as<TemporaryImage>(self).set_read_count(count); });
}

@end
