#include "mpsnn/nodes/instance_normalization.hpp"

#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "nodes/lowered.hpp"
#include "nodes/node_table.hpp"
#include "nodes/normalization_parameters.hpp"

namespace mpsnn {

namespace {

using Parameters = ImageNormalizationParameters;

std::vector<StateDescriptor> per_image(const char* first, const char* second, std::size_t count) {
  return {{first, DataType::Float32, count, true}, {second, DataType::Float32, count, true}};
}

template <class StateType>
std::shared_ptr<State> state_of(const StateObjectRequest& request) {
  const auto& parameters = request.parameters->parameters;
  std::vector<std::shared_ptr<Buffer>> buffers = {parameters[Parameters::kGamma].values, parameters[Parameters::kBeta].values};
  buffers.insert(buffers.end(), request.gradient_states.begin(), request.gradient_states.end());
  auto state = std::make_shared<StateType>(std::move(buffers));
  if (request.is_temporary) state->make_temporary(1);
  return state;
}

template <class GradientNode>
GradientFilterNodePtr gradient_of(ImageNormalizationNode& node, const ImageNodePtr& gradient_image) {
  auto gradient = std::make_shared<GradientNode>(gradient_image, node.source_images()[0], node.result_state());
  gradient->training_style = node.training_style;
  return gradient;
}

template <class Node>
const Node* forward_of(const NNFilterNode& gradient) {
  const auto& states = gradient.source_states();
  return states.empty() ? nullptr : dynamic_cast<const Node*>(states[0]->producer());
}

template <class Node, class Source>
void add_forward(NodeTable& table, const char* class_name) {
  table.add(class_name, [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, 0);
    auto node = std::make_shared<Node>(in.images[0], in.data_source<Source>());
    return NodeTable::with_attributes(std::move(node), in.op<typename Node::Attributes>());
  });
}

}  // namespace

Inferred ImageNormalizationOp::infer(const InferRequest& request) const {
  const std::size_t channels = request.sources[0].channels;
  if (number_of_feature_channels != 0 && channels != number_of_feature_channels) {
    throw ShapeError(request.node + ": the source has " + std::to_string(channels) + " feature channels, the data source " +
                     std::to_string(number_of_feature_channels));
  }
  return Op::infer(request);
}

std::vector<StateDescriptor> ImageNormalizationOp::states(const StateRequest&) const {
  return per_image("mean", "variance", number_of_groups);
}

void InstanceNormalizationOp::visit(AttributeVisitor& visitor) {
  OpOf::visit(visitor);
  if (epsilon) visitor("epsilon", *epsilon);
}

std::shared_ptr<State> InstanceNormalizationOp::make_state(const StateObjectRequest& request) const {
  return state_of<CNNInstanceNormalizationGradientState>(request);
}

void GroupNormalizationOp::visit(AttributeVisitor& visitor) {
  OpOf::visit(visitor);
  if (epsilon) visitor("epsilon", *epsilon);
}

std::shared_ptr<State> GroupNormalizationOp::make_state(const StateObjectRequest& request) const {
  return state_of<CNNGroupNormalizationGradientState>(request);
}

Inferred ImageNormalizationGradientOp::infer(const InferRequest& request) const {
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) + ", the forward filter's was " +
                     to_string(inferred.result));
  }
  return inferred;
}

std::vector<StateDescriptor> ImageNormalizationGradientOp::states(const StateRequest& request) const {
  return per_image("gradient_for_gamma", "gradient_for_beta", request.sources[1].channels);
}

ImageNormalizationNode::ImageNormalizationNode(ImageNodePtr source, std::shared_ptr<ImageNormalizationDataSource> data_source)
    : NNFilterNode({std::move(source)}, {}), data_source_(std::move(data_source)) {
  own_result_state(std::make_unique<NNGradientStateNode>());
}

Lowered ImageNormalizationNode::lower_op(std::shared_ptr<ImageNormalizationOp> op, const LowerRequest& request) const {
  std::string name = description();
  if (label.empty()) {
    const std::string source_label = data_source_->label();
    if (!source_label.empty()) name += " \"" + source_label + "\"";
  }
  auto parameters = std::make_shared<Parameters>(data_source_, std::move(name), request);
  op->number_of_feature_channels = parameters->channels();
  op->number_of_groups = parameters->groups();
  return {std::move(op), std::move(parameters)};
}

CNNInstanceNormalizationNode::CNNInstanceNormalizationNode(ImageNodePtr source,
                                                           std::shared_ptr<CNNInstanceNormalizationDataSource> data_source)
    : NodeOf(InstanceNormalizationOp{}, std::move(source), std::move(data_source)) {
  if (!this->data_source()) refuse("data_source is missing");
}

Lowered CNNInstanceNormalizationNode::lower(const LowerRequest& request) const {
  return lower_op(std::make_shared<InstanceNormalizationOp>(attributes), request);
}

std::vector<GradientFilterNodePtr> CNNInstanceNormalizationNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {gradient_of<CNNInstanceNormalizationGradientNode>(*this, gradient_image)};
}

CNNGroupNormalizationNode::CNNGroupNormalizationNode(ImageNodePtr source,
                                                     std::shared_ptr<CNNGroupNormalizationDataSource> data_source)
    : NodeOf(GroupNormalizationOp{}, std::move(source), std::move(data_source)) {
  if (!this->data_source()) refuse("data_source is missing");
}

Lowered CNNGroupNormalizationNode::lower(const LowerRequest& request) const {
  return lower_op(std::make_shared<GroupNormalizationOp>(attributes), request);
}

std::vector<GradientFilterNodePtr> CNNGroupNormalizationNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  return {gradient_of<CNNGroupNormalizationGradientNode>(*this, gradient_image)};
}

ImageNormalizationGradientNode::ImageNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                               StateNodePtr gradient_state)
    : NNGradientFilterNode({std::move(source_gradient), std::move(source_image)}, std::move(gradient_state)) {}

Lowered ImageNormalizationGradientNode::lower(const LowerRequest& request) const {
  if (!request.forward) throw GraphError(description() + ": the gradient state has no forward filter");
  const auto parameters = std::static_pointer_cast<Parameters>(request.forward->parameters);
  if (training_style == NNTrainingStyle::UpdateDeviceGPU && updates_parameters()) parameters->follow_source();
  return {op(), parameters};
}

bool ImageNormalizationGradientNode::updates_parameters() const {
  return training_style != NNTrainingStyle::UpdateDeviceNone &&
         forward_of<ImageNormalizationNode>(*this)->data_source()->updates(training_style);
}

CNNInstanceNormalizationGradientNode::CNNInstanceNormalizationGradientNode(ImageNodePtr source_gradient,
                                                                           ImageNodePtr source_image, StateNodePtr gradient_state)
    : NodeOf(InstanceNormalizationGradientOp{}, std::move(source_gradient), std::move(source_image), std::move(gradient_state)) {
  if (!forward_of<CNNInstanceNormalizationNode>(*this)) {
    refuse("gradient_state must be the result state of an MPSCNNInstanceNormalizationNode");
  }
}

CNNGroupNormalizationGradientNode::CNNGroupNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                                     StateNodePtr gradient_state)
    : NodeOf(GroupNormalizationGradientOp{}, std::move(source_gradient), std::move(source_image), std::move(gradient_state)) {
  if (!forward_of<CNNGroupNormalizationNode>(*this)) {
    refuse("gradient_state must be the result state of an MPSCNNGroupNormalizationNode");
  }
}

CNNInstanceNormalizationGradientState::CNNInstanceNormalizationGradientState(std::vector<std::shared_ptr<Buffer>> buffers)
    : ImageNormalizationGradientState(std::move(buffers)) {}

CNNGroupNormalizationGradientState::CNNGroupNormalizationGradientState(std::vector<std::shared_ptr<Buffer>> buffers)
    : ImageNormalizationGradientState(std::move(buffers)) {}

void register_instance_normalization_nodes(NodeTable& table) {
  add_forward<CNNInstanceNormalizationNode, CNNInstanceNormalizationDataSource>(table, "MPSCNNInstanceNormalizationNode");
  add_forward<CNNGroupNormalizationNode, CNNGroupNormalizationDataSource>(table, "MPSCNNGroupNormalizationNode");
  table.add_gradient<CNNInstanceNormalizationGradientNode>("MPSCNNInstanceNormalizationGradientNode");
  table.add_gradient<CNNGroupNormalizationGradientNode>("MPSCNNGroupNormalizationGradientNode");
}

}  // namespace mpsnn
