#pragma once

#import <Foundation/Foundation.h>

#include <string>
#include <vector>

#include "support/arguments.hpp"
#include "support/objects.hpp"

namespace mpsnn::gnustep {

/// These throw a MisuseError that names class, method and argument.
[[noreturn]] void throw_other_class(id receiver, SEL method, const char *argument, Class expected, id found);
[[noreturn]] void throw_uninitialized(id receiver, SEL method, const char *argument);

/// An array, which must not be nil, of whatever elements.
NSArray *array_argument(id receiver, SEL method, NSArray *argument, const char *name);

/// The C++ object behind an argument, null for nil. Throws for an object of another class, since Objective-C does not look, and
/// for one that was never initialized.
template <class ObjCClass>
auto behind_or_null(id receiver, SEL method, ObjCClass *argument, const char *name) {
  if (argument && ![argument isKindOfClass:[ObjCClass class]]) {
    throw_other_class(receiver, method, name, [ObjCClass class], argument);
  }
  if (argument && !argument->_impl) throw_uninitialized(receiver, method, name);
  return handed_over(argument);
}

/// The same, and nil is refused.
template <class ObjCClass>
auto behind(id receiver, SEL method, ObjCClass *argument, const char *name) {
  auto object = behind_or_null(receiver, method, argument, name);
  if (!object) throw_missing(receiver, method, name);
  return object;
}

/// Those behind the elements of an array.
template <class ObjCClass>
auto behind_all(id receiver, SEL method, NSArray *argument, const char *name) {
  return vector_of(array_argument(receiver, method, argument, name),
                   [&](id element) { return behind(receiver, method, (ObjCClass *)element, name); });
}

/// Those behind the elements of an array of arrays: one for each input of a graph, with one element for each image of a batch.
template <class ObjCClass>
auto behind_batches(id receiver, SEL method, NSArray *argument, const char *name) {
  return vector_of(array_argument(receiver, method, argument, name),
                   [&](id batch) { return behind_all<ObjCClass>(receiver, method, batch, name); });
}

}  // namespace mpsnn::gnustep

// In a method, or a lambda of it: the C++ object behind an argument, which must not be nil, as its root class or as a class
// under that; null for nil; those behind the elements of an array.
#define MPSNN_BEHIND(argument) mpsnn::gnustep::behind(self, _cmd, argument, #argument)
#define MPSNN_BEHIND_AS(Type, argument) std::dynamic_pointer_cast<mpsnn::Type>(MPSNN_BEHIND(argument))
#define MPSNN_BEHIND_OR_NULL(argument) mpsnn::gnustep::behind_or_null(self, _cmd, argument, #argument)
#define MPSNN_BEHIND_OR_NULL_AS(Type, argument) std::dynamic_pointer_cast<mpsnn::Type>(MPSNN_BEHIND_OR_NULL(argument))
#define MPSNN_BEHIND_ALL(ObjCClass, argument) mpsnn::gnustep::behind_all<ObjCClass>(self, _cmd, argument, #argument)
#define MPSNN_BEHIND_BATCHES(ObjCClass, argument) mpsnn::gnustep::behind_batches<ObjCClass>(self, _cmd, argument, #argument)

/// In a root class without a plain initializer: one that is called all the same raises.
#define MPSNN_NO_PLAIN_INIT                                                                                       \
  -(instancetype)init {                                                                                           \
    NSString *name = NSStringFromClass([self class]);                                                             \
    [self release];                                                                                               \
    [NSException raise:NSInvalidArgumentException format:@"-[%@ init]: this initializer is not available", name]; \
    return nil;                                                                                                   \
  }
