#pragma once

#import <Foundation/Foundation.h>

#include <bit>
#include <memory>
#include <mutex>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "support/exceptions.hpp"

namespace mpsnn::gnustep {

/// Which Objective-C object stands for an object of C++, while there is one. References are weak: an object leaves the table in
/// the moment its last reference goes.
class IdentityTable {
 public:
  static IdentityTable &shared();
  /// Retained and autoreleased, or nil.
  id find(const void *object);
  void add(const void *object, id stands_for_it);
  /// Adds it where there is none yet; else the one that is there, retained and autoreleased.
  id add_or_find(const void *object, id stands_for_it);
  /// NSObject's `release` for objects of the table.
  void release(const void *object, id stands_for_it);

 private:
  std::mutex mutex_;
  std::unordered_map<const void *, id> objects_;
};

/// The object's class, or where that is a client's, the nearest one of this library above it; Nil where there is none.
Class library_class(id object);
bool is_of_client(id object);
/// Owns one reference of an object.
std::shared_ptr<void> owning(id retained);

/// Throws a MisuseError for an object that was allocated but not initialized.
[[noreturn]] void throw_uninitialized(id object);
/// Throws a MisuseError for an object that an initializer of another class has made.
[[noreturn]] void throw_made_otherwise(id object);

/// Lets templates find the functions below by argument, wherever they are declared: classes of Objective-C are in no namespace.
struct Lookup {};

/// Ties an Objective-C root class to a C++ root class: `portable(object)` is the C++ object behind it, null for nil. It throws
/// for an object that was allocated but not initialized, so that a method may do without a check of its receiver.
#define MPSNN_STANDS_FOR(ObjCClass, Root)                                              \
  inline std::shared_ptr<Root> portable(ObjCClass *object, Lookup = {}) {              \
    if (!object) return nullptr;                                                       \
    if (!object->_impl) throw_uninitialized(object);                                   \
    return *static_cast<std::shared_ptr<Root> *>(object->_impl);                       \
  }                                                                                    \
  inline void adopt(ObjCClass *object, std::shared_ptr<Root> behind, Lookup = {}) {    \
    if (object->_impl) throw MisuseError("an object is initialized twice");            \
    object->_impl = new std::shared_ptr<Root>(behind);                                 \
    IdentityTable::shared().add(behind.get(), object);                                 \
  }                                                                                    \
  inline id adopt_once(ObjCClass *object, std::shared_ptr<Root> behind, Lookup = {}) { \
    object->_impl = new std::shared_ptr<Root>(behind);                                 \
    return IdentityTable::shared().add_or_find(behind.get(), object);                  \
  }

/// In the @implementation of that root class: its C++ object goes with it.
#define MPSNN_ROOT_IMPLEMENTATION(Root)                                     \
  -(oneway void)release {                                                   \
    auto *behind = static_cast<std::shared_ptr<Root> *>(_impl);             \
    if (behind) {                                                           \
      mpsnn::gnustep::IdentityTable::shared().release(behind->get(), self); \
    } else {                                                                \
      [super release];                                                      \
    }                                                                       \
  }                                                                         \
  -(void)dealloc {                                                          \
    delete static_cast<std::shared_ptr<Root> *>(_impl);                     \
    [super dealloc];                                                        \
  }

/// The C++ object behind `object`, as what it is.
template <class T, class ObjCClass>
T &as(ObjCClass *object) {
  auto *behind = dynamic_cast<T *>(portable(object, Lookup()).get());
  if (!behind) throw_made_otherwise(object);
  return *behind;
}

/// The C++ object behind one that a client hands over. Where the class is the client's, references to the C++ object keep the
/// client's object as well, so that it is this one that comes back, with all that it is, and no new one of the library's class.
/// They own it beside the C++ object, which does not own it itself: there is no cycle.
template <class ObjCClass>
auto handed_over(ObjCClass *object) {
  auto behind = portable(object, Lookup());
  if (!behind || [object class] == [ObjCClass class] || !is_of_client(object)) return behind;
  return decltype(behind)(owning([object retain]), behind.get());
}

/// The body of an initializer that returns nil, with a logged reason, where C++ refuses. It raises what the client's own objects
/// raise, and where it is called wrongly.
template <class ObjCClass, class Make>
ObjCClass *made_or_nil(ObjCClass *object, Make &&make) {
  NSException *reason = nil;
  bool is_raised = false;
  try {
    adopt(object, translated(make), Lookup());
    return object;
  } catch (const ClientError &) {
    reason = current_as_ns_exception();
    is_raised = true;
  } catch (const MisuseError &) {
    reason = current_as_ns_exception();
    is_raised = true;
  } catch (...) {
    reason = current_as_ns_exception();
  }
  [object release];
  if (is_raised) [reason raise];
  log_nil(reason);
  return nil;
}
/// The body of one that raises.
template <class ObjCClass, class Make>
ObjCClass *made(ObjCClass *object, Make &&make) {
  NSException *reason = nil;
  try {
    adopt(object, translated(make), Lookup());
    return object;
  } catch (...) {
    reason = current_as_ns_exception();
  }
  [object release];
  [reason raise];
  return nil;
}

/// The one object that stands for `object`; `make` allocates it where there is none.
template <class ObjCClass, class Root, class Make>
ObjCClass *standing_for(const std::shared_ptr<Root> &object, Make &&make) {
  if (!object) return nil;
  if (id found = IdentityTable::shared().find(object.get())) return found;
  ObjCClass *fresh = [make() autorelease];
  id other = adopt_once(fresh, object, Lookup());  // made meanwhile on another thread
  return other ? (ObjCClass *)other : fresh;
}

/// A C++ object that forwards to a client's. One for each client's object at a time, so that C++ can compare identities.
class ClientObject {
 public:
  explicit ClientObject(id object) : object_([object retain]) {}
  virtual ~ClientObject() { release_client(object_); }
  ClientObject(const ClientObject &) = delete;
  ClientObject &operator=(const ClientObject &) = delete;
  id object() const { return object_; }

 private:
  id object_;
};

/// The `Adapter` for a client's object; null for nil.
template <class Adapter>
std::shared_ptr<Adapter> adapter_for(id object) {
  static std::mutex mutex;
  static auto *adapters = new std::unordered_map<const void *, std::weak_ptr<Adapter>>;
  if (!object) return nullptr;
  std::lock_guard lock(mutex);
  std::erase_if(*adapters, [](const auto &entry) { return entry.second.expired(); });
  std::weak_ptr<Adapter> &known = (*adapters)[(const void *)object];
  std::shared_ptr<Adapter> adapter = known.lock();
  if (!adapter) {
    adapter = std::make_shared<Adapter>(object);
    known = adapter;
  }
  return adapter;
}

/// The client's object behind an adapter, or nil.
template <class Root>
id client_object(const std::shared_ptr<Root> &adapter) {
  const auto *client = dynamic_cast<const ClientObject *>(adapter.get());
  return client ? client->object() : nil;
}

// Arrays ------------------------------------------------------------------------------------------------------------

/// `convert` of each element; empty for nil.
template <class Convert>
auto vector_of(NSArray *array, Convert &&convert) {
  std::vector<decltype(convert((id)nil))> items;
  items.reserve([array count]);
  for (NSUInteger i = 0; i < [array count]; ++i) items.push_back(convert([array objectAtIndex:i]));
  return items;
}
/// Autoreleased; null elements become NSNull.
template <class Items, class Convert>
NSMutableArray *array_of(const Items &items, Convert &&convert) {
  NSMutableArray *array = [NSMutableArray arrayWithCapacity:items.size()];
  for (const auto &item : items) {
    id element = convert(item);
    [array addObject:element ? element : (id)[NSNull null]];
  }
  return array;
}

/// A value of C++ as the same one of the interface, or the other way: structs have the same members.
template <class To, class From>
To converted(const From &from) {
  if constexpr (std::is_class_v<To>) {
    return std::bit_cast<To>(from);
  } else {
    return (To)from;
  }
}

inline std::string string_of(NSString *text) { return text ? std::string([text UTF8String]) : std::string(); }
inline NSString *ns_string(const std::string &text) { return [NSString stringWithUTF8String:text.c_str()]; }

}  // namespace mpsnn::gnustep

// Properties --------------------------------------------------------------------------------------------------------

/// A number, enumeration or struct that `place`, an expression over `self`, names.
#define MPSNN_PROPERTY(Type, getter, setter, place)                                         \
  -(Type)getter {                                                                           \
    return mpsnn::gnustep::guarded([&] { return mpsnn::gnustep::converted<Type>(place); }); \
  }                                                                                         \
  -(void)setter : (Type)value {                                                             \
    mpsnn::gnustep::guarded([&] {                                                           \
      auto &at = (place);                                                                   \
      at = mpsnn::gnustep::converted<std::remove_reference_t<decltype(at)>>(value);         \
    });                                                                                     \
  }
#define MPSNN_READONLY(Type, getter, value)                                                 \
  -(Type)getter {                                                                           \
    return mpsnn::gnustep::guarded([&] { return mpsnn::gnustep::converted<Type>(value); }); \
  }
