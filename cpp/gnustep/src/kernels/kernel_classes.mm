#import "support/kernel_classes.hpp"

#import <objc/runtime.h>

#include <map>
#include <string>

namespace mpsnn::gnustep {

namespace {

// Nothing leaves the map, and addresses of its entries stay.
struct KnownClasses {
  std::map<std::string, KernelClass> by_name;
  std::map<std::type_index, const KernelClass *> by_cpp_class;
};

KnownClasses &known_classes() {
  static auto *classes = new KnownClasses;
  return *classes;
}

const KernelClass &class_named(const char *name) { return known_classes().by_name.at(name); }

}  // namespace

bool register_kernel(std::type_index cpp_class, KernelClass kernel_class) {
  const char *name = kernel_class.name;
  const auto added = known_classes().by_name.emplace(name, std::move(kernel_class)).first;
  return known_classes().by_cpp_class.emplace(cpp_class, &added->second).second;
}

const KernelClass &kernel_class_of(const Kernel &kernel) {
  const auto found = known_classes().by_cpp_class.find(typeid(kernel));
  if (found != known_classes().by_cpp_class.end()) return *found->second;
  if (dynamic_cast<const CNNKernel *>(&kernel)) return class_named("MPSCNNKernel");
  if (dynamic_cast<const CNNGradientKernel *>(&kernel)) return class_named("MPSCNNGradientKernel");
  if (dynamic_cast<const CNNBinaryKernel *>(&kernel)) return class_named("MPSCNNBinaryKernel");
  return class_named("MPSKernel");
}

const KernelClass &kernel_class_of(Class its_class) {
  for (Class each = its_class; each; each = class_getSuperclass(each)) {
    const auto found = known_classes().by_name.find(class_getName(each));
    if (found != known_classes().by_name.end()) return found->second;
  }
  return class_named("MPSKernel");
}

void check_kernel_class(id object, SEL initializer, const Kernel &kernel) {
  if (&kernel_class_of(kernel) == &kernel_class_of([object class])) return;
  throw MisuseError(method_name(object, initializer) + ": this initializer is not available");
}

}  // namespace mpsnn::gnustep
