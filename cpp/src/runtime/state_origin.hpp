#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "mpsnn/op.hpp"
#include "mpsnn/state.hpp"
#include "nodes/lowered.hpp"

namespace mpsnn {

/// Blocks of numbers of one state object: what they are, and where.
struct StateBlocks {
  std::vector<StateDescriptor> descriptors;
  std::vector<std::shared_ptr<Buffer>> buffers;
};

/// The engine's side of a gradient state: the filter that fills it, as it was when the state was made.
struct StateOrigin {
  std::shared_ptr<const Op> op;
  ForwardStep forward;
  std::shared_ptr<ParameterSet> parameters;
  StateBlocks blocks, gradients;                    ///< left by the forward filter, left by the gradient filter
  std::shared_ptr<std::mutex> run_mutex = nullptr;  ///< of those who use the parameters
  mtl::Region clip_rect = kRectNoClip;              ///< the part of its destination that the forward filter wrote
  std::shared_ptr<void> native = nullptr;           ///< the state of the device's own kernel, which has no blocks
  std::shared_ptr<Device> device = nullptr;         ///< of the filter
};

/// Null for a state that no filter made.
inline const ForwardStep* forward_step_of(const StatePtr& state) {
  return state && state->origin ? &state->origin->forward : nullptr;
}

}  // namespace mpsnn
