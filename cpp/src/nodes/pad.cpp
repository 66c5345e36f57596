#include "mpsnn/nodes/pad.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/forward_op.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

// Larger sums would overflow.
constexpr std::size_t kLimit = std::numeric_limits<std::int32_t>::max();

void visit_coordinate(AttributeVisitor& visitor, const std::string& name, ImageCoordinate& value) {
  visitor((name + ".x").c_str(), value.x);
  visitor((name + ".y").c_str(), value.y);
  visitor((name + ".channel").c_str(), value.channel);
}

}  // namespace

void PadOp::check(const std::string& name) const {
  for (const auto& [property, size] :
       {std::pair{"padding_size_before", padding_size_before}, std::pair{"padding_size_after", padding_size_after}}) {
    for (const std::size_t extent : {size.x, size.y, size.channel}) {
      if (extent > kLimit) throw InvalidArgument(name + ": " + property + " is too large, got " + std::to_string(extent));
    }
  }
  if (edge_mode > ImageEdgeMode::Constant) {
    throw InvalidArgument(name + ": edge_mode " + std::to_string(std::size_t(edge_mode)) + " is not an edge mode");
  }
}

void PadOp::visit(AttributeVisitor& visitor) {
  visit_coordinate(visitor, "padding_size_before", padding_size_before);
  visit_coordinate(visitor, "padding_size_after", padding_size_after);
  visitor("edge_mode", edge_mode);
  visitor("fill_value", fill_value);
  if (!fill_value_array.empty()) visitor("fill_value_array", fill_value_array);
}

Inferred PadOp::infer(const InferRequest& request) const {
  check(request.node);
  const ImageShape& source = request.sources[0];
  Inferred inferred;
  inferred.result = {padding_size_before.y + source.height + padding_size_after.y,
                     padding_size_before.x + source.width + padding_size_after.x, result_channels(request.sources)};
  inferred.geometry.offset_x = -std::ptrdiff_t(padding_size_before.x);
  inferred.geometry.offset_y = -std::ptrdiff_t(padding_size_before.y);
  inferred.geometry.edge_mode = edge_mode;
  if (!fill_value_array.empty() && fill_value_array.size() < inferred.result.channels) {
    throw ShapeError(request.node + ": fill_value_array holds " + std::to_string(fill_value_array.size()) +
                     " values, the result has " + std::to_string(inferred.result.channels) + " feature channels");
  }
  return inferred;
}

std::size_t PadOp::result_channels(std::span<const ImageShape> sources) const {
  return padding_size_before.channel + sources[0].channels + padding_size_after.channel;
}

Inferred PadOp::place(const PlaceRequest& request) const {
  return {{request.destination.height, request.destination.width, infer(request.filter).result.channels}, request.sources[0]};
}

Inferred PadGradientOp::infer(const InferRequest& request) const {
  forward_op<PadOp>(request);
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) +
                     ", the source of the forward filter " + to_string(inferred.result));
  }
  return inferred;
}

NNPadNode::NNPadNode(ImageNodePtr source, const PadOp& op)
    : NodeOf(op, std::vector<ImageNodePtr>{std::move(source)}, std::vector<StateNodePtr>{}) {
  own_result_state(std::make_unique<NNGradientStateNode>());
  op.check(description());
}

std::vector<GradientFilterNodePtr> NNPadNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {std::make_shared<NNPadGradientNode>(gradient_image, source_images()[0], result_state())};
}

NNPadGradientNode::NNPadGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state)
    : NodeOf(PadGradientOp(), std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)},
             std::move(gradient_state)) {
  if (source_states().empty()) refuse("gradient_state is missing");
}

void register_pad_nodes(NodeTable& table) {
  table.add_unary<NNPadNode>("MPSNNPadNode");
  table.add_gradient<NNPadGradientNode>("MPSNNPadGradientNode");
}

}  // namespace mpsnn
