#include "metal/objc.hpp"

#include <exception>
#include <mutex>

#import "../../objc/try.h"

namespace mpsnn::metal {

struct Failures::Kept {
  std::mutex mutex;
  std::exception_ptr first;
};

Failures::Failures() : kept_(std::make_unique<Kept>()) {}
Failures::~Failures() = default;

bool Failures::guard(const std::function<void()> &work) {
  try {
    call_apple(work);
    return true;
  } catch (...) {
    std::lock_guard lock(kept_->mutex);
    if (!kept_->first) kept_->first = std::current_exception();
    return false;
  }
}

bool Failures::is_empty() const {
  std::lock_guard lock(kept_->mutex);
  return !kept_->first;
}

void Failures::rethrow() {
  std::exception_ptr failure;
  {
    std::lock_guard lock(kept_->mutex);
    failure = std::exchange(kept_->first, nullptr);
  }
  if (failure) std::rethrow_exception(failure);
}

void call_apple(const std::function<void()> &work) {
  const auto *callable = &work;
  NSException *raised = mpsnn_try(^{
    (*callable)();
  });
  if (!raised) return;
  const std::string reason = string_of([raised reason] ? [raised reason] : [raised name]);
  const std::string kind = string_of([[raised userInfo] objectForKey:@"mpsnn.error"]);  // GNUstep's framework says it
  if (kind == "ShapeError") throw ShapeError(reason);
  if (kind == "GraphError") throw GraphError(reason);
  if (kind == "Unsupported") throw Unsupported(reason);
  if ([[raised name] isEqualToString:NSInvalidArgumentException] || [[raised name] isEqualToString:NSRangeException]) {
    throw InvalidArgument(reason);
  }
  if ([[raised name] isEqualToString:NSMallocException]) throw OutOfMemory(reason);
  throw BackendError(reason);
}

void throw_error(NSError *error, const std::string &what) {
  throw BackendError(what + ": " + string_of([error localizedDescription]) + " (" + string_of([error domain]) + " " +
                     std::to_string([error code]) + ")");
}

}  // namespace mpsnn::metal
