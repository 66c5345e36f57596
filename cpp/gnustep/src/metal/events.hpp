#pragma once

#import <Metal/MTLEvent.h>
#import <Metal/MTLFence.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>

#include "support/metal.hpp"

namespace mpsnn::gnustep {

/// A counter that command buffers, and the CPU, raise and wait for.
class Event {
 public:
  explicit Event(bool is_shared) : is_shared(is_shared) {}
  void signal(std::uint64_t value);
  void wait(std::uint64_t value);
  /// False when the time is over first.
  bool wait_for(std::uint64_t value, std::uint64_t milliseconds);
  std::uint64_t value() const;

  const bool is_shared;
  std::string label;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t value_ = 0;
};

/// Encoders of one queue run in order here: a fence has nothing to do.
struct Fence {
  std::string label;
};

}  // namespace mpsnn::gnustep

@interface MPSPortableEvent : NSObject <MTLEvent> {
 @public
  void *_impl;
}
@end

@interface MPSPortableSharedEvent : MPSPortableEvent <MTLSharedEvent>
@end

@interface MPSPortableFence : NSObject <MTLFence> {
 @public
  void *_impl;
}
@end

namespace mpsnn::gnustep {

MPSNN_STANDS_FOR(MPSPortableEvent, Event)
MPSNN_STANDS_FOR(MPSPortableFence, Fence)
MPSNN_STANDS_FOR(MTLSharedEventHandle, std::shared_ptr<Event>)

std::shared_ptr<Event> event_of(id<MTLEvent> event);
void check_fence(id<MTLFence> fence);
MPSPortableEvent *objc(const std::shared_ptr<Event> &event);

}  // namespace mpsnn::gnustep
