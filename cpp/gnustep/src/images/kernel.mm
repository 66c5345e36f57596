#import "support/kernel_classes.hpp"

namespace mpsnn::gnustep {

namespace {

MPSKernel *allocated(const Kernel &kernel) { return [NSClassFromString(ns_string(kernel_class_of(kernel).name)) alloc]; }

// What the bases of a kernel hold, apart from the kernel.
std::shared_ptr<Kernel> snapshot(const Kernel &kernel) {
  if (const auto *unary = dynamic_cast<const CNNKernel *>(&kernel)) return std::make_shared<CNNKernel>(*unary);
  if (const auto *gradient = dynamic_cast<const CNNGradientKernel *>(&kernel)) {
    return std::make_shared<CNNGradientKernel>(*gradient);
  }
  if (const auto *binary = dynamic_cast<const CNNBinaryKernel *>(&kernel)) return std::make_shared<CNNBinaryKernel>(*binary);
  return std::make_shared<Kernel>(kernel);
}

}  // namespace

KernelArgument::KernelArgument(Kernel *kernel) {
  if (!kernel) return;
  object_ = [IdentityTable::shared().find(kernel) retain];
  if (object_) return;
  // Not in the table: the kernel may be gone when the object still is there.
  object_ = allocated(*kernel);
  object_->_impl = new std::shared_ptr<Kernel>(kernel, [](Kernel *) {});
  is_borrowed_ = true;
}

KernelArgument::~KernelArgument() {
  if (is_borrowed_ && [object_ retainCount] > 1) {
    auto &behind = *static_cast<std::shared_ptr<Kernel> *>(object_->_impl);
    behind = snapshot(*behind);
  }
  [object_ release];
}

MPSKernel *objc(const std::shared_ptr<Kernel> &kernel) {
  return standing_for<MPSKernel>(kernel, [&] { return allocated(*kernel); });
}

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

namespace {

KernelClass bare_class() {
  return plain<Kernel>(
      "MPSKernel", [](const Kernel &) { return NoAttributes(); },
      [](const DevicePtr &device, const NoAttributes &) { return std::make_shared<Kernel>(device); });
}

}  // namespace

MPSNN_REGISTER_KERNEL(Kernel, MPSKernel, bare_class())

@implementation MPSKernel

MPSNN_ROOT_IMPLEMENTATION(Kernel)
MPSNN_NO_PLAIN_INIT
MPSNN_LABEL(portable(self)->label)
MPSNN_PROPERTY(MPSKernelOptions, options, setOptions, portable(self)->options)
MPSNN_READONLY(id<MTLDevice>, device, objc(portable(self)->device()))

- (instancetype)initWithDevice:(id<MTLDevice>)device {
  return made_plain(self, _cmd, device);
}

- (id)copyWithZone:(NSZone *)zone {
  return [self copyWithZone:zone device:nil];
}

- (instancetype)copyWithZone:(NSZone *)zone device:(id<MTLDevice>)device {
  return made_copy<Kernel>(self, zone, device);
}

+ (BOOL)supportsSecureCoding {
  return YES;
}

- (void)encodeWithCoder:(NSCoder *)coder {
  save_kernel<Kernel>(coder, self);
}

- (instancetype)initWithCoder:(NSCoder *)coder {
  const bool has_device = adopts(coder, @"MPSDeviceProvider");
  id<MTLDevice> device = has_device ? [(id<MPSDeviceProvider>)coder mpsMTLDevice] : nil;
  return [self initWithCoder:coder device:device ? device : objc(the_device())];
}

- (instancetype)initWithCoder:(NSCoder *)coder device:(id<MTLDevice>)device {
  return restored_or_nil<Kernel>(self, coder, device);
}

@end
