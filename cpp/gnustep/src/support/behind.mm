#import "support/behind.hpp"

#import <objc/runtime.h>

namespace mpsnn::gnustep {

std::string method_name(id receiver, SEL method) {
  Class its_class = object_getClass(receiver);
  return std::string(class_isMetaClass(its_class) ? "+[" : "-[") + class_getName(its_class) + " " + sel_getName(method) + "]";
}

void throw_missing(id receiver, SEL method, const char *argument) {
  throw MisuseError(method_name(receiver, method) + ": " + argument + " is nil");
}

void throw_other_class(id receiver, SEL method, const char *argument, Class expected, id found) {
  throw MisuseError(method_name(receiver, method) + ": " + argument + " must be of class " +
                    string_of(NSStringFromClass(expected)) + ", got an object of class " +
                    string_of(NSStringFromClass([found class])));
}

NSArray *array_argument(id receiver, SEL method, NSArray *argument, const char *name) {
  if (!argument) throw_missing(receiver, method, name);
  if (![argument isKindOfClass:[NSArray class]]) throw_other_class(receiver, method, name, [NSArray class], argument);
  return argument;
}

}  // namespace mpsnn::gnustep
