#pragma once

#import <MetalPerformanceShaders/MPSCNNKernel.h>

#include <functional>
#include <memory>
#include <typeindex>
#include <utility>

#include "mpsnn/op.hpp"
#import "support/behind.hpp"
#import "support/images.hpp"
#import "support/kernels.hpp"
#import "support/metal.hpp"
#import "support/states.hpp"

namespace mpsnn::gnustep {

using DevicePtr = std::shared_ptr<Device>;
using KernelPtr = std::shared_ptr<Kernel>;

/// What can be done with the kernels of one class; empty where it cannot. What their bases hold is not these functions' business.
struct KernelClass {
  const char *name = nullptr;
  std::function<KernelPtr(const DevicePtr &)> make = {};  ///< initWithDevice:
  std::function<KernelPtr(const DevicePtr &, const Kernel &)> copy = {};
  std::function<void(const Kernel &, AttributeVisitor &)> save = {};
  std::function<KernelPtr(const DevicePtr &, AttributeVisitor &)> restore = {};
};

/// Also makes `objc` give kernels of the C++ class this Objective-C class.
bool register_kernel(std::type_index cpp_class, KernelClass kernel_class);
/// The nearest class above `its_class`, or itself, that is registered.
const KernelClass &kernel_class_of(Class its_class);

/// Throws where `object`, whose initializer is running, is of another class than the one that has the initializer: an inherited
/// one would make another kernel.
void check_kernel_class(id object, SEL initializer, const Kernel &kernel);

/// The body of an initializer: `make` gives the C++ kernel.
template <class ObjCClass, class Make>
ObjCClass *made_kernel(ObjCClass *object, SEL initializer, Make &&make) {
  return made(object, [&] {
    const KernelPtr kernel = make();
    check_kernel_class(object, initializer, *kernel);
    return kernel;
  });
}

/// The same for a kernel that reads a data source: nil, with a logged reason, where that fails.
template <class ObjCClass, class Make>
ObjCClass *made_kernel_or_nil(ObjCClass *object, SEL initializer, Make &&make) {
  return made_or_nil(object, [&] {
    const KernelPtr kernel = make();
    check_kernel_class(object, initializer, *kernel);
    return kernel;
  });
}

/// The bodies of the initializers and methods that all kernels have.
template <class ObjCClass>
ObjCClass *made_plain(ObjCClass *object, SEL initializer, id<MTLDevice> device) {
  return made(object, [&] {
    const KernelClass &known = kernel_class_of([object class]);
    if (!known.make) throw MisuseError(method_name(object, initializer) + ": this initializer is not available");
    return known.make(device_of(required(device, object, initializer, "device")));
  });
}
using VisitAttributes = std::function<void(AttributeVisitor &)>;
/// Attributes into an archive, each with its name in the key, and back; a name that is missing throws InvalidArgument.
void save_attributes(NSCoder *coder, const VisitAttributes &visit);
void restore_attributes(NSCoder *coder, const char *class_name, const VisitAttributes &visit);

// What the bases of kernels hold: for_each_property(visit) lists `K`'s members, each with its name ---------------------

template <class K>
struct Properties;

template <class K>
void copy_properties(const K &from, K &to) {
  Properties<K>::for_each([&](const char *, auto member) { to.*member = from.*member; });
}

inline void visit_property(AttributeVisitor &visitor, const std::string &name, auto &value) {
  using T = std::decay_t<decltype(value)>;
  if constexpr (std::is_same_v<T, Offset>) {
    visit_property(visitor, name + ".x", value.x);
    visit_property(visitor, name + ".y", value.y);
    visit_property(visitor, name + ".z", value.z);
  } else if constexpr (std::is_same_v<T, mtl::Region>) {
    visit_property(visitor, name + ".x", value.origin.x);
    visit_property(visitor, name + ".y", value.origin.y);
    visit_property(visitor, name + ".z", value.origin.z);
    visitor((name + ".size").c_str(), value.size);
  } else {
    visitor(name.c_str(), value);
  }
}
template <class K>
void visit_properties(K &kernel, AttributeVisitor &visitor) {
  Properties<K>::for_each([&](const char *name, auto member) { visit_property(visitor, name, kernel.*member); });
}

// The bodies of methods of the bases; `K` is the base's class of C++ -------------------------------------------------

template <class K, class ObjCClass>
ObjCClass *made_copy(ObjCClass *original, NSZone *zone, id<MTLDevice> device) {
  return made((ObjCClass *)[[original class] allocWithZone:zone], [&] {
    const K &kernel = as<K>(original);
    const KernelClass &known = kernel_class_of([original class]);
    if (!known.copy) throw Unsupported(std::string(known.name) + ": kernels of this class cannot be copied");
    const KernelPtr made = known.copy(device ? device_of(device) : kernel.device(), kernel);
    made->options = kernel.options;
    made->label = kernel.label;
    auto &filter = static_cast<K &>(*made);
    copy_properties(kernel, filter);
    filter.padding = kernel.padding;
    filter.destination_image_allocator = kernel.destination_image_allocator;
    return made;
  });
}

template <class K, class ObjCClass>
void save_kernel(NSCoder *coder, ObjCClass *object) {
  guarded([&] {
    K &kernel = as<K>(object);
    const KernelClass &known = kernel_class_of([object class]);
    if (!known.save) {  // an exception would end in a crash: GNUstep Base 1.28 releases its archiver twice then
      log_nil([NSException exceptionWithName:NSGenericException
                                      reason:ns_string(std::string(known.name) + ": kernels of this class cannot be archived")
                                    userInfo:nil]);
      return;
    }
    save_attributes(coder, [&](AttributeVisitor &visitor) {
      known.save(kernel, visitor);
      visit_properties(kernel, visitor);
    });
    [coder encodeObject:[object padding] forKey:@"MPSKernel.padding"];
    [coder encodeObject:[object destinationImageAllocator] forKey:@"MPSKernel.destinationImageAllocator"];
  });
}

template <class K, class ObjCClass>
ObjCClass *restored_or_nil(ObjCClass *object, NSCoder *coder, id<MTLDevice> device) {
  object = made_or_nil(object, [&] {
    const KernelClass &known = kernel_class_of([object class]);
    if (!known.restore) throw Unsupported(std::string(known.name) + ": kernels of this class are in no archive");
    KernelPtr kernel;
    restore_attributes(coder, known.name, [&](AttributeVisitor &visitor) {
      kernel = known.restore(device_of(device), visitor);
      visit_properties(static_cast<K &>(*kernel), visitor);
    });
    return kernel;
  });
  if (!object) return nil;
  [object setOptions:(MPSKernelOptions)[coder decodeIntegerForKey:@"MPSKernel.options"]];
  [object setLabel:[coder decodeObjectForKey:@"MPSKernel.label"]];
  [object setPadding:[coder decodeObjectForKey:@"MPSKernel.padding"]];
  [object setDestinationImageAllocator:[coder decodeObjectForKey:@"MPSKernel.destinationImageAllocator"]];
  return object;
}

// What a class that is registered consists of ------------------------------------------------------------------------

/// Nothing.
struct NoAttributes {
  void visit(AttributeVisitor &) {}
};

/// Kernels that are all that `attributes_of(kernel)` says: `make(device, attributes)` makes the same again.
template <class K, class AttributesOf, class Make>
KernelClass remade(const char *name, AttributesOf attributes_of, Make make) {
  using Attributes = std::decay_t<decltype(attributes_of(std::declval<const K &>()))>;
  KernelClass known;
  known.name = name;
  known.copy = [=](const DevicePtr &device, const Kernel &kernel) -> KernelPtr {
    return make(device, attributes_of(static_cast<const K &>(kernel)));
  };
  known.save = [=](const Kernel &kernel, AttributeVisitor &visitor) {
    Attributes attributes = attributes_of(static_cast<const K &>(kernel));
    attributes.visit(visitor);
  };
  known.restore = [=](const DevicePtr &device, AttributeVisitor &visitor) -> KernelPtr {
    Attributes attributes;
    attributes.visit(visitor);
    return make(device, attributes);
  };
  return known;
}

/// The same, where the attributes' defaults make a kernel.
template <class K, class AttributesOf, class Make>
KernelClass plain(const char *name, AttributesOf attributes_of, Make make) {
  using Attributes = std::decay_t<decltype(attributes_of(std::declval<const K &>()))>;
  KernelClass known = remade<K>(name, attributes_of, make);
  known.make = [=](const DevicePtr &device) -> KernelPtr { return make(device, Attributes()); };
  return known;
}

/// What most kernels have and are made of.
template <class K>
typename K::Attributes own_attributes(const K &kernel) {
  return kernel.attributes;
}
template <class K>
std::shared_ptr<K> from_attributes(const DevicePtr &device, const typename K::Attributes &attributes) {
  return std::make_shared<K>(device, attributes);
}

/// What the copy of a kernel gets: a copy, or the same where the source makes none.
template <class Source>
std::shared_ptr<Source> copied_source(const std::shared_ptr<Source> &source) {
  const auto copied = std::dynamic_pointer_cast<Source>(source->copy());
  return copied ? copied : source;
}

/// Kernels that are made from their data source; `copy_properties` does the rest.
template <class K, class CopyProperties>
KernelClass remade_from_source(const char *name, CopyProperties copy_properties) {
  KernelClass known;
  known.name = name;
  known.copy = [=](const DevicePtr &device, const Kernel &kernel) -> KernelPtr {
    const auto &original = static_cast<const K &>(kernel);
    const auto made = std::make_shared<K>(device, copied_source(original.data_source()));
    copy_properties(original, *made);
    return made;
  };
  return known;
}

}  // namespace mpsnn::gnustep

// Beside the @implementation of a kernel class; CppClass has no namespace in front ------------------------------------

#define MPSNN_REGISTER_KERNEL(CppClass, ObjCClass, known) \
  [[maybe_unused]] static const bool registered_##ObjCClass = mpsnn::gnustep::register_kernel(typeid(CppClass), known);

/// Kernels made with `initWithDevice:`.
#define MPSNN_PLAIN_KERNEL(ObjCClass, CppClass)                                                                             \
  MPSNN_REGISTER_KERNEL(mpsnn::CppClass, ObjCClass,                                                                         \
                        mpsnn::gnustep::plain<mpsnn::CppClass>(#ObjCClass, mpsnn::gnustep::own_attributes<mpsnn::CppClass>, \
                                                               mpsnn::gnustep::from_attributes<mpsnn::CppClass>))
/// Kernels with initializers of their own.
#define MPSNN_KERNEL(ObjCClass, CppClass)                                                                                    \
  MPSNN_REGISTER_KERNEL(mpsnn::CppClass, ObjCClass,                                                                          \
                        mpsnn::gnustep::remade<mpsnn::CppClass>(#ObjCClass, mpsnn::gnustep::own_attributes<mpsnn::CppClass>, \
                                                                mpsnn::gnustep::from_attributes<mpsnn::CppClass>))
/// Bases: what their subclasses need not have.
#define MPSNN_ABSTRACT_KERNEL(ObjCClass, CppClass) \
  MPSNN_REGISTER_KERNEL(mpsnn::CppClass, ObjCClass, mpsnn::gnustep::KernelClass{.name = #ObjCClass})

// In the @implementation: what a class declares once more ------------------------------------------------------------

#define MPSNN_INHERITED_DEVICE_INITIALIZER                 \
  -(instancetype)initWithDevice : (id<MTLDevice>)device {  \
    return mpsnn::gnustep::made_plain(self, _cmd, device); \
  }
#define MPSNN_INHERITED_CODER_INITIALIZER                                             \
  -(instancetype)initWithCoder : (NSCoder *)aDecoder device : (id<MTLDevice>)device { \
    return [super initWithCoder:aDecoder device:device];                              \
  }
#define MPSNN_INHERITED_INITIALIZERS \
  MPSNN_INHERITED_DEVICE_INITIALIZER \
  MPSNN_INHERITED_CODER_INITIALIZER

/// Result states, of a class of their own.
#define MPSNN_RESULT_STATE(State)                                                                                              \
  -(State *)resultStateForSourceImage : (MPSImage *)sourceImage sourceStates : (NSArray *)sourceStates destinationImage        \
      : (MPSImage *)destinationImage {                                                                                         \
    return (State *)[super resultStateForSourceImage:sourceImage sourceStates:sourceStates destinationImage:destinationImage]; \
  }                                                                                                                            \
  -(State *)temporaryResultStateForCommandBuffer : (id<MTLCommandBuffer>)commandBuffer sourceImage                             \
      : (MPSImage *)sourceImage sourceStates : (NSArray *)sourceStates destinationImage : (MPSImage *)destinationImage {       \
    return (State *)[super temporaryResultStateForCommandBuffer:commandBuffer                                                  \
                                                    sourceImage:sourceImage                                                    \
                                                   sourceStates:sourceStates                                                   \
                                               destinationImage:destinationImage];                                             \
  }
/// `Batch` and `TemporaryBatch` are what the interface names them.
#define MPSNN_RESULT_STATE_BATCHES(Batch, TemporaryBatch)                                                                       \
  -(Batch *)resultStateBatchForSourceImage : (MPSImageBatch *)sourceImage sourceStates                                          \
      : (NSArray *)sourceStates destinationImage : (MPSImageBatch *)destinationImage {                                          \
    return (                                                                                                                    \
        Batch *)[super resultStateBatchForSourceImage:sourceImage sourceStates:sourceStates destinationImage:destinationImage]; \
  }                                                                                                                             \
  -(TemporaryBatch *)temporaryResultStateBatchForCommandBuffer : (id<MTLCommandBuffer>)commandBuffer sourceImage                \
      : (MPSImageBatch *)sourceImage sourceStates : (NSArray *)sourceStates destinationImage                                    \
      : (MPSImageBatch *)destinationImage {                                                                                     \
    return (TemporaryBatch *)[super temporaryResultStateBatchForCommandBuffer:commandBuffer                                     \
                                                                  sourceImage:sourceImage                                       \
                                                                 sourceStates:sourceStates                                      \
                                                             destinationImage:destinationImage];                                \
  }

/// An attribute that may be read, and one that may also be set.
#define MPSNN_KERNEL_READONLY(Type, getter, CppClass, field) \
  MPSNN_READONLY(Type, getter, mpsnn::gnustep::as<mpsnn::CppClass>(self).attributes.field)
#define MPSNN_KERNEL_PROPERTY(Type, getter, setter, CppClass, field) \
  MPSNN_PROPERTY(Type, getter, setter, mpsnn::gnustep::as<mpsnn::CppClass>(self).attributes.field)
