#include "mpsnn/nodes/gram_matrix.hpp"

#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/forward_op.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

NNGramMatrixCallback::~NNGramMatrixCallback() = default;

Inferred GramMatrixOp::infer(const InferRequest& request) const {
  const std::size_t channels = request.sources[0].channels;
  return {{1, channels, channels}, {}};
}

void GramMatrixOp::ask(const Question& question, std::span<double> answer) const {
  answer[0] = property_call_back->alpha_for_source_image(question.source, question.destination);
}

Inferred GramMatrixGradientOp::infer(const InferRequest& request) const {
  forward_op<GramMatrixOp>(request);
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) +
                     ", the source of the forward filter " + to_string(inferred.result));
  }
  return inferred;
}

NNGramMatrixCalculationNode::NNGramMatrixCalculationNode(ImageNodePtr source, float alpha)
    : NodeOf(GramMatrixOp(), std::vector<ImageNodePtr>{std::move(source)}, std::vector<StateNodePtr>{}) {
  attributes.alpha = alpha;
  own_result_state(std::make_unique<NNGradientStateNode>());
}

std::vector<GradientFilterNodePtr> NNGramMatrixCalculationNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {std::make_shared<NNGramMatrixCalculationGradientNode>(gradient_image, source_images()[0], result_state(),
                                                                attributes.alpha)};
}

NNGramMatrixCalculationGradientNode::NNGramMatrixCalculationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                                         StateNodePtr gradient_state, float alpha)
    : NodeOf(GramMatrixGradientOp(), std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)},
             std::move(gradient_state)) {
  attributes.alpha = alpha;
  if (source_states().empty()) refuse("gradient_state is missing");
}

void register_gram_matrix_nodes(NodeTable& table) {
  table.add("MPSNNGramMatrixCalculationNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, 0);
    auto node = std::make_shared<NNGramMatrixCalculationNode>(in.images[0]);
    in.read(node->attributes);
    if (const auto* original = dynamic_cast<const GramMatrixOp*>(in.original.get())) {
      node->attributes.property_call_back = original->property_call_back;
    }
    return node;
  });
  table.add_gradient<NNGramMatrixCalculationGradientNode>("MPSNNGramMatrixCalculationGradientNode");
}

}  // namespace mpsnn
