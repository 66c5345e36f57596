#import "metal/descriptors.hpp"
#import "metal/heap.hpp"
#import "metal/texture.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSPortableResource

- (void)dealloc {
  [_label release];
  [super dealloc];
}

- (NSString *)label {
  return _label;
}
- (void)setLabel:(NSString *)label {
  NSString *copy = [label copy];
  [_label release];
  _label = copy;
}

- (id<MTLDevice>)device {
  return objc(the_device());
}
- (MTLCPUCacheMode)cpuCacheMode {
  return cache_mode_of(_options);
}
- (MTLStorageMode)storageMode {
  return storage_mode_of(_options);
}
// All work of a queue runs in order: everything is tracked.
- (MTLHazardTrackingMode)hazardTrackingMode {
  const MTLHazardTrackingMode mode = tracking_mode_of(_options);
  return mode == MTLHazardTrackingModeDefault ? MTLHazardTrackingModeTracked : mode;
}
- (MTLResourceOptions)resourceOptions {
  return with_tracking_mode(_options, [self hazardTrackingMode]);
}
- (id<MTLHeap>)heap {
  return _heapRange ? objc(_heapRange->heap) : nil;
}
- (NSUInteger)heapOffset {
  return _heapRange ? _heapRange->offset : 0;
}
- (NSUInteger)allocatedSize {
  return 0;
}
// Nothing is ever taken away here.
- (MTLPurgeableState)setPurgeableState:(MTLPurgeableState)state {
  (void)state;
  return MTLPurgeableStateNonVolatile;
}
- (void)makeAliasable {
  if (_heapRange) _heapRange->is_aliasable = true;
}
- (BOOL)isAliasable {
  return _heapRange && _heapRange->is_aliasable;
}

@end

@implementation MPSPortableBuffer

MPSNN_ROOT_IMPLEMENTATION(Buffer)

MPSNN_READONLY(NSUInteger, length, portable(self)->length())
MPSNN_READONLY(NSUInteger, allocatedSize, portable(self)->length())
MPSNN_READONLY(void *, contents, portable(self)->data())
MPSNN_READONLY(MTLGPUAddress, gpuAddress, portable(self)->data())
MPSNN_READONLY(id<MTLBuffer>, remoteStorageBuffer, nil)
MPSNN_READONLY(MTLBufferSparseTier, sparseBufferTier, MTLBufferSparseTierNone)

- (void)didModifyRange:(NSRange)range {
  guarded([&] {
    if (range.location > [self length] || range.length > [self length] - range.location) {
      throw InvalidArgument("MTLBuffer didModifyRange: (" + std::to_string(range.location) + ", " + std::to_string(range.length) +
                            ") is outside the " + std::to_string([self length]) + " bytes");
    }
  });
}

- (id<MTLTexture>)newTextureWithDescriptor:(MTLTextureDescriptor *)descriptor
                                    offset:(NSUInteger)offset
                               bytesPerRow:(NSUInteger)bytesPerRow {
  return new_or_nil([&] { return objc(Texture::make_linear(*MPSNN_BEHIND(descriptor), portable(self), offset, bytesPerRow)); });
}

// Debug markers are for tools that capture a GPU's work; there are none here.
- (void)addDebugMarker:(NSString *)marker range:(NSRange)range {
  (void)marker;
  (void)range;
}
- (void)removeAllDebugMarkers {
}

- (id<MTLBuffer>)newRemoteBufferViewForDevice:(id<MTLDevice>)device {
  (void)device;
  return nil;
}

@end
