#pragma once

#import <Metal/Metal.h>

#include <memory>

#include "mpsnn/device.hpp"
#include "support/behind.hpp"
#include "support/labels.hpp"
#include "support/objects.hpp"

namespace mpsnn::gnustep {
class Texture;
struct CommandBufferRecord;
struct HeapRange;
}  // namespace mpsnn::gnustep

// The classes behind Metal's protocols. Applications know the protocols only.

@interface MPSPortableDevice : NSObject <MTLDevice> {
 @public
  void *_impl;
}
@end

@interface MPSPortableCommandQueue : NSObject <MTLCommandQueue> {
 @public
  void *_impl;
}
@end

/// What is known of a command buffer besides its work.
@interface MPSPortableRecorded : NSObject {
 @public
  mpsnn::gnustep::CommandBufferRecord *_record;
}
@end

@interface MPSPortableCommandBuffer : MPSPortableRecorded <MTLCommandBuffer> {
 @public
  void *_impl;
}
@end

/// What buffers and textures share.
@interface MPSPortableResource : NSObject <MTLResource> {
 @public
  NSString *_label;
  MTLResourceOptions _options;
  mpsnn::gnustep::HeapRange *_heapRange;  ///< lives as long as the memory does; null outside of heaps
}
@end

@interface MPSPortableBuffer : MPSPortableResource <MTLBuffer> {
 @public
  void *_impl;
}
@end

@interface MPSPortableTexture : MPSPortableResource <MTLTexture> {
 @public
  void *_impl;
}
@end

namespace mpsnn::gnustep {

MPSNN_STANDS_FOR(MPSPortableDevice, Device)
MPSNN_STANDS_FOR(MPSPortableCommandQueue, CommandQueue)
MPSNN_STANDS_FOR(MPSPortableCommandBuffer, CommandBuffer)
MPSNN_STANDS_FOR(MPSPortableBuffer, Buffer)
MPSNN_STANDS_FOR(MPSPortableTexture, Texture)

/// The one device of this library.
const std::shared_ptr<Device> &the_device();

/// What is behind an application's objects; these throw a MisuseError for nil and for objects that are not this library's.
std::shared_ptr<Device> device_of(id<MTLDevice> device);
std::shared_ptr<CommandQueue> command_queue_of(id<MTLCommandQueue> queue);
std::shared_ptr<CommandBuffer> command_buffer_of(id<MTLCommandBuffer> command_buffer);
std::shared_ptr<Buffer> buffer_of(id<MTLBuffer> buffer);
std::shared_ptr<Texture> texture_of(id<MTLTexture> texture);

/// Null stands for the one device.
id<MTLDevice> objc(const std::shared_ptr<Device> &device);
id<MTLCommandQueue> objc(const std::shared_ptr<CommandQueue> &queue);
id<MTLCommandBuffer> objc(const std::shared_ptr<CommandBuffer> &command_buffer);
MPSPortableBuffer *objc(const std::shared_ptr<Buffer> &buffer);
MPSPortableTexture *objc(const std::shared_ptr<Texture> &texture);

/// Owns a copy of a block: blocks are no objects to Debian's runtime.
std::shared_ptr<void> copied(const void *block);

/// The body of a `new...` method, which returns nil, with a logged reason, where C++ refuses, and raises where it is called
/// wrongly. It needs no autorelease pool.
template <class Make>
auto new_or_nil(Make &&make) -> decltype(make()) {
  NSAutoreleasePool *pool = [[NSAutoreleasePool alloc] init];
  decltype(make()) made = nil;
  NSException *misuse = nil;
  try {
    made = [make() retain];
  } catch (const MisuseError &) {
    misuse = [current_as_ns_exception() retain];
  } catch (...) {
    log_nil(current_as_ns_exception());
  }
  [pool drain];
  [[misuse autorelease] raise];
  return made;
}

/// Seconds of the clock that `GPUStartTime` is of.
double seconds_now();

}  // namespace mpsnn::gnustep
