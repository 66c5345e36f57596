#pragma once

#import <Foundation/Foundation.h>

#include "mpsnn/error.hpp"

namespace mpsnn::gnustep {

/// Throws InvalidArgument that names class, method and argument.
[[noreturn]] void throw_nil_argument(id object, SEL method, const char *argument);

template <class T>
T required(T argument, id object, SEL method, const char *name) {
  if (!argument) throw_nil_argument(object, method, name);
  return argument;
}

}  // namespace mpsnn::gnustep

/// In a method, or a lambda of it: the argument, which must not be nil.
#define MPSNN_REQUIRE(argument) mpsnn::gnustep::required((argument), self, _cmd, #argument)
