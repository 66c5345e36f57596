#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mpsnn/device.hpp"
#include "mpsnn/op.hpp"
#include "mpsnn/state.hpp"
#include "nodes/loaded_source.hpp"

namespace mpsnn {

/// One array of float32 that kernels read: the values in use, after any rounding the source asked for.
struct Parameter {
  std::string name;
  std::shared_ptr<Buffer> values;  ///< null: absent (no bias)
  std::size_t count = 0;
  /// Raised when the values change, under the executable's run lock. A kernel that keeps them in another form compares.
  std::uint64_t version = 1;
  bool is_borrowed = false;  ///< the values are the data source's: they may be replaced, not written
  /// Memory for all values that may be written.
  void make_writable() {
    if (!values || is_borrowed) values = std::make_shared<Buffer>(count * sizeof(float));
    is_borrowed = false;
  }
};

/// The parameters of one filter in one graph, shared by its forward and its gradient step.
class ParameterSet {
 public:
  virtual ~ParameterSet();
  std::vector<Parameter> parameters;

  /// The data source's, which stands in for a filter's own.
  virtual std::string label() const { return {}; }
  /// load, read, convert, purge. Throws our error with the node's name; the old values stay when it throws. Returns what puts the
  /// new ones in use.
  virtual std::function<void()> read_data_source() = 0;
  /// The source, still loaded after the first reading, where `LowerRequest` asks for it.
  std::unique_ptr<LoadedSource> loaded_source;
  /// Holds the executable's run lock only to put the new values in use: the data source may run and reload the graph itself.
  void reload_from_data_source(std::mutex& run_lock);
  /// When all filters of a graph are lowered, where `LowerRequest` promises that: copies what the graph may not share.
  virtual void settle() {}
  /// Filters that share a data source share this; see graph.md on one deferred reload.
  virtual const void* source_identity() const = 0;
  /// Called at the start of each run, under the run lock: brings derived values up to date.
  virtual void refresh() {}
  /// Called before each step that reads them: computes what `refresh` left to do.
  virtual void prepare() {}
  /// A kernel that keeps the weights in a form of its own has made it: until their version changes, nobody reads those that were
  /// computed for this kernel only.
  virtual void drop_weights() {}
  /// Brings them back for a run that needs them all the same.
  virtual void restore_weights() {}

  /// Training. Whether the source implements the update method of the style.
  virtual bool updates(NNTrainingStyle) const { return false; }
  /// Called while encoding, after the gradient step was recorded: asks the source, which may record work. `gradient_states` has
  /// one for each image; they may be the same. Returns the states with new values, in order; empty when nothing changes.
  virtual std::vector<StatePtr> update_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                           const StateBatch& gradient_states);
  /// Whether that takes the gradients when its recorded work runs, and keeps nothing of the states: their memory is free then.
  virtual bool updates_at_once() const { return false; }
  /// Then: whether it takes that of this parameter. A source without biases does not take theirs.
  virtual bool takes_gradient(std::size_t /*parameter*/) const { return true; }
  /// Runs in command-buffer order under the run lock: takes the values of a state returned above.
  virtual void reload(State& state);
  /// Called on the worker when the command buffer's work is done; true when `reload_from_data_source` is to follow.
  virtual bool update_on_cpu(const StateBatch& gradient_states);
  /// Called while encoding for CPU style: takes what `update_on_cpu` will need (the values in use) along.
  virtual void prepare_update_on_cpu(const std::shared_ptr<CommandBuffer>&, const StateBatch&) {}
};

struct LowerRequest {
  /// The forward filter that made the source gradient state, lowered; null without one.
  const struct Lowered* forward = nullptr;
  /// Engines that read the sources once more themselves find them loaded.
  bool keeps_sources_loaded = false;
  /// Parameters may be those of the source until `settle`: a filter still to be lowered may want to share them.
  bool settles = false;
};

/// A filter ready for a graph.
struct Lowered {
  std::shared_ptr<const Op> op;
  std::shared_ptr<ParameterSet> parameters;  ///< null for filters without
};

/// What a state object of one encode is made from.
struct StateObjectRequest {
  const ForwardStep& forward;
  std::vector<std::shared_ptr<Buffer>> forward_states;   ///< in the order of the forward op's `states`
  std::vector<std::shared_ptr<Buffer>> gradient_states;  ///< in the order of the gradient op's `states`; may be empty
  std::shared_ptr<ParameterSet> parameters;
  bool is_temporary = false;
};

}  // namespace mpsnn
