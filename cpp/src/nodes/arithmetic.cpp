#include "mpsnn/nodes/arithmetic.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/lowered.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

constexpr float kLowest = std::numeric_limits<float>::lowest(), kLargest = std::numeric_limits<float>::max();

void check_stride(const std::string& node, const char* name, std::size_t stride) {
  if (stride > 1) throw InvalidArgument(node + ": " + name + " must be 0 or 1, got " + std::to_string(stride));
}

// The result along one axis, or 0 where the sources do not fit.
std::size_t extent(std::size_t primary, std::size_t primary_stride, std::size_t secondary, std::size_t secondary_stride) {
  if (primary_stride != 0 && secondary_stride != 0) return primary == secondary ? primary : 0;
  return primary_stride != 0 ? primary : secondary_stride != 0 ? secondary : 1;
}

const NNBinaryArithmeticNode* forward_of(const NNFilterNode& node) {
  return node.source_states().empty() ? nullptr
                                      : dynamic_cast<const NNBinaryArithmeticNode*>(node.source_states()[0]->producer());
}

}  // namespace

const char* ArithmeticOp::kernel_name() const {
  static constexpr const char* kNames[] = {"MPSCNNAdd", "MPSCNNSubtract", "MPSCNNMultiply", "MPSCNNDivide"};
  return kNames[int(operation)];
}

bool ArithmeticOp::is_clamped() const { return minimum_value > kLowest || maximum_value < kLargest; }

Inferred ArithmeticOp::infer(const InferRequest& request) const {
  const ImageShape &p = request.sources[0], &s = request.sources[1];
  Inferred inferred;
  inferred.result = {extent(p.height, primary_stride_in_pixels_y, s.height, secondary_stride_in_pixels_y),
                     extent(p.width, primary_stride_in_pixels_x, s.width, secondary_stride_in_pixels_x),
                     extent(p.channels, primary_stride_in_feature_channels, s.channels, secondary_stride_in_feature_channels)};
  if (inferred.result.count() == 0) {
    throw ShapeError(request.node + ": the sources are " + to_string(p) + " and " + to_string(s) +
                     " (height x width x channels); they must agree along every axis on which no stride is 0");
  }
  return inferred;
}

std::vector<StateDescriptor> ArithmeticOp::states(const StateRequest& request) const {
  if (!is_clamped()) return {};
  return {{"clamp_mask", DataType::UInt8, request.result.count(), true}};
}

std::shared_ptr<State> ArithmeticOp::make_state(const StateObjectRequest& request) const {
  return std::make_shared<CNNArithmeticGradientState>(request.forward_states);
}

const char* ArithmeticGradientOp::kernel_name() const {
  static constexpr const char* kNames[] = {"MPSCNNAddGradient", "MPSCNNSubtractGradient", "MPSCNNMultiplyGradient"};
  return kNames[int(operation)];
}

Inferred ArithmeticGradientOp::infer(const InferRequest& request) const {
  const Inferred inferred = infer_gradient(request, is_secondary_source_filter ? 1 : 0);
  const ImageShape &g = request.sources[0], &q = request.sources[1];
  if (operation != ArithmeticOperation::Multiplication) {
    if (q == inferred.result) return inferred;
    throw ShapeError(request.node + ": the source image is " + to_string(q) + ", the operand that the gradient is for " +
                     to_string(inferred.result));
  }
  const auto fits = [](std::size_t stride, std::size_t source, std::size_t gradient) {
    return stride == 0 || source == gradient;
  };
  if (!fits(secondary_stride_in_pixels_y, q.height, g.height) || !fits(secondary_stride_in_pixels_x, q.width, g.width) ||
      !fits(secondary_stride_in_feature_channels, q.channels, g.channels)) {
    throw ShapeError(request.node + ": the source image, which is the other operand, is " + to_string(q) +
                     ", the source gradient " + to_string(g) +
                     " (height x width x channels); along an axis where they differ the secondary stride must be 0");
  }
  return inferred;
}

NNBinaryArithmeticNode::NNBinaryArithmeticNode(ArithmeticOperation operation, std::vector<ImageNodePtr> sources)
    : NodeOf(ArithmeticOp(), std::move(sources), std::vector<StateNodePtr>{}) {
  attributes.operation = operation;
  own_result_state(std::make_unique<NNArithmeticGradientStateNode>());
}

Lowered NNBinaryArithmeticNode::lower(const LowerRequest& request) const {
  const std::string node = description();
  check_stride(node, "primary_stride_in_pixels_x", attributes.primary_stride_in_pixels_x);
  check_stride(node, "primary_stride_in_pixels_y", attributes.primary_stride_in_pixels_y);
  check_stride(node, "primary_stride_in_feature_channels", attributes.primary_stride_in_feature_channels);
  check_stride(node, "secondary_stride_in_pixels_x", attributes.secondary_stride_in_pixels_x);
  check_stride(node, "secondary_stride_in_pixels_y", attributes.secondary_stride_in_pixels_y);
  check_stride(node, "secondary_stride_in_feature_channels", attributes.secondary_stride_in_feature_channels);
  if (!(attributes.minimum_value <= attributes.maximum_value)) {
    refuse("minimum_value must not be above maximum_value, got " + std::to_string(attributes.minimum_value) + " and " +
           std::to_string(attributes.maximum_value));
  }
  return NodeOf::lower(request);
}

std::vector<GradientFilterNodePtr> NNBinaryArithmeticNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  const auto& sources = source_images();
  const FilterNodePtr self = shared_from_this();
  const auto both = [&]<class Node>(std::type_identity<Node>,
                                    std::size_t image_of_primary) -> std::vector<GradientFilterNodePtr> {
    return {Node::with_gradient_images({gradient_image, sources[image_of_primary]}, self, false),
            Node::with_gradient_images({gradient_image, sources[1 - image_of_primary]}, self, true)};
  };
  switch (attributes.operation) {
    case ArithmeticOperation::Addition:
      return both(std::type_identity<NNAdditionGradientNode>(), 0);
    case ArithmeticOperation::Subtraction:
      return both(std::type_identity<NNSubtractionGradientNode>(), 0);
    case ArithmeticOperation::Multiplication:
      return both(std::type_identity<NNMultiplicationGradientNode>(), 1);
    default:
      return NodeOf::make_gradient_filters(gradient_image);
  }
}

NNAdditionNode::NNAdditionNode(ImageNodePtr left_source, ImageNodePtr right_source)
    : NNBinaryArithmeticNode(ArithmeticOperation::Addition, {std::move(left_source), std::move(right_source)}) {}
NNSubtractionNode::NNSubtractionNode(ImageNodePtr left_source, ImageNodePtr right_source)
    : NNBinaryArithmeticNode(ArithmeticOperation::Subtraction, {std::move(left_source), std::move(right_source)}) {}
NNMultiplicationNode::NNMultiplicationNode(ImageNodePtr left_source, ImageNodePtr right_source)
    : NNBinaryArithmeticNode(ArithmeticOperation::Multiplication, {std::move(left_source), std::move(right_source)}) {}
NNDivisionNode::NNDivisionNode(ImageNodePtr left_source, ImageNodePtr right_source)
    : NNBinaryArithmeticNode(ArithmeticOperation::Division, {std::move(left_source), std::move(right_source)}) {}

NNComparisonNode::NNComparisonNode(ImageNodePtr left_source, ImageNodePtr right_source)
    : NNBinaryArithmeticNode(ArithmeticOperation::Comparison, {std::move(left_source), std::move(right_source)}) {}

std::shared_ptr<const Op> NNComparisonNode::op() const {
  auto op = std::make_shared<ComparisonOp>();
  static_cast<ArithmeticOp&>(*op) = attributes;
  op->comparison_type = comparison_type;
  op->threshold = threshold;
  return op;
}

Lowered NNComparisonNode::lower(const LowerRequest& request) const {
  if (comparison_type > NNComparisonType::GreaterOrEqual) {
    refuse("comparison_type " + std::to_string(std::size_t(comparison_type)) + " is not a comparison");
  }
  return NNBinaryArithmeticNode::lower(request);
}

NNArithmeticGradientNode::NNArithmeticGradientNode(ArithmeticOperation operation, ImageNodePtr source_gradient,
                                                   ImageNodePtr source_image, StateNodePtr gradient_state,
                                                   bool is_secondary_source_filter)
    : NodeOf(ArithmeticGradientOp(), std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)},
             std::move(gradient_state)) {
  attributes.operation = operation;
  attributes.is_secondary_source_filter = is_secondary_source_filter;
}

void NNArithmeticGradientNode::check_state() const {
  const NNBinaryArithmeticNode* forward = forward_of(*this);
  if (!forward) refuse("gradient_state is not that of an arithmetic filter");
  if (forward->attributes.operation != attributes.operation) {
    refuse("gradient_state is that of " + forward->description() + ", another operation");
  }
}

void NNArithmeticGradientNode::take_constants() {
  const ArithmeticOp& f = forward_of(*this)->attributes;
  ArithmeticGradientOp& a = attributes;
  const bool is_product = a.operation == ArithmeticOperation::Multiplication;
  if (is_product) {
    a.primary_scale = f.primary_scale;
    a.secondary_scale = f.secondary_scale;
  } else if (!a.is_secondary_source_filter) {
    a.primary_scale = f.primary_scale;
  } else {
    a.primary_scale = a.operation == ArithmeticOperation::Subtraction ? -f.secondary_scale : f.secondary_scale;
  }
  // Of the operand that is this filter's source image.
  if (a.is_secondary_source_filter != is_product) {
    a.secondary_stride_in_pixels_x = f.secondary_stride_in_pixels_x;
    a.secondary_stride_in_pixels_y = f.secondary_stride_in_pixels_y;
    a.secondary_stride_in_feature_channels = f.secondary_stride_in_feature_channels;
  } else {
    a.secondary_stride_in_pixels_x = f.primary_stride_in_pixels_x;
    a.secondary_stride_in_pixels_y = f.primary_stride_in_pixels_y;
    a.secondary_stride_in_feature_channels = f.primary_stride_in_feature_channels;
  }
}

Lowered NNArithmeticGradientNode::lower(const LowerRequest& request) const {
  const std::string node = description();
  check_stride(node, "secondary_stride_in_pixels_x", attributes.secondary_stride_in_pixels_x);
  check_stride(node, "secondary_stride_in_pixels_y", attributes.secondary_stride_in_pixels_y);
  check_stride(node, "secondary_stride_in_feature_channels", attributes.secondary_stride_in_feature_channels);
  return NodeOf::lower(request);
}

template <class Node>
std::shared_ptr<Node> NNArithmeticGradientNode::from_forward(const std::vector<ImageNodePtr>& gradient_images,
                                                             const FilterNodePtr& forward_filter, bool is_secondary_source_filter,
                                                             const char* class_name) {
  const std::string name = class_name;
  if (!forward_filter) throw InvalidArgument(name + ": forward_filter is missing");
  if (gradient_images.size() != 2) {
    throw InvalidArgument(name + ": gradient_images are the gradient and the forward source, got " +
                          std::to_string(gradient_images.size()) + " images");
  }
  auto node =
      std::make_shared<Node>(gradient_images[0], gradient_images[1], forward_filter->result_state(), is_secondary_source_filter);
  node->take_constants();
  return node;
}

// The constructors check when the object is of its final class, whose name messages bear.

NNAdditionGradientNode::NNAdditionGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                               StateNodePtr gradient_state, bool is_secondary_source_filter)
    : NNArithmeticGradientNode(ArithmeticOperation::Addition, std::move(source_gradient), std::move(source_image),
                               std::move(gradient_state), is_secondary_source_filter) {
  check_state();
}
std::shared_ptr<NNAdditionGradientNode> NNAdditionGradientNode::with_gradient_images(
    const std::vector<ImageNodePtr>& gradient_images, const FilterNodePtr& forward_filter, bool is_secondary_source_filter) {
  return from_forward<NNAdditionGradientNode>(gradient_images, forward_filter, is_secondary_source_filter,
                                              "MPSNNAdditionGradientNode");
}

NNSubtractionGradientNode::NNSubtractionGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                     StateNodePtr gradient_state, bool is_secondary_source_filter)
    : NNArithmeticGradientNode(ArithmeticOperation::Subtraction, std::move(source_gradient), std::move(source_image),
                               std::move(gradient_state), is_secondary_source_filter) {
  check_state();
}
std::shared_ptr<NNSubtractionGradientNode> NNSubtractionGradientNode::with_gradient_images(
    const std::vector<ImageNodePtr>& gradient_images, const FilterNodePtr& forward_filter, bool is_secondary_source_filter) {
  return from_forward<NNSubtractionGradientNode>(gradient_images, forward_filter, is_secondary_source_filter,
                                                 "MPSNNSubtractionGradientNode");
}

NNMultiplicationGradientNode::NNMultiplicationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                           StateNodePtr gradient_state, bool is_secondary_source_filter)
    : NNArithmeticGradientNode(ArithmeticOperation::Multiplication, std::move(source_gradient), std::move(source_image),
                               std::move(gradient_state), is_secondary_source_filter) {
  check_state();
}
std::shared_ptr<NNMultiplicationGradientNode> NNMultiplicationGradientNode::with_gradient_images(
    const std::vector<ImageNodePtr>& gradient_images, const FilterNodePtr& forward_filter, bool is_secondary_source_filter) {
  return from_forward<NNMultiplicationGradientNode>(gradient_images, forward_filter, is_secondary_source_filter,
                                                    "MPSNNMultiplicationGradientNode");
}

namespace {

/// The node with the saved constants; its class says which operation they are for.
template <class Node, class OpType = typename Node::Attributes>
std::shared_ptr<Node> checked(const NodeInputs& in, std::shared_ptr<Node> node, const OpType& op) {
  if (op.operation != node->attributes.operation) {
    in.refuse("operation must be " + std::to_string(int(node->attributes.operation)) + ", got " +
              std::to_string(int(op.operation)));
  }
  return NodeTable::with_attributes(std::move(node), op);
}

template <class Node>
void add_arithmetic(NodeTable& table, const char* class_name) {
  table.add(class_name, [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(2, 0);
    return checked(in, std::make_shared<Node>(in.images[0], in.images[1]), in.op<ArithmeticOp>());
  });
}

template <class Node>
void add_arithmetic_gradient(NodeTable& table, const char* class_name) {
  table.add(class_name, [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(2, 1);
    return checked(in, std::make_shared<Node>(in.images[0], in.images[1], in.state<NNStateNode>(), false),
                   in.op<ArithmeticGradientOp>());
  });
}

}  // namespace

void register_arithmetic_nodes(NodeTable& table) {
  add_arithmetic<NNAdditionNode>(table, "MPSNNAdditionNode");
  add_arithmetic<NNSubtractionNode>(table, "MPSNNSubtractionNode");
  add_arithmetic<NNMultiplicationNode>(table, "MPSNNMultiplicationNode");
  add_arithmetic<NNDivisionNode>(table, "MPSNNDivisionNode");
  table.add("MPSNNComparisonNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(2, 0);
    const auto op = in.op<ComparisonOp>();
    auto node = checked<NNComparisonNode, ArithmeticOp>(in, std::make_shared<NNComparisonNode>(in.images[0], in.images[1]), op);
    node->comparison_type = op.comparison_type;
    node->threshold = op.threshold;
    return node;
  });
  add_arithmetic_gradient<NNAdditionGradientNode>(table, "MPSNNAdditionGradientNode");
  add_arithmetic_gradient<NNSubtractionGradientNode>(table, "MPSNNSubtractionGradientNode");
  add_arithmetic_gradient<NNMultiplicationGradientNode>(table, "MPSNNMultiplicationGradientNode");
}

}  // namespace mpsnn
