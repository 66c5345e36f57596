#import "support/arguments.hpp"

#import <objc/runtime.h>

namespace mpsnn::gnustep {

std::string method_name(id receiver, SEL method) {
  Class its_class = object_getClass(receiver);
  return std::string(class_isMetaClass(its_class) ? "+[" : "-[") + class_getName(its_class) + " " + sel_getName(method) + "]";
}

bool adopts(id object, NSString *protocol) { return [object conformsToProtocol:NSProtocolFromString(protocol)]; }

void throw_missing(id receiver, SEL method, const char *argument) {
  throw MisuseError(method_name(receiver, method) + ": " + argument + " is nil");
}

}  // namespace mpsnn::gnustep
