#include "mpsnn/nodes/pooling.hpp"

#include <algorithm>
#include <limits>
#include <string>

#include "mpsnn/error.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

// What is wrong with the attributes, or empty. Sizes beyond the limit would overflow the arithmetic of the windows.
template <class OpType>
std::string fault(const OpType& op) {
  constexpr std::size_t kLimit = std::numeric_limits<std::int32_t>::max();
  std::string text;
  OpType::fields([&](const char* name, auto member, const char*) {
    const std::size_t value = op.*member;
    if (!text.empty() || (value >= 1 && value <= kLimit)) return;
    text = std::string(name) + (value == 0 ? " must be positive" : " is too large") + ", got " + std::to_string(value);
  });
  return text;
}

template <class GradientNode>
GradientFilterNodePtr gradient_of(NNFilterNode& node, const ImageNodePtr& gradient_image,
                                  const typename GradientNode::Attributes& op) {
  return std::make_shared<GradientNode>(gradient_image, node.source_images()[0], node.result_state(), op,
                                        node.padding_policy()->inverse());
}

template <class GradientNode>
GradientFilterNodePtr gradient_of(CNNPoolingNode& node, const ImageNodePtr& gradient_image) {
  typename GradientNode::Attributes op;
  static_cast<PoolingOp&>(op) = node.pooling();
  return gradient_of<GradientNode>(node, gradient_image, op);
}

}  // namespace

Window PoolingOp::window() const {
  Window w;
  w.kernel_width = kernel_width;
  w.kernel_height = kernel_height;
  w.stride_x = stride_in_pixels_x;
  w.stride_y = stride_in_pixels_y;
  return w;
}

Inferred PoolingOp::infer(const InferRequest& request) const {
  Inferred inferred = Op::infer(request);
  Geometry& g = inferred.geometry;
  g.edge_mode = ImageEdgeMode::Clamp;
  if ((request.padding & NNPaddingMethod::ExcludeEdges) == NNPaddingMethod::ExcludeEdges) {
    const Window w = window();
    g.zero_pad_x = std::size_t(std::max<std::ptrdiff_t>(0, std::ptrdiff_t(w.extent_x() >> 1) - g.offset_x));
    g.zero_pad_y = std::size_t(std::max<std::ptrdiff_t>(0, std::ptrdiff_t(w.extent_y() >> 1) - g.offset_y));
  }
  return inferred;
}

Window PoolingGradientOp::window() const {
  Window w = PoolingOp::window();
  w.is_backwards = true;
  return w;
}

Inferred PoolingGradientOp::infer(const InferRequest& request) const {
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) +
                     ", the source of the forward filter " + to_string(inferred.result));
  }
  return inferred;
}

CNNPoolingNode::CNNPoolingNode(ImageNodePtr source) : NNFilterNode({std::move(source)}, {}) {
  own_result_state(std::make_unique<NNGradientStateNode>());
}

void CNNPoolingNode::check() const {
  if (const std::string text = fault(pooling()); !text.empty()) refuse(text);
}

CNNPoolingMaxNode::CNNPoolingMaxNode(ImageNodePtr source, const PoolingMaxOp& op) : NodeOf(op, std::move(source)) { check(); }

std::vector<GradientFilterNodePtr> CNNPoolingMaxNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {gradient_of<CNNPoolingMaxGradientNode>(*this, gradient_image)};
}

CNNPoolingAverageNode::CNNPoolingAverageNode(ImageNodePtr source, const PoolingAverageOp& op) : NodeOf(op, std::move(source)) {
  check();
}

std::vector<GradientFilterNodePtr> CNNPoolingAverageNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {gradient_of<CNNPoolingAverageGradientNode>(*this, gradient_image)};
}

CNNPoolingL2NormNode::CNNPoolingL2NormNode(ImageNodePtr source, const PoolingL2NormOp& op) : NodeOf(op, std::move(source)) {
  check();
}

std::vector<GradientFilterNodePtr> CNNPoolingL2NormNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {gradient_of<CNNPoolingL2NormGradientNode>(*this, gradient_image)};
}

CNNDilatedPoolingMaxNode::CNNDilatedPoolingMaxNode(ImageNodePtr source, const DilatedPoolingMaxOp& op)
    : NodeOf(op, std::vector{std::move(source)}, std::vector<StateNodePtr>()) {
  if (const std::string text = fault(attributes); !text.empty()) refuse(text);
  own_result_state(std::make_unique<NNGradientStateNode>());
}

std::shared_ptr<CNNDilatedPoolingMaxNode> CNNDilatedPoolingMaxNode::with_filter_size(ImageNodePtr source, std::size_t filter_size,
                                                                                     std::optional<std::size_t> stride,
                                                                                     std::optional<std::size_t> dilation_rate) {
  if (stride.has_value() != dilation_rate.has_value()) {
    throw InvalidArgument("MPSCNNDilatedPoolingMaxNode: stride and dilation_rate are given together or not at all");
  }
  const std::size_t step = stride.value_or(filter_size), rate = dilation_rate.value_or(filter_size);
  return std::make_shared<CNNDilatedPoolingMaxNode>(
      std::move(source), dilated_pooling_op<DilatedPoolingMaxOp>(filter_size, filter_size, step, step, rate, rate));
}

std::vector<GradientFilterNodePtr> CNNDilatedPoolingMaxNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  const DilatedPoolingMaxOp& a = attributes;
  return {gradient_of<CNNDilatedPoolingMaxGradientNode>(
      *this, gradient_image,
      dilated_pooling_op<DilatedPoolingMaxGradientOp>(a.kernel_width, a.kernel_height, a.stride_in_pixels_x, a.stride_in_pixels_y,
                                                      a.dilation_rate_x, a.dilation_rate_y))};
}

CNNPoolingGradientNode::CNNPoolingGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                               StateNodePtr gradient_state, std::shared_ptr<NNPadding> padding_policy)
    : NNGradientFilterNode({std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  if (padding_policy) set_padding_policy(std::move(padding_policy));
}

void CNNPoolingGradientNode::check() const {
  if (source_states().empty()) refuse("gradient_state is missing");
  if (const std::string text = fault(pooling()); !text.empty()) refuse(text);
}

CNNPoolingMaxGradientNode::CNNPoolingMaxGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                     StateNodePtr gradient_state, const PoolingMaxGradientOp& op,
                                                     std::shared_ptr<NNPadding> padding_policy)
    : NodeOf(op, std::move(source_gradient), std::move(source_image), std::move(gradient_state), std::move(padding_policy)) {
  check();
}

CNNPoolingAverageGradientNode::CNNPoolingAverageGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                             StateNodePtr gradient_state, const PoolingAverageGradientOp& op,
                                                             std::shared_ptr<NNPadding> padding_policy)
    : NodeOf(op, std::move(source_gradient), std::move(source_image), std::move(gradient_state), std::move(padding_policy)) {
  check();
}

CNNPoolingL2NormGradientNode::CNNPoolingL2NormGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                           StateNodePtr gradient_state, const PoolingL2NormGradientOp& op,
                                                           std::shared_ptr<NNPadding> padding_policy)
    : NodeOf(op, std::move(source_gradient), std::move(source_image), std::move(gradient_state), std::move(padding_policy)) {
  check();
}

CNNDilatedPoolingMaxGradientNode::CNNDilatedPoolingMaxGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                                   StateNodePtr gradient_state,
                                                                   const DilatedPoolingMaxGradientOp& op,
                                                                   std::shared_ptr<NNPadding> padding_policy)
    : NodeOf(op, std::move(source_gradient), std::move(source_image), std::move(gradient_state), std::move(padding_policy)) {
  check();
  if (const std::string text = fault(attributes); !text.empty()) refuse(text);
}

void register_pooling_nodes(NodeTable& table) {
  table.add_unary<CNNPoolingMaxNode>("MPSCNNPoolingMaxNode");
  table.add_unary<CNNPoolingAverageNode>("MPSCNNPoolingAverageNode");
  table.add_unary<CNNPoolingL2NormNode>("MPSCNNPoolingL2NormNode");
  table.add_unary<CNNDilatedPoolingMaxNode>("MPSCNNDilatedPoolingMaxNode");
  table.add_gradient<CNNPoolingMaxGradientNode>("MPSCNNPoolingMaxGradientNode");
  table.add_gradient<CNNPoolingAverageGradientNode>("MPSCNNPoolingAverageGradientNode");
  table.add_gradient<CNNPoolingL2NormGradientNode>("MPSCNNPoolingL2NormGradientNode");
  table.add_gradient<CNNDilatedPoolingMaxGradientNode>("MPSCNNDilatedPoolingMaxGradientNode");
}

}  // namespace mpsnn
