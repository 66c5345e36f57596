#import "support/arguments.hpp"

#import <objc/runtime.h>

#include <string>

namespace mpsnn::gnustep {

void throw_nil_argument(id object, SEL method, const char *argument) {
  Class its_class = object_getClass(object);
  throw InvalidArgument(std::string(class_isMetaClass(its_class) ? "+[" : "-[") + class_getName(its_class) + " " +
                        sel_getName(method) + "]: " + argument + " is nil");
}

}  // namespace mpsnn::gnustep
