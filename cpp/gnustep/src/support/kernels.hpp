#pragma once

#import <MetalPerformanceShaders/MPSKernel.h>

#include <functional>
#include <memory>
#include <typeindex>

#include "mpsnn/kernel.hpp"
#include "mpsnn/saved_graph.hpp"
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

/// The one object for a kernel that C++ shares.
MPSKernel *objc(const std::shared_ptr<Kernel> &kernel);

// Classes of kernels ------------------------------------------------------------------------------------------------

using DevicePtr = std::shared_ptr<Device>;
using KernelPtr = std::shared_ptr<Kernel>;

/// An Objective-C class of kernels, and what can be done with them; empty where it cannot. What their bases hold is not these
/// functions' business.
struct KernelClass {
  const char *name = nullptr;
  std::function<KernelPtr(const DevicePtr &)> make = {};  ///< initWithDevice:
  std::function<KernelPtr(const DevicePtr &, const Kernel &)> copy = {};
  /// Attributes for the archive; the coder is for what is none.
  std::function<SavedAttributes(const Kernel &, NSCoder *)> save = {};
  std::function<KernelPtr(const DevicePtr &, const SavedAttributes &, NSCoder *)> restore = {};
};

/// Kernels of the C++ class are of this Objective-C class.
bool register_kernel(std::type_index cpp_class, KernelClass kernel_class);
/// That of a kernel: where its own class is not registered, that of its base.
const KernelClass &kernel_class_of(const Kernel &kernel);
/// The nearest class above `its_class`, or itself, that is registered.
const KernelClass &kernel_class_of(Class its_class);

}  // namespace mpsnn::gnustep
