#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "graph/program.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn {

/// The pixels of one batch as the caller holds them: N single images, each dense in x and y.
struct BoundImages {
  std::vector<void*> images;  ///< one for each image of the batch
  std::size_t pixel_stride = 0;
};

/// What an encode looks like from outside; a plan is made for one of these.
struct PlanRequest {
  struct Source {
    ImageShape shape;
    ImageFeatureChannelFormat format = ImageFeatureChannelFormat::None;
    bool is_direct = false;  ///< dense float32 images one after another: kernels read them in place
    bool operator==(const Source&) const = default;
  };
  struct Labels {
    Source labels;
    std::optional<Source> weights;
    ImageShape loss;
    bool operator==(const Labels&) const = default;
  };
  /// What a padding policy of the caller's said of one step.
  struct PolicyAnswer {
    int step = kNone;  ///< of the program
    ImageDescriptor descriptor;
    Geometry geometry;
    bool operator==(const PolicyAnswer&) const = default;
  };
  std::size_t batch = 1;
  std::vector<Source> sources;
  std::vector<Labels> labels;
  std::vector<PolicyAnswer> policy_answers;
  ImageFeatureChannelFormat format = ImageFeatureChannelFormat::Float16;
  bool emulate_storage = false;
  std::set<std::string> disabled_passes;
  std::string implementation;
  bool operator==(const PlanRequest&) const = default;
  bool has(const char* pass) const { return disabled_passes.count(pass) == 0; }
};

/// Memory outside the arena that a run is given.
enum class SlotKind { source, labels, weights, output, loss, state, answers };
struct Slot {
  SlotKind kind;
  int index = 0;  ///< source, source state, output, block or step of the program
};

/// An image while a plan runs: float32, either a slot's memory or a part of the arena.
struct PlanValue {
  ImageShape shape;
  int root = kNone;                ///< the value whose memory this one lies in; itself for most
  std::size_t channel_offset = 0;  ///< within the root
  int slot = kNone;                ///< roots only: memory of the caller's
  std::size_t arena_offset = 0;
  std::size_t byte_count = 0;
  int first = kNone, last = kNone;  ///< steps that write first and read last
  bool is_pinned = false;           ///< read after the last step
};

/// A block of a state while a plan runs.
struct PlanBlock {
  StateDescriptor descriptor;
  std::size_t byte_count = 0;
  int slot = kNone;
  std::size_t arena_offset = 0;
  int first = kNone, last = kNone;
};

enum class StepKind { compute, import_images, export_images, export_loss, round };

struct PlanStep {
  StepKind kind = StepKind::compute;
  std::string node, implementation, declined;
  std::shared_ptr<const Op> op;
  std::shared_ptr<ParameterSet> parameters;
  std::vector<int> sources;  ///< values
  int result = kNone;        ///< value; import: its target, export: unused
  std::vector<int> source_blocks, blocks;
  Geometry geometry;
  std::shared_ptr<const ForwardStep> forward;
  bool is_custom_padding = false;  ///< an image made under it must stay as it is
  int program_step = kNone;
  int slot = kNone;                                                       ///< import and export
  ImageFeatureChannelFormat format = ImageFeatureChannelFormat::Float32;  ///< import and export: of the caller's images; round
  std::shared_ptr<PlanKernel> kernel;
};

/// An image that leaves the graph.
struct PlanOutput {
  int value = kNone;           ///< of the program
  ImageDescriptor descriptor;  ///< of one image
  bool is_direct = false;      ///< kernels write the caller's memory
};

/// What a state object of an encode is made of.
struct PlanState {
  int state = kNone;  ///< of the program
  std::vector<int> forward_blocks, gradient_blocks;
  std::shared_ptr<const ForwardStep> forward;
  /// The step after which the data source takes the gradients, which lie in the arena; none for those that outlive the run.
  int updated_after = kNone;
};

/// A program for fixed shapes, ready to run. Read-only after the planner made it, but for the kernels' own memory: one run at a
/// time.
struct Plan {
  PlanRequest request;
  std::size_t batch = 1;  ///< images that the steps take at a time; the request's are as many, or pass through in several runs
  std::vector<PlanStep> steps;
  std::vector<PlanValue> values;
  std::vector<PlanBlock> blocks;
  std::vector<Slot> slots;
  std::vector<PlanOutput> outputs;
  std::vector<PlanState> states;   ///< those that need an object: delivered, or handed to a data source
  std::vector<std::string> notes;  ///< for people: what was fused, and what was not and why
  std::size_t arena_bytes = 0, passing_bytes = 0;
  std::size_t scratch_bytes = 0, part_scratch_bytes = 0,
              parts = 1;  ///< scratch memory follows the arena, the parts' follows that
  std::size_t memory_bytes() const { return arena_bytes + scratch_bytes + parts * part_scratch_bytes; }
  /// Text, one line a step: kernel chosen and why better ones declined.
  std::string trace() const;
};

/// One step of a program for fixed source shapes, under its padding policy.
struct ShapedStep {
  Inferred inferred;
  ImageDescriptor descriptor;  ///< what the policy made of the result
  std::shared_ptr<const ForwardStep> as_forward;
};
struct ShapedProgram {
  std::vector<ImageShape> shapes;                  ///< by value
  std::vector<ImageFeatureChannelFormat> formats;  ///< by value
  std::vector<ShapedStep> steps;
};

/// Properties of a kernel that stay as a padding policy of the caller's set them; by program step.
struct PolicyKernel {
  std::optional<ImageEdgeMode> edge_mode;
  std::optional<std::size_t> zero_pad_x, zero_pad_y;
};
using PolicyKernels = std::map<int, PolicyKernel>;

struct Planner {
  const Program& program;
  const KernelTable& table;
  std::shared_ptr<Device> device;
  int threads = 1;
};
/// Whether there are padding policies of the caller's own, which are asked at every encode.
bool has_own_policies(const Program& program);
/// Asks the caller's padding policies, in execution order.
std::vector<PlanRequest::PolicyAnswer> ask_policies(const Planner& planner, const PlanRequest& request, PolicyKernels& kernels);
std::shared_ptr<Plan> make_plan(const Planner& planner, const PlanRequest& request);

}  // namespace mpsnn
