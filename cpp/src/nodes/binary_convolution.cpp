#include "mpsnn/nodes/binary_convolution.hpp"

#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/convolution_parameters.hpp"
#include "nodes/convolution_shapes.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

void BinaryConvolutionOp::visit(AttributeVisitor& visitor) {
  ConvolutionAttributes::visit(visitor);
  visitor("type", type);
  visitor("flags", flags);
  visitor("has_terms", has_terms);
  visitor("scale_value", scale_value);
  visitor("output_bias_terms", output_bias_terms);
  visitor("output_scale_terms", output_scale_terms);
  visitor("input_bias_terms", input_bias_terms);
  visitor("input_scale_terms", input_scale_terms);
  neuron.visit(visitor);
}

Inferred BinaryConvolutionOp::infer(const InferRequest& request) const {
  check_channels(request, *this);
  return Op::infer(request);
}

Inferred BinaryFullyConnectedOp::infer(const InferRequest& request) const { return infer_fully_connected(request, *this); }

CNNBinaryConvolutionNode::CNNBinaryConvolutionNode(ImageNodePtr source, ConvolutionSourcePtr weights, BinaryConvolutionOp op)
    : CNNConvolutionNode(std::move(source), {}, std::move(weights), nullptr), attributes_(std::move(op)) {
  check();
}

void CNNBinaryConvolutionNode::check() const {
  const auto check_number = [&](const char* name, std::size_t value, std::size_t last) {
    if (value > last) refuse(std::string(name) + " must be 0 to " + std::to_string(last) + ", got " + std::to_string(value));
  };
  check_number("type", std::size_t(attributes_.type), std::size_t(CNNBinaryConvolutionType::AND));
  check_number("flags", std::size_t(attributes_.flags), std::size_t(CNNBinaryConvolutionFlags::UseBetaScaling));
}

std::shared_ptr<BinaryConvolutionOp> CNNBinaryConvolutionNode::make_op() const {
  return std::make_shared<BinaryConvolutionOp>(attributes_);
}

std::shared_ptr<const Op> CNNBinaryConvolutionNode::op() const { return make_op(); }

Lowered CNNBinaryConvolutionNode::lower(const LowerRequest& request) const {
  auto made = make_op();
  const bool is_fully_connected = dynamic_cast<const BinaryFullyConnectedOp*>(made.get()) != nullptr;
  auto parameters = std::make_shared<ConvolutionParameters>(
      weights(), is_fully_connected ? ConvolutionKind::BinaryFullyConnected : ConvolutionKind::BinaryConvolution,
      accumulator_precision, description(), request);
  const CNNConvolutionDescriptor& descriptor = parameters->descriptor();
  copy_descriptor(descriptor, *made);
  made->accumulator_precision = accumulator_precision;
  made->neuron = *descriptor.fused_neuron_descriptor();
  const auto check_terms = [&](const char* name, const std::vector<float>& terms, const char* channels, std::size_t count) {
    if (terms.empty() || terms.size() == count) return;
    refuse(std::string(name) + " has " + std::to_string(terms.size()) + " elements, " + channels + " is " +
           std::to_string(count));
  };
  check_terms("output_bias_terms", made->output_bias_terms, "output_feature_channels", made->output_feature_channels);
  check_terms("output_scale_terms", made->output_scale_terms, "output_feature_channels", made->output_feature_channels);
  check_terms("input_bias_terms", made->input_bias_terms, "input_feature_channels", made->input_feature_channels);
  check_terms("input_scale_terms", made->input_scale_terms, "input_feature_channels", made->input_feature_channels);
  return {std::move(made), std::move(parameters)};
}

std::vector<GradientFilterNodePtr> CNNBinaryConvolutionNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return NNFilterNode::make_gradient_filters(gradient_image);  // refuses
}

CNNBinaryFullyConnectedNode::CNNBinaryFullyConnectedNode(ImageNodePtr source, ConvolutionSourcePtr weights,
                                                         BinaryConvolutionOp op)
    : CNNBinaryConvolutionNode(std::move(source), std::move(weights), std::move(op)) {
  set_padding_policy(NNDefaultPadding::padding_with_method(NNPaddingMethod::SizeValidOnly));
}

std::shared_ptr<BinaryConvolutionOp> CNNBinaryFullyConnectedNode::make_op() const {
  auto made = std::make_shared<BinaryFullyConnectedOp>();
  static_cast<BinaryConvolutionOp&>(*made) = attributes();
  return made;
}

namespace {

template <class Node>
void add_binary(NodeTable& table, const char* class_name) {
  table.add(class_name, [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, 0);
    const auto op = in.op<BinaryConvolutionOp>();
    if (op.accumulator_precision > NNConvolutionAccumulatorPrecisionOption::Float) {
      in.refuse("accumulator_precision must be Half or Float, got " + std::to_string(std::size_t(op.accumulator_precision)));
    }
    auto node = std::make_shared<Node>(in.images[0], in.data_source<CNNConvolutionDataSource>(), op);
    node->accumulator_precision = op.accumulator_precision;
    return node;
  });
}

}  // namespace

void register_binary_convolution_nodes(NodeTable& table) {
  add_binary<CNNBinaryConvolutionNode>(table, "MPSCNNBinaryConvolutionNode");
  add_binary<CNNBinaryFullyConnectedNode>(table, "MPSCNNBinaryFullyConnectedNode");
}

}  // namespace mpsnn
