#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mpsnn/kernel.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/state.hpp"
#include "nodes/lowered.hpp"
#include "runtime/kernel_engine.hpp"
#include "runtime/kernel_plan.hpp"
#include "runtime/runner.hpp"

namespace mpsnn {

struct SavedSource;

/// Where and how a kernel reads one of its sources.
struct KernelSource {
  ImageBatch images;
  Offset offset;
  std::size_t channel_offset = 0, channel_max_count = kUIntegerMax;
  ImageEdgeMode edge_mode = ImageEdgeMode::Zero;
  std::optional<mtl::Region> part = std::nullopt;  ///< columns and rows that exist for the filter; all of them without
};

/// One encode of a kernel that was made by hand: the images of a batch, or one image, which may hold several.
struct KernelCall {
  std::string name;   ///< for messages
  std::string label;  ///< the caller's
  std::shared_ptr<CommandBuffer> command_buffer;
  std::vector<KernelSource> sources;
  StateBatch source_states;       ///< one for each image, or one that all share
  bool reads_gradients = false;   ///< not only what the forward filter left in them, also what a gradient filter did
  ImageBatch destinations;        ///< none: only states are written
  StateBatch destination_states;  ///< result states to fill, one for each image; may be empty
  StateBatch modified_states;     ///< states of another kernel of the family, whose blocks are written instead
  StateBatch labels;              ///< of a loss: whose images come after the source; result states are over their loss images
  /// What a gradient kernel's own properties make of the forward step; null: the state's counts.
  std::shared_ptr<const ForwardStep> forward;
  NNConvolutionAccumulatorPrecisionOption accumulator_precision = NNConvolutionAccumulatorPrecisionOption::Float;
  mtl::Region clip_rect = kRectNoClip;
  std::size_t destination_channel_offset = 0;
  std::size_t result_x = 0, result_y = 0;  ///< the result's pixel that comes to the origin of the clip rectangle
  Geometry geometry;
  NNPaddingMethod method = NNPaddingMethod::SizeSame;  ///< for filters whose windows the caller cannot place
  bool is_gradient = false;
  bool writes_image = true, writes_states = true;
};

/// A forward step that keeps its op alive, without the memory of a state: plans outlive states.
std::shared_ptr<ForwardStep> make_forward_step(std::shared_ptr<const Op> op, const ForwardStep& like);

/// A filter without a graph around it: its node says what it is, plans of one step run it.
struct KernelCore {
  KernelCore(std::shared_ptr<Device> device, FilterNodePtr node, const char* class_name);
  /// Of a node that is lowered already: whoever else uses its parameters locks the same mutex. `native` is for the kernel of a
  /// state: the state of the device's own, or null.
  KernelCore(std::shared_ptr<Device> device, FilterNodePtr node, const char* class_name, const Lowered& lowered,
             std::shared_ptr<std::mutex> run_mutex, const std::shared_ptr<void>& native = nullptr);
  /// The kernel of a state that knows none, with the parameters of the filter that made it.
  KernelCore(const StateOrigin& origin, FilterNodePtr node, const char* class_name);

  const std::shared_ptr<Device> device;
  const FilterNodePtr node;
  const char* const class_name;
  std::shared_ptr<const Op> lowered_op;            ///< of filters with parameters: what their data source says
  const std::shared_ptr<ParameterSet> parameters;  ///< null for filters without; gradients of such take the state's
  bool takes_source_state = false;                 ///< of a forward filter: a state decides where its windows lie

  // What a kernel class has to say; may be empty.
  std::function<void(State&)> claim;                  ///< told of each result state
  std::function<void(const State&)> copy_properties;  ///< a gradient kernel: where the forward kernel read and wrote
  std::function<void(KernelCall&)> adjust;            ///< its own properties; a gradient kernel: in place of the state's

  /// Class and label, for messages.
  std::string named(const std::string& label) const { return class_name + (label.empty() ? "" : " \"" + label + "\""); }
  std::shared_ptr<const Op> op() const { return lowered_op ? lowered_op : node->op(); }
  /// With attributes that were looked at anew, since the caller may have set them; `name` is for messages.
  std::shared_ptr<const Op> checked_op(const std::string& name) const;
  bool is_state_shared() const;
  /// What the padding method makes of these sources; a gradient kernel looks at its first state.
  Inferred infer(const KernelCall& call, NNPaddingMethod method) const;
  /// One for each image; empty where the filter has no result state.
  StateBatch make_states(const KernelCall& call, bool is_temporary) const;
  /// Throws before anything is recorded, or records all of it.
  void encode(const KernelCall& call);
  /// The same into images that the allocator makes; `destination_states` receives the result states unless it is null.
  ImageBatch encode_made(KernelCall& call, const ImageDescriptor& descriptor, Kernel& kernel, ImageAllocator& allocator,
                         StateBatch* destination_states, bool is_temporary);
  /// The values in use.
  SavedSource save_parameters() const;
  /// Work on the parameters, now.
  void change_parameters(const std::function<void(ParameterSet&)>& work);
  /// New values of the data source: `read` asks it, without the run lock, and returns what puts them in use.
  void reload(const std::function<std::function<void()>(ParameterSet&)>& read);
  /// Work on the parameters, in the order of encodes.
  void record_on_parameters(const std::shared_ptr<CommandBuffer>& command_buffer, const std::string& name,
                            std::function<void(ParameterSet&)> work, std::vector<std::shared_ptr<Buffer>> writes = {});
  /// New values of a state, in the order of encodes.
  void record_reload(const std::shared_ptr<CommandBuffer>& command_buffer, const StatePtr& state, const std::string& name);

 private:
  std::shared_ptr<PlanRunner> runner_for(const KernelPlanRequest& request, std::mutex* parameter_mutex);
  /// Whether the device's own kernel serves this call: the states it is given are the device's own too.
  bool is_for_engine(const KernelCall& call, const Op& op, std::size_t source_count) const;

  std::mutex plans_mutex_;
  std::deque<std::pair<KernelPlanRequest, std::shared_ptr<PlanRunner>>> plans_;  // most recently used first
  const std::shared_ptr<std::mutex> run_mutex_;
  const std::unique_ptr<KernelEngine> engine_;  ///< null on devices without kernels of their own
  std::uint64_t encode_count_ = 0;
};

/// Throws InvalidArgument where images are missing.
void check_given(const ImageBatch& images, const char* what, const std::string& name);
/// The result's descriptor, in a format that holds it.
ImageDescriptor suggested_descriptor(const Op& op, const Inferred& inferred, const Image& source,
                                     std::size_t destination_channel_offset);

}  // namespace mpsnn
