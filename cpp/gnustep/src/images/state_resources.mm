#import "images/state_resources.hpp"

#include <algorithm>
#include <cstdarg>

#import "support/images.hpp"
#import "support/kernels.hpp"

namespace mpsnn::gnustep {

namespace {

std::vector<ResourceState::Resource> make_resources(const ResourceList &list) {
  std::vector<ResourceState::Resource> made;
  for (const auto &item : list.items) {
    if (const auto *size = std::get_if<std::size_t>(&item)) {
      made.push_back(std::make_shared<Buffer>(*size));
    } else {
      made.push_back(Texture::make(std::get<TextureDescriptor>(item)));
    }
  }
  return made;
}

}  // namespace

ResourceState::ResourceState(const ResourceList &list) : resources(make_resources(list)) {}

std::size_t ResourceState::size() const {
  std::size_t bytes = 0;
  for (const auto &resource : resources) bytes += std::visit([](const auto &one) { return one->length(); }, resource);
  return bytes;
}

ImageDescriptor ResourceState::destination_image_descriptor_for_source_images(const ImageBatch &source_images,
                                                                              const StateBatch &source_states, Kernel &kernel,
                                                                              const ImageDescriptor &suggested_descriptor) {
  const SEL method = @selector(destinationImageDescriptorForSourceImages:sourceStates:forKernel:suggestedDescriptor:);
  MPSState *object = objc(shared_from_this());
  if ([object methodForSelector:method] == [MPSState instanceMethodForSelector:method]) return suggested_descriptor;
  return call_client([&] {
    return descriptor_of([object destinationImageDescriptorForSourceImages:objc_batch(source_images)
                                                              sourceStates:objc_state_batch(source_states)
                                                                 forKernel:objc(&kernel)
                                                       suggestedDescriptor:objc(suggested_descriptor)]);
  });
}

ResourceList in_temporary_order(const ResourceList &list) {
  ResourceList ordered;
  for (const bool textures : {true, false}) {
    std::copy_if(list.items.begin(), list.items.end(), std::back_inserter(ordered.items),
                 [&](const auto &item) { return std::holds_alternative<TextureDescriptor>(item) == textures; });
  }
  return ordered;
}

MPSStateTextureInfo texture_info(const TextureDescriptor &descriptor) {
  MPSStateTextureInfo info{};
  info.width = descriptor.width;
  info.height = descriptor.height;
  info.depth = descriptor.depth;
  info.arrayLength = descriptor.array_length;
  info.pixelFormat = descriptor.pixel_format;
  info.textureType = descriptor.type;
  info.usage = descriptor.usage;
  return info;
}

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSStateResourceList

MPSNN_ROOT_IMPLEMENTATION(ResourceList)

+ (instancetype)resourceList {
  return [[[self alloc] init] autorelease];
}

- (instancetype)init {
  return made(self, [] { return std::make_shared<ResourceList>(); });
}

+ (instancetype)resourceListWithTextureDescriptors:(MTLTextureDescriptor *)first, ... {
  MPSStateResourceList *list = [self resourceList];
  va_list rest;
  va_start(rest, first);
  for (MTLTextureDescriptor *next = first; next; next = va_arg(rest, MTLTextureDescriptor *)) [list appendTexture:next];
  va_end(rest);
  return list;
}

+ (instancetype)resourceListWithBufferSizes:(NSUInteger)firstSize, ... {
  MPSStateResourceList *list = [self resourceList];
  va_list rest;
  va_start(rest, firstSize);
  for (NSUInteger next = firstSize; next; next = va_arg(rest, NSUInteger)) [list appendBuffer:next];
  va_end(rest);
  return list;
}

- (void)appendTexture:(MTLTextureDescriptor *)descriptor {
  guarded([&] {
    const TextureDescriptor &texture = *MPSNN_BEHIND(descriptor);
    Texture::length_of(texture);  // checks it
    portable(self)->items.push_back(texture);
  });
}

- (void)appendBuffer:(NSUInteger)size {
  guarded([&] { portable(self)->items.push_back(std::size_t(size)); });
}

@end
