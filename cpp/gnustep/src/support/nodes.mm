#import "support/nodes.hpp"

#include "mpsnn/saved_graph.hpp"

#import <objc/runtime.h>

namespace mpsnn::gnustep {

namespace {

class ClientHandle final : public Handle, public ClientObject {
 public:
  using ClientObject::ClientObject;
  std::string label() const override {
    return call_client(
        [this] { return [object() respondsToSelector:@selector(label)] ? string_of([(id<MPSHandle>)object() label]) : ""; });
  }
};

/// A fresh object of the class of that name.
template <class ObjCClass>
ObjCClass *allocated(const char *class_name) {
  Class named = NSClassFromString(ns_string(class_name));
  if (!named) throw Unsupported(std::string("there is no class ") + class_name);
  return [named alloc];
}

}  // namespace

std::shared_ptr<Handle> handle_of(id<MPSHandle> handle) {
  if ([(id)handle isKindOfClass:[MPSNNOwnHandle class]]) return portable((MPSNNOwnHandle *)handle);
  return adapter_for<ClientHandle>(handle);
}

id<MPSHandle> objc(const std::shared_ptr<Handle> &handle) {
  if (id client = client_object(handle)) return client;
  return standing_for<MPSNNOwnHandle>(handle, [] { return [MPSNNOwnHandle alloc]; });
}

MPSNNImageNode *objc(const ImageNodePtr &node) {
  return standing_for<MPSNNImageNode>(node, [] { return [MPSNNImageNode alloc]; });
}

MPSNNStateNode *objc(const StateNodePtr &node) {
  return standing_for<MPSNNStateNode>(node, [&] { return allocated<MPSNNStateNode>(node->class_name()); });
}

MPSNNFilterNode *objc(const FilterNodePtr &node) {
  return standing_for<MPSNNFilterNode>(node, [&] { return allocated<MPSNNFilterNode>(node->class_name()); });
}

void abstract(id object, SEL method) {
  NSString *reason =
      [NSString stringWithFormat:@"%@: this is a method of the subclasses", ns_string(method_name(object, method))];
  [object release];
  [[NSException exceptionWithName:NSInvalidArgumentException reason:reason userInfo:nil] raise];
  __builtin_unreachable();
}

void check_class(id object, const NNFilterNode &node) {
  const std::string name = class_getName(library_class(object));  // of a client's subclass, what it is a subclass of
  if (name == node.class_name()) return;
  throw MisuseError(name + ": this initializer is that of " + node.class_name() + "; use one of the class itself");
}

}  // namespace mpsnn::gnustep

using namespace mpsnn::gnustep;

@implementation MPSNNOwnHandle

MPSNN_ROOT_IMPLEMENTATION(mpsnn::Handle)

- (NSString *)label {
  return guarded([&] {
    const std::string text = portable(self)->label();
    return text.empty() ? nil : ns_string(text);
  });
}

+ (BOOL)supportsSecureCoding {
  return YES;
}

- (void)encodeWithCoder:(NSCoder *)coder {
  [coder encodeObject:[self label] forKey:@"label"];
}

- (instancetype)initWithCoder:(NSCoder *)coder {
  return made(self, [&] { return std::make_shared<mpsnn::NamedHandle>(string_of([coder decodeObjectForKey:@"label"])); });
}

@end
