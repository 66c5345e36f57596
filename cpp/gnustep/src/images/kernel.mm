#import "support/kernels.hpp"

#import <objc/runtime.h>

#include <typeindex>

namespace mpsnn::gnustep {

namespace {

std::unordered_map<std::type_index, const char *> &kernel_classes() {
  static auto *classes = new std::unordered_map<std::type_index, const char *>;
  return *classes;
}

Class class_for(const Kernel &kernel) {
  const auto found = kernel_classes().find(typeid(kernel));
  Class known = found != kernel_classes().end()                    ? NSClassFromString(ns_string(found->second))
                : dynamic_cast<const CNNKernel *>(&kernel)         ? NSClassFromString(@"MPSCNNKernel")
                : dynamic_cast<const CNNGradientKernel *>(&kernel) ? NSClassFromString(@"MPSCNNGradientKernel")
                : dynamic_cast<const CNNBinaryKernel *>(&kernel)   ? NSClassFromString(@"MPSCNNBinaryKernel")
                                                                   : Nil;
  return known ? known : [MPSKernel class];
}

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

bool register_kernel_class(std::type_index cpp_class, const char *objc_class) {
  return kernel_classes().emplace(cpp_class, objc_class).second;
}

const char *kernel_class_name(const Kernel &kernel) { return class_getName(class_for(kernel)); }

KernelArgument::KernelArgument(Kernel *kernel) {
  if (!kernel) return;
  object_ = [IdentityTable::shared().find(kernel) retain];
  if (object_) return;
  // Not in the table: the kernel may be gone when the object still is there.
  object_ = [class_for(*kernel) alloc];
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
  return standing_for<MPSKernel>(kernel, [&]() -> MPSKernel * { return [class_for(*kernel) alloc]; });
}

void decode(MPSKernel *kernel, NSCoder *coder) {
  [kernel setOptions:(MPSKernelOptions)[coder decodeIntegerForKey:@"MPSKernel.options"]];
  [kernel setLabel:[coder decodeObjectForKey:@"MPSKernel.label"]];
}

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSKernel

MPSNN_ROOT_IMPLEMENTATION(Kernel)
MPSNN_NO_PLAIN_INIT
MPSNN_LABEL(portable(self)->label)
MPSNN_PROPERTY(MPSKernelOptions, options, setOptions, portable(self)->options)
MPSNN_READONLY(id<MTLDevice>, device, objc(portable(self)->device()))

- (instancetype)initWithDevice:(id<MTLDevice>)device {
  return made(self, [&] { return std::make_shared<Kernel>(device_of(MPSNN_REQUIRE(device))); });
}

- (id)copyWithZone:(NSZone *)zone {
  return [self copyWithZone:zone device:nil];
}

- (instancetype)copyWithZone:(NSZone *)zone device:(id<MTLDevice>)device {
  return made([[self class] allocWithZone:zone], [&] {
    if (device) device_of(device);
    const Kernel &original = *portable(self);
    if (typeid(original) != typeid(Kernel)) {
      throw Unsupported(std::string(class_getName([self class])) + ": kernels of this class cannot be copied");
    }
    return std::make_shared<Kernel>(original);
  });
}

+ (BOOL)supportsSecureCoding {
  return YES;
}

- (void)encodeWithCoder:(NSCoder *)coder {
  [coder encodeInteger:(NSInteger)[self options] forKey:@"MPSKernel.options"];
  [coder encodeObject:[self label] forKey:@"MPSKernel.label"];
}

- (instancetype)initWithCoder:(NSCoder *)coder {
  return [self initWithCoder:coder device:objc(the_device())];
}

- (instancetype)initWithCoder:(NSCoder *)coder device:(id<MTLDevice>)device {
  if ((self = [self initWithDevice:device])) decode(self, coder);
  return self;
}

@end
