#import "metal/command_buffer.hpp"
#import "metal/descriptors.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSPortableCommandQueue

MPSNN_ROOT_IMPLEMENTATION(CommandQueue)
MPSNN_LABEL(portable(self)->label)
MPSNN_READONLY(id<MTLDevice>, device, objc(portable(self)->device()))

- (id<MTLCommandBuffer>)commandBuffer {
  return guarded([&] { return objc(portable(self)->command_buffer()); });
}

// References are retained all the same.
- (id<MTLCommandBuffer>)commandBufferWithUnretainedReferences {
  MPSPortableCommandBuffer *buffer = (MPSPortableCommandBuffer *)[self commandBuffer];
  buffer->_record->retained_references = false;
  return buffer;
}

- (id<MTLCommandBuffer>)commandBufferWithDescriptor:(MTLCommandBufferDescriptor *)descriptor {
  return guarded([&]() -> id<MTLCommandBuffer> {
    const auto wanted = MPSNN_BEHIND(descriptor);
    MPSPortableCommandBuffer *buffer = (MPSPortableCommandBuffer *)[self commandBuffer];
    buffer->_record->retained_references = wanted->retained_references;
    buffer->_record->error_options = wanted->error_options;
    return buffer;
  });
}

- (void)insertDebugCaptureBoundary {
}

@end
