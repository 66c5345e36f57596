#include <algorithm>
#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/kernels/convolution.hpp"
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

}  // namespace

CNNConvolution::CNNConvolution(std::shared_ptr<Device> device, ConvolutionSourcePtr weights)
    : CNNConvolution(forward<CNNConvolutionNode>(std::move(device), "MPSCNNConvolution", std::move(weights))) {
  adjust_precision(*core(), *this);
}

std::shared_ptr<const ConvolutionOp> ConvolutionKernel::attributes() const {
  return std::static_pointer_cast<const ConvolutionOp>(core()->op());
}

const ConvolutionSourcePtr& ConvolutionKernel::data_source() const { return source_of(*core()); }

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
    : CNNConvolution(forward<CNNFullyConnectedNode>(std::move(device), "MPSCNNFullyConnected", std::move(weights))) {
  adjust_precision(*core(), *this);
}

CNNConvolutionTranspose::CNNConvolutionTranspose(std::shared_ptr<Device> device, ConvolutionSourcePtr weights)
    : ConvolutionKernel(
          forward<CNNConvolutionTransposeNode>(std::move(device), "MPSCNNConvolutionTranspose", std::move(weights))) {
  core()->takes_source_state = true;
  adjust_precision(*core(), *this);
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
}

ImageBatch CNNConvolutionTranspose::encode_batch_to_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
    const ConvolutionGradientStateBatch& convolution_gradient_states, StateBatch* destination_states, bool is_temporary) {
  KernelCall call = make_call(*this, *core(), command_buffer, source_images, {});
  call.source_states = plain(convolution_gradient_states);
  return encode_call(*this, *core(), call, destination_states, is_temporary);
}

CNNConvolutionGradient::CNNConvolutionGradient(std::shared_ptr<Device> device, ConvolutionSourcePtr weights)
    : CNNConvolutionGradient(gradient<CNNConvolutionNode>(std::move(device), "MPSCNNConvolutionGradient", std::move(weights))) {}

std::shared_ptr<const ConvolutionGradientOp> ConvolutionGradientKernel::attributes() const {
  return std::static_pointer_cast<const ConvolutionGradientOp>(core_->op());
}

const ConvolutionSourcePtr& ConvolutionGradientKernel::data_source() const { return source_of(*core_); }

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
