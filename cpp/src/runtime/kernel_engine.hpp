#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <vector>

#include "mpsnn/device.hpp"
#include "mpsnn/op.hpp"
#include "mpsnn/saved_graph.hpp"
#include "mpsnn/state.hpp"
#include "nodes/lowered.hpp"

namespace mpsnn {

struct KernelCall;

/// A kernel that was made by hand, as a kernel of the device's own. Everything that can be checked was checked before.
class KernelEngine {
 public:
  virtual ~KernelEngine();
  /// Whether the device has a kernel for such an encode of so many sources; others run on the portable kernels.
  virtual bool has_kernel(const KernelCall& call, const Op& op, std::size_t source_count) const = 0;
  /// The states that the kernel leaves in an encode with these images: one for all, or one for each. Each remembers the device's
  /// own by the pointer, for `StateOrigin::native`.
  struct MadeState {
    StatePtr state;
    std::shared_ptr<void> native;
  };
  virtual std::vector<MadeState> make_states(const KernelCall& call, const Op& op) = 0;
  /// The part of the destinations that an encode writes.
  struct Written {
    mtl::Region pixels;
    std::size_t channels = 0;  ///< from the call's channel offset on
  };
  /// Records the encode. `source_states` has one for each image. Throws before anything is recorded, or records all of it.
  virtual void encode(const KernelCall& call, const Op& op, const StateBatch& source_states, const Written& written) = 0;
  /// The parameters get what the device's own kernel has learned in a graph, which shares it.
  virtual void bring_parameters_up_to_date() = 0;
  /// Of the parameters, those with these indices have been exchanged: encodes from now on compute with the new ones.
  virtual void reload(const Op& op, const std::vector<std::size_t>& changed) = 0;
  /// Records that encodes from here on compute with the values of a state, as the parameters will.
  virtual void record_reload(const std::shared_ptr<CommandBuffer>& command_buffer, const Op& op, const StatePtr& state) = 0;
};

/// Null where the device runs the portable kernels. Absent from programs that do not link the native engine. `parameters` may be
/// null; whoever uses them locks `run_mutex`. `native` is for the kernel of a state: the device's own state, or null.
#ifdef __GNUC__
__attribute__((weak))
#endif
std::unique_ptr<KernelEngine>
make_kernel_engine(const std::shared_ptr<Device>& device, const std::shared_ptr<ParameterSet>& parameters,
                   const std::shared_ptr<std::mutex>& run_mutex, const std::shared_ptr<void>& native);

}  // namespace mpsnn
