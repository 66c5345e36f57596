#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#import "support/images.hpp"
#import "support/states.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

MTLRegion const MPSRectNoClip = {{0, 0, 0}, {NSUIntegerMax, NSUIntegerMax, NSUIntegerMax}};

// Devices -----------------------------------------------------------------------------------------------------------

BOOL MPSSupportsMTLDevice(id<MTLDevice> device) { return [(id)device isKindOfClass:[MPSPortableDevice class]]; }

id<MTLDevice> MPSGetPreferredDevice(MPSDeviceOptions options) {
  (void)options;  // there is one
  return [MTLCreateSystemDefaultDevice() autorelease];
}

// Hints about heaps of a GPU; memory is the machine's here.
void MPSHintTemporaryMemoryHighWaterMark(id<MTLCommandBuffer> cmdBuf, NSUInteger bytes) {
  (void)bytes;
  guarded([&] { command_buffer_of(cmdBuf); });
}

void MPSSetHeapCacheDuration(id<MTLCommandBuffer> cmdBuf, double seconds) {
  (void)seconds;
  guarded([&] { command_buffer_of(cmdBuf); });
}

// Batches -----------------------------------------------------------------------------------------------------------

NSUInteger MPSImageBatchIncrementReadCount(MPSImageBatch *batch, NSInteger amount) {
  return guarded([&] { return (NSUInteger)image_batch_increment_read_count(images_of(batch), amount); });
}

void MPSImageBatchSynchronize(MPSImageBatch *batch, id<MTLCommandBuffer> cmdBuf) {
  guarded([&] { image_batch_synchronize(images_of(batch), command_buffer_of(cmdBuf)); });
}

NSUInteger MPSImageBatchResourceSize(MPSImageBatch *batch) {
  return guarded([&] { return (NSUInteger)image_batch_resource_size(images_of(batch)); });
}

NSInteger MPSImageBatchIterate(MPSImageBatch *batch, NSInteger (^iteratorBlock)(MPSImage *, NSUInteger)) {
  return guarded([&] {
    if (!iteratorBlock) throw InvalidArgument("MPSImageBatchIterate: iteratorBlock is nil");
    return (NSInteger)image_batch_iterate(images_of(batch), [&](const ImagePtr &image, std::size_t index) -> std::ptrdiff_t {
      return call_client([&] { return iteratorBlock(objc(image), index); });
    });
  });
}

NSUInteger MPSStateBatchIncrementReadCount(MPSStateBatch *batch, NSInteger amount) {
  return guarded([&] { return (NSUInteger)state_batch_increment_read_count(states_of(batch), amount); });
}

void MPSStateBatchSynchronize(MPSStateBatch *batch, id<MTLCommandBuffer> cmdBuf) {
  guarded([&] { state_batch_synchronize(states_of(batch), command_buffer_of(cmdBuf)); });
}

NSUInteger MPSStateBatchResourceSize(MPSStateBatch *batch) {
  NSUInteger bytes = 0;
  for (MPSState *state in [NSSet setWithArray:batch]) bytes += [state resourceSize];
  return bytes;
}
