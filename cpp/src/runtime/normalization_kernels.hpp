#pragma once

#include <string>

#include "mpsnn/error.hpp"
#include "nodes/normalization_parameters.hpp"
#include "runtime/kernel_core.hpp"

// What the kernels of batch, instance and group normalization share.

namespace mpsnn {

inline float checked_epsilon(float epsilon, const std::string& name) {
  if (epsilon >= 0) return epsilon;
  throw InvalidArgument(name + ": epsilon must not be negative, got " + std::to_string(epsilon));
}

/// New values of two buffers of the state, in the order of encodes.
inline void record_normalization_reload(KernelCore& core, const std::string& name,
                                        const std::shared_ptr<CommandBuffer>& command_buffer, const StatePtr& state) {
  if (!state) throw InvalidArgument(name + ": state is missing");
  const std::size_t channels = static_cast<const NormalizationParameters&>(*core.parameters).channels();
  for (std::size_t i = 0; i < 2; ++i) {
    const std::size_t bytes = state->buffer_size_at_index(i);
    if (bytes == channels * sizeof(float)) continue;
    throw InvalidArgument(name + ": the state has buffers of " + std::to_string(bytes) + " bytes, " + std::to_string(channels) +
                          " feature channels take " + std::to_string(channels * sizeof(float)));
  }
  core.record_reload(command_buffer, state, name);
}

}  // namespace mpsnn
