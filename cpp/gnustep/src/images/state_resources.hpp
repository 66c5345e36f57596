#pragma once

#import <MetalPerformanceShaders/MPSState.h>

#include <optional>
#include <variant>
#include <vector>

#include "metal/texture.hpp"
#include "support/states.hpp"

namespace mpsnn::gnustep {

/// Sizes of buffers, and textures.
struct ResourceList {
  std::vector<std::variant<std::size_t, TextureDescriptor>> items;
};

MPSNN_STANDS_FOR(MPSStateResourceList, ResourceList)

/// A state of an application's making: unlike the engine's it may hold textures, and be of a class of the application's.
class ResourceState final : public State {
 public:
  using Resource = std::variant<std::shared_ptr<Buffer>, std::shared_ptr<Texture>>;
  explicit ResourceState(std::vector<Resource> resources) : resources(std::move(resources)) {}
  explicit ResourceState(const ResourceList &list);
  const std::vector<Resource> resources;
  std::size_t size() const;
  ImageDescriptor destination_image_descriptor_for_source_images(const ImageBatch &source_images, const StateBatch &source_states,
                                                                 Kernel &kernel,
                                                                 const ImageDescriptor &suggested_descriptor) override;
};

/// Textures come first in those of temporary states.
ResourceList in_temporary_order(const ResourceList &list);
MPSStateTextureInfo texture_info(const TextureDescriptor &descriptor);

}  // namespace mpsnn::gnustep
