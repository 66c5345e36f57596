#pragma once

#import <MetalPerformanceShaders/MPSCNNKernel.h>

#include <functional>
#include <memory>
#include <utility>

#include "nodes/saved_attributes.hpp"
#import "support/archived_sources.hpp"
#import "support/behind.hpp"
#import "support/images.hpp"
#import "support/kernels.hpp"
#import "support/metal.hpp"
#import "support/nodes.hpp"
#import "support/property_lists.hpp"
#import "support/states.hpp"

namespace mpsnn::gnustep {

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

// What the bases of kernels hold: for_each_property(visit) lists `K`'s members, each with its name ---------------------

template <class K>
struct Properties;

template <>
struct Properties<Kernel> {
  template <class V>
  static void for_each(V &&v) {
    v("options", &Kernel::options);
    v("label", &Kernel::label);
  }
};

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

template <class K>
concept Filter = requires(K &kernel) {
  kernel.padding;
};

template <class K, class ObjCClass>
ObjCClass *made_copy(ObjCClass *original, NSZone *zone, id<MTLDevice> device) {
  return made((ObjCClass *)[[original class] allocWithZone:zone], [&] {
    const K &kernel = as<K>(original);
    const KernelClass &known = kernel_class_of([original class]);
    if (!known.copy) throw Unsupported(std::string(known.name) + ": kernels of this class cannot be copied");
    const KernelPtr made = known.copy(device ? device_of(device) : kernel.device(), kernel);
    auto &copy = static_cast<K &>(*made);
    copy_properties(kernel, copy);
    if constexpr (Filter<K>) {
      copy.padding = kernel.padding;
      copy.destination_image_allocator = kernel.destination_image_allocator;
    }
    return made;
  });
}

inline NSString *const kAttributesKey = @"MPSKernel.attributes";
inline NSString *const kPropertiesKey = @"MPSKernel.properties";
inline NSString *const kPaddingKey = @"MPSKernel.padding";
inline NSString *const kAllocatorKey = @"MPSKernel.destinationImageAllocator";

template <class K, class ObjCClass>
void save_kernel(NSCoder *coder, ObjCClass *object) {
  saved_or_logged([&] {
    K &kernel = as<K>(object);
    const KernelClass &known = kernel_class_of([object class]);
    if (!known.save) throw Unsupported(std::string(known.name) + ": kernels of this class cannot be archived");
    [coder encodeObject:property_list_of(known.save(kernel, coder)) forKey:kAttributesKey];
    const SavedAttributes properties = collect_attributes([&](AttributeVisitor &v) { visit_properties(kernel, v); });
    [coder encodeObject:property_list_of(properties) forKey:kPropertiesKey];
    if constexpr (Filter<K>) {
      [coder encodeObject:[object padding] forKey:kPaddingKey];
      [coder encodeObject:[object destinationImageAllocator] forKey:kAllocatorKey];
    }
  });
}

template <class K, class ObjCClass>
ObjCClass *restored_or_nil(ObjCClass *object, NSCoder *coder, id<MTLDevice> device) {
  return made_or_nil(object, [&] {
    const KernelClass &known = kernel_class_of([object class]);
    if (!known.restore) throw Unsupported(std::string(known.name) + ": kernels of this class are in no archive");
    const auto saved = [&](NSString *key) { return saved_of<SavedAttributes>([coder decodeObjectForKey:key]); };
    const KernelPtr made = known.restore(device_of(device), saved(kAttributesKey), coder);
    auto &kernel = static_cast<K &>(*made);
    restore_attributes(saved(kPropertiesKey), {known.name}, [&](AttributeVisitor &v) { visit_properties(kernel, v); });
    if constexpr (Filter<K>) {
      kernel.padding = padding_of([coder decodeObjectForKey:kPaddingKey]);
      kernel.destination_image_allocator = allocator_of([coder decodeObjectForKey:kAllocatorKey]);
      if (!kernel.padding || !kernel.destination_image_allocator) {
        throw InvalidArgument(std::string(known.name) + ": the archive has no padding policy or no allocator");
      }
    }
    return made;
  });
}

// What a class that is registered consists of ------------------------------------------------------------------------

/// Nothing.
struct NoAttributes {
  void visit(AttributeVisitor &) {}
};

template <class Attributes>
SavedAttributes saved_attributes(Attributes attributes) {
  return collect_attributes([&](AttributeVisitor &v) { attributes.visit(v); });
}
template <class Attributes>
Attributes restored_attributes(const SavedAttributes &saved, const char *name) {
  Attributes attributes;
  restore_attributes(saved, {name}, [&](AttributeVisitor &v) { attributes.visit(v); });
  return attributes;
}

/// Kernels that are all that `attributes_of(kernel)` says: `make(device, attributes)` makes the same again.
template <class K, class AttributesOf, class Make>
KernelClass remade(const char *name, AttributesOf attributes_of, Make make) {
  using Attributes = std::decay_t<decltype(attributes_of(std::declval<const K &>()))>;
  KernelClass known;
  known.name = name;
  known.copy = [=](const DevicePtr &device, const Kernel &kernel) -> KernelPtr {
    return make(device, attributes_of(static_cast<const K &>(kernel)));
  };
  known.save = [=](const Kernel &kernel, NSCoder *) { return saved_attributes(attributes_of(static_cast<const K &>(kernel))); };
  known.restore = [=](const DevicePtr &device, const SavedAttributes &saved, NSCoder *) -> KernelPtr {
    return make(device, restored_attributes<Attributes>(saved, name));
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

/// The values in use, or, where the client does not want them in the archive, only what they are.
template <class K>
SavedSource values_in_archive(const K &kernel) {
  SavedSource values = kernel.save_parameters();
  if constexpr (requires { kernel.serialize_weights_and_biases; }) {
    if (!kernel.serialize_weights_and_biases) values.arrays.clear();
  }
  return values;
}

/// Kernels that are their data source and what `attributes_of(kernel)` says: `make(device, data_source, attributes)`.
template <class K, class AttributesOf, class Make>
KernelClass remade_from_source(const char *name, AttributesOf attributes_of, Make make) {
  using Attributes = std::decay_t<decltype(attributes_of(std::declval<const K &>()))>;
  using Source = std::decay_t<decltype(*std::declval<const K &>().data_source())>;
  KernelClass known;
  known.name = name;
  known.copy = [=](const DevicePtr &device, const Kernel &kernel) -> KernelPtr {
    const auto &original = static_cast<const K &>(kernel);
    return make(device, copied_source<Source>(original.data_source()), attributes_of(original));
  };
  known.save = [=](const Kernel &kernel, NSCoder *coder) {
    const auto &saved = static_cast<const K &>(kernel);
    save_source(coder, saved.data_source(), [&] { return values_in_archive(saved); });
    return saved_attributes(attributes_of(saved));
  };
  known.restore = [=](const DevicePtr &device, const SavedAttributes &saved, NSCoder *coder) -> KernelPtr {
    return make(device, restored_source<Source>(coder, name), restored_attributes<Attributes>(saved, name));
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
