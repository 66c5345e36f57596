#import "support/metal.hpp"

#include "runtime/native_device.hpp"

#include <Block.h>

#import <MetalPerformanceShaders/MPSCommandBuffer.h>

#include <chrono>

#import "metal/command_buffer.hpp"

namespace mpsnn {

void is_inside_a_framework() {}

}  // namespace mpsnn

namespace mpsnn::gnustep {

namespace {

// `object` as one of this library's classes.
template <class ObjCClass>
ObjCClass *ours(id object, const char *protocol) {
  if (!object) throw MisuseError(std::string(protocol) + ": the object is nil");
  if (![object isKindOfClass:[ObjCClass class]]) {
    throw MisuseError(std::string(protocol) + ": an object of class " + [NSStringFromClass([object class]) UTF8String] +
                      " is not one of this library");
  }
  return object;
}

}  // namespace

const std::shared_ptr<Device> &the_device() {
  static const auto *device = new std::shared_ptr<Device>(device_named("cpu"));
  return *device;
}

std::shared_ptr<Device> device_of(id<MTLDevice> device) { return portable(ours<MPSPortableDevice>(device, "MTLDevice")); }

std::shared_ptr<CommandQueue> command_queue_of(id<MTLCommandQueue> queue) {
  return portable(ours<MPSPortableCommandQueue>(queue, "MTLCommandQueue"));
}

std::shared_ptr<CommandBuffer> command_buffer_of(id<MTLCommandBuffer> command_buffer) {
  if ([(id)command_buffer isKindOfClass:[MPSCommandBuffer class]]) return split_of((MPSCommandBuffer *)command_buffer).buffer;
  return portable(ours<MPSPortableCommandBuffer>(command_buffer, "MTLCommandBuffer"));
}

std::shared_ptr<Buffer> buffer_of(id<MTLBuffer> buffer) { return portable(ours<MPSPortableBuffer>(buffer, "MTLBuffer")); }

std::shared_ptr<Texture> texture_of(id<MTLTexture> texture) { return portable(ours<MPSPortableTexture>(texture, "MTLTexture")); }

id<MTLDevice> objc(const std::shared_ptr<Device> &device) {
  return standing_for<MPSPortableDevice>(device ? device : the_device(), [] { return [MPSPortableDevice alloc]; });
}

id<MTLCommandQueue> objc(const std::shared_ptr<CommandQueue> &queue) {
  return standing_for<MPSPortableCommandQueue>(queue, [] { return [MPSPortableCommandQueue alloc]; });
}

id<MTLCommandBuffer> objc(const std::shared_ptr<CommandBuffer> &command_buffer) {
  return standing_for<MPSPortableCommandBuffer>(command_buffer, [&] {
    MPSPortableCommandBuffer *fresh = [MPSPortableCommandBuffer alloc];
    fresh->_record = new CommandBufferRecord(*command_buffer);
    return fresh;
  });
}

MPSPortableBuffer *objc(const std::shared_ptr<Buffer> &buffer) {
  return standing_for<MPSPortableBuffer>(buffer, [] { return [MPSPortableBuffer alloc]; });
}

std::shared_ptr<void> copied(const void *block) {
  return std::shared_ptr<void>(_Block_copy(block), [](void *copy) {
    call_handler(^{
      _Block_release(copy);
    });
  });
}

double seconds_now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace mpsnn::gnustep
