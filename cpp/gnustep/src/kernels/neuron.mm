#import <MetalPerformanceShaders/MPSCNNNeuron.h>

#include <map>
#include <string>

#include "mpsnn/kernels/neuron.hpp"
#import "support/descriptors.hpp"
#import "support/kernel_classes.hpp"

using namespace mpsnn::gnustep;

using Type = mpsnn::CNNNeuronType;

namespace {

// What an activation consists of, whatever kernel has it.
template <class K>
mpsnn::NNNeuronDescriptor descriptor_of_kernel(const K &kernel) {
  return kernel.descriptor();
}

template <class K>
KernelClass neuron_class(const char *name) {
  return remade<K>(name, descriptor_of_kernel<K>, [](const DevicePtr &device, const mpsnn::NNNeuronDescriptor &descriptor) {
    return std::make_shared<K>(device, descriptor);
  });
}

// Makes the kernel of a subclass, of any descriptor and of the type's documented constants.
using MakeNeuron = std::shared_ptr<mpsnn::CNNNeuron> (*)(const DevicePtr &, const mpsnn::NNNeuronDescriptor &, const char *);

template <Type type>
std::shared_ptr<mpsnn::CNNNeuron> make_neuron(const DevicePtr &device, const mpsnn::NNNeuronDescriptor &descriptor,
                                              const char *name) {
  return std::make_shared<mpsnn::CNNNeuronOf<type>>(device, descriptor, name);
}

std::map<std::string, MakeNeuron> &makers() {
  static auto *makers = new std::map<std::string, MakeNeuron>;
  return *makers;
}

template <Type type>
KernelClass neuron_class_of_type(const char *name) {
  makers().emplace(name, make_neuron<type>);
  const auto make = [name](const DevicePtr &device, const mpsnn::NNNeuronDescriptor &descriptor) {
    return std::static_pointer_cast<mpsnn::CNNNeuronOf<type>>(make_neuron<type>(device, descriptor, name));
  };
  KernelClass known = remade<mpsnn::CNNNeuronOf<type>>(name, descriptor_of_kernel<mpsnn::CNNNeuronOf<type>>, make);
  if (type == Type::Absolute || type == Type::Sigmoid || type == Type::SoftSign) {
    known.make = [make](const DevicePtr &device) { return make(device, mpsnn::NNNeuronDescriptor::with_type(type)); };
  }
  return known;
}

// Of the class of the object, which may be a subclass that has no initializer of its own.
KernelPtr neuron(id object, id<MTLDevice> device, const mpsnn::NNNeuronDescriptor &descriptor) {
  const char *name = kernel_class_of([object class]).name;
  const auto found = makers().find(name);
  if (found == makers().end()) return std::make_shared<mpsnn::CNNNeuron>(device_of(device), descriptor);
  return found->second(device_of(device), descriptor, name);
}

mpsnn::NNNeuronDescriptor with_constants(Type type, float a = 0, float b = 0, float c = 0) {
  mpsnn::NNNeuronDescriptor descriptor;
  descriptor.neuron_type = type;
  descriptor.a = a;
  descriptor.b = b;
  descriptor.c = c;
  return descriptor;
}

}  // namespace

MPSNN_REGISTER_KERNEL(mpsnn::CNNNeuron, MPSCNNNeuron, neuron_class<mpsnn::CNNNeuron>("MPSCNNNeuron"))
MPSNN_REGISTER_KERNEL(mpsnn::CNNNeuronGradient, MPSCNNNeuronGradient,
                      neuron_class<mpsnn::CNNNeuronGradient>("MPSCNNNeuronGradient"))

#define CONSTANTS(CppClass)                                                                        \
  MPSNN_READONLY(MPSCNNNeuronType, neuronType, as<mpsnn::CppClass>(self).descriptor().neuron_type) \
  MPSNN_READONLY(float, a, as<mpsnn::CppClass>(self).descriptor().a)                               \
  MPSNN_READONLY(float, b, as<mpsnn::CppClass>(self).descriptor().b)                               \
  MPSNN_READONLY(float, c, as<mpsnn::CppClass>(self).descriptor().c)                               \
  MPSNN_READONLY(NSData *, data, data_of(as<mpsnn::CppClass>(self).descriptor().data))

@implementation MPSCNNNeuron

- (instancetype)initWithDevice:(id<MTLDevice>)device neuronDescriptor:(MPSNNNeuronDescriptor *)neuronDescriptor {
  return made_kernel(self, _cmd, [&] { return neuron(self, MPSNN_REQUIRE(device), *MPSNN_BEHIND(neuronDescriptor)); });
}

MPSNN_INHERITED_CODER_INITIALIZER
CONSTANTS(CNNNeuron)

@end

@implementation MPSCNNNeuronGradient

- (instancetype)initWithDevice:(id<MTLDevice>)device neuronDescriptor:(MPSNNNeuronDescriptor *)neuronDescriptor {
  return made_kernel(self, _cmd, [&] {
    return std::make_shared<mpsnn::CNNNeuronGradient>(device_of(MPSNN_REQUIRE(device)), *MPSNN_BEHIND(neuronDescriptor));
  });
}

MPSNN_INHERITED_CODER_INITIALIZER
CONSTANTS(CNNNeuronGradient)

@end

// The subclasses, each of one type.
#define NEURON(Name)                                                            \
  MPSNN_REGISTER_KERNEL(mpsnn::CNNNeuronOf<Type::Name>, MPSCNNNeuron##Name,     \
                        neuron_class_of_type<Type::Name>("MPSCNNNeuron" #Name)) \
  @implementation MPSCNNNeuron                                                  \
  ##Name
#define NEURON_OF(Name, ...) \
  return made_kernel(self, _cmd, [&] { return neuron(self, MPSNN_REQUIRE(device), with_constants(Type::Name, __VA_ARGS__)); });
#define ONE_CONSTANT(Name)                                             \
  NEURON(Name)                                                         \
  -(instancetype)initWithDevice : (id<MTLDevice>)device a : (float)a { \
    NEURON_OF(Name, a)                                                 \
  }                                                                    \
  @end
#define TWO_CONSTANTS(Name)                                                         \
  NEURON(Name)                                                                      \
  -(instancetype)initWithDevice : (id<MTLDevice>)device a : (float)a b : (float)b { \
    NEURON_OF(Name, a, b)                                                           \
  }                                                                                 \
  @end
#define THREE_CONSTANTS(Name)                                                                    \
  NEURON(Name)                                                                                   \
  -(instancetype)initWithDevice : (id<MTLDevice>)device a : (float)a b : (float)b c : (float)c { \
    NEURON_OF(Name, a, b, c)                                                                     \
  }                                                                                              \
  @end
#define NO_CONSTANT(Name)            \
  NEURON(Name)                       \
  MPSNN_INHERITED_DEVICE_INITIALIZER \
  @end

NO_CONSTANT(Absolute)
NO_CONSTANT(Sigmoid)
NO_CONSTANT(SoftSign)
ONE_CONSTANT(ELU)
ONE_CONSTANT(ReLU)
TWO_CONSTANTS(HardSigmoid)
TWO_CONSTANTS(Linear)
TWO_CONSTANTS(ReLUN)
TWO_CONSTANTS(SoftPlus)
TWO_CONSTANTS(TanH)
THREE_CONSTANTS(Exponential)
THREE_CONSTANTS(Logarithm)
THREE_CONSTANTS(Power)

NEURON(PReLU)
- (instancetype)initWithDevice:(id<MTLDevice>)device a:(const float *)a count:(NSUInteger)count {
  return made_kernel(self, _cmd, [&] {
    MPSNN_REQUIRE(a);
    return neuron(self, MPSNN_REQUIRE(device), mpsnn::NNNeuronDescriptor::prelu(std::vector<float>(a, a + count)));
  });
}
@end
