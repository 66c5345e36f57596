#pragma once

#include <memory>
#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/neuron.hpp"

namespace mpsnn {

/// MPSCNNNeuron: any activation.
class MPSNN_API CNNNeuron : public CNNKernel {
 public:
  CNNNeuron(std::shared_ptr<Device> device, const NNNeuronDescriptor& descriptor, const char* class_name = "MPSCNNNeuron")
      : CNNKernel(make_kernel_core(std::move(device), class_name,
                                   [&] { return CNNNeuronNode::with_descriptor(std::make_shared<NNImageNode>(), descriptor); })) {
  }
  const NNNeuronDescriptor& descriptor() const { return static_cast<const CNNNeuronNode&>(node()).attributes.neuron; }
};

/// MPSCNNNeuronReLU and its like: the activation of one type.
template <CNNNeuronType type>
class CNNNeuronOf final : public CNNNeuron {
 public:
  /// Throws InvalidArgument for the descriptor of another type.
  CNNNeuronOf(std::shared_ptr<Device> device, const NNNeuronDescriptor& descriptor, const char* class_name)
      : CNNNeuron(std::move(device), checked(descriptor, class_name), class_name) {}

 private:
  static const NNNeuronDescriptor& checked(const NNNeuronDescriptor& descriptor, const char* class_name) {
    if (descriptor.neuron_type == type) return descriptor;
    throw InvalidArgument(std::string(class_name) + ": neuron_type of the descriptor is " + name_of(descriptor.neuron_type) +
                          ", must be " + name_of(type));
  }
};

/// MPSCNNNeuronGradient: the gradient of any activation.
class MPSNN_API CNNNeuronGradient final : public CNNGradientKernel {
 public:
  CNNNeuronGradient(std::shared_ptr<Device> device, const NNNeuronDescriptor& descriptor)
      : CNNGradientKernel(make_kernel_core(std::move(device), "MPSCNNNeuronGradient", [&] {
          return std::make_shared<CNNNeuronGradientNode>(std::make_shared<NNImageNode>(), std::make_shared<NNImageNode>(),
                                                         std::make_shared<NNGradientStateNode>(), descriptor);
        })) {}
  const NNNeuronDescriptor& descriptor() const { return static_cast<const CNNNeuronGradientNode&>(node()).attributes.descriptor; }
};

}  // namespace mpsnn
