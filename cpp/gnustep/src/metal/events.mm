#import "metal/events.hpp"

#include <chrono>

namespace mpsnn::gnustep {

void Event::signal(std::uint64_t value) {
  {
    std::lock_guard lock(mutex_);
    value_ = value;
  }
  changed_.notify_all();
}

void Event::wait(std::uint64_t value) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return value_ >= value; });
}

bool Event::wait_for(std::uint64_t value, std::uint64_t milliseconds) {
  constexpr std::uint64_t kLongest = 1000ull * 60 * 60 * 24 * 365;  // later than that overflows the clock
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(std::min(milliseconds, kLongest)), [&] { return value_ >= value; });
}

std::uint64_t Event::value() const {
  std::lock_guard lock(mutex_);
  return value_;
}

std::shared_ptr<Event> event_of(id<MTLEvent> event) {
  if (![(id)event isKindOfClass:[MPSPortableEvent class]]) {
    throw MisuseError("MTLEvent: the object is nil or not one of this library");
  }
  return portable((MPSPortableEvent *)event);
}

void check_fence(id<MTLFence> fence) {
  if (![(id)fence isKindOfClass:[MPSPortableFence class]]) {
    throw MisuseError("MTLFence: the object is nil or not one of this library");
  }
}

MPSPortableEvent *objc(const std::shared_ptr<Event> &event) {
  return standing_for<MPSPortableEvent>(event, [&]() -> MPSPortableEvent * {
    return event->is_shared ? [MPSPortableSharedEvent alloc] : [MPSPortableEvent alloc];
  });
}

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSPortableEvent
MPSNN_ROOT_IMPLEMENTATION(Event)
MPSNN_LABEL(portable(self)->label)
- (id<MTLDevice>)device {
  return objc(the_device());
}
@end

@implementation MPSPortableSharedEvent
MPSNN_READONLY(uint64_t, signaledValue, portable(self)->value())
- (void)setSignaledValue:(uint64_t)value {
  guarded([&] { portable(self)->signal(value); });
}
- (MTLSharedEventHandle *)newSharedEventHandle {
  return made([MTLSharedEventHandle alloc], [&] { return std::make_shared<std::shared_ptr<Event>>(portable(self)); });
}
- (BOOL)waitUntilSignaledValue:(uint64_t)value timeoutMS:(uint64_t)milliseconds {
  return guarded([&] { return (BOOL)portable(self)->wait_for(value, milliseconds); });
}
@end

@implementation MTLSharedEventHandle
MPSNN_ROOT_IMPLEMENTATION(std::shared_ptr<Event>)
- (NSString *)label {
  return guarded([&] {
    const std::string &label = (*portable(self))->label;
    return label.empty() ? nil : ns_string(label);
  });
}
+ (BOOL)supportsSecureCoding {
  return YES;
}
// It could only be sent to another process, and events are of this one.
- (void)encodeWithCoder:(NSCoder *)coder {
  (void)coder;
  [NSException raise:NSInvalidArgumentException format:@"MTLSharedEventHandle: events cannot leave their process"];
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  (void)coder;
  NSLog(@"MTLSharedEventHandle: events cannot leave their process");
  [self release];
  return nil;
}
@end

@implementation MPSPortableFence
MPSNN_ROOT_IMPLEMENTATION(Fence)
MPSNN_LABEL(portable(self)->label)
- (id<MTLDevice>)device {
  return objc(the_device());
}
@end
