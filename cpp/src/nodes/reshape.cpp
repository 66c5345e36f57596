#include "mpsnn/nodes/reshape.hpp"

#include <string>
#include <utility>

#include "core/checked.hpp"
#include "mpsnn/error.hpp"
#include "nodes/forward_op.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

Inferred reshaped(const InferRequest& request, const ImageShape& result) {
  const ImageShape& source = request.sources[0];
  const std::size_t count = checked_product({result.height, result.width, result.channels}, request.node + ": the result's size");
  if (count != source.count()) {
    throw ShapeError(request.node + ": the source is " + to_string(source) + ", " + std::to_string(source.count()) +
                     " numbers, the result " + to_string(result) + ", " + std::to_string(count) +
                     " (height x width x channels); there must be as many");
  }
  return {result, {}};
}

}  // namespace

void ReshapeOp::check(const std::string& name) const {
  fields([&](const char* property, auto member, auto&&...) {
    if (this->*member == 0) throw InvalidArgument(name + ": " + property + " must be positive, got 0");
  });
}

Inferred ReshapeOp::infer(const InferRequest& request) const {
  check(request.node);
  return reshaped(request, {result_height, result_width, result_feature_channels});
}

Inferred ReshapeOp::place(const PlaceRequest& request) const { return reshaped(request.filter, request.destination); }

Inferred ReshapeGradientOp::infer(const InferRequest& request) const {
  forward_op<ReshapeOp>(request);
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) +
                     ", the source of the forward filter " + to_string(inferred.result));
  }
  return {inferred.result, {}};
}

NNReshapeNode::NNReshapeNode(ImageNodePtr source, const ReshapeOp& op)
    : NodeOf(op, std::vector<ImageNodePtr>{std::move(source)}, std::vector<StateNodePtr>{}) {
  own_result_state(std::make_unique<NNGradientStateNode>());
  op.check(description());
}

std::vector<GradientFilterNodePtr> NNReshapeNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {std::make_shared<NNReshapeGradientNode>(gradient_image, source_images()[0], result_state())};
}

NNReshapeGradientNode::NNReshapeGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state)
    : NodeOf(ReshapeGradientOp(), std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)},
             std::move(gradient_state)) {
  if (source_states().empty()) refuse("gradient_state is missing");
}

void register_reshape_nodes(NodeTable& table) {
  table.add_unary<NNReshapeNode>("MPSNNReshapeNode");
  table.add_gradient<NNReshapeGradientNode>("MPSNNReshapeGradientNode");
}

}  // namespace mpsnn
