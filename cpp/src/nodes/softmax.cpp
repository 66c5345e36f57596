#include "mpsnn/nodes/softmax.hpp"

#include <memory>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

Inferred infer_from_result(const InferRequest& request) {
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != request.forward->result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) +
                     ", the result of the forward filter " + to_string(request.forward->result));
  }
  return inferred;
}

}  // namespace

Inferred SoftMaxGradientOp::infer(const InferRequest& request) const { return infer_from_result(request); }
Inferred LogSoftMaxGradientOp::infer(const InferRequest& request) const { return infer_from_result(request); }

CNNSoftMaxNode::CNNSoftMaxNode(ImageNodePtr source)
    : NodeOf({}, std::vector<ImageNodePtr>{std::move(source)}, std::vector<StateNodePtr>{}) {
  own_result_state(std::make_unique<NNGradientStateNode>());
}

std::vector<GradientFilterNodePtr> CNNSoftMaxNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {std::make_shared<CNNSoftMaxGradientNode>(gradient_image, result_image(), result_state())};
}

CNNLogSoftMaxNode::CNNLogSoftMaxNode(ImageNodePtr source)
    : NodeOf({}, std::vector<ImageNodePtr>{std::move(source)}, std::vector<StateNodePtr>{}) {
  own_result_state(std::make_unique<NNGradientStateNode>());
}

std::vector<GradientFilterNodePtr> CNNLogSoftMaxNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {std::make_shared<CNNLogSoftMaxGradientNode>(gradient_image, result_image(), result_state())};
}

CNNSoftMaxGradientNode::CNNSoftMaxGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                               StateNodePtr gradient_state)
    : NodeOf({}, std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  if (source_states().empty()) refuse("gradient_state is missing");
}

CNNLogSoftMaxGradientNode::CNNLogSoftMaxGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                     StateNodePtr gradient_state)
    : NodeOf({}, std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  if (source_states().empty()) refuse("gradient_state is missing");
}

void register_softmax_nodes(NodeTable& table) {
  table.add_unary<CNNSoftMaxNode>("MPSCNNSoftMaxNode");
  table.add_unary<CNNLogSoftMaxNode>("MPSCNNLogSoftMaxNode");
  table.add_gradient<CNNSoftMaxGradientNode>("MPSCNNSoftMaxGradientNode");
  table.add_gradient<CNNLogSoftMaxGradientNode>("MPSCNNLogSoftMaxGradientNode");
}

}  // namespace mpsnn
