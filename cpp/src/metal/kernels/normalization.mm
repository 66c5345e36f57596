#include "mpsnn/nodes/normalization.hpp"

#include "metal/data_sources.hpp"
#include "metal/kernels.hpp"
#include "metal/loaded_normalization.hpp"
#include "nodes/batch_normalization_steps.hpp"

namespace mpsnn::metal {

namespace {

using Progress = CNNBatchNormalizationState::Progress;

bool operator==(const Progress &a, const Progress &b) {
  return a.starts_statistics == b.starts_statistics && a.starts_gradients == b.starts_gradients &&
         a.has_gradients == b.has_gradients;
}

// The library's state of an encode: given to read, or to write.
const StatePtr *state_of(const KernelCall &call) {
  for (const StateBatch *states : {&call.source_states, &call.modified_states, &call.destination_states}) {
    if (!states->empty()) return &states->front();
  }
  return nullptr;
}

// An encode with Apple's state, after the reset that the library's has had since the last one; `step` is how far it comes.
template <class Encode>
void encode_with_state(const StatePtr &mine, void (*step)(Progress &), const Encode &encode) {
  const Progress progress = static_cast<const CNNBatchNormalizationState &>(*mine).progress;
  NativeState &native = native_of(mine);
  auto *state = (MPSCNNBatchNormalizationState *)native.state.get();
  if (native.progress && !(*native.progress == progress)) [state reset];
  native.progress = progress;
  encode(state);
  step(*native.progress);
}

// A state has no gradients before they have been computed.
void take_gradients(MPSCNNBatchNormalizationState *state, const StatePtr &mine) {
  auto &memory = native_of(mine).memory;
  const auto take = [&](id<MTLBuffer> buffer, std::size_t index) {
    if (memory.size() == index) memory.emplace_back(buffer, mine->resource_at_index(index, true));
  };
  take([state gradientForGamma], 4);
  take([state gradientForBeta], 5);
}

KernelMakers::Source parameters() {
  using Kernel = MPSCNNBatchNormalization;
  KernelMakers::Source source = normalization_source<Kernel>();
  source.reload = [gamma_and_beta = source.reload](MPSKernel *kernel, const KernelReload &in) {
    gamma_and_beta(kernel, in);
    if (!in.has(NormalizationParameters::kMean)) return;
    id<MTLCommandBuffer> command_buffer = [in.device.queue() commandBuffer];
    [(Kernel *)kernel reloadMeanAndVarianceWithCommandBuffer:command_buffer meanAndVarianceState:mean_and_variance_of(in)];
    [command_buffer commit];
  };
  source.reload_state = [gamma_and_beta = source.reload_state](MPSKernel *kernel, Recording &recording, const State &state,
                                                               const ParameterSet &parameters) {
    gamma_and_beta(kernel, recording, state, parameters);
    const auto *values = dynamic_cast<const CNNNormalizationMeanAndVarianceState *>(&state);
    if (!values) return;
    MPSCNNNormalizationMeanAndVarianceState *native = native_state(recording, *values);
    apple([&] { [(Kernel *)kernel reloadMeanAndVarianceWithCommandBuffer:recording.metal() meanAndVarianceState:native]; });
  };
  source.kernel_of = [](MPSState *state) { return [(MPSCNNBatchNormalizationState *)state batchNormalization]; };
  return source;
}

void add_forward(KernelMakers &makers) {
  makers.add_with_source<BatchNormalizationOp>(
      parameters(),
      [](const BatchNormalizationOp &op, id<MTLDevice> device, id source) {
        return [[MPSCNNBatchNormalization alloc] initWithDevice:device
                                                     dataSource:source
                                          fusedNeuronDescriptor:neuron_of(op.neuron)];
      },
      [](MPSCNNBatchNormalization *kernel, const BatchNormalizationOp &op, const KernelCall &) { kernel.epsilon = *op.epsilon; });
  makers.encode_with<BatchNormalizationOp>(1, [](MPSKernel *kernel, const KernelArguments &in) {
    const StatePtr *mine = state_of(in.call);
    if (!mine) {
      [(MPSCNNKernel *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                            sourceImages:in.source(0)
                                       destinationImages:in.destinations];
      return;
    }
    const auto step = [](Progress &progress) { progress.starts_statistics = true; };
    encode_with_state(*mine, step, [&](MPSCNNBatchNormalizationState *state) {
      [(MPSCNNBatchNormalization *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                                        sourceImages:in.source(0)
                                             batchNormalizationState:state
                                                   destinationImages:in.destinations];
    });
  });
}

void add_statistics(KernelMakers &makers) {
  makers.add_plain<BatchNormalizationStatisticsOp, MPSCNNBatchNormalizationStatistics>();
  makers.serve_where<BatchNormalizationStatisticsOp>(
      [](const KernelCall &call) { return call.destinations.empty() && !call.modified_states.empty(); });
  makers.encode_with<BatchNormalizationStatisticsOp>(1, [](MPSKernel *kernel, const KernelArguments &in) {
    const auto step = [](Progress &progress) { progress.starts_statistics = false; };
    encode_with_state(*state_of(in.call), step, [&](MPSCNNBatchNormalizationState *state) {
      [(MPSCNNBatchNormalizationStatistics *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                                                  sourceImages:in.source(0)
                                                       batchNormalizationState:state];
    });
  });
}

// Both have an activation of their own, which is in the forward step of their calls.
template <class OpType, class Kernel>
void add_gradient(KernelMakers &makers, const std::function<void(Kernel *, const KernelArguments &)> &encode) {
  makers.add_for<OpType>([](const OpType &, const KernelRequest &in) {
    const auto &forward = static_cast<const BatchNormalizationOp &>(*in.call->forward->op);
    return [[Kernel alloc] initWithDevice:in.device fusedNeuronDescriptor:neuron_of(forward.neuron)];
  });
  makers.encode_with<OpType>(2, [encode](MPSKernel *kernel, const KernelArguments &in) { encode((Kernel *)kernel, in); });
}

void add_gradients(KernelMakers &makers) {
  using Sums = MPSCNNBatchNormalizationStatisticsGradient;
  const auto has_state = [](const KernelCall &call) { return !call.source_states.empty(); };
  add_gradient<BatchNormalizationStatisticsGradientOp, Sums>(makers, [](Sums *kernel, const KernelArguments &in) {
    const auto step = [](Progress &progress) {
      progress.starts_gradients = false;
      progress.has_gradients = true;
    };
    const StatePtr &mine = *state_of(in.call);
    encode_with_state(mine, step, [&](MPSCNNBatchNormalizationState *state) {
      [kernel encodeBatchToCommandBuffer:in.command_buffer
                         sourceGradients:in.source(0)
                            sourceImages:in.source(1)
                 batchNormalizationState:state];
      take_gradients(state, mine);
    });
  });
  makers.serve_where<BatchNormalizationStatisticsGradientOp>(
      [=](const KernelCall &call) { return has_state(call) && call.destinations.empty(); });
  using Gradient = MPSCNNBatchNormalizationGradient;
  add_gradient<BatchNormalizationGradientOp, Gradient>(makers, [](Gradient *kernel, const KernelArguments &in) {
    const auto step = [](Progress &progress) { progress.starts_gradients = true; };
    encode_with_state(*state_of(in.call), step, [&](MPSCNNBatchNormalizationState *state) {
      [kernel encodeBatchToCommandBuffer:in.command_buffer
                         sourceGradients:in.source(0)
                            sourceImages:in.source(1)
                 batchNormalizationState:state
                    destinationGradients:in.destinations];
    });
  });
  makers.serve_where<BatchNormalizationGradientOp>(
      [=](const KernelCall &call) { return has_state(call) && !call.destinations.empty() && call.reads_gradients; });
}

}  // namespace

void add_normalization_kernels(KernelMakers &makers) {
  add_forward(makers);
  add_statistics(makers);
  add_gradients(makers);
}

}  // namespace mpsnn::metal
