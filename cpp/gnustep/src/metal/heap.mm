#import "metal/heap.hpp"

#include <algorithm>

#include "mpsnn/error.hpp"

namespace mpsnn::gnustep {

std::size_t aligned(std::size_t value, std::size_t alignment) {
  const std::size_t steps = value / alignment + (value % alignment != 0);
  return steps > kUIntegerMax / alignment ? kUIntegerMax : steps * alignment;
}

Heap::Heap(const HeapDescriptor &descriptor)
    : descriptor_(descriptor), memory_(std::make_shared<Buffer>(aligned(descriptor.size, kAlignment))) {
  if (descriptor.size == 0) throw InvalidArgument("MTLHeapDescriptor: size must be positive");
  if (descriptor.type == MTLHeapTypeSparse) throw InvalidArgument("MTLHeapDescriptor: there are no sparse heaps here");
  memory_->data();
}

std::vector<Heap::Gap> Heap::gaps(std::size_t alignment) const {
  std::vector<const HeapRange *> taken;
  std::copy_if(ranges_.begin(), ranges_.end(), std::back_inserter(taken), [](const auto *range) { return !range->is_aliasable; });
  std::sort(taken.begin(), taken.end(), [](const auto *a, const auto *b) { return a->offset < b->offset; });
  std::vector<Gap> gaps;
  std::size_t at = 0;
  const auto add_until = [&](std::size_t end) {
    const std::size_t start = aligned(at, alignment);
    if (start < end) gaps.push_back({start, end - start});
  };
  for (const auto *range : taken) {
    add_until(range->offset);
    at = std::max(at, range->offset + range->size);
  }
  add_until(memory_->length());
  return gaps;
}

std::shared_ptr<Buffer> Heap::allocate(std::size_t length, std::optional<std::size_t> offset, HeapRange *&range) {
  const bool is_placement = descriptor_.type == MTLHeapTypePlacement;
  if (is_placement != offset.has_value()) {
    throw InvalidArgument(is_placement ? "MTLHeap: a resource of a placement heap needs an offset"
                                       : "MTLHeap: only resources of placement heaps have an offset of the caller's");
  }
  const std::size_t size = aligned(length, kAlignment);
  std::lock_guard lock(mutex_);
  if (length == 0) throw InvalidArgument("MTLHeap: a resource must have a positive length");
  if (offset) {
    if (*offset % kAlignment != 0) throw InvalidArgument("MTLHeap: offset must be a multiple of " + std::to_string(kAlignment));
    if (*offset > memory_->length() || size > memory_->length() - *offset) offset.reset();
  } else {
    const auto free = gaps(kAlignment);
    const auto found = std::find_if(free.begin(), free.end(), [&](const Gap &gap) { return gap.size >= size; });
    if (found != free.end()) offset = found->offset;
  }
  if (!offset) {
    throw OutOfMemory("MTLHeap: no room for " + std::to_string(length) + " bytes in a heap of " +
                      std::to_string(memory_->length()));
  }
  auto owner = std::make_shared<HeapRange>(shared_from_this(), *offset, size);
  ranges_.push_back(owner.get());
  range = owner.get();
  return std::make_shared<Buffer>(static_cast<std::byte *>(memory_->data()) + *offset, length, std::move(owner));
}

std::size_t Heap::used() const {
  std::lock_guard lock(mutex_);
  std::size_t bytes = 0;
  for (const auto *range : ranges_) bytes += range->is_aliasable ? 0 : range->size;
  return bytes;
}

std::size_t Heap::largest_free(std::size_t alignment) const {
  std::lock_guard lock(mutex_);
  std::size_t largest = 0;
  for (const Gap &gap : gaps(std::max(alignment, kAlignment))) largest = std::max(largest, gap.size);
  return largest;
}

HeapRange::~HeapRange() {
  std::lock_guard lock(heap->mutex_);
  std::erase(heap->ranges_, this);
}

MPSPortableHeap *objc(const std::shared_ptr<Heap> &heap) {
  return standing_for<MPSPortableHeap>(heap, [] { return [MPSPortableHeap alloc]; });
}

namespace {

MPSPortableBuffer *buffer_in(Heap &heap, NSUInteger length, MTLResourceOptions options, std::optional<std::size_t> offset) {
  HeapRange *range = nullptr;
  MPSPortableBuffer *buffer = objc(heap.allocate(length, offset, range));
  buffer->_heapRange = range;
  buffer->_options = options;
  return buffer;
}

MPSPortableTexture *texture_in(Heap &heap, const TextureDescriptor &descriptor, std::optional<std::size_t> offset) {
  HeapRange *range = nullptr;
  MPSPortableTexture *texture = objc(Texture::make_in(descriptor, heap.allocate(Texture::length_of(descriptor), offset, range)));
  texture->_heapRange = range;
  return texture;
}

}  // namespace

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSPortableHeap

MPSNN_ROOT_IMPLEMENTATION(Heap)
MPSNN_LABEL(portable(self)->label)

MPSNN_READONLY(id<MTLDevice>, device, objc(the_device()))
MPSNN_READONLY(MTLStorageMode, storageMode, storage_mode_of(portable(self)->descriptor().options))
MPSNN_READONLY(MTLCPUCacheMode, cpuCacheMode, cache_mode_of(portable(self)->descriptor().options))
MPSNN_READONLY(MTLHazardTrackingMode, hazardTrackingMode, tracking_mode_of(portable(self)->descriptor().options))
MPSNN_READONLY(MTLResourceOptions, resourceOptions, portable(self)->descriptor().options)
MPSNN_READONLY(NSUInteger, size, portable(self)->descriptor().size)
MPSNN_READONLY(NSUInteger, usedSize, portable(self)->used())
MPSNN_READONLY(NSUInteger, currentAllocatedSize, portable(self)->descriptor().size)
MPSNN_READONLY(NSUInteger, allocatedSize, portable(self)->descriptor().size)
MPSNN_READONLY(MTLHeapType, type, portable(self)->descriptor().type)

- (NSUInteger)maxAvailableSizeWithAlignment:(NSUInteger)alignment {
  return guarded([&] { return (NSUInteger)portable(self)->largest_free(alignment); });
}

- (id<MTLBuffer>)newBufferWithLength:(NSUInteger)length options:(MTLResourceOptions)options {
  return new_or_nil([&] { return buffer_in(*portable(self), length, options, std::nullopt); });
}

- (id<MTLBuffer>)newBufferWithLength:(NSUInteger)length options:(MTLResourceOptions)options offset:(NSUInteger)offset {
  return new_or_nil([&] { return buffer_in(*portable(self), length, options, offset); });
}

- (id<MTLTexture>)newTextureWithDescriptor:(MTLTextureDescriptor *)descriptor {
  return new_or_nil([&] { return texture_in(*portable(self), *MPSNN_BEHIND(descriptor), std::nullopt); });
}

- (id<MTLTexture>)newTextureWithDescriptor:(MTLTextureDescriptor *)descriptor offset:(NSUInteger)offset {
  return new_or_nil([&] { return texture_in(*portable(self), *MPSNN_BEHIND(descriptor), offset); });
}

// Nothing is ever taken away here.
- (MTLPurgeableState)setPurgeableState:(MTLPurgeableState)state {
  (void)state;
  return MTLPurgeableStateNonVolatile;
}

@end
