#pragma once

#import <Foundation/Foundation.h>

#include <exception>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "mpsnn/error.hpp"

namespace mpsnn::gnustep {

/// An exception that a client's object raised, on its way through C++; `client_exception` gives it back.
class ClientError : public Error {
 public:
  explicit ClientError(NSException *exception);
  ClientError(const ClientError &other);
  ~ClientError() override;
  NSException *exception() const { return exception_; }

 private:
  NSException *exception_;
};

/// A call that the interface does not allow: raised also by initializers that return nil where they fail.
class MisuseError : public InvalidArgument {
 public:
  using InvalidArgument::InvalidArgument;
  ~MisuseError() override;
};

/// What to raise, or to log, for the C++ exception that is being handled: autoreleased.
NSException *current_as_ns_exception();
/// The same of a stored one, for `commandBuffer.error`: code 1 of the domain MTLCommandBufferErrorDomain.
NSError *as_ns_error(const std::exception_ptr &error);
/// Logs why an initializer returns nil, or will.
void log_nil(NSException *reason);

/// Runs a block; an NSException that leaves it becomes a ClientError, of which handlers of C++ know what it is.
void translate(void (^work)(void));

/// The same for anything that can be called.
template <class Work>
auto translated(Work &&work) -> decltype(work()) {
  using Result = decltype(work());
  auto *callable = &work;
  if constexpr (std::is_void_v<Result>) {
    translate(^{
      (*callable)();
    });
  } else {
    std::optional<Result> result;
    auto *place = &result;
    translate(^{
      place->emplace((*callable)());
    });
    return *std::move(result);
  }
}

/// Runs a method's body: exceptions of C++ become NSExceptions, and NSExceptions go on as they are.
template <class Body>
auto guarded(Body &&body) -> decltype(body()) {
  NSException *raised = nil;
  try {
    return translated(body);
  } catch (...) {
    raised = current_as_ns_exception();
  }
  [raised raise];  // outside of the handler: nothing of C++ is in flight
  __builtin_unreachable();
}

/// The body of `encodeWithCoder:`. What it throws is logged, and decoding gives nil: an exception would end in a crash, since the
/// archiver of GNUstep Base 1.28 does not survive one.
template <class Save>
void saved_or_logged(Save &&save) {
  NSException *reason = nil;
  try {
    translated(save);
  } catch (...) {
    reason = current_as_ns_exception();
  }
  if (reason) log_nil(reason);
}

/// An autorelease pool on a thread that may be the engine's, which Foundation does not know and which has no pool.
class ThreadPool {
 public:
  ThreadPool();
  ~ThreadPool();
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;

 private:
  NSAutoreleasePool *pool_;
};
/// Makes this thread known to Foundation.
void register_thread();

/// Calls a client's object on behalf of C++: an NSException becomes a ClientError. Has an autorelease pool of its own where
/// `work` returns nothing.
template <class Work>
auto call_client(Work &&work) -> decltype(work()) {
  register_thread();
  if constexpr (std::is_void_v<decltype(work())>) {
    const ThreadPool pool;
    translated(work);
  } else {
    return translated(work);
  }
}
/// The same for a handler, which nobody waits for: what it raises is logged, and the work it was told of stays what it was.
void call_handler(void (^work)(void));

/// Releases a client's object on any thread. What its `dealloc` raises is logged.
void release_client(id object);

}  // namespace mpsnn::gnustep
