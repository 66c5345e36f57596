#include <algorithm>
#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/kernels/convolution.hpp"
#include "mpsnn/saved_graph.hpp"
#include "nodes/convolution_parameters.hpp"
#include "runtime/kernel_call.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn {

namespace {

using WeightsState = CNNConvolutionWeightsAndBiasesState;

ImageNodePtr image() { return std::make_shared<NNImageNode>(); }

template <class Node>
std::shared_ptr<CNNConvolutionNode> make_node(ConvolutionSourcePtr weights) {
  if constexpr (std::is_same_v<Node, CNNConvolutionTransposeNode>) {
    return std::make_shared<Node>(image(), nullptr, std::move(weights));
  } else {
    return std::make_shared<Node>(image(), std::move(weights));
  }
}

template <class Node>
std::shared_ptr<KernelCore> forward(std::shared_ptr<Device> device, const char* name, ConvolutionSourcePtr weights) {
  if (!weights) throw InvalidArgument(std::string(name) + ": weights is missing");
  return make_kernel_core(std::move(device), name, [&] { return make_node<Node>(std::move(weights)); });
}

// A graph without a gradient filter leaves the buffers of its states to the kernel.
void take_buffers(const Op& gradient, const StateBatch& states) {
  for (const StatePtr& state : states) {
    const auto* mine = dynamic_cast<const CNNConvolutionGradientState*>(state.get());
    if (!mine || !mine->origin || mine->origin->native || !mine->origin->gradients.buffers.empty()) continue;
    auto origin = std::make_shared<StateOrigin>(*mine->origin);
    origin->gradients = {gradient.states({}), {mine->gradient_for_weights(), mine->gradient_for_biases()}};
    state->origin = std::move(origin);
  }
}

template <class Node>
std::shared_ptr<KernelCore> gradient(std::shared_ptr<Device> device, const char* name, ConvolutionSourcePtr weights) {
  if (!weights) throw InvalidArgument(std::string(name) + ": weights is missing");
  auto core = make_kernel_core(std::move(device), name,
                               [&] { return make_node<Node>(std::move(weights))->gradient_filter_with_source(image()); });
  core->adjust = [op = core->op()](KernelCall& call) { take_buffers(*op, call.source_states); };
  return core;
}

// Only a device with kernels of its own has other sums than those of float32.
void adjust_precision(KernelCore& core, const ConvolutionKernel& kernel) {
  core.adjust = [&kernel](KernelCall& call) { call.accumulator_precision = kernel.accumulator_precision_option; };
}

const ConvolutionSourcePtr& source_of(const KernelCore& core) {
  return static_cast<const ConvolutionParameters&>(*core.parameters).source();
}

void reload(KernelCore& core, const std::string& name, const std::shared_ptr<CommandBuffer>& command_buffer,
            const std::shared_ptr<WeightsState>& state) {
  if (!state) throw InvalidArgument(name + ": state is missing");
  static_cast<const ConvolutionParameters&>(*core.parameters).check_state(*state);
  core.record_reload(command_buffer, state, name);
}

void reload_from_source(KernelCore& core) {
  core.reload([](ParameterSet& parameters) { return parameters.read_data_source(); });
}

StateBatch plain(const ConvolutionGradientStateBatch& states) { return {states.begin(), states.end()}; }

// What a graph's state has no kernel for yet. `shown` is the window of its encode, and where it lay: all there is of a step that
// has not the parameters of one convolution.
template <class Kernel, class Node>
std::shared_ptr<CNNKernel> kernel_of_graph(const StateOrigin& origin, const std::shared_ptr<CNNKernel>& shown) {
  const auto parameters = std::dynamic_pointer_cast<ConvolutionParameters>(origin.parameters);
  if (!parameters) return shown;
  const auto kernel = std::make_shared<Kernel>(
      std::make_shared<KernelCore>(origin, make_node<Node>(parameters->source()), origin.op->kernel_name()));
  kernel->label = shown->label;
  kernel->offset = shown->offset;
  kernel->kernel_offset_x = shown->kernel_offset_x;
  kernel->kernel_offset_y = shown->kernel_offset_y;
  kernel->edge_mode = shown->edge_mode;
  return kernel;
}

bool is_for_graph(const State& state, const std::shared_ptr<CNNKernel>& kernel) {
  return state.origin && kernel && !dynamic_cast<const ConvolutionKernel*>(kernel.get());
}

}  // namespace

std::shared_ptr<CNNKernel> CNNConvolutionGradientState::convolution() {
  if (is_for_graph(*this, convolution_)) {
    convolution_ = dynamic_cast<const FullyConnectedOp*>(origin->op.get())
                       ? kernel_of_graph<CNNFullyConnected, CNNFullyConnectedNode>(*origin, convolution_)
                       : kernel_of_graph<CNNConvolution, CNNConvolutionNode>(*origin, convolution_);
  }
  return convolution_;
}

std::shared_ptr<CNNKernel> CNNConvolutionTransposeGradientState::convolution_transpose() {
  if (is_for_graph(*this, convolution_transpose_)) {
    convolution_transpose_ =
        kernel_of_graph<CNNConvolutionTranspose, CNNConvolutionTransposeNode>(*origin, convolution_transpose_);
  }
  return convolution_transpose_;
}

CNNConvolution::CNNConvolution(std::shared_ptr<Device> device, ConvolutionSourcePtr weights)
    : CNNConvolution(forward<CNNConvolutionNode>(std::move(device), "MPSCNNConvolution", std::move(weights))) {}

CNNConvolution::CNNConvolution(std::shared_ptr<KernelCore> core) : ConvolutionKernel(std::move(core)) {
  adjust_precision(*this->core(), *this);
  this->core()->claim = [this](State& state) {
    if (auto self = weak_from_this().lock()) static_cast<CNNConvolutionGradientState&>(state).convolution_ = std::move(self);
  };
}

std::shared_ptr<const ConvolutionOp> ConvolutionKernel::attributes() const {
  return std::static_pointer_cast<const ConvolutionOp>(core()->op());
}

const ConvolutionSourcePtr& ConvolutionKernel::data_source() const { return source_of(*core()); }

SavedSource ConvolutionKernel::save_parameters() const { return core()->save_parameters(); }

void ConvolutionKernel::reload_weights_and_biases_from_data_source() { reload_from_source(*core()); }

void ConvolutionKernel::reload_weights_and_biases_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                      const std::shared_ptr<WeightsState>& state) {
  reload(*core(), core()->named(label), command_buffer, state);
}

std::shared_ptr<WeightsState> ConvolutionKernel::export_weights_and_biases_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, bool result_state_can_be_temporary) {
  const auto& values = core()->parameters->parameters;
  std::vector<std::shared_ptr<Buffer>> copies;
  for (const Parameter& parameter : values) {
    copies.push_back(parameter.values ? std::make_shared<Buffer>(parameter.count * sizeof(float)) : nullptr);
  }
  std::vector<std::shared_ptr<Buffer>> writes;
  std::copy_if(copies.begin(), copies.end(), std::back_inserter(writes), [](const auto& buffer) { return buffer != nullptr; });
  core()->record_on_parameters(
      command_buffer, core()->class_name,
      [copies](ParameterSet& parameters) {
        parameters.refresh();
        for (std::size_t i = 0; i < copies.size(); ++i) {
          if (!copies[i]) continue;
          const auto from = parameters.parameters[i].values->floats();
          std::copy_n(from.begin(), parameters.parameters[i].count, copies[i]->floats().begin());
        }
      },
      std::move(writes));
  auto state = std::make_shared<WeightsState>(copies.at(0), copies.size() > 1 ? copies[1] : nullptr);
  if (result_state_can_be_temporary) state->make_temporary(1);
  return state;
}

CNNFullyConnected::CNNFullyConnected(std::shared_ptr<Device> device, ConvolutionSourcePtr weights)
    : CNNConvolution(forward<CNNFullyConnectedNode>(std::move(device), "MPSCNNFullyConnected", std::move(weights))) {}

CNNConvolutionTranspose::CNNConvolutionTranspose(std::shared_ptr<Device> device, ConvolutionSourcePtr weights)
    : CNNConvolutionTranspose(
          forward<CNNConvolutionTransposeNode>(std::move(device), "MPSCNNConvolutionTranspose", std::move(weights))) {}

CNNConvolutionTranspose::CNNConvolutionTranspose(std::shared_ptr<KernelCore> core) : ConvolutionKernel(std::move(core)) {
  this->core()->takes_source_state = true;
  adjust_precision(*this->core(), *this);
  this->core()->claim = [this](State& made) {
    auto& state = static_cast<CNNConvolutionTransposeGradientState&>(made);
    if (auto self = weak_from_this().lock()) state.convolution_transpose_ = std::move(self);
  };
}

void CNNConvolutionTranspose::tell_mirrored(const StateBatch& states, const StateBatch& mirrored) {
  if (mirrored.empty()) return;
  const auto convolution = static_cast<CNNConvolutionGradientState&>(*mirrored[0]).convolution();
  for (const StatePtr& state : states) static_cast<CNNConvolutionTransposeGradientState&>(*state).convolution_ = convolution;
}

void CNNConvolutionTranspose::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                             const ImageBatch& source_images,
                                                             const ConvolutionGradientStateBatch& convolution_gradient_states,
                                                             const StateBatch& destination_states,
                                                             const ImageBatch& destination_images) {
  KernelCall call = make_call(*this, *core(), command_buffer, source_images, destination_images);
  call.source_states = plain(convolution_gradient_states);
  call.destination_states = destination_states;
  if (!call.source_states.empty()) call.geometry = core()->infer(call, call.method).geometry;
  core()->encode(call);
  tell_mirrored(destination_states, call.source_states);
}

ImageBatch CNNConvolutionTranspose::encode_batch_to_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
    const ConvolutionGradientStateBatch& convolution_gradient_states, StateBatch* destination_states, bool is_temporary) {
  KernelCall call = make_call(*this, *core(), command_buffer, source_images, {});
  call.source_states = plain(convolution_gradient_states);
  ImageBatch made = encode_call(*this, *core(), call, destination_states, is_temporary);
  if (destination_states) tell_mirrored(*destination_states, call.source_states);
  return made;
}

CNNConvolutionGradient::CNNConvolutionGradient(std::shared_ptr<Device> device, ConvolutionSourcePtr weights)
    : CNNConvolutionGradient(gradient<CNNConvolutionNode>(std::move(device), "MPSCNNConvolutionGradient", std::move(weights))) {}

std::shared_ptr<const ConvolutionGradientOp> ConvolutionGradientKernel::attributes() const {
  return std::static_pointer_cast<const ConvolutionGradientOp>(core_->op());
}

const ConvolutionSourcePtr& ConvolutionGradientKernel::data_source() const { return source_of(*core_); }

SavedSource ConvolutionGradientKernel::save_parameters() const { return core_->save_parameters(); }

void ConvolutionGradientKernel::reload_weights_and_biases_from_data_source() { reload_from_source(*core_); }

void ConvolutionGradientKernel::reload_weights_and_biases_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<WeightsState>& state) {
  reload(*core_, core_->named(label), command_buffer, state);
}

CNNFullyConnectedGradient::CNNFullyConnectedGradient(std::shared_ptr<Device> device, ConvolutionSourcePtr weights)
    : CNNConvolutionGradient(
          gradient<CNNFullyConnectedNode>(std::move(device), "MPSCNNFullyConnectedGradient", std::move(weights))) {}

CNNConvolutionTransposeGradient::CNNConvolutionTransposeGradient(std::shared_ptr<Device> device, ConvolutionSourcePtr weights)
    : ConvolutionGradientKernel(
          gradient<CNNConvolutionTransposeNode>(std::move(device), "MPSCNNConvolutionTransposeGradient", std::move(weights))) {}

}  // namespace mpsnn
