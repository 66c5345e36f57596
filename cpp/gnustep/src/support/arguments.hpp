#pragma once

#import <Foundation/Foundation.h>

#include <string>

#include "support/exceptions.hpp"

namespace mpsnn::gnustep {

/// "-[MPSNNGraph reloadFromDataSources]".
std::string method_name(id receiver, SEL method);
/// Whether the object adopts the protocol. By name: Clang leaves `@protocol` unprepared where no class of the file adopts it.
bool adopts(id object, NSString *protocol);
/// Throws a MisuseError that names class, method and argument.
[[noreturn]] void throw_missing(id receiver, SEL method, const char *argument);

template <class T>
T required(T argument, id receiver, SEL method, const char *name) {
  if (!argument) throw_missing(receiver, method, name);
  return argument;
}

}  // namespace mpsnn::gnustep

/// In a method, or a lambda of it: the argument, which must not be nil.
#define MPSNN_REQUIRE(argument) mpsnn::gnustep::required((argument), self, _cmd, #argument)
