#pragma once

#import <MetalPerformanceShaders/MPSKernel.h>

#include <memory>
#include <typeindex>

#include "mpsnn/kernel.hpp"
#include "support/metal.hpp"

namespace mpsnn::gnustep {

MPSNN_STANDS_FOR(MPSKernel, Kernel)

/// The object that stands for a kernel that the engine shows to a client, nil for none: for the time of one message.
///     [allocator imageForCommandBuffer:... kernel:objc(kernel)]
/// A client that keeps it has a kernel of its own afterwards, which stays as it was then.
class KernelArgument {
 public:
  explicit KernelArgument(Kernel *kernel);
  ~KernelArgument();
  KernelArgument(const KernelArgument &) = delete;
  KernelArgument &operator=(const KernelArgument &) = delete;
  operator MPSKernel *() const { return object_; }

 private:
  MPSKernel *object_ = nil;
  bool is_borrowed_ = false;
};
inline KernelArgument objc(Kernel *kernel) { return KernelArgument(kernel); }

/// Kernels of the C++ class are of the Objective-C class. Others are what their base is.
bool register_kernel_class(std::type_index cpp_class, const char *objc_class);
#define MPSNN_KERNEL_CLASS(CppClass, ObjCClass) \
  [[maybe_unused]] static const bool registered_##ObjCClass = mpsnn::gnustep::register_kernel_class(typeid(CppClass), #ObjCClass);

/// The Objective-C class of a kernel.
const char *kernel_class_name(const Kernel &kernel);

/// The one object for a kernel that C++ shares.
MPSKernel *objc(const std::shared_ptr<Kernel> &kernel);

/// For a subclass's `initWithCoder:device:`: what MPSKernel's `encodeWithCoder:` has written.
void decode(MPSKernel *kernel, NSCoder *coder);

}  // namespace mpsnn::gnustep
