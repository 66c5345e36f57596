#import "support/behind.hpp"

namespace mpsnn::gnustep {

void throw_other_class(id receiver, SEL method, const char *argument, Class expected, id found) {
  throw MisuseError(method_name(receiver, method) + ": " + argument + " must be of class " +
                    string_of(NSStringFromClass(expected)) + ", got an object of class " +
                    string_of(NSStringFromClass([found class])));
}

void throw_uninitialized(id receiver, SEL method, const char *argument) {
  throw MisuseError(method_name(receiver, method) + ": " + argument + " has not been initialized");
}

NSArray *array_argument(id receiver, SEL method, NSArray *argument, const char *name) {
  if (!argument) throw_missing(receiver, method, name);
  if (![argument isKindOfClass:[NSArray class]]) throw_other_class(receiver, method, name, [NSArray class], argument);
  return argument;
}

}  // namespace mpsnn::gnustep
