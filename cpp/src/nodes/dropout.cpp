#include "mpsnn/nodes/dropout.hpp"

#include <cstring>
#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/lowered.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

std::string text_of(const mtl::Size& size) {
  std::string text = std::to_string(size.width);
  text += ", " + std::to_string(size.height) + ", " + std::to_string(size.depth);
  return text;
}

// What is wrong with the attributes, or empty.
std::string fault(const DropoutBaseOp& op) {
  if (!(op.keep_probability > 0.f && op.keep_probability < 1.f)) {
    return "keep_probability must lie between 0 and 1, both excluded, got " + std::to_string(op.keep_probability);
  }
  const mtl::Size& stride = op.mask_stride_in_pixels;
  if (stride.width > 1 || stride.height > 1 || stride.depth > 1) {
    return "mask_stride_in_pixels must be 0 or 1 along each axis, got " + text_of(stride);
  }
  return {};
}

}  // namespace

ImageShape DropoutBaseOp::mask_shape(const ImageShape& image) const {
  return {mask_stride_in_pixels.height ? image.height : 1, mask_stride_in_pixels.width ? image.width : 1,
          mask_stride_in_pixels.depth ? image.channels : 1};
}

std::vector<StateDescriptor> DropoutOp::states(const StateRequest& request) const {
  return {{"mask", DataType::UInt8, mask_shape(request.sources[0]).count(), true}};
}

std::shared_ptr<State> DropoutOp::make_state(const StateObjectRequest& request) const {
  return std::make_shared<CNNDropoutGradientState>(request.forward_states);
}

Inferred DropoutGradientOp::infer(const InferRequest& request) const {
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) +
                     ", the source of the forward filter " + to_string(inferred.result));
  }
  return inferred;
}

std::vector<std::uint8_t> CNNDropoutGradientState::mask_data() {
  Buffer& mask = *resources_.at(0);
  std::vector<std::uint8_t> bytes(mask.length());
  std::memcpy(bytes.data(), mask.cpu_access(), bytes.size());
  return bytes;
}

CNNDropoutNode::CNNDropoutNode(ImageNodePtr source, const DropoutOp& op)
    : NodeOf(op, std::vector<ImageNodePtr>{std::move(source)}, std::vector<StateNodePtr>{}) {
  own_result_state(std::make_unique<NNGradientStateNode>());
  if (const std::string text = fault(attributes); !text.empty()) refuse(text);
}

std::vector<GradientFilterNodePtr> CNNDropoutNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  DropoutGradientOp op;
  static_cast<DropoutBaseOp&>(op) = attributes;
  return {std::make_shared<CNNDropoutGradientNode>(gradient_image, source_images()[0], result_state(), op)};
}

CNNDropoutGradientNode::CNNDropoutGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                               StateNodePtr gradient_state, const DropoutGradientOp& op)
    : NodeOf(op, std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  if (const std::string text = fault(attributes); !text.empty()) refuse(text);
  // The mask is in the state, and only dropout leaves one.
  const auto* forward = source_states().empty() ? nullptr : dynamic_cast<const CNNDropoutNode*>(source_states()[0]->producer());
  if (!forward) refuse("gradient_state is not that of an MPSCNNDropoutNode");
  if (const mtl::Size& stride = forward->attributes.mask_stride_in_pixels; stride != op.mask_stride_in_pixels) {
    refuse("mask_stride_in_pixels must be that of " + forward->description() + ", " + text_of(stride) + ", got " +
           text_of(op.mask_stride_in_pixels));
  }
}

void register_dropout_nodes(NodeTable& table) {
  table.add_unary<CNNDropoutNode>("MPSCNNDropoutNode");
  table.add_gradient<CNNDropoutGradientNode>("MPSCNNDropoutGradientNode");
}

}  // namespace mpsnn
