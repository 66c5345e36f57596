#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "metal/descriptors.hpp"
#include "metal/texture.hpp"
#include "support/metal.hpp"

namespace mpsnn::gnustep {

/// What is behind an MTLHeap: one piece of memory that resources are parts of.
class Heap : public std::enable_shared_from_this<Heap> {
 public:
  static constexpr std::size_t kAlignment = 256;

  explicit Heap(const HeapDescriptor &descriptor);
  const HeapDescriptor &descriptor() const { return descriptor_; }
  std::string label;

  /// Memory for a resource, at `offset` or at the first place that is free; throws OutOfMemory. It owns its range.
  std::shared_ptr<Buffer> allocate(std::size_t length, std::optional<std::size_t> offset, HeapRange *&range);
  std::size_t used() const;
  std::size_t largest_free(std::size_t alignment) const;

 private:
  friend struct HeapRange;
  struct Gap {
    std::size_t offset, size;
  };
  std::vector<Gap> gaps(std::size_t alignment) const;

  const HeapDescriptor descriptor_;
  const std::shared_ptr<Buffer> memory_;
  mutable std::mutex mutex_;
  std::vector<const HeapRange *> ranges_;
};

/// The part of a heap that a resource has.
struct HeapRange {
  HeapRange(std::shared_ptr<Heap> heap, std::size_t offset, std::size_t size)
      : heap(std::move(heap)), offset(offset), size(size) {}
  ~HeapRange();
  HeapRange(const HeapRange &) = delete;
  HeapRange &operator=(const HeapRange &) = delete;
  const std::shared_ptr<Heap> heap;
  const std::size_t offset, size;
  std::atomic<bool> is_aliasable{false};  ///< others may have the same memory
};

std::size_t aligned(std::size_t value, std::size_t alignment);

}  // namespace mpsnn::gnustep

@interface MPSPortableHeap : NSObject <MTLHeap> {
 @public
  void *_impl;
}
@end

namespace mpsnn::gnustep {
MPSNN_STANDS_FOR(MPSPortableHeap, Heap)
MPSPortableHeap *objc(const std::shared_ptr<Heap> &heap);
}  // namespace mpsnn::gnustep
