#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "mpsnn/kernel.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/state.hpp"
#include "runtime/kernel_plan.hpp"
#include "runtime/runner.hpp"

namespace mpsnn {

/// Where and how a kernel reads one of its sources.
struct KernelSource {
  ImageBatch images;
  Offset offset;
  std::size_t channel_offset = 0, channel_max_count = kUIntegerMax;
  ImageEdgeMode edge_mode = ImageEdgeMode::Zero;
};

/// One encode of a kernel that was made by hand: the images of a batch, or one image, which may hold several.
struct KernelCall {
  std::string name;  ///< for messages
  std::shared_ptr<CommandBuffer> command_buffer;
  std::vector<KernelSource> sources;
  StateBatch source_states;  ///< a gradient kernel's, one for each image
  ImageBatch destinations;
  StateBatch destination_states;  ///< result states to fill, one for each image; may be empty
  mtl::Region clip_rect = kRectNoClip;
  std::size_t destination_channel_offset = 0;
  Geometry geometry;
  NNPaddingMethod method = NNPaddingMethod::SizeSame;  ///< for filters whose windows the caller cannot place
  bool writes_image = true, writes_states = true;
};

/// A filter without a graph around it: its node says what it is, plans of one step run it.
struct KernelCore {
  KernelCore(std::shared_ptr<Device> device, FilterNodePtr node, const char* class_name);

  const std::shared_ptr<Device> device;
  const FilterNodePtr node;
  const char* const class_name;
  const std::shared_ptr<const Op> lowered_op;      ///< of filters with parameters: what their data source says
  const std::shared_ptr<ParameterSet> parameters;  ///< null for filters without

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
  /// Reads the data source again.
  void reload();
  /// Work on the parameters, in the order of encodes.
  void record_on_parameters(const std::shared_ptr<CommandBuffer>& command_buffer, const std::string& name,
                            std::function<void(ParameterSet&)> work, std::vector<std::shared_ptr<Buffer>> writes = {});

 private:
  KernelCore(std::shared_ptr<Device> device, FilterNodePtr node, const char* class_name, const struct Lowered& lowered);
  std::shared_ptr<PlanRunner> runner_for(const KernelPlanRequest& request);

  std::mutex plans_mutex_;
  std::deque<std::pair<KernelPlanRequest, std::shared_ptr<PlanRunner>>> plans_;  // most recently used first
  std::shared_ptr<std::mutex> run_mutex_ = std::make_shared<std::mutex>();
  std::uint64_t encode_count_ = 0;
};

/// Throws InvalidArgument where images are missing.
void check_given(const ImageBatch& images, const char* what, const std::string& name);
/// The result's descriptor, in a format that holds it.
ImageDescriptor suggested_descriptor(const Op& op, const Inferred& inferred, const Image& source,
                                     std::size_t destination_channel_offset);

}  // namespace mpsnn
