#import "support/kernel_classes.hpp"

#import <objc/runtime.h>

#include <map>
#include <string>

#import "support/descriptors.hpp"

namespace mpsnn::gnustep {

namespace {

std::map<std::string, KernelClass> &known_classes() {
  static auto *classes = new std::map<std::string, KernelClass>;
  return *classes;
}

NSString *key_of(const char *attribute) { return [@"MPSKernel.attribute." stringByAppendingString:ns_string(attribute)]; }

class Writer final : public AttributeVisitor {
 public:
  explicit Writer(NSCoder *coder) : coder_(coder) {}
  void boolean(const char *name, bool &value) override { [coder_ encodeBool:value forKey:key_of(name)]; }
  void integer(const char *name, std::int64_t &value) override { [coder_ encodeInt64:value forKey:key_of(name)]; }
  void number(const char *name, double &value) override { [coder_ encodeDouble:value forKey:key_of(name)]; }
  void numbers(const char *name, std::vector<float> &value) override { [coder_ encodeObject:data_of(value) forKey:key_of(name)]; }
  void text(const char *name, std::string &value) override { [coder_ encodeObject:ns_string(value) forKey:key_of(name)]; }

 private:
  NSCoder *coder_;
};

class Reader final : public AttributeVisitor {
 public:
  Reader(NSCoder *coder, const char *class_name) : coder_(coder), class_name_(class_name) {}
  void boolean(const char *name, bool &value) override { value = [coder_ decodeBoolForKey:present(name)]; }
  void integer(const char *name, std::int64_t &value) override { value = [coder_ decodeInt64ForKey:present(name)]; }
  void number(const char *name, double &value) override { value = [coder_ decodeDoubleForKey:present(name)]; }
  void numbers(const char *name, std::vector<float> &value) override {
    value = floats_of([coder_ decodeObjectForKey:present(name)]);
  }
  void text(const char *name, std::string &value) override { value = string_of([coder_ decodeObjectForKey:present(name)]); }

 private:
  NSString *present(const char *name) const {
    NSString *key = key_of(name);
    if ([coder_ containsValueForKey:key]) return key;
    throw InvalidArgument(std::string(class_name_) + ": the archive has no " + name);
  }
  NSCoder *coder_;
  const char *class_name_;
};

}  // namespace

bool register_kernel(std::type_index cpp_class, KernelClass kernel_class) {
  const char *name = kernel_class.name;
  register_kernel_class(cpp_class, name);
  return known_classes().emplace(name, std::move(kernel_class)).second;
}

const KernelClass &kernel_class_of(Class its_class) {
  for (Class each = its_class; each; each = class_getSuperclass(each)) {
    const auto found = known_classes().find(class_getName(each));
    if (found != known_classes().end()) return found->second;
  }
  static const KernelClass unknown{.name = "MPSKernel"};
  return unknown;
}

void check_kernel_class(id object, SEL initializer, const Kernel &kernel) {
  const KernelClass &its_class = kernel_class_of([object class]);
  if (kernel_class_name(kernel) == std::string(its_class.name)) return;
  throw MisuseError(method_name(object, initializer) + ": this initializer is not available");
}

void save_attributes(NSCoder *coder, const VisitAttributes &visit) {
  Writer writer(coder);
  visit(writer);
}

void restore_attributes(NSCoder *coder, const char *class_name, const VisitAttributes &visit) {
  Reader reader(coder, class_name);
  visit(reader);
}

}  // namespace mpsnn::gnustep
