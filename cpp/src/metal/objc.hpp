#pragma once

#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "mpsnn/error.hpp"

namespace mpsnn::metal {

/// Owns a reference to an Objective-C object (`T` with its star, or id<Protocol>). Manual retain and release: GCC's runtime,
/// which the library also runs on, has no ARC.
template <class T>
class Ref {
 public:
  Ref() = default;
  /// Retains.
  Ref(T object) : object_([object retain]) {}  // NOLINT: as one writes it in Objective-C
  Ref(const Ref &other) : object_([other.object_ retain]) {}
  Ref(Ref &&other) noexcept : object_(std::exchange(other.object_, nil)) {}
  Ref &operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() { [object_ release]; }
  /// Takes over a reference that `alloc`, `new` or `copy` gave.
  static Ref owned(T object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  T get() const { return object_; }
  operator T() const { return object_; }  // NOLINT
  explicit operator bool() const { return object_ != nil; }

 private:
  T object_ = nil;
};

/// An autorelease pool for one scope. Every entry from C++ has one: threads of the library have none of their own.
class Pool {
 public:
  Pool() : pool_([[NSAutoreleasePool alloc] init]) {}
  ~Pool() { [pool_ drain]; }
  Pool(const Pool &) = delete;
  Pool &operator=(const Pool &) = delete;

 private:
  NSAutoreleasePool *pool_;
};

/// Keeps an Objective-C object from C++ code that does not know the language.
struct ReleaseObject {
  id object;
  void operator()(void *) const {
    const Pool pool;
    [object release];
  }
};

inline std::string string_of(NSString *text) { return text ? std::string([text UTF8String]) : std::string(); }
inline NSString *ns_string(const std::string &text) { return [NSString stringWithUTF8String:text.c_str()]; }

/// Exceptions that the caller's C++ or Python objects throw while Apple's framework calls them: kept here, for no exception may
/// run through Apple's frames, and thrown to the library's caller when the framework has returned. Safe on any thread.
class Failures {
 public:
  Failures();
  ~Failures();
  /// Runs `work`; where it throws, keeps the first exception and returns false.
  bool guard(const std::function<void()> &work);
  /// Throws what was kept, once.
  void rethrow();
  bool is_empty() const;

 private:
  struct Kept;
  std::unique_ptr<Kept> kept_;
};

/// Calls Apple's framework: its NSExceptions become ours. InvalidArgument and OutOfMemory by the exception's name, BackendError
/// otherwise, each with the exception's reason.
void call_apple(const std::function<void()> &work);

template <class Work>
auto apple(Work &&work) -> decltype(work()) {
  using Result = decltype(work());
  if constexpr (std::is_void_v<Result>) {
    call_apple(work);
  } else {
    Result result{};
    call_apple([&] { result = work(); });
    return result;
  }
}

/// The exception for an NSError.
[[noreturn]] void throw_error(NSError *error, const std::string &what);

}  // namespace mpsnn::metal
