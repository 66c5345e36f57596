#include "metal/states.hpp"

#include "metal/callbacks.hpp"
#include "mpsnn/nodes/arithmetic.hpp"
#include "mpsnn/nodes/dropout.hpp"
#include "mpsnn/nodes/instance_normalization.hpp"
#include "mpsnn/nodes/loss.hpp"

namespace mpsnn::metal {

namespace {

void synchronize(Recording &recording, MPSState *state) {
  apple([&] { [state synchronizeOnCommandBuffer:recording.metal()]; });
}

// The forward filter's window and its place, for `CNNConvolutionGradientState::convolution`.
std::shared_ptr<CNNKernel> kernel_of(MPSCNNKernel *kernel) { return kernel ? shown_kernel(kernel, nullptr) : nullptr; }

template <class State>
StatePtr convolution_gradient(MPSState *state, const StateMakers::MemoryOf &memory_of, std::shared_ptr<CNNKernel> kernel) {
  auto *gradient = (MPSCNNConvolutionGradientState *)state;
  id<MTLBuffer> biases = gradient.gradientForBiases;
  return std::make_shared<State>(memory_of(gradient.gradientForWeights), biases ? memory_of(biases) : nullptr,
                                 gradient.sourceWidth, gradient.sourceHeight, std::move(kernel));
}

// Classes that are no more than their resources.
template <class State>
StatePtr of_resources(MPSState *state, const StateMakers::MemoryOf &memory_of) {
  std::vector<std::shared_ptr<Buffer>> buffers;
  for (NSUInteger i = 0; i < state.resourceCount; ++i) {
    if ([state resourceTypeAtIndex:i] != MPSStateResourceTypeBuffer) continue;
    buffers.push_back(memory_of((id<MTLBuffer>)[state resourceAtIndex:i allocateMemory:YES]));
  }
  return std::make_shared<State>(std::move(buffers));
}

void add_plain_states(StateMakers &makers) {
  makers.add([MPSState class], of_resources<State>);
  makers.add([MPSNNGradientState class], of_resources<NNGradientState>);
  makers.add([MPSNNBinaryGradientState class], of_resources<NNBinaryGradientState>);
  makers.add([MPSNNMultiaryGradientState class], of_resources<NNMultiaryGradientState>);
  makers.add([MPSCNNArithmeticGradientState class], of_resources<CNNArithmeticGradientState>);
  makers.add([MPSCNNDropoutGradientState class], of_resources<CNNDropoutGradientState>);
}

void add_convolution_states(StateMakers &makers) {
  makers.add([MPSCNNConvolutionGradientState class], [](MPSState *state, const StateMakers::MemoryOf &memory_of) {
    return convolution_gradient<CNNConvolutionGradientState>(state, memory_of,
                                                             kernel_of([(MPSCNNConvolutionGradientState *)state convolution]));
  });
  makers.add([MPSCNNConvolutionTransposeGradientState class], [](MPSState *state, const StateMakers::MemoryOf &memory_of) {
    return convolution_gradient<CNNConvolutionTransposeGradientState>(
        state, memory_of, kernel_of([(MPSCNNConvolutionTransposeGradientState *)state convolutionTranspose]));
  });
  makers.add([MPSCNNConvolutionWeightsAndBiasesState class], [](MPSState *state, const StateMakers::MemoryOf &memory_of) {
    auto *values = (MPSCNNConvolutionWeightsAndBiasesState *)state;
    id<MTLBuffer> biases = values.biases;
    return std::make_shared<CNNConvolutionWeightsAndBiasesState>(memory_of(values.weights), biases ? memory_of(biases) : nullptr);
  });
}

// The memory of those that are there, up to the first that is not.
std::vector<std::shared_ptr<Buffer>> memory_of_all(std::initializer_list<id<MTLBuffer>> buffers,
                                                   const StateMakers::MemoryOf &memory_of) {
  std::vector<std::shared_ptr<Buffer>> all;
  for (id<MTLBuffer> buffer : buffers) {
    if (!buffer) break;
    all.push_back(memory_of(buffer));
  }
  return all;
}

template <class State, class Native>
void add_image_normalization_state(StateMakers &makers) {
  makers.add([Native class], [](MPSState *state, const StateMakers::MemoryOf &memory_of) {
    auto *s = (Native *)state;
    return std::make_shared<State>(memory_of_all({s.gamma, s.beta, s.gradientForGamma, s.gradientForBeta}, memory_of));
  });
}

void add_normalization_states(StateMakers &makers) {
  makers.add([MPSCNNBatchNormalizationState class], [](MPSState *state, const StateMakers::MemoryOf &memory_of) {
    auto *s = (MPSCNNBatchNormalizationState *)state;
    return std::make_shared<CNNBatchNormalizationState>(
        memory_of_all({[s gamma], [s beta], [s mean], [s variance], [s gradientForGamma], [s gradientForBeta]}, memory_of));
  });
  add_image_normalization_state<CNNInstanceNormalizationGradientState, MPSCNNInstanceNormalizationGradientState>(makers);
  add_image_normalization_state<CNNGroupNormalizationGradientState, MPSCNNGroupNormalizationGradientState>(makers);
  makers.add([MPSCNNNormalizationGammaAndBetaState class], [](MPSState *state, const StateMakers::MemoryOf &memory_of) {
    auto *s = (MPSCNNNormalizationGammaAndBetaState *)state;
    return std::make_shared<CNNNormalizationGammaAndBetaState>(memory_of(s.gamma), memory_of(s.beta));
  });
  makers.add([MPSCNNNormalizationMeanAndVarianceState class], [](MPSState *state, const StateMakers::MemoryOf &memory_of) {
    auto *s = (MPSCNNNormalizationMeanAndVarianceState *)state;
    return std::make_shared<CNNNormalizationMeanAndVarianceState>(memory_of(s.mean), memory_of(s.variance));
  });
}

}  // namespace

StateMakers &StateMakers::all() {
  static auto *makers = [] {
    auto *made = new StateMakers;
    add_plain_states(*made);
    add_convolution_states(*made);
    add_normalization_states(*made);
    return made;
  }();
  return *makers;
}

StatePtr StateMakers::make(MPSState *state, const MemoryOf &memory_of) const {
  for (auto maker = makers_.rbegin(); maker != makers_.rend(); ++maker) {
    if (![state isKindOfClass:maker->first]) continue;
    StatePtr made = maker->second(state, memory_of);
    made->label = string_of(state.label);
    return made;
  }
  throw BackendError("native device: a state of the class " + string_of(NSStringFromClass([state class])) + " is unknown");
}

StatePtr portable_state(Recording &recording, MPSState *state) { return state ? linked_state(recording, state).first : nullptr; }

LinkedState linked_state(Recording &recording, MPSState *state) {
  synchronize(recording, state);
  return linked_state(state, [&](id<MTLBuffer> buffer) { return recording.memory_of(buffer); });
}

LinkedState linked_state(MPSState *state, const StateMakers::MemoryOf &memory_of) {
  auto native = std::make_shared<NativeState>();
  native->state = state;
  StatePtr mine = StateMakers::all().make(state, [&](id<MTLBuffer> buffer) {
    native->memory.emplace_back(buffer, memory_of(buffer));
    return native->memory.back().second;
  });
  return {std::move(mine), std::move(native)};
}

StatePtr portable_state(MPSState *state) {
  if (!state) return nullptr;
  return StateMakers::all().make(state, [](id<MTLBuffer> buffer) { return memory_over(buffer); });
}

MPSCNNConvolutionWeightsAndBiasesState *native_state(Recording &recording, const CNNConvolutionWeightsAndBiasesState &state,
                                                     MPSCNNConvolutionDescriptor *descriptor) {
  const auto biases = state.biases();
  id<MTLBuffer> native_weights = recording.buffer(state.weights(), false);
  id<MTLBuffer> native_biases = biases ? recording.buffer(biases, false) : nil;
  return apple([&] {
    return [[[MPSCNNConvolutionWeightsAndBiasesState alloc] initWithWeights:native_weights
                                                              weightsOffset:state.weights_offset()
                                                                     biases:native_biases
                                                               biasesOffset:state.biases_offset()
                                                   cnnConvolutionDescriptor:descriptor] autorelease];
  });
}

MPSCNNNormalizationGammaAndBetaState *native_state(Recording &recording, const CNNNormalizationGammaAndBetaState &state) {
  id<MTLBuffer> gamma = recording.buffer(state.gamma(), false), beta = recording.buffer(state.beta(), false);
  return apple([&] { return [[[MPSCNNNormalizationGammaAndBetaState alloc] initWithGamma:gamma beta:beta] autorelease]; });
}

MPSCNNNormalizationMeanAndVarianceState *native_state(Recording &recording, const CNNNormalizationMeanAndVarianceState &state) {
  id<MTLBuffer> mean = recording.buffer(state.mean(), false), variance = recording.buffer(state.variance(), false);
  return apple(
      [&] { return [[[MPSCNNNormalizationMeanAndVarianceState alloc] initWithMean:mean variance:variance] autorelease]; });
}

MPSCNNLossLabels *labels_for(Recording &recording, const StatePtr &state) {
  auto &labels = dynamic_cast<CNNLossLabels &>(*state);
  const ImagePtr loss = labels.loss_image();
  MPSImage *labels_image = recording.source(labels.labels_image());
  MPSImage *weights_image = labels.weights_image() ? recording.source(labels.weights_image()) : nil;
  MPSCNNLossLabels *native = apple([&] {
    return [[[MPSCNNLossLabels alloc] initWithDevice:recording.device().metal()
                                       lossImageSize:MTLSizeMake(loss->width(), loss->height(), loss->feature_channels())
                                         labelsImage:labels_image
                                        weightsImage:weights_image] autorelease];
  });
  recording.download([native lossImage], loss);
  return native;
}

}  // namespace mpsnn::metal
