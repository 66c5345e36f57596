#include "mpsnn/nodes/concatenation.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

// The filter that made the state, when it is a concatenation.
const NNConcatenationNode* forward_of(const std::vector<StateNodePtr>& states) {
  return states.empty() ? nullptr : dynamic_cast<const NNConcatenationNode*>(states[0]->producer());
}

}  // namespace

std::size_t concatenation_offset(std::span<const ImageShape> sources, std::size_t index) {
  std::size_t offset = 0;
  for (const ImageShape& source : sources.first(index)) offset += padded_channels(source.channels);
  return offset;
}

std::size_t ConcatenationOp::result_channels(std::span<const ImageShape> sources) const {
  return concatenation_offset(sources, sources.size());
}

Inferred ConcatenationOp::infer(const InferRequest& request) const {
  const ImageShape& first = request.sources[0];
  for (std::size_t i = 1; i < request.sources.size(); ++i) {
    const ImageShape& source = request.sources[i];
    if (source.width != first.width || source.height != first.height) {
      throw ShapeError(request.node + ": all sources must have one height and width; source 0 is " + to_string(first) +
                       ", source " + std::to_string(i) + " is " + to_string(source));
    }
  }
  return {{first.height, first.width, result_channels(request.sources)}, {}};
}

Inferred ConcatenationGradientOp::infer(const InferRequest& request) const {
  const Inferred inferred = infer_gradient(request, source_index);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) + ", source " +
                     std::to_string(source_index) + " of the forward filter " + to_string(inferred.result));
  }
  return inferred;
}

NNConcatenationNode::NNConcatenationNode(std::vector<ImageNodePtr> sources)
    : NodeOf({}, std::move(sources), std::vector<StateNodePtr>{}) {
  own_result_state(std::make_unique<NNGradientStateNode>());
}

std::vector<GradientFilterNodePtr> NNConcatenationNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  std::vector<GradientFilterNodePtr> filters;
  ConcatenationGradientOp op;
  for (const ImageNodePtr& source : source_images()) {
    filters.push_back(std::make_shared<NNConcatenationGradientNode>(gradient_image, source, result_state(), op));
    ++op.source_index;
  }
  return filters;
}

NNConcatenationGradientNode::NNConcatenationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                         StateNodePtr gradient_state)
    : NodeOf({}, std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  const NNConcatenationNode* forward = forward_of(source_states());
  if (!forward) refuse("gradient_state is not that of an MPSNNConcatenationNode");
  const auto& images = forward->source_images();
  const auto found = std::find(images.begin(), images.end(), source_images()[1]);
  if (found == images.end()) refuse("source_image is not among the sources of " + forward->description());
  attributes.source_index = std::size_t(found - images.begin());
}

NNConcatenationGradientNode::NNConcatenationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                         StateNodePtr gradient_state, const ConcatenationGradientOp& op)
    : NodeOf(op, std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {
  const NNConcatenationNode* forward = forward_of(source_states());
  if (!forward) refuse("gradient_state is not that of an MPSNNConcatenationNode");
  if (op.source_index >= forward->source_images().size()) {
    refuse("source_index must be below " + std::to_string(forward->source_images().size()) + ", got " +
           std::to_string(op.source_index));
  }
}

void register_concatenation_nodes(NodeTable& table) {
  table.add("MPSNNConcatenationNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(in.images.size(), 0);
    in.op<ConcatenationOp>();
    return std::make_shared<NNConcatenationNode>(in.images);
  });
  table.add_gradient<NNConcatenationGradientNode>("MPSNNConcatenationGradientNode");
}

}  // namespace mpsnn
