#import "images/state_resources.hpp"
#import "support/images.hpp"
#import "support/kernels.hpp"

namespace mpsnn::gnustep {

namespace {

std::unordered_map<std::type_index, const char *> &state_classes() {
  static auto *classes = new std::unordered_map<std::type_index, const char *>;
  return *classes;
}

Class class_for(const State &state) {
  const auto found = state_classes().find(typeid(state));
  Class known = found == state_classes().end() ? Nil : NSClassFromString(ns_string(found->second));
  return known ? known : [MPSState class];
}

std::shared_ptr<State> temporary(id<MTLCommandBuffer> command_buffer, const ResourceList &list) {
  command_buffer_of(command_buffer);
  auto state = std::make_shared<ResourceState>(in_temporary_order(list));
  if (!list.items.empty()) state->make_temporary(1);
  return state;
}

ResourceState::Resource resource_of(id resource) {
  if ([resource isKindOfClass:[MPSPortableTexture class]]) return texture_of(resource);
  return buffer_of(resource);
}

// The state's own list of resources, or null where it is one of the engine's.
const std::vector<ResourceState::Resource> *resources_of(const State &state) {
  const auto *own = dynamic_cast<const ResourceState *>(&state);
  return own ? &own->resources : nullptr;
}

template <class T>
std::shared_ptr<T> resource_at(const State &state, NSUInteger index) {
  const auto *resources = resources_of(state);
  if (!resources || index >= resources->size()) return nullptr;
  const auto *resource = std::get_if<std::shared_ptr<T>>(&(*resources)[index]);
  return resource ? *resource : nullptr;
}

}  // namespace

bool register_state_class(std::type_index cpp_class, const char *objc_class) {
  return state_classes().emplace(cpp_class, objc_class).second;
}

void check_state_class(id object, SEL initializer, const State &state) {
  if (library_class(object) == class_for(state)) return;
  throw MisuseError(method_name(object, initializer) + ": this initializer is not available");
}

MPSState *objc(const StatePtr &state) {
  return standing_for<MPSState>(state, [&]() -> MPSState * { return [class_for(*state) alloc]; });
}

StateBatch states_of(NSArray *states) {
  return vector_of(states, [](id state) {
    if (![state isKindOfClass:[MPSState class]]) throw MisuseError("MPSStateBatch: an element is not an MPSState");
    return handed_over((MPSState *)state);
  });
}

NSArray *objc_state_batch(const StateBatch &states) {
  return array_of(states, [](const StatePtr &state) { return objc(state); });
}

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSState

MPSNN_ROOT_IMPLEMENTATION(State)
MPSNN_NO_PLAIN_INIT
MPSNN_LABEL(portable(self)->label)

+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)cmdBuf bufferSize:(size_t)bufferSize {
  return
      [made_state((MPSState *)[self alloc], _cmd, [&] { return temporary(MPSNN_REQUIRE(cmdBuf), {{bufferSize}}); }) autorelease];
}

+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)cmdBuf
                              textureDescriptor:(MTLTextureDescriptor *)descriptor {
  return [made_state((MPSState *)[self alloc], _cmd,
                     [&] { return temporary(MPSNN_REQUIRE(cmdBuf), {{*MPSNN_BEHIND(descriptor)}}); }) autorelease];
}

+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)cmdBuf {
  return [made_state((MPSState *)[self alloc], _cmd, [&] { return temporary(MPSNN_REQUIRE(cmdBuf), {}); }) autorelease];
}

+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                   resourceList:(MPSStateResourceList *)resourceList {
  return [made_state((MPSState *)[self alloc], _cmd,
                     [&] { return temporary(MPSNN_REQUIRE(commandBuffer), *MPSNN_BEHIND(resourceList)); }) autorelease];
}

- (instancetype)initWithDevice:(id<MTLDevice>)device bufferSize:(size_t)bufferSize {
  return made_state(self, _cmd, [&] {
    device_of(MPSNN_REQUIRE(device));
    return std::make_shared<ResourceState>(ResourceList{{bufferSize}});
  });
}

- (instancetype)initWithDevice:(id<MTLDevice>)device textureDescriptor:(MTLTextureDescriptor *)descriptor {
  return made_state(self, _cmd, [&] {
    device_of(MPSNN_REQUIRE(device));
    return std::make_shared<ResourceState>(ResourceList{{*MPSNN_BEHIND(descriptor)}});
  });
}

- (instancetype)initWithDevice:(id<MTLDevice>)device resourceList:(MPSStateResourceList *)resourceList {
  return made_state(self, _cmd, [&] {
    device_of(MPSNN_REQUIRE(device));
    return std::make_shared<ResourceState>(*MPSNN_BEHIND(resourceList));
  });
}

- (instancetype)initWithResource:(id<MTLResource>)resource {
  return [self initWithResources:resource ? [NSArray arrayWithObject:resource] : nil];
}

- (instancetype)initWithResources:(NSArray *)resources {
  return made_state(self, _cmd, [&] { return std::make_shared<ResourceState>(vector_of(resources, resource_of)); });
}

MPSNN_READONLY(BOOL, isTemporary, portable(self)->is_temporary())
MPSNN_READONLY(NSUInteger, readCount, portable(self)->read_count())
- (void)setReadCount:(NSUInteger)count {
  guarded([&] { portable(self)->set_read_count(count); });
}

- (NSUInteger)resourceCount {
  return guarded([&]() -> NSUInteger {
    const auto *resources = resources_of(*portable(self));
    return resources ? resources->size() : portable(self)->resource_count();
  });
}

- (id<MTLResource>)resource {
  return [self resourceCount] ? [self resourceAtIndex:0 allocateMemory:YES] : nil;
}

- (id<MTLResource>)resourceAtIndex:(NSUInteger)index allocateMemory:(BOOL)allocateMemory {
  return guarded([&]() -> id<MTLResource> {
    State &state = *portable(self);
    if (const auto texture = resource_at<Texture>(state, index)) {
      if (allocateMemory) texture->allocate();
      return texture->is_allocated() ? objc(texture) : nil;
    }
    if (const auto buffer = resource_at<Buffer>(state, index)) {
      if (allocateMemory) buffer->data();
      return buffer->is_allocated() ? objc(buffer) : nil;
    }
    return objc(state.resource_at_index(index, allocateMemory));
  });
}

- (NSUInteger)bufferSizeAtIndex:(NSUInteger)index {
  return guarded([&]() -> NSUInteger {
    const auto buffer = resource_at<Buffer>(*portable(self), index);
    return buffer ? buffer->length() : portable(self)->buffer_size_at_index(index);
  });
}

// The engine's own states hold buffers.
- (MPSStateTextureInfo)textureInfoAtIndex:(NSUInteger)index {
  return guarded([&] {
    const auto texture = resource_at<Texture>(*portable(self), index);
    return texture ? texture_info(texture->descriptor()) : MPSStateTextureInfo{};
  });
}

- (MPSStateResourceType)resourceTypeAtIndex:(NSUInteger)index {
  return guarded([&] {
    const State &state = *portable(self);
    if (resource_at<Texture>(state, index)) return MPSStateResourceTypeTexture;
    if (resource_at<Buffer>(state, index)) return MPSStateResourceTypeBuffer;
    return (MPSStateResourceType)state.resource_type_at_index(index);
  });
}

- (NSUInteger)resourceSize {
  return guarded([&]() -> NSUInteger {
    const auto *own = dynamic_cast<const ResourceState *>(portable(self).get());
    return own ? own->size() : portable(self)->resource_size();
  });
}

- (void)synchronizeOnCommandBuffer:(id<MTLCommandBuffer>)commandBuffer {
  guarded([&] { portable(self)->synchronize_on_command_buffer(command_buffer_of(MPSNN_REQUIRE(commandBuffer))); });
}

- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray *)sourceImages
                                                     sourceStates:(NSArray *)sourceStates
                                                        forKernel:(MPSKernel *)kernel
                                              suggestedDescriptor:(MPSImageDescriptor *)inDescriptor {
  return guarded([&] {
    State &state = *portable(self);
    const ImageDescriptor suggested = *MPSNN_BEHIND(inDescriptor);
    // A subclass's method may have called this one: it is not asked again.
    if (resources_of(state)) return inDescriptor;
    const auto wanted = state.destination_image_descriptor_for_source_images(images_of(sourceImages), states_of(sourceStates),
                                                                             *MPSNN_BEHIND(kernel), suggested);
    return wanted == suggested ? inDescriptor : objc(wanted);
  });
}

@end
