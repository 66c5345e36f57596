#include "mpsnn/nodes/reshape.hpp"

#include <string>
#include <utility>

#include "core/checked.hpp"
#include "mpsnn/error.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

Inferred ReshapeOp::infer(const InferRequest& request) const {
  const ImageShape &source = request.sources[0], result{result_height, result_width, result_feature_channels};
  const std::size_t count = checked_product({result.height, result.width, result.channels}, request.node + ": the result's size");
  if (count != source.count()) {
    throw ShapeError(request.node + ": the source is " + to_string(source) + ", " + std::to_string(source.count()) +
                     " numbers, the result " + to_string(result) + ", " + std::to_string(count) +
                     " (height x width x channels); there must be as many");
  }
  return {result, {}};
}

Inferred ReshapeGradientOp::infer(const InferRequest& request) const {
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
  ReshapeOp::fields([&](const char* name, auto member, auto&&...) {
    if (attributes.*member == 0) refuse(std::string(name) + " must be positive, got 0");
  });
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
