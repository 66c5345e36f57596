#include <algorithm>
#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/kernel_only_node.hpp"
#include "mpsnn/kernels/normalization.hpp"
#include "mpsnn/saved_graph.hpp"
#include "nodes/batch_normalization_steps.hpp"
#include "runtime/kernel_call.hpp"
#include "runtime/kernel_node.hpp"
#include "runtime/kernel_pixels.hpp"
#include "runtime/normalization_kernels.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn {

namespace {

using Parameters = BatchNormalizationParameters;
using StatisticsNode = KernelOnlyNode<BatchNormalizationStatisticsOp>;
using StatisticsGradientNode = GradientKernelNode<BatchNormalizationStatisticsGradientOp>;
using GradientNode = GradientKernelNode<BatchNormalizationGradientOp>;

constexpr const char* kName = "MPSCNNBatchNormalization";

std::shared_ptr<KernelCore> make_forward(std::shared_ptr<Device> device,
                                         std::shared_ptr<CNNBatchNormalizationDataSource> data_source,
                                         const NNNeuronDescriptor& fused_neuron) {
  if (!data_source) throw InvalidArgument(std::string(kName) + ": data_source is missing");
  auto core = make_kernel_core(std::move(device), kName, [&] {
    return std::make_shared<CNNBatchNormalizationNode>(std::make_shared<NNImageNode>(), std::move(data_source));
  });
  auto op = std::make_shared<BatchNormalizationOp>(static_cast<const BatchNormalizationOp&>(*core->lowered_op));
  op->neuron = fused_neuron;
  core->lowered_op = std::move(op);
  return core;
}

std::shared_ptr<KernelCore> make_statistics(std::shared_ptr<Device> device) {
  using OpType = StatisticsNode::Attributes;
  return make_kernel_core(std::move(device), OpType::kKernelName,
                          [] { return std::make_shared<StatisticsNode>(std::make_shared<NNImageNode>(), OpType()); });
}

template <class Node>
std::shared_ptr<KernelCore> make_gradient(std::shared_ptr<Device> device) {
  return make_kernel_core(std::move(device), Node::Attributes::kKernelName, [] { return std::make_shared<Node>(); });
}

const Parameters& parameters_of(const KernelCore& core) { return static_cast<const Parameters&>(*core.parameters); }

const BatchNormalizationOp& op_of(const KernelCore& core) { return static_cast<const BatchNormalizationOp&>(*core.lowered_op); }

void check_state(const BatchNormalizationStatePtr& state, const KernelCall& call) {
  if (!state) throw InvalidArgument(call.name + ": batch_normalization_state is missing");
  if (!state->origin) throw InvalidArgument(call.name + ": the state was not made by an MPSCNNBatchNormalization");
  const std::size_t there = state->origin->forward.sources[0].channels, read = shapes_of(call)[0].channels;
  if (there != read) {
    throw ShapeError(call.name + ": the state is for " + std::to_string(there) + " feature channels, the source has " +
                     std::to_string(read));
  }
}

}  // namespace

// Forward -----------------------------------------------------------------------------------------------------------

CNNBatchNormalization::CNNBatchNormalization(std::shared_ptr<Device> device,
                                             std::shared_ptr<CNNBatchNormalizationDataSource> data_source,
                                             const NNNeuronDescriptor& fused_neuron)
    : CNNBatchNormalization(make_forward(std::move(device), std::move(data_source), fused_neuron)) {}

CNNBatchNormalization::CNNBatchNormalization(std::shared_ptr<KernelCore> core) : CNNKernel(std::move(core)) {
  const auto& made = this->core();
  auto op = std::make_shared<BatchNormalizationOp>(op_of(*made));
  op->flags = CNNBatchNormalizationFlags::CalculateStatisticsNever;  // there is a kernel of its own for that
  if (!op->epsilon) op->epsilon = parameters_of(*made).epsilon();
  made->lowered_op = std::move(op);
  made->claim = [this](State& state) { claim(state); };
}

std::size_t CNNBatchNormalization::number_of_feature_channels() const { return parameters_of(*core()).channels(); }

const std::shared_ptr<CNNBatchNormalizationDataSource>& CNNBatchNormalization::data_source() const {
  return parameters_of(*core()).source();
}

SavedSource CNNBatchNormalization::save_parameters() const { return core()->save_parameters(); }

const NNNeuronDescriptor& CNNBatchNormalization::fused_neuron() const { return op_of(*core()).neuron; }

float CNNBatchNormalization::epsilon() const { return *op_of(*core()).epsilon; }

void CNNBatchNormalization::set_epsilon(float epsilon) {
  auto op = std::make_shared<BatchNormalizationOp>(op_of(*core()));
  op->epsilon = checked_epsilon(epsilon, core()->named(label));
  core()->lowered_op = std::move(op);
}

// A new state has the data source's statistics, and no gradients.
void CNNBatchNormalization::claim(State& made) {
  auto& state = static_cast<CNNBatchNormalizationState&>(made);
  state.batch_normalization_ = weak_from_this().lock();
  state.reset();
  if (state.origin->native) return;  // has them from the device's own kernel
  core()->change_parameters([&](ParameterSet& parameters) {
    const auto take = [&](Parameters::Index index, Buffer& to) {
      const auto from = parameters.parameters[index].values->floats();
      std::copy(from.begin(), from.end(), to.floats().begin());
    };
    take(Parameters::kMean, *state.mean());
    take(Parameters::kVariance, *state.variance());
  });
}

void CNNBatchNormalization::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                     const ImagePtr& source_image, const BatchNormalizationStatePtr& state,
                                                     const ImagePtr& destination_image) {
  encode_batch_to_command_buffer(command_buffer, {source_image}, state, {destination_image});
}

void CNNBatchNormalization::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                           const ImageBatch& source_images,
                                                           const BatchNormalizationStatePtr& state,
                                                           const ImageBatch& destination_images) {
  KernelCall call = make_call(*this, *core(), command_buffer, source_images, destination_images);
  check_state(state, call);
  call.source_states = {state};
  core()->encode(call);
  state->progress.starts_statistics = true;
}

void CNNBatchNormalization::reload_gamma_and_beta_from_data_source() {
  core()->reload([](ParameterSet& p) { return static_cast<Parameters&>(p).read_gamma_and_beta(); });
}

void CNNBatchNormalization::reload_mean_and_variance_from_data_source() {
  core()->reload([](ParameterSet& p) { return static_cast<Parameters&>(p).read_mean_and_variance(); });
}

void CNNBatchNormalization::reload_gamma_and_beta_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNNormalizationGammaAndBetaState>& state) {
  record_normalization_reload(*core(), core()->named(label), command_buffer, state);
}

void CNNBatchNormalization::reload_mean_and_variance_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNNormalizationMeanAndVarianceState>& state) {
  record_normalization_reload(*core(), core()->named(label), command_buffer, state);
}

std::shared_ptr<CNNBatchNormalization> CNNBatchNormalizationState::batch_normalization() {
  if (batch_normalization_ || !origin) return batch_normalization_;
  const auto parameters = std::static_pointer_cast<Parameters>(origin->parameters);
  const auto node = std::make_shared<CNNBatchNormalizationNode>(std::make_shared<NNImageNode>(), parameters->source());
  batch_normalization_ = std::make_shared<CNNBatchNormalization>(std::make_shared<KernelCore>(*origin, node, kName));
  return batch_normalization_;
}

// Statistics --------------------------------------------------------------------------------------------------------

CNNBatchNormalizationStatistics::CNNBatchNormalizationStatistics(std::shared_ptr<Device> device)
    : CNNKernel(make_statistics(std::move(device))) {}

void CNNBatchNormalizationStatistics::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                     const ImageBatch& source_images,
                                                                     const BatchNormalizationStatePtr& state) {
  KernelCall call = make_call(*this, *core(), command_buffer, source_images, {});
  check_state(state, call);
  state->check_readable(call.name);
  call.modified_states = {state};
  attributes_of_node<StatisticsNode>(node()).is_first = state->progress.starts_statistics;
  core()->encode(call);
  state->progress.starts_statistics = false;
}

// Gradient ----------------------------------------------------------------------------------------------------------

BatchNormalizationGradientKernel::BatchNormalizationGradientKernel(std::shared_ptr<KernelCore> core,
                                                                   const NNNeuronDescriptor& fused_neuron)
    : CNNGradientKernel(std::move(core)), neuron_(fused_neuron) {
  core_->adjust = [this](KernelCall& call) {
    const StatePtr state = call.source_states.empty() ? nullptr : call.source_states[0];
    const auto* forward = state && state->origin ? dynamic_cast<const BatchNormalizationOp*>(state->origin->op.get()) : nullptr;
    if (!forward) {
      if (call.source_states.empty()) return;
      throw InvalidArgument(call.name + ": the gradient state must be an MPSCNNBatchNormalizationState that a filter made");
    }
    auto op = std::make_shared<BatchNormalizationOp>(*forward);
    op->neuron = neuron_;
    call.forward = make_forward_step(std::move(op), state->origin->forward);
  };
}

KernelCall BatchNormalizationGradientKernel::gradient_call(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                           const ImageBatch& source_gradients, const ImageBatch& source_images,
                                                           const BatchNormalizationStatePtr& state,
                                                           const ImageBatch& destination_gradients) const {
  KernelCall recorded = call(command_buffer, source_gradients, source_images, {state}, destination_gradients);
  check_state(state, recorded);
  check_neuron(neuron_, state->origin->forward.sources[0].channels, recorded.name);
  core_->adjust(recorded);
  return recorded;
}

CNNBatchNormalizationStatisticsGradient::CNNBatchNormalizationStatisticsGradient(std::shared_ptr<Device> device,
                                                                                 const NNNeuronDescriptor& fused_neuron)
    : BatchNormalizationGradientKernel(make_gradient<StatisticsGradientNode>(std::move(device)), fused_neuron) {}

void CNNBatchNormalizationStatisticsGradient::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                             const ImageBatch& source_gradients,
                                                                             const ImageBatch& source_images,
                                                                             const BatchNormalizationStatePtr& state) {
  const KernelCall recorded = gradient_call(command_buffer, source_gradients, source_images, state, {});
  if (state->resources_.size() == 4) {
    // A graph without the gradient filter made it.
    auto origin = std::make_shared<StateOrigin>(*state->origin);
    const ForwardStep& forward = origin->forward;
    const std::vector<ImageShape> sources{forward.result, forward.sources[0]};
    for (auto& block : BatchNormalizationGradientOp().states({sources, forward.sources[0], &forward})) {
      origin->gradients.buffers.push_back(std::make_shared<Buffer>(block.count * sizeof(float)));
      origin->gradients.descriptors.push_back(std::move(block));
      state->resources_.push_back(origin->gradients.buffers.back());
    }
    state->origin = std::move(origin);
  }
  attributes_of_node<StatisticsGradientNode>(node()).is_first = state->progress.starts_gradients;
  core_->encode(recorded);
  state->progress.starts_gradients = false;
  state->progress.has_gradients = true;
}

CNNBatchNormalizationGradient::CNNBatchNormalizationGradient(std::shared_ptr<Device> device,
                                                             const NNNeuronDescriptor& fused_neuron)
    : BatchNormalizationGradientKernel(make_gradient<GradientNode>(std::move(device)), fused_neuron) {}

ImageBatch CNNBatchNormalizationGradient::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                         const ImageBatch& source_gradients,
                                                                         const ImageBatch& source_images,
                                                                         const BatchNormalizationStatePtr& state,
                                                                         const ImageBatch& destination_gradients) {
  KernelCall recorded = gradient_call(command_buffer, source_gradients, source_images, state, destination_gradients);
  if (!state->progress.has_gradients) {
    throw InvalidArgument(recorded.name +
                          ": the state has no gradients; MPSCNNBatchNormalizationStatisticsGradient must be encoded before");
  }
  recorded.reads_gradients = true;
  recorded.writes_states = false;
  ImageBatch made;
  if (destination_gradients.empty()) {
    made = encode(recorded, nullptr, false);
  } else {
    core_->encode(recorded);
  }
  state->progress.starts_gradients = true;
  return made;
}

}  // namespace mpsnn
