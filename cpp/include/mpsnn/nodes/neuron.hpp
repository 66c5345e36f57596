#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "mpsnn/node.hpp"

namespace mpsnn {

/// MPSNNNeuronDescriptor: an activation and its constants. `data` holds PReLU's slope of each channel.
struct MPSNN_API NNNeuronDescriptor {
  /// Constants that are not given have the type's documented defaults.
  static NNNeuronDescriptor with_type(CNNNeuronType type);
  static NNNeuronDescriptor prelu(std::vector<float> data);
  void visit(AttributeVisitor& visitor);
  CNNNeuronType neuron_type = CNNNeuronType::None;
  float a = 0, b = 0, c = 0;
  std::vector<float> data;
  bool operator==(const NNNeuronDescriptor&) const = default;
};

/// "ReLU", ...
MPSNN_API const char* name_of(CNNNeuronType type);
/// Throws InvalidArgument, with `node` in front, for an unknown type and for PReLU with fewer slopes than `channels`.
MPSNN_API void check_neuron(const NNNeuronDescriptor& neuron, std::size_t channels, const std::string& node);

struct MPSNN_API NeuronOp final : Op {
  NNNeuronDescriptor neuron;
  NeuronOp() = default;
  explicit NeuronOp(NNNeuronDescriptor neuron) : neuron(std::move(neuron)) {}
  /// The node's properties a, b and c are its own.
  template <class V>
  static void fields(V&&) {}
  const char* kernel_name() const override { return "MPSCNNNeuron"; }
  void visit(AttributeVisitor& visitor) override { neuron.visit(visitor); }
  Inferred infer(const InferRequest& request) const override;
};

struct MPSNN_API NeuronGradientOp final : Op {
  NNNeuronDescriptor descriptor;
  NeuronGradientOp() = default;
  explicit NeuronGradientOp(NNNeuronDescriptor descriptor) : descriptor(std::move(descriptor)) {}
  template <class V>
  static void fields(V&& v) {
    v("descriptor", &NeuronGradientOp::descriptor, "The forward filter's activation (a copy).");
  }
  const char* kernel_name() const override { return "MPSCNNNeuronGradient"; }
  void visit(AttributeVisitor& visitor) override { descriptor.visit(visitor); }
  Inferred infer(const InferRequest& request) const override;
};

/// MPSCNNNeuronNode: the base of the activation filters.
class MPSNN_API CNNNeuronNode : public NodeOf<NeuronOp> {
 public:
  /// The subclass that fits the descriptor's type; for None a linear one that changes nothing.
  static std::shared_ptr<CNNNeuronNode> with_descriptor(ImageNodePtr source, const NNNeuronDescriptor& descriptor);
  float a() const { return attributes.neuron.a; }
  float b() const { return attributes.neuron.b; }
  float c() const { return attributes.neuron.c; }

 protected:
  CNNNeuronNode(ImageNodePtr source, NNNeuronDescriptor neuron);
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

class MPSNN_API CNNNeuronAbsoluteNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronAbsoluteNode(ImageNodePtr source);
  const char* class_name() const override { return "MPSCNNNeuronAbsoluteNode"; }
};

class MPSNN_API CNNNeuronELUNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronELUNode(ImageNodePtr source, float a = 1);
  const char* class_name() const override { return "MPSCNNNeuronELUNode"; }
};

class MPSNN_API CNNNeuronHardSigmoidNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronHardSigmoidNode(ImageNodePtr source, float a = 0.2f, float b = 0.5f);
  const char* class_name() const override { return "MPSCNNNeuronHardSigmoidNode"; }
};

class MPSNN_API CNNNeuronLinearNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronLinearNode(ImageNodePtr source, float a = 1, float b = 0);
  const char* class_name() const override { return "MPSCNNNeuronLinearNode"; }
};

class MPSNN_API CNNNeuronPReLUNode final : public CNNNeuronNode {
 public:
  /// One slope for each channel; there may be more.
  CNNNeuronPReLUNode(ImageNodePtr source, std::vector<float> a_data);
  const char* class_name() const override { return "MPSCNNNeuronPReLUNode"; }
};

class MPSNN_API CNNNeuronReLUNNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronReLUNNode(ImageNodePtr source, float a = 1, float b = 6);
  const char* class_name() const override { return "MPSCNNNeuronReLUNNode"; }
};

class MPSNN_API CNNNeuronReLUNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronReLUNode(ImageNodePtr source, float a = 0);
  const char* class_name() const override { return "MPSCNNNeuronReLUNode"; }
};

class MPSNN_API CNNNeuronSigmoidNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronSigmoidNode(ImageNodePtr source);
  const char* class_name() const override { return "MPSCNNNeuronSigmoidNode"; }
};

class MPSNN_API CNNNeuronSoftPlusNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronSoftPlusNode(ImageNodePtr source, float a = 1, float b = 1);
  const char* class_name() const override { return "MPSCNNNeuronSoftPlusNode"; }
};

class MPSNN_API CNNNeuronSoftSignNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronSoftSignNode(ImageNodePtr source);
  const char* class_name() const override { return "MPSCNNNeuronSoftSignNode"; }
};

class MPSNN_API CNNNeuronTanHNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronTanHNode(ImageNodePtr source, float a = 1, float b = 1);
  const char* class_name() const override { return "MPSCNNNeuronTanHNode"; }
};

class MPSNN_API CNNNeuronExponentialNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronExponentialNode(ImageNodePtr source, float a = 1, float b = 0, float c = -1);
  const char* class_name() const override { return "MPSCNNNeuronExponentialNode"; }
};

class MPSNN_API CNNNeuronLogarithmNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronLogarithmNode(ImageNodePtr source, float a = 1, float b = 0, float c = -1);
  const char* class_name() const override { return "MPSCNNNeuronLogarithmNode"; }
};

class MPSNN_API CNNNeuronPowerNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronPowerNode(ImageNodePtr source, float a = 1, float b = 0, float c = 1);
  const char* class_name() const override { return "MPSCNNNeuronPowerNode"; }
};

class MPSNN_API CNNNeuronGeLUNode final : public CNNNeuronNode {
 public:
  explicit CNNNeuronGeLUNode(ImageNodePtr source);
  const char* class_name() const override { return "MPSCNNNeuronGeLUNode"; }
};

/// MPSCNNNeuronGradientNode: the gradient of every activation.
class MPSNN_API CNNNeuronGradientNode final : public NodeOf<NeuronGradientOp, NNGradientFilterNode> {
 public:
  CNNNeuronGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                        NNNeuronDescriptor descriptor);
  const char* class_name() const override { return "MPSCNNNeuronGradientNode"; }
};

}  // namespace mpsnn
