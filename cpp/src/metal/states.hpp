#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "metal/objc.hpp"
#include "metal/recording.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/normalization.hpp"
#include "mpsnn/state.hpp"

namespace mpsnn::metal {

class NativeGraph;

/// How a state of Apple's becomes one of the library's over the same memory; a family adds its classes. Where there is a
/// recording, the memory is pending until it has run, and memory that only the GPU sees is copied.
class StateMakers {
 public:
  using MemoryOf = std::function<std::shared_ptr<Buffer>(id<MTLBuffer>)>;
  using Make = std::function<StatePtr(MPSState *, const MemoryOf &)>;
  static StateMakers &all();
  /// The last class that fits serves: derived classes after their bases.
  void add(Class kind, Make make) { makers_.push_back({kind, std::move(make)}); }
  StatePtr make(MPSState *state, const MemoryOf &memory_of) const;

 private:
  std::vector<std::pair<Class, Make>> makers_;
};

/// A state of Apple's behind one of the library's, for `StateOrigin::native`.
struct NativeState {
  Ref<MPSState *> state;
  /// Its buffers, and the memory in which the library's state has what is in them: their own where the CPU sees it.
  std::vector<std::pair<Ref<id<MTLBuffer>>, std::shared_ptr<Buffer>>> memory;
  std::weak_ptr<NativeGraph> graph;  ///< that left it; null for a kernel's
  /// Of a batch normalization, when it was last encoded with: what the library's says without a reset since.
  std::optional<CNNBatchNormalizationState::Progress> progress;
};

StatePtr portable_state(Recording &recording, MPSState *state);
/// The same, and what an encode of a kernel with it needs.
using LinkedState = std::pair<StatePtr, std::shared_ptr<NativeState>>;
LinkedState linked_state(Recording &recording, MPSState *state);
LinkedState linked_state(MPSState *state, const StateMakers::MemoryOf &memory_of);
/// When the work is done.
StatePtr portable_state(MPSState *state);

/// The values that an update returned, for Apple's reload.
MPSCNNConvolutionWeightsAndBiasesState *native_state(Recording &recording, const CNNConvolutionWeightsAndBiasesState &state,
                                                     MPSCNNConvolutionDescriptor *descriptor);
MPSCNNNormalizationGammaAndBetaState *native_state(Recording &recording, const CNNNormalizationGammaAndBetaState &state);
MPSCNNNormalizationMeanAndVarianceState *native_state(Recording &recording, const CNNNormalizationMeanAndVarianceState &state);

/// The caller's labels for Apple's loss filters; their loss images come back when the encode has run.
MPSCNNLossLabels *labels_for(Recording &recording, const StatePtr &labels);

}  // namespace mpsnn::metal
