#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>

#include "mpsnn/export.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

/// Memory that the CPU and a device share (MTLBuffer). Allocated at the first use of `data`, zero-filled; from a page on in whole
/// pages, so that devices can use it where it is.
class MPSNN_API Buffer {
 public:
  explicit Buffer(std::size_t length);
  /// Wraps memory that `owner` keeps alive.
  Buffer(void* data, std::size_t length, std::shared_ptr<void> owner);
  ~Buffer();
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::size_t length() const { return length_; }
  /// Bytes that may be touched: own memory is whole pages from a page on.
  std::size_t capacity() const { return capacity_.load(std::memory_order_acquire); }
  /// The memory; throws OutOfMemory. Does not look at pending work: that is `cpu_access`.
  void* data();
  /// What keeps the memory: the device's own object, where it made the memory.
  const std::shared_ptr<void>& owner() const { return owner_; }
  bool is_allocated() const { return data_.load(std::memory_order_acquire) != nullptr; }
  /// The memory for a reader or writer on the CPU; throws while encoded work that writes it has not completed, or
  /// when that work failed.
  void* cpu_access();
  std::span<float> floats() { return {static_cast<float*>(data()), length_ / sizeof(float)}; }

  /// Encoded work that will write this memory: begun at encode, ended when its command buffer completes or is dropped.
  void begin_write() { pending_.fetch_add(1, std::memory_order_relaxed); }
  void end_write(const std::string* failure);
  bool is_pending() const { return pending_.load(std::memory_order_acquire) > 0; }
  /// Raised when encoded work has written this memory: holders that keep its contents in another form compare.
  std::uint64_t write_count() const { return write_count_.load(std::memory_order_acquire); }

 private:
  const std::size_t length_;
  std::atomic<void*> data_{nullptr};
  std::atomic<std::size_t> capacity_{0};
  std::shared_ptr<void> owner_;
  std::atomic<int> pending_{0};
  std::atomic<std::uint64_t> write_count_{0};
  std::mutex mutex_;
  std::string failure_;
};

}  // namespace mpsnn
