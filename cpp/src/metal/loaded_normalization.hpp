#pragma once

#include "metal/kernels.hpp"
#include "nodes/normalization_parameters.hpp"

namespace mpsnn::metal {

/// A data source for kernels with the parameters of a normalization: the numbers that the library has read and checked, and
/// computes with. It serves all three protocols.
id loaded_normalization(const std::shared_ptr<ParameterSet> &parameters);

// New values come by state, also those of a data source: the kernel of a graph's state has the graph's object for it, which would
// read the source once more.
MPSCNNNormalizationGammaAndBetaState *gamma_and_beta_of(const KernelReload &reload);
MPSCNNNormalizationMeanAndVarianceState *mean_and_variance_of(const KernelReload &reload);

/// Parameters of `Kernel`, as far as they are gamma and beta.
template <class Kernel>
KernelMakers::Source normalization_source() {
  KernelMakers::Source source{loaded_normalization};
  source.reload = [](MPSKernel *kernel, const KernelReload &in) {
    if (!in.has(NormalizationParameters::kGamma)) return;
    id<MTLCommandBuffer> command_buffer = [in.device.queue() commandBuffer];
    [(Kernel *)kernel reloadGammaAndBetaWithCommandBuffer:command_buffer gammaAndBetaState:gamma_and_beta_of(in)];
    [command_buffer commit];
  };
  source.reload_state = [](MPSKernel *kernel, Recording &recording, const State &state, const ParameterSet &) {
    const auto *values = dynamic_cast<const CNNNormalizationGammaAndBetaState *>(&state);
    if (!values) return;
    MPSCNNNormalizationGammaAndBetaState *native = native_state(recording, *values);
    apple([&] { [(Kernel *)kernel reloadGammaAndBetaWithCommandBuffer:recording.metal() gammaAndBetaState:native]; });
  };
  return source;
}

}  // namespace mpsnn::metal
