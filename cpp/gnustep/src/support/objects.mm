#import "support/objects.hpp"

#include <dlfcn.h>

#include <cstdint>

#import <objc/runtime.h>

namespace mpsnn::gnustep {

namespace {

// The library or program that has something of static storage; null for what is made at run time.
const void *image_with(const void *address) {
  Dl_info info;
  return dladdr(address, &info) ? info.dli_fbase : nullptr;
}

// And back. Leak checkers look for addresses in memory: those in the table are none to them, as its references are weak.
template <class Pointer>
Pointer hidden(Pointer pointer) {
  return (Pointer) ~(std::uintptr_t)pointer;
}

}  // namespace

IdentityTable &IdentityTable::shared() {
  static auto *table = new IdentityTable;  // outlives the static destructors of programs that leave objects behind
  return *table;
}

id IdentityTable::find(const void *object) {
  std::lock_guard lock(mutex_);
  const auto found = objects_.find(hidden(object));
  return found == objects_.end() ? nil : [[hidden(found->second) retain] autorelease];
}

void IdentityTable::add(const void *object, id stands_for_it) {
  std::lock_guard lock(mutex_);
  objects_[hidden(object)] = hidden(stands_for_it);
}

id IdentityTable::add_or_find(const void *object, id stands_for_it) {
  std::lock_guard lock(mutex_);
  const auto [at, is_new] = objects_.try_emplace(hidden(object), hidden(stands_for_it));
  return is_new ? nil : [[hidden(at->second) retain] autorelease];
}

void IdentityTable::release(const void *object, id stands_for_it) {
  {
    std::lock_guard lock(mutex_);
    if (!NSDecrementExtraRefCountWasZero(stands_for_it)) return;
    const auto found = objects_.find(hidden(object));
    if (found != objects_.end() && hidden(found->second) == stands_for_it) objects_.erase(found);
  }
  [stands_for_it dealloc];
}

Class library_class(id object) {
  static const int here = 0;
  static const void *const library = image_with(&here);
  Class its_class = object_getClass(object);
  while (its_class && image_with((const void *)its_class) != library) its_class = class_getSuperclass(its_class);
  return its_class;
}

bool is_of_client(id object) { return library_class(object) != object_getClass(object); }

std::shared_ptr<void> owning(id retained) {
  return std::shared_ptr<void>((void *)retained, [](void *object) { release_client((id)object); });
}

void throw_uninitialized(id object) {
  throw MisuseError(std::string(object_getClassName(object)) + ": the object has not been initialized");
}

void throw_made_otherwise(id object) {
  throw MisuseError(std::string(object_getClassName(object)) + ": the object was made by an initializer of another class");
}

}  // namespace mpsnn::gnustep
