#include "mpsnn/nodes/normalization.hpp"

#include <string>
#include <utility>

#include "core/checked.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"
#include "nodes/batch_normalization_steps.hpp"
#include "nodes/lowered.hpp"
#include "nodes/node_table.hpp"
#include "nodes/normalization_parameters.hpp"

namespace mpsnn {

namespace {

std::vector<StateDescriptor> per_channel(const char* first, const char* second, std::size_t channels) {
  return {{first, DataType::Float32, channels}, {second, DataType::Float32, channels}};
}

std::shared_ptr<Buffer> buffer_for(std::size_t channels) {
  return std::make_shared<Buffer>(checked_product({channels, sizeof(float)}, "number_of_feature_channels x 4"));
}

std::vector<std::shared_ptr<Buffer>> checked_pair(const char* owner, const char* first_name, std::shared_ptr<Buffer> first,
                                                  const char* second_name, std::shared_ptr<Buffer> second) {
  if (!first) throw InvalidArgument(std::string(owner) + ": " + first_name + " is missing");
  if (!second) throw InvalidArgument(std::string(owner) + ": " + second_name + " is missing");
  if (first->length() != second->length() || first->length() % sizeof(float) != 0) {
    throw InvalidArgument(std::string(owner) + ": " + first_name + " and " + second_name +
                          " must hold as many float32 numbers, got " + std::to_string(first->length()) + " and " +
                          std::to_string(second->length()) + " bytes");
  }
  return {std::move(first), std::move(second)};
}

template <class T>
std::shared_ptr<T> temporary_pair(const char* owner, const std::shared_ptr<CommandBuffer>& command_buffer, std::size_t channels) {
  if (!command_buffer) throw InvalidArgument(std::string(owner) + ": command_buffer is missing");
  if (channels == 0) throw InvalidArgument(std::string(owner) + ": number_of_feature_channels must be positive, got 0");
  auto state = std::make_shared<T>(buffer_for(channels), buffer_for(channels));
  state->make_temporary(1);
  return state;
}

const CNNBatchNormalizationNode* forward_of(const std::vector<StateNodePtr>& states) {
  return states.empty() ? nullptr : dynamic_cast<const CNNBatchNormalizationNode*>(states[0]->producer());
}

}  // namespace

void BatchNormalizationOp::visit(AttributeVisitor& visitor) {
  visitor("flags", flags);
  visitor("number_of_feature_channels", number_of_feature_channels);
  neuron.visit(visitor);
  if (epsilon) visitor("epsilon", *epsilon);
}

Inferred BatchNormalizationOp::infer(const InferRequest& request) const {
  const std::size_t channels = request.sources[0].channels;
  if (number_of_feature_channels != 0 && channels != number_of_feature_channels) {
    throw ShapeError(request.node + ": the source has " + std::to_string(channels) + " feature channels, the data source " +
                     std::to_string(number_of_feature_channels));
  }
  check_neuron(neuron, channels, request.node);
  return Op::infer(request);
}

std::vector<StateDescriptor> BatchNormalizationOp::states(const StateRequest& request) const {
  const std::size_t channels = request.sources[0].channels;
  auto blocks = per_channel("mean", "variance", channels);
  blocks.push_back({"moments", DataType::UInt64, 1 + 2 * channels});
  return blocks;
}

std::shared_ptr<State> BatchNormalizationOp::make_state(const StateObjectRequest& request) const {
  const auto& parameters = request.parameters->parameters;
  std::vector<std::shared_ptr<Buffer>> buffers = {parameters[BatchNormalizationParameters::kGamma].values,
                                                  parameters[BatchNormalizationParameters::kBeta].values};
  buffers.insert(buffers.end(), request.forward_states.begin(), request.forward_states.begin() + 2);  // without the moments
  buffers.insert(buffers.end(), request.gradient_states.begin(), request.gradient_states.end());
  auto state = std::make_shared<CNNBatchNormalizationState>(std::move(buffers));
  if (request.is_temporary) state->make_temporary(1);
  return state;
}

Inferred BatchNormalizationGradientOp::infer(const InferRequest& request) const {
  const Inferred inferred = infer_gradient(request);
  if (request.sources[1] != inferred.result) {
    throw ShapeError(request.node + ": the source image is " + to_string(request.sources[1]) + ", the forward filter's was " +
                     to_string(inferred.result));
  }
  return inferred;
}

std::vector<StateDescriptor> BatchNormalizationGradientOp::states(const StateRequest& request) const {
  return per_channel("gradient_for_gamma", "gradient_for_beta", request.sources[1].channels);
}

Inferred BatchNormalizationStatisticsGradientOp::infer(const InferRequest& request) const {
  return BatchNormalizationGradientOp().infer(request);
}

CNNBatchNormalizationNode::CNNBatchNormalizationNode(ImageNodePtr source,
                                                     std::shared_ptr<CNNBatchNormalizationDataSource> data_source)
    : NodeOf(BatchNormalizationOp{}, std::vector<ImageNodePtr>{std::move(source)}, std::vector<StateNodePtr>{}),
      data_source_(std::move(data_source)) {
  if (!data_source_) refuse("data_source is missing");
  own_result_state(std::make_unique<NNGradientStateNode>());
}

Lowered CNNBatchNormalizationNode::lower(const LowerRequest& request) const {
  const auto flags = attributes.flags;
  if (flags != CNNBatchNormalizationFlags::CalculateStatisticsAutomatic &&
      flags != CNNBatchNormalizationFlags::CalculateStatisticsAlways &&
      flags != CNNBatchNormalizationFlags::CalculateStatisticsNever) {
    refuse("flags must be CalculateStatisticsAutomatic, ...Always or ...Never, got " + std::to_string(std::size_t(flags)));
  }
  std::string name = description();
  if (label.empty()) {
    const std::string source_label = data_source_->label();
    if (!source_label.empty()) name += " \"" + source_label + "\"";
  }
  auto parameters = std::make_shared<BatchNormalizationParameters>(data_source_, std::move(name), request);
  auto op = std::make_shared<BatchNormalizationOp>(attributes);
  op->number_of_feature_channels = parameters->channels();
  return {std::move(op), std::move(parameters)};
}

std::vector<GradientFilterNodePtr> CNNBatchNormalizationNode::make_gradient_filters(const ImageNodePtr& gradient_image) {
  auto node = std::make_shared<CNNBatchNormalizationGradientNode>(gradient_image, source_images()[0], result_state());
  node->training_style = training_style;
  return {std::move(node)};
}

CNNBatchNormalizationGradientNode::CNNBatchNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image,
                                                                     StateNodePtr gradient_state)
    : NodeOf(BatchNormalizationGradientOp{}, std::vector<ImageNodePtr>{std::move(source_gradient), std::move(source_image)},
             std::move(gradient_state)) {
  if (!forward_of(source_states())) refuse("gradient_state must be the result state of an MPSCNNBatchNormalizationNode");
}

Lowered CNNBatchNormalizationGradientNode::lower(const LowerRequest& request) const {
  if (!request.forward) throw GraphError(description() + ": the gradient state has no forward filter");
  const auto parameters = std::static_pointer_cast<BatchNormalizationParameters>(request.forward->parameters);
  if (training_style == NNTrainingStyle::UpdateDeviceGPU && updates_parameters()) parameters->follow_source();
  return {op(), parameters};
}

bool CNNBatchNormalizationGradientNode::updates_parameters() const {
  return training_style != NNTrainingStyle::UpdateDeviceNone &&
         forward_of(source_states())->data_source()->updates(training_style);
}

CNNBatchNormalizationState::CNNBatchNormalizationState(std::vector<std::shared_ptr<Buffer>> buffers)
    : NNGradientState(std::move(buffers)) {
  progress.has_gradients = resources_.size() > 4;
}

CNNNormalizationGammaAndBetaState::CNNNormalizationGammaAndBetaState(std::shared_ptr<Buffer> gamma, std::shared_ptr<Buffer> beta)
    : State(checked_pair("MPSCNNNormalizationGammaAndBetaState", "gamma", std::move(gamma), "beta", std::move(beta))) {}

std::shared_ptr<CNNNormalizationGammaAndBetaState> CNNNormalizationGammaAndBetaState::temporary_state(
    const std::shared_ptr<CommandBuffer>& command_buffer, std::size_t number_of_feature_channels) {
  return temporary_pair<CNNNormalizationGammaAndBetaState>("MPSCNNNormalizationGammaAndBetaState", command_buffer,
                                                           number_of_feature_channels);
}

CNNNormalizationMeanAndVarianceState::CNNNormalizationMeanAndVarianceState(std::shared_ptr<Buffer> mean,
                                                                           std::shared_ptr<Buffer> variance)
    : State(checked_pair("MPSCNNNormalizationMeanAndVarianceState", "mean", std::move(mean), "variance", std::move(variance))) {}

std::shared_ptr<CNNNormalizationMeanAndVarianceState> CNNNormalizationMeanAndVarianceState::temporary_state(
    const std::shared_ptr<CommandBuffer>& command_buffer, std::size_t number_of_feature_channels) {
  return temporary_pair<CNNNormalizationMeanAndVarianceState>("MPSCNNNormalizationMeanAndVarianceState", command_buffer,
                                                              number_of_feature_channels);
}

void register_normalization_nodes(NodeTable& table) {
  table.add("MPSCNNBatchNormalizationNode", [](const NodeInputs& in) -> FilterNodePtr {
    in.expect(1, 0);
    auto node = std::make_shared<CNNBatchNormalizationNode>(in.images[0], in.data_source<CNNBatchNormalizationDataSource>());
    return NodeTable::with_attributes(std::move(node), in.op<BatchNormalizationOp>());
  });
  table.add_gradient<CNNBatchNormalizationGradientNode>("MPSCNNBatchNormalizationGradientNode");
}

}  // namespace mpsnn
