#import "support/objects.hpp"

namespace mpsnn::gnustep {

IdentityTable &IdentityTable::shared() {
  static auto *table = new IdentityTable;  // outlives the static destructors of programs that leave objects behind
  return *table;
}

id IdentityTable::find(const void *object) {
  std::lock_guard lock(mutex_);
  const auto found = objects_.find(object);
  return found == objects_.end() ? nil : [[found->second retain] autorelease];
}

void IdentityTable::add(const void *object, id stands_for_it) {
  std::lock_guard lock(mutex_);
  objects_[object] = stands_for_it;
}

id IdentityTable::add_or_find(const void *object, id stands_for_it) {
  std::lock_guard lock(mutex_);
  const auto [at, is_new] = objects_.try_emplace(object, stands_for_it);
  return is_new ? nil : [[at->second retain] autorelease];
}

void IdentityTable::release(const void *object, id stands_for_it) {
  {
    std::lock_guard lock(mutex_);
    if (!NSDecrementExtraRefCountWasZero(stands_for_it)) return;
    const auto found = objects_.find(object);
    if (found != objects_.end() && found->second == stands_for_it) objects_.erase(found);
  }
  [stands_for_it dealloc];
}

}  // namespace mpsnn::gnustep
