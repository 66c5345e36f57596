// Debian's blocks runtime, when it copies a block, copies the pointers to the objects that the block uses and does not retain
// them, unlike Apple's. These functions, which the linker finds before the runtime's, do; everything else they leave to the
// runtime.
#import <Foundation/Foundation.h>
#include <dlfcn.h>

namespace {

// What Clang says of a variable that a block uses: part of the blocks' binary interface.
constexpr int kIsObject = 3, kIsBlock = 7, kIsByReference = 8, kIsCalledForByReference = 128;

bool is_retained(int flags) { return (flags & (kIsBlock | kIsByReference | kIsCalledForByReference)) == kIsObject; }

template <class Function>
Function *of_runtime(const char *name) {
  return reinterpret_cast<Function *>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

__attribute__((visibility("default"))) void _Block_object_assign(void *place, const void *object, const int flags) {
  static const auto next = of_runtime<void(void *, const void *, int)>("_Block_object_assign");
  if (is_retained(flags)) {
    *static_cast<id *>(place) = [(id)object retain];
  } else {
    next(place, object, flags);
  }
}

__attribute__((visibility("default"))) void _Block_object_dispose(const void *object, const int flags) {
  static const auto next = of_runtime<void(const void *, int)>("_Block_object_dispose");
  if (is_retained(flags)) {
    [(id)object release];
  } else {
    next(object, flags);
  }
}

}  // extern "C"
