#include "mpsnn/nodes/local_normalization.hpp"

#include <limits>
#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/lowered.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

// What is wrong with the attributes, or empty. Sizes beyond the limit would overflow the arithmetic of the windows.

std::string size_fault(const char* name, std::size_t value) {
  constexpr std::size_t kLimit = std::numeric_limits<std::int32_t>::max();
  if (value >= 1 && value <= kLimit) return {};
  return std::string(name) + (value == 0 ? " must be positive" : " is too large") + ", got " + std::to_string(value);
}

std::string alpha_fault(const LocalNormalizationOp& op) {
  return op.alpha >= 0 ? std::string() : "alpha must not be negative, got " + std::to_string(op.alpha);
}

std::string fault(const WindowNormalizationOp& op) {
  if (auto text = size_fault("kernel_width", op.kernel_width); !text.empty()) return text;
  if (auto text = size_fault("kernel_height", op.kernel_height); !text.empty()) return text;
  return alpha_fault(op);
}

std::string fault(const CrossChannelNormalizationOp& op) {
  if (auto text = size_fault("kernel_size_in_feature_channels", op.kernel_size_in_feature_channels); !text.empty()) return text;
  return alpha_fault(op);
}

std::string fault(const CrossChannelNormalizationGradientOp& op) { return size_fault("kernel_size", op.kernel_size); }

/// Attributes may be set at any time: they are looked at when a node is made, and when a graph is.
template <class Node>
void check(const Node& node) {
  if (const std::string text = fault(node.attributes); !text.empty()) throw InvalidArgument(node.description() + ": " + text);
}

template <class Node>
void check_gradient(const Node& node) {
  if (node.source_states().empty()) throw InvalidArgument(node.description() + ": gradient_state is missing");
  check(node);
}

Inferred infer_with_source(const InferRequest& request) {
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) +
                     ", the source of the forward filter " + to_string(inferred.result));
  }
  return inferred;
}

}  // namespace

Window WindowNormalizationOp::window() const {
  Window w;
  w.kernel_width = kernel_width;
  w.kernel_height = kernel_height;
  return w;
}

Inferred CrossChannelNormalizationGradientOp::infer(const InferRequest& request) const { return infer_with_source(request); }
Inferred SpatialNormalizationGradientOp::infer(const InferRequest& request) const { return infer_with_source(request); }
Inferred LocalContrastNormalizationGradientOp::infer(const InferRequest& request) const { return infer_with_source(request); }

CNNNormalizationNode::CNNNormalizationNode(ImageNodePtr source) : NNFilterNode({std::move(source)}, {}) {
  own_result_state(std::make_unique<NNGradientStateNode>());
}

CNNCrossChannelNormalizationNode::CNNCrossChannelNormalizationNode(ImageNodePtr source, const CrossChannelNormalizationOp& op)
    : NodeOf(op, std::move(source)) {
  check(*this);
}

Lowered CNNCrossChannelNormalizationNode::lower(const LowerRequest& request) const {
  check(*this);
  return NNFilterNode::lower(request);
}

std::vector<GradientFilterNodePtr> CNNCrossChannelNormalizationNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  CrossChannelNormalizationGradientOp op;
  op.kernel_size = attributes.kernel_size_in_feature_channels;
  return {std::make_shared<CNNCrossChannelNormalizationGradientNode>(gradient_image, source_images()[0], result_state(), op)};
}

CNNSpatialNormalizationNode::CNNSpatialNormalizationNode(ImageNodePtr source, const SpatialNormalizationOp& op)
    : NodeOf(op, std::move(source)) {
  check(*this);
}

Lowered CNNSpatialNormalizationNode::lower(const LowerRequest& request) const {
  check(*this);
  return NNFilterNode::lower(request);
}

std::vector<GradientFilterNodePtr> CNNSpatialNormalizationNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  SpatialNormalizationGradientOp op;
  static_cast<WindowNormalizationOp&>(op) = attributes;
  return {std::make_shared<CNNSpatialNormalizationGradientNode>(gradient_image, source_images()[0], result_state(), op)};
}

CNNLocalContrastNormalizationNode::CNNLocalContrastNormalizationNode(ImageNodePtr source, const LocalContrastNormalizationOp& op)
    : NodeOf(op, std::move(source)) {
  check(*this);
}

Lowered CNNLocalContrastNormalizationNode::lower(const LowerRequest& request) const {
  check(*this);
  return NNFilterNode::lower(request);
}

std::vector<GradientFilterNodePtr> CNNLocalContrastNormalizationNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  LocalContrastNormalizationGradientOp op;
  static_cast<LocalContrastNormalizationOp&>(op) = attributes;
  return {std::make_shared<CNNLocalContrastNormalizationGradientNode>(gradient_image, source_images()[0], result_state(), op)};
}

CNNCrossChannelNormalizationGradientNode::CNNCrossChannelNormalizationGradientNode(ImageNodePtr source_gradient,
                                                                                   ImageNodePtr source_image,
                                                                                   StateNodePtr gradient_state,
                                                                                   const CrossChannelNormalizationGradientOp& op)
    : NodeOf(op, std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  check_gradient(*this);
}

CNNSpatialNormalizationGradientNode::CNNSpatialNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                                         StateNodePtr gradient_state,
                                                                         const SpatialNormalizationGradientOp& op)
    : NodeOf(op, std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  check_gradient(*this);
}

Lowered CNNSpatialNormalizationGradientNode::lower(const LowerRequest& request) const {
  check(*this);
  return NNFilterNode::lower(request);
}

CNNLocalContrastNormalizationGradientNode::CNNLocalContrastNormalizationGradientNode(
    ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
    const LocalContrastNormalizationGradientOp& op)
    : NodeOf(op, std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  check_gradient(*this);
}

Lowered CNNLocalContrastNormalizationGradientNode::lower(const LowerRequest& request) const {
  check(*this);
  return NNFilterNode::lower(request);
}

void register_local_normalization_nodes(NodeTable& table) {
  table.add_unary<CNNCrossChannelNormalizationNode>("MPSCNNCrossChannelNormalizationNode");
  table.add_unary<CNNSpatialNormalizationNode>("MPSCNNSpatialNormalizationNode");
  table.add_unary<CNNLocalContrastNormalizationNode>("MPSCNNLocalContrastNormalizationNode");
  table.add_gradient<CNNCrossChannelNormalizationGradientNode>("MPSCNNCrossChannelNormalizationGradientNode");
  table.add_gradient<CNNSpatialNormalizationGradientNode>("MPSCNNSpatialNormalizationGradientNode");
  table.add_gradient<CNNLocalContrastNormalizationGradientNode>("MPSCNNLocalContrastNormalizationGradientNode");
}

}  // namespace mpsnn
