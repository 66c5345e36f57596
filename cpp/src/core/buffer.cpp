#include "mpsnn/buffer.hpp"

#include "core/memory.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

constexpr std::size_t kLine = 64;                    // a cache line, and the widest vector register
constexpr std::size_t kPage = std::size_t{1} << 14;  // of Apple silicon; a multiple of other machines'

std::size_t alignment_of(std::size_t length) { return length < kPage ? kLine : kPage; }

}  // namespace

Buffer::Buffer(std::size_t length) : length_(length) {}

Buffer::Buffer(void* data, std::size_t length, std::shared_ptr<void> owner)
    : length_(length), data_(data), capacity_(length), owner_(std::move(owner)) {}

Buffer::~Buffer() = default;

void* Buffer::data() {
  if (void* data = data_.load(std::memory_order_acquire)) return data;
  std::lock_guard lock(mutex_);
  if (void* data = data_.load(std::memory_order_relaxed)) return data;
  const std::size_t alignment = alignment_of(length_);
  const std::size_t size = length_ == 0 ? alignment : (length_ + alignment - 1) / alignment * alignment;
  auto memory = size < length_ ? nullptr : allocate_zeros(size, alignment);
  if (!memory) throw OutOfMemory("Buffer: no memory for " + std::to_string(length_) + " bytes");
  owner_ = std::move(memory);
  capacity_.store(size, std::memory_order_release);
  data_.store(owner_.get(), std::memory_order_release);
  return owner_.get();
}

void* Buffer::cpu_access() {
  if (is_pending()) {
    throw InvalidArgument(
        "Buffer: encoded work that writes this memory has not completed; commit its command buffer and call "
        "wait_until_completed first");
  }
  {
    std::lock_guard lock(mutex_);
    if (!failure_.empty()) throw BackendError("Buffer: its contents are undefined, the work that writes it failed: " + failure_);
  }
  return data();
}

void Buffer::end_write(const std::string* failure) {
  {
    std::lock_guard lock(mutex_);
    if (failure) {
      failure_ = *failure;
    } else {
      failure_.clear();
    }
  }
  write_count_.fetch_add(1, std::memory_order_release);
  pending_.fetch_sub(1, std::memory_order_release);
}

}  // namespace mpsnn
