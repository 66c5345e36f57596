#import "metal/encoders.hpp"
#import "metal/texture.hpp"

namespace mpsnn::gnustep {

namespace {

[[noreturn]] void no_pipeline() {
  throw Unsupported("MTLComputeCommandEncoder: this device has no shader compiler, there are no compute pipelines to dispatch");
}

}  // namespace

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSPortableComputeEncoder

- (instancetype)initWithCommandBuffer:(MPSPortableCommandBuffer *)commandBuffer dispatchType:(MTLDispatchType)dispatchType {
  if ((self = [super initWithCommandBuffer:commandBuffer])) _dispatchType = dispatchType;
  return self;
}

- (MTLDispatchType)dispatchType {
  return _dispatchType;
}

- (void)setComputePipelineState:(id<MTLComputePipelineState>)state {
  (void)state;
  guarded([&] { no_pipeline(); });
}

- (void)dispatchThreadgroups:(MTLSize)threadgroupsPerGrid threadsPerThreadgroup:(MTLSize)threadsPerThreadgroup {
  (void)threadgroupsPerGrid;
  (void)threadsPerThreadgroup;
  guarded([&] { no_pipeline(); });
}

- (void)dispatchThreadgroupsWithIndirectBuffer:(id<MTLBuffer>)indirectBuffer
                          indirectBufferOffset:(NSUInteger)indirectBufferOffset
                         threadsPerThreadgroup:(MTLSize)threadsPerThreadgroup {
  (void)indirectBuffer;
  (void)indirectBufferOffset;
  (void)threadsPerThreadgroup;
  guarded([&] { no_pipeline(); });
}

- (void)dispatchThreads:(MTLSize)threadsPerGrid threadsPerThreadgroup:(MTLSize)threadsPerThreadgroup {
  (void)threadsPerGrid;
  (void)threadsPerThreadgroup;
  guarded([&] { no_pipeline(); });
}

// Arguments are for the next dispatch, which no encoder of this device gets to.
- (void)setBytes:(const void *)bytes length:(NSUInteger)length atIndex:(NSUInteger)index {
  (void)length;
  (void)index;
  guarded([&] {
    [self recording:_cmd];
    MPSNN_REQUIRE(bytes);
  });
}

- (void)setBytes:(const void *)bytes length:(NSUInteger)length attributeStride:(NSUInteger)stride atIndex:(NSUInteger)index {
  (void)stride;
  [self setBytes:bytes length:length atIndex:index];
}

- (void)setBuffer:(id<MTLBuffer>)buffer offset:(NSUInteger)offset atIndex:(NSUInteger)index {
  (void)index;
  guarded([&] {
    [self recording:_cmd];
    if (buffer && offset > buffer_of(buffer)->length()) {
      throw InvalidArgument("MTLComputeCommandEncoder setBuffer: offset " + std::to_string(offset) + " is outside the buffer");
    }
  });
}

- (void)setBuffer:(id<MTLBuffer>)buffer offset:(NSUInteger)offset attributeStride:(NSUInteger)stride atIndex:(NSUInteger)index {
  (void)stride;
  [self setBuffer:buffer offset:offset atIndex:index];
}

- (void)setBufferOffset:(NSUInteger)offset atIndex:(NSUInteger)index {
  (void)offset;
  (void)index;
  guarded([&] { [self recording:_cmd]; });
}

- (void)setBufferOffset:(NSUInteger)offset attributeStride:(NSUInteger)stride atIndex:(NSUInteger)index {
  (void)stride;
  [self setBufferOffset:offset atIndex:index];
}

- (void)setBuffers:(const id<MTLBuffer> *)buffers offsets:(const NSUInteger *)offsets withRange:(NSRange)range {
  guarded([&] {
    MPSNN_REQUIRE(buffers);
    MPSNN_REQUIRE(offsets);
  });
  for (NSUInteger i = 0; i < range.length; ++i) [self setBuffer:buffers[i] offset:offsets[i] atIndex:range.location + i];
}

- (void)setBuffers:(const id<MTLBuffer> *)buffers
             offsets:(const NSUInteger *)offsets
    attributeStrides:(const NSUInteger *)strides
           withRange:(NSRange)range {
  (void)strides;
  [self setBuffers:buffers offsets:offsets withRange:range];
}

- (void)setTexture:(id<MTLTexture>)texture atIndex:(NSUInteger)index {
  (void)index;
  guarded([&] {
    [self recording:_cmd];
    if (texture) texture_of(texture);
  });
}

- (void)setTextures:(const id<MTLTexture> *)textures withRange:(NSRange)range {
  guarded([&] { MPSNN_REQUIRE(textures); });
  for (NSUInteger i = 0; i < range.length; ++i) [self setTexture:textures[i] atIndex:range.location + i];
}

- (void)setThreadgroupMemoryLength:(NSUInteger)length atIndex:(NSUInteger)index {
  (void)length;
  (void)index;
  guarded([&] { [self recording:_cmd]; });
}

- (void)setImageblockWidth:(NSUInteger)width height:(NSUInteger)height {
  (void)width;
  (void)height;
  guarded([&] { [self recording:_cmd]; });
}

- (void)setStageInRegion:(MTLRegion)region {
  (void)region;
  guarded([&] { [self recording:_cmd]; });
}

- (void)setStageInRegionWithIndirectBuffer:(id<MTLBuffer>)indirectBuffer indirectBufferOffset:(NSUInteger)indirectBufferOffset {
  (void)indirectBufferOffset;
  guarded([&] {
    [self recording:_cmd];
    buffer_of(MPSNN_REQUIRE(indirectBuffer));
  });
}

// All memory is resident, and all work of a queue runs in order.
- (void)useResource:(id<MTLResource>)resource usage:(MTLResourceUsage)usage {
  (void)usage;
  guarded([&] {
    [self recording:_cmd];
    MPSNN_REQUIRE(resource);
  });
}

- (void)useResources:(const id<MTLResource> *)resources count:(NSUInteger)count usage:(MTLResourceUsage)usage {
  guarded([&] { MPSNN_REQUIRE(resources); });
  for (NSUInteger i = 0; i < count; ++i) [self useResource:resources[i] usage:usage];
}

- (void)useHeap:(id<MTLHeap>)heap {
  guarded([&] {
    [self recording:_cmd];
    MPSNN_REQUIRE(heap);
  });
}

- (void)useHeaps:(const id<MTLHeap> *)heaps count:(NSUInteger)count {
  guarded([&] { MPSNN_REQUIRE(heaps); });
  for (NSUInteger i = 0; i < count; ++i) [self useHeap:heaps[i]];
}

- (void)memoryBarrierWithScope:(MTLBarrierScope)scope {
  (void)scope;
  guarded([&] { [self recording:_cmd]; });
}

- (void)memoryBarrierWithResources:(const id<MTLResource> *)resources count:(NSUInteger)count {
  [self useResources:resources count:count usage:MTLResourceUsageRead];
}

@end
