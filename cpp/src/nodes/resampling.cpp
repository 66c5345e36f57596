#include "mpsnn/nodes/resampling.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/forward_op.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

constexpr auto kLargest = double(std::numeric_limits<std::int32_t>::max());

std::string text_of(double value) {
  std::string text = std::to_string(value);
  if (text.find('.') != std::string::npos) text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

// What is wrong with the attributes, or empty.
std::string fault(const UpsamplingOp& op) {
  std::string text;
  UpsamplingOp::fields([&](const char* name, auto member, const char*) {
    const double value = op.*member;
    if (!text.empty() || (value > 0 && value <= kLargest)) return;
    text = std::string(name) + (value > 0 ? " is too large" : " must be positive") + ", got " + text_of(value);
  });
  return text;
}

std::size_t enlarged(std::size_t extent, double factor, const std::string& node) {
  const double size = std::floor(double(extent) * factor);
  if (size >= 1 && size <= kLargest) return std::size_t(size);
  throw ShapeError(node + ": " + std::to_string(extent) + " pixels times " + text_of(factor) +
                   (size < 1 ? " are less than one" : " are too many"));
}

std::string difference(const UpsamplingOp& op, const UpsamplingOp& forward, const std::string& forward_name) {
  std::string text;
  UpsamplingOp::fields([&](const char* name, auto member, const char*) {
    const double expected = forward.*member;
    if (!text.empty() || op.*member == expected) return;
    text = std::string(name) + " must be that of " + forward_name + ", " + text_of(expected) + ", got " + text_of(op.*member);
  });
  return text;
}

template <class ForwardNode>
std::string difference(const UpsamplingOp& op, const StateNodePtr& state) {
  const auto* forward = dynamic_cast<const ForwardNode*>(state->producer());
  if (!forward) return {};  // a graph refuses it
  return difference(op, forward->attributes, forward->description());
}

}  // namespace

ImageTransformProvider::~ImageTransformProvider() = default;

Inferred UpsamplingOp::infer(const InferRequest& request) const {
  const ImageShape& source = request.sources[0];
  Inferred inferred;
  inferred.result = {enlarged(source.height, scale_factor_y, request.node), enlarged(source.width, scale_factor_x, request.node),
                     source.channels};
  return inferred;
}

Inferred PlacedAtOffset::place(const PlaceRequest& request) const {
  return {{request.destination.height, request.destination.width, request.filter.sources[0].channels}, request.sources[0]};
}

Inferred UpsamplingGradientOp::infer_from(const UpsamplingOp& forward, const InferRequest& request) const {
  const std::string text = difference(*this, forward, forward.kernel_name());
  if (!text.empty()) throw InvalidArgument(request.node + ": " + text);
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) +
                     ", the source of the forward filter " + to_string(inferred.result));
  }
  return inferred;
}

Inferred UpsamplingNearestGradientOp::infer(const InferRequest& request) const {
  return infer_from(forward_op<UpsamplingNearestOp>(request), request);
}

Inferred UpsamplingBilinearGradientOp::infer(const InferRequest& request) const {
  return infer_from(forward_op<UpsamplingBilinearOp>(request), request);
}

CNNUpsamplingNearestNode::CNNUpsamplingNearestNode(ImageNodePtr source, const UpsamplingNearestOp& op)
    : NodeOf(op, std::vector{std::move(source)}, std::vector<StateNodePtr>()) {
  if (const std::string text = fault(attributes); !text.empty()) refuse(text);
  own_result_state(std::make_unique<NNGradientStateNode>());
}

std::vector<GradientFilterNodePtr> CNNUpsamplingNearestNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {std::make_shared<CNNUpsamplingNearestGradientNode>(
      gradient_image, source_images()[0], result_state(),
      upsampling_op<UpsamplingNearestGradientOp>(attributes.scale_factor_x, attributes.scale_factor_y))};
}

CNNUpsamplingBilinearNode::CNNUpsamplingBilinearNode(ImageNodePtr source, const UpsamplingBilinearOp& op)
    : NodeOf(op, std::vector{std::move(source)}, std::vector<StateNodePtr>()) {
  if (const std::string text = fault(attributes); !text.empty()) refuse(text);
  own_result_state(std::make_unique<NNGradientStateNode>());
}

std::vector<GradientFilterNodePtr> CNNUpsamplingBilinearNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {std::make_shared<CNNUpsamplingBilinearGradientNode>(
      gradient_image, source_images()[0], result_state(),
      upsampling_op<UpsamplingBilinearGradientOp>(attributes.scale_factor_x, attributes.scale_factor_y))};
}

CNNUpsamplingNearestGradientNode::CNNUpsamplingNearestGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                                   StateNodePtr gradient_state,
                                                                   const UpsamplingNearestGradientOp& op)
    : NodeOf(op, std::vector{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  if (source_states().empty()) refuse("gradient_state is missing");
  const std::string text = difference<CNNUpsamplingNearestNode>(attributes, source_states()[0]);
  if (!text.empty()) refuse(text);
}

CNNUpsamplingBilinearGradientNode::CNNUpsamplingBilinearGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                                     StateNodePtr gradient_state,
                                                                     const UpsamplingBilinearGradientOp& op)
    : NodeOf(op, std::vector{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  if (source_states().empty()) refuse("gradient_state is missing");
  const std::string text = difference<CNNUpsamplingBilinearNode>(attributes, source_states()[0]);
  if (!text.empty()) refuse(text);
}

Inferred ScaleOp::infer(const InferRequest& request) const {
  Inferred inferred;
  inferred.result = {output_size.height, output_size.width, request.sources[0].channels};
  inferred.geometry.edge_mode = ImageEdgeMode::Clamp;
  return inferred;
}

void ScaleOp::ask(const Question& question, std::span<double> answer) const {
  const ScaleTransform t = transform_provider->transform_for_source_image(question.source, question.handle);
  const auto check = [&](bool ok, const char* name, double value, const char* what) {
    if (!ok)
      throw InvalidArgument(question.node + ": " + name + " of its transform_provider's transform " + what + ", got " +
                            text_of(value));
  };
  // Lanczos looks at pixels by the million below this.
  constexpr double kLeastScale = 1.0 / 65536;
  for (const auto& [name, value] : {std::pair{"scale_x", t.scale_x}, std::pair{"scale_y", t.scale_y}}) {
    check(value > 0 && value <= std::numeric_limits<double>::max(), name, value, "must be positive and finite");
    check(value >= kLeastScale, name, value, "must be 1/65536 or more");
  }
  check(std::isfinite(t.translate_x), "translate_x", t.translate_x, "must be finite");
  check(std::isfinite(t.translate_y), "translate_y", t.translate_y, "must be finite");
  answer[0] = t.scale_x;
  answer[1] = t.scale_y;
  answer[2] = t.translate_x;
  answer[3] = t.translate_y;
}

NNScaleNode::NNScaleNode(ImageNodePtr source) : NNFilterNode({std::move(source)}, {}) {}

void NNScaleNode::check(const ScaleOp& op) const {
  for (const auto& [name, value] : {std::pair{"width", op.output_size.width}, std::pair{"height", op.output_size.height}}) {
    if (value >= 1 && double(value) <= kLargest) continue;
    refuse(std::string("the ") + name + " of output_size " + (value == 0 ? "must be positive" : "is too large") + ", got " +
           std::to_string(value));
  }
}

NNBilinearScaleNode::NNBilinearScaleNode(ImageNodePtr source, const BilinearScaleOp& op) : NodeOf(op, std::move(source)) {
  check(attributes);
}

NNLanczosScaleNode::NNLanczosScaleNode(ImageNodePtr source, const LanczosScaleOp& op) : NodeOf(op, std::move(source)) {
  check(attributes);
}

namespace {

template <class Node>
void add_scale(NodeTable& table, const char* class_name) {
  table.add(class_name, [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, 0);
    auto op = in.op<typename Node::Attributes>();
    if (const auto* original = dynamic_cast<const ScaleOp*>(in.original.get()))
      op.transform_provider = original->transform_provider;
    return std::make_shared<Node>(in.images[0], op);
  });
}

}  // namespace

void register_resampling_nodes(NodeTable& table) {
  table.add_unary<CNNUpsamplingNearestNode>("MPSCNNUpsamplingNearestNode");
  table.add_unary<CNNUpsamplingBilinearNode>("MPSCNNUpsamplingBilinearNode");
  table.add_gradient<CNNUpsamplingNearestGradientNode>("MPSCNNUpsamplingNearestGradientNode");
  table.add_gradient<CNNUpsamplingBilinearGradientNode>("MPSCNNUpsamplingBilinearGradientNode");
  add_scale<NNBilinearScaleNode>(table, "MPSNNBilinearScaleNode");
  add_scale<NNLanczosScaleNode>(table, "MPSNNLanczosScaleNode");
}

}  // namespace mpsnn
