#pragma once

#import <Foundation/Foundation.h>

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
/// Logs why an initializer returns nil.
void log_nil(NSException *reason);

/// Runs a method's body: exceptions of C++ become NSExceptions.
template <class Body>
auto guarded(Body &&body) -> decltype(body()) {
  NSException *raised = nil;
  try {
    return body();
  } catch (...) {
    raised = current_as_ns_exception();
  }
  [raised raise];  // outside of the handler: nothing of C++ is in flight
  __builtin_unreachable();
}

/// Calls a client's object on behalf of C++: an NSException becomes a ClientError. Has an autorelease pool of its own where
/// `work` returns nothing, since work of the engine's threads would have none.
void call_client_block(void (^work)(void), bool has_pool);

template <class Work>
auto call_client(Work &&work) -> decltype(work()) {
  using Result = decltype(work());
  auto *callable = &work;
  if constexpr (std::is_void_v<Result>) {
    call_client_block(
        ^{
          (*callable)();
        },
        true);
  } else {
    Result result{};
    auto *place = &result;
    call_client_block(
        ^{
          *place = (*callable)();
        },
        false);
    return result;
  }
}

}  // namespace mpsnn::gnustep
