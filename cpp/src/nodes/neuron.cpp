#include "mpsnn/nodes/neuron.hpp"

#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

NNNeuronDescriptor described(CNNNeuronType type, float a = 0, float b = 0, float c = 0) { return {type, a, b, c, {}}; }

}  // namespace

NNNeuronDescriptor NNNeuronDescriptor::with_type(CNNNeuronType type) {
  switch (type) {
    case CNNNeuronType::Linear:
      return described(type, 1);
    case CNNNeuronType::HardSigmoid:
      return described(type, 0.2f, 0.5f);
    case CNNNeuronType::TanH:
    case CNNNeuronType::SoftPlus:
      return described(type, 1, 1);
    case CNNNeuronType::ELU:
      return described(type, 1);
    case CNNNeuronType::ReLUN:
      return described(type, 1, 6);
    case CNNNeuronType::Power:
      return described(type, 1, 0, 1);
    case CNNNeuronType::Exponential:
    case CNNNeuronType::Logarithm:
      return described(type, 1, 0, -1);
    default:
      return described(type);
  }
}

NNNeuronDescriptor NNNeuronDescriptor::prelu(std::vector<float> data) { return {CNNNeuronType::PReLU, 0, 0, 0, std::move(data)}; }

void NNNeuronDescriptor::visit(AttributeVisitor& visitor) {
  visitor("neuron_type", neuron_type);
  visitor("a", a);
  visitor("b", b);
  visitor("c", c);
  visitor("data", data);
}

const char* name_of(CNNNeuronType type) {
  static constexpr const char* kNames[] = {"None",     "ReLU",        "Linear",    "Sigmoid", "HardSigmoid", "TanH",
                                           "Absolute", "SoftPlus",    "SoftSign",  "ELU",     "PReLU",       "ReLUN",
                                           "Power",    "Exponential", "Logarithm", "GeLU"};
  const auto index = std::size_t(type);
  return index < std::size_t(CNNNeuronType::Count) ? kNames[index] : "(unknown)";
}

void check_neuron(const NNNeuronDescriptor& neuron, std::size_t channels, const std::string& node) {
  if (std::size_t(neuron.neuron_type) >= std::size_t(CNNNeuronType::Count)) {
    throw InvalidArgument(node + ": neuron_type " + std::to_string(int(neuron.neuron_type)) + " is not an activation");
  }
  if (neuron.neuron_type != CNNNeuronType::PReLU) return;
  if (neuron.data.empty()) throw InvalidArgument(node + ": PReLU needs data, one slope for each feature channel");
  if (neuron.data.size() < channels) {
    throw ShapeError(node + ": PReLU has " + std::to_string(neuron.data.size()) + " slopes in data, the source has " +
                     std::to_string(channels) + " feature channels");
  }
}

Inferred NeuronOp::infer(const InferRequest& request) const {
  check_neuron(neuron, request.sources[0].channels, request.node);
  return Op::infer(request);
}

Inferred NeuronGradientOp::infer(const InferRequest& request) const {
  check_neuron(descriptor, request.sources[0].channels, request.node);
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) + ", the forward filter's was " +
                     to_string(inferred.result));
  }
  return inferred;
}

CNNNeuronNode::CNNNeuronNode(ImageNodePtr source, NNNeuronDescriptor neuron)
    : NodeOf(NeuronOp(std::move(neuron)), std::vector<ImageNodePtr>{std::move(source)}, std::vector<StateNodePtr>{}) {
  own_result_state(std::make_unique<NNGradientStateNode>());
}

std::vector<GradientFilterNodePtr> CNNNeuronNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {std::make_shared<CNNNeuronGradientNode>(gradient_image, source_images()[0], result_state(), attributes.neuron)};
}

std::shared_ptr<CNNNeuronNode> CNNNeuronNode::with_descriptor(ImageNodePtr source, const NNNeuronDescriptor& d) {
  switch (d.neuron_type) {
    case CNNNeuronType::None:
      return std::make_shared<CNNNeuronLinearNode>(std::move(source));
    case CNNNeuronType::ReLU:
      return std::make_shared<CNNNeuronReLUNode>(std::move(source), d.a);
    case CNNNeuronType::Linear:
      return std::make_shared<CNNNeuronLinearNode>(std::move(source), d.a, d.b);
    case CNNNeuronType::Sigmoid:
      return std::make_shared<CNNNeuronSigmoidNode>(std::move(source));
    case CNNNeuronType::HardSigmoid:
      return std::make_shared<CNNNeuronHardSigmoidNode>(std::move(source), d.a, d.b);
    case CNNNeuronType::TanH:
      return std::make_shared<CNNNeuronTanHNode>(std::move(source), d.a, d.b);
    case CNNNeuronType::Absolute:
      return std::make_shared<CNNNeuronAbsoluteNode>(std::move(source));
    case CNNNeuronType::SoftPlus:
      return std::make_shared<CNNNeuronSoftPlusNode>(std::move(source), d.a, d.b);
    case CNNNeuronType::SoftSign:
      return std::make_shared<CNNNeuronSoftSignNode>(std::move(source));
    case CNNNeuronType::ELU:
      return std::make_shared<CNNNeuronELUNode>(std::move(source), d.a);
    case CNNNeuronType::PReLU:
      return std::make_shared<CNNNeuronPReLUNode>(std::move(source), d.data);
    case CNNNeuronType::ReLUN:
      return std::make_shared<CNNNeuronReLUNNode>(std::move(source), d.a, d.b);
    case CNNNeuronType::Power:
      return std::make_shared<CNNNeuronPowerNode>(std::move(source), d.a, d.b, d.c);
    case CNNNeuronType::Exponential:
      return std::make_shared<CNNNeuronExponentialNode>(std::move(source), d.a, d.b, d.c);
    case CNNNeuronType::Logarithm:
      return std::make_shared<CNNNeuronLogarithmNode>(std::move(source), d.a, d.b, d.c);
    case CNNNeuronType::GeLU:
      return std::make_shared<CNNNeuronGeLUNode>(std::move(source));
    default:
      throw InvalidArgument("MPSCNNNeuronNode: neuron_type " + std::to_string(int(d.neuron_type)) + " is not an activation");
  }
}

CNNNeuronAbsoluteNode::CNNNeuronAbsoluteNode(ImageNodePtr source)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::Absolute)) {}
CNNNeuronELUNode::CNNNeuronELUNode(ImageNodePtr source, float a)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::ELU, a)) {}
CNNNeuronHardSigmoidNode::CNNNeuronHardSigmoidNode(ImageNodePtr source, float a, float b)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::HardSigmoid, a, b)) {}
CNNNeuronLinearNode::CNNNeuronLinearNode(ImageNodePtr source, float a, float b)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::Linear, a, b)) {}
CNNNeuronPReLUNode::CNNNeuronPReLUNode(ImageNodePtr source, std::vector<float> a_data)
    : CNNNeuronNode(std::move(source), NNNeuronDescriptor::prelu(std::move(a_data))) {
  if (attributes.neuron.data.empty()) refuse("a_data is empty; it holds one slope for each feature channel");
}
CNNNeuronReLUNNode::CNNNeuronReLUNNode(ImageNodePtr source, float a, float b)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::ReLUN, a, b)) {}
CNNNeuronReLUNode::CNNNeuronReLUNode(ImageNodePtr source, float a)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::ReLU, a)) {}
CNNNeuronSigmoidNode::CNNNeuronSigmoidNode(ImageNodePtr source)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::Sigmoid)) {}
CNNNeuronSoftPlusNode::CNNNeuronSoftPlusNode(ImageNodePtr source, float a, float b)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::SoftPlus, a, b)) {}
CNNNeuronSoftSignNode::CNNNeuronSoftSignNode(ImageNodePtr source)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::SoftSign)) {}
CNNNeuronTanHNode::CNNNeuronTanHNode(ImageNodePtr source, float a, float b)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::TanH, a, b)) {}
CNNNeuronExponentialNode::CNNNeuronExponentialNode(ImageNodePtr source, float a, float b, float c)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::Exponential, a, b, c)) {}
CNNNeuronLogarithmNode::CNNNeuronLogarithmNode(ImageNodePtr source, float a, float b, float c)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::Logarithm, a, b, c)) {}
CNNNeuronPowerNode::CNNNeuronPowerNode(ImageNodePtr source, float a, float b, float c)
    : CNNNeuronNode(std::move(source), described(CNNNeuronType::Power, a, b, c)) {}
CNNNeuronGeLUNode::CNNNeuronGeLUNode(ImageNodePtr source) : CNNNeuronNode(std::move(source), described(CNNNeuronType::GeLU)) {}

CNNNeuronGradientNode::CNNNeuronGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                                             NNNeuronDescriptor descriptor)
    : NodeOf(NeuronGradientOp(std::move(descriptor)),
             std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  if (source_states().empty()) refuse("gradient_state is missing");
  check_neuron(attributes.descriptor, 0, this->description());
}

namespace {

/// The node with the saved constants; its class says which activation they are for.
template <class Node>
FilterNodePtr checked(const NodeInputs& in, std::shared_ptr<Node> node) {
  const auto op = in.op<NeuronOp>();
  if (op.neuron.neuron_type != node->attributes.neuron.neuron_type) {
    in.refuse(std::string("neuron_type must be ") + name_of(node->attributes.neuron.neuron_type) + ", got " +
              std::to_string(int(op.neuron.neuron_type)));
  }
  return NodeTable::with_attributes(std::move(node), op);
}

template <class Node>
void add_neuron(NodeTable& table, const char* class_name) {
  table.add(class_name, [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, 0);
    return checked(in, std::make_shared<Node>(in.images[0]));
  });
}

}  // namespace

void register_neuron_nodes(NodeTable& table) {
  add_neuron<CNNNeuronAbsoluteNode>(table, "MPSCNNNeuronAbsoluteNode");
  add_neuron<CNNNeuronELUNode>(table, "MPSCNNNeuronELUNode");
  add_neuron<CNNNeuronHardSigmoidNode>(table, "MPSCNNNeuronHardSigmoidNode");
  add_neuron<CNNNeuronLinearNode>(table, "MPSCNNNeuronLinearNode");
  add_neuron<CNNNeuronReLUNNode>(table, "MPSCNNNeuronReLUNNode");
  add_neuron<CNNNeuronReLUNode>(table, "MPSCNNNeuronReLUNode");
  add_neuron<CNNNeuronSigmoidNode>(table, "MPSCNNNeuronSigmoidNode");
  add_neuron<CNNNeuronSoftPlusNode>(table, "MPSCNNNeuronSoftPlusNode");
  add_neuron<CNNNeuronSoftSignNode>(table, "MPSCNNNeuronSoftSignNode");
  add_neuron<CNNNeuronTanHNode>(table, "MPSCNNNeuronTanHNode");
  add_neuron<CNNNeuronExponentialNode>(table, "MPSCNNNeuronExponentialNode");
  add_neuron<CNNNeuronLogarithmNode>(table, "MPSCNNNeuronLogarithmNode");
  add_neuron<CNNNeuronPowerNode>(table, "MPSCNNNeuronPowerNode");
  add_neuron<CNNNeuronGeLUNode>(table, "MPSCNNNeuronGeLUNode");
  table.add("MPSCNNNeuronPReLUNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, 0);
    return checked(in, std::make_shared<CNNNeuronPReLUNode>(in.images[0], in.op<NeuronOp>().neuron.data));
  });
  table.add("MPSCNNNeuronGradientNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(2, 1);
    return std::make_shared<CNNNeuronGradientNode>(in.images[0], in.images[1], in.state<NNStateNode>(),
                                                   in.op<NeuronGradientOp>().descriptor);
  });
}

}  // namespace mpsnn
