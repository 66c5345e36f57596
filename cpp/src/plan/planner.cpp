#include "plan/planner.hpp"

#include <algorithm>
#include <cstring>

#include "core/checked.hpp"
#include "mpsnn/error.hpp"
#include "plan/passes.hpp"

namespace mpsnn {

namespace {

using Format = ImageFeatureChannelFormat;

bool is_custom(NNPaddingMethod method) { return (method & NNPaddingMethod::Custom) == NNPaddingMethod::Custom; }

ImageDescriptor descriptor_of(const ImageShape& shape, Format format) {
  ImageDescriptor d;
  d.height = shape.height;
  d.width = shape.width;
  d.feature_channels = shape.channels;
  d.channel_format = format;
  return d;
}

// The custom policy's turn: it sees images without contents and a kernel whose properties it may set.
void ask_policy(const Planner& planner, const ProgramStep& step, const std::vector<ImageDescriptor>& sources, ShapedStep& shaped) {
  ImageBatch images;
  for (const auto& d : sources) images.push_back(std::make_shared<Image>(planner.device, d));
  CNNKernel kernel(planner.device, step.lowered.op->window());
  Geometry& g = shaped.inferred.geometry;
  kernel.offset = {g.offset_x, g.offset_y, 0};
  kernel.kernel_offset_x = g.kernel_offset_x;
  kernel.kernel_offset_y = g.kernel_offset_y;
  kernel.edge_mode = g.edge_mode;
  kernel.zero_pad_size_x = g.zero_pad_x;
  kernel.zero_pad_size_y = g.zero_pad_y;
  kernel.padding = step.padding;
  kernel.label = step.node;
  const ImageDescriptor d = step.padding->destination_image_descriptor_for_source_images(images, {}, kernel, shaped.descriptor);
  const auto check = [&](bool ok, const std::string& what) {
    if (!ok) throw InvalidArgument(step.node + ": its padding policy " + what);
  };
  check(d.width > 0 && d.height > 0,
        "asks for a result of " + std::to_string(d.height) + " x " + std::to_string(d.width) + " (height x width)");
  check(d.feature_channels == shaped.descriptor.feature_channels,
        "asks for " + std::to_string(d.feature_channels) + " feature channels, the filter makes " +
            std::to_string(shaped.descriptor.feature_channels));
  check(d.number_of_images == 1, "asks for several images in one");
  check(kernel.edge_mode == ImageEdgeMode::Zero || kernel.edge_mode == ImageEdgeMode::Clamp,
        "sets edge_mode " + std::to_string(std::size_t(kernel.edge_mode)) + "; only Zero and Clamp are supported here");
  check(kernel.clip_rect == kRectNoClip && kernel.destination_feature_channel_offset == 0 &&
            kernel.source_feature_channel_offset == 0 && kernel.source_feature_channel_max_count == kUIntegerMax,
        "sets clip_rect or feature channel offsets, which a graph does not take from a policy");
  g.offset_x = kernel.offset.x;
  g.offset_y = kernel.offset.y;
  g.kernel_offset_x = kernel.kernel_offset_x;
  g.kernel_offset_y = kernel.kernel_offset_y;
  g.edge_mode = kernel.edge_mode;
  g.zero_pad_x = kernel.zero_pad_size_x;
  g.zero_pad_y = kernel.zero_pad_size_y;
  shaped.inferred.result.height = d.height;
  shaped.inferred.result.width = d.width;
  shaped.descriptor = d;
}

class Planning {
 public:
  Planning(const Planner& planner, const PlanRequest& request)
      : planner_(planner), program_(planner.program), plan_(std::make_shared<Plan>()), draft_{*plan_, planner, {}} {
    plan_->request = request;
  }

  std::shared_ptr<Plan> run() {
    infer_shapes();
    make_steps();
    add_labels();
    const PlanRequest& request = plan_->request;
    if (!request.emulate_storage) {
      if (request.has("fold_batch_normalization")) fold_batch_normalization(draft_);
      if (request.has("fuse_addition")) fuse_addition(draft_);
      if (request.has("fuse_neuron")) fuse_neuron(draft_);
    }
    add_imports();
    add_states();
    add_outputs();
    if (request.emulate_storage) add_rounding();
    if (request.has("concatenate_in_place")) concatenate_in_place(draft_);
    make_kernels(draft_);
    if (request.has("run_in_place")) run_in_place(draft_);
    assign_memory(draft_, request.has("reuse_memory"));
    return plan_;
  }

 private:
  Format format_of(int value) const {
    const Format own = program_.values[value].format;
    return own == Format::None ? plan_->request.format : own;
  }

  void infer_shapes() {
    shapes_.resize(program_.values.size());
    formats_.resize(program_.values.size());
    for (std::size_t i = 0; i < program_.source_values.size(); ++i) {
      shapes_[program_.source_values[i]] = plan_->request.sources[i].shape;
      formats_[program_.source_values[i]] = plan_->request.sources[i].format;
    }
    for (const ProgramStep& step : program_.steps) {
      std::vector<ImageShape> sources;
      std::vector<ImageDescriptor> descriptors;
      for (int id : step.sources) {
        sources.push_back(shapes_[id]);
        descriptors.push_back(descriptor_of(shapes_[id], formats_[id]));
      }
      ShapedStep shaped;
      InferRequest request;
      request.sources = sources;
      request.padding = step.padding->padding_method();
      request.node = step.node;
      if (step.forward != kNone) request.forward = shaped_[step.forward].as_forward.get();
      shaped.is_custom_padding = is_custom(request.padding);
      shaped.inferred = step.lowered.op->infer(request);
      const ImageShape& r = shaped.inferred.result;
      checked_product({plan_->request.batch, r.height, r.width, r.channels, sizeof(float)}, step.node + ": the result's size in bytes");
      shaped.descriptor = descriptor_of(r, format_of(step.result));
      if (shaped.is_custom_padding) ask_policy(planner_, step, descriptors, shaped);
      shapes_[step.result] = shaped.inferred.result;
      formats_[step.result] = shaped.descriptor.channel_format;
      auto forward = std::make_shared<ForwardStep>();
      forward->op = step.lowered.op.get();
      forward->sources = sources;
      forward->result = shaped.inferred.result;
      forward->geometry = shaped.inferred.geometry;
      shaped.as_forward = forward;
      shaped_.push_back(std::move(shaped));
    }
  }

  int add_value(const ImageShape& shape) {
    const int id = int(plan_->values.size());
    PlanValue value;
    value.shape = shape;
    value.root = id;
    plan_->values.push_back(value);
    draft_.is_visible.push_back(false);
    return id;
  }

  int add_slot(SlotKind kind, int index) {
    plan_->slots.push_back({kind, index});
    return int(plan_->slots.size()) - 1;
  }

  void make_steps() {
    for (std::size_t i = 0; i < program_.values.size(); ++i) {
      add_value(shapes_[i]);
      draft_.is_visible[i] = program_.values[i].is_exported;
    }
    for (int id : program_.results) {
      if (id != kNone) draft_.is_visible[id] = true;
    }
    blocks_of_step_.resize(program_.steps.size());
    for (std::size_t i = 0; i < program_.steps.size(); ++i) {
      const ProgramStep& from = program_.steps[i];
      PlanStep step;
      step.node = from.node;
      step.op = from.lowered.op;
      step.parameters = from.lowered.parameters;
      step.sources = from.sources;
      step.result = from.is_result_needed ? from.result : kNone;
      step.geometry = shaped_[i].inferred.geometry;
      step.is_custom_padding = shaped_[i].is_custom_padding && !dynamic_cast<const NNDefaultPadding*>(from.padding.get()) &&
                               (from.padding->padding_method() & NNPaddingMethod::CustomAllowForNodeFusion) == NNPaddingMethod{};
      step.program_step = int(i);
      if (step.is_custom_padding) draft_.is_visible[from.result] = true;
      if (from.forward != kNone) {
        step.forward = shaped_[from.forward].as_forward;
        step.source_blocks = blocks_of_step_[from.forward];
      }
      // A forward step leaves its state when somebody wants it; a gradient step its parameter gradients when the source is asked.
      const bool wants_blocks = from.state != kNone || from.labels != kNone || wants_gradients(from, i);
      if (wants_blocks) step.blocks = add_blocks(from, i, step.forward.get());
      blocks_of_step_[i] = step.blocks;
      if (step.result == kNone && step.blocks.empty()) continue;  // frozen parameters and no image: nothing to do
      plan_->steps.push_back(std::move(step));
    }
  }

  bool wants_gradients(const ProgramStep& step, std::size_t index) const {
    if (step.training_style != NNTrainingStyle::UpdateDeviceNone) return true;
    if (step.forward == kNone) return false;
    const ProgramState& state = program_.states[program_.steps[step.forward].state];
    return state.is_exported && state.gradient_step == int(index);
  }

  std::vector<int> add_blocks(const ProgramStep& step, std::size_t index, const ForwardStep* forward) {
    std::vector<ImageShape> sources;
    for (int id : step.sources) sources.push_back(shapes_[id]);
    std::vector<int> ids;
    for (auto& descriptor : step.lowered.op->states({sources, shaped_[index].inferred.result, forward})) {
      PlanBlock block;
      const std::size_t element = descriptor.data_type == DataType::Float32 ? 4 : (std::size_t(descriptor.data_type) & 0xff) / 8;
      block.byte_count = checked_product({descriptor.count, descriptor.per_image ? plan_->request.batch : 1, element},
                                         step.node + ": the size of " + descriptor.name);
      block.descriptor = std::move(descriptor);
      ids.push_back(int(plan_->blocks.size()));
      plan_->blocks.push_back(std::move(block));
    }
    return ids;
  }

  void import_slot(std::vector<PlanStep>& imports, SlotKind kind, int index, int value, Format format, bool is_direct) {
    const int slot = add_slot(kind, index);
    if (is_direct) {
      plan_->values[value].slot = slot;
      return;
    }
    PlanStep step;
    step.kind = StepKind::import_images;
    step.node = "import";
    step.result = value;
    step.slot = slot;
    step.format = format;
    imports.push_back(std::move(step));
  }

  // Labels and weights are further sources of their loss step; the loss leaves through a block.
  void add_labels() {
    for (PlanStep& step : plan_->steps) {
      const int labels = program_.steps[step.program_step].labels;
      if (labels == kNone) continue;
      const auto at = std::find(program_.source_states.begin(), program_.source_states.end(), labels);
      const int index = int(at - program_.source_states.begin());
      const PlanRequest::Labels& given = plan_->request.labels[index];
      if (const auto* op = dynamic_cast<const TakesLabels*>(step.op.get())) {
        op->check_labels(shapes_[step.sources[0]], given.labels.shape, given.loss, step.node);
      }
      const int value = add_value(given.labels.shape);
      step.sources.push_back(value);
      import_slot(imports_, SlotKind::labels, index, value, given.labels.format, given.labels.is_direct);
      if (given.weights) {
        const int weights = add_value(given.weights->shape);
        step.sources.push_back(weights);
        import_slot(imports_, SlotKind::weights, index, weights, given.weights->format, given.weights->is_direct);
      }
      losses_.push_back({index, step.program_step});
    }
  }

  void add_imports() {
    for (std::size_t i = 0; i < program_.source_values.size(); ++i) {
      const PlanRequest::Source& source = plan_->request.sources[i];
      import_slot(imports_, SlotKind::source, int(i), program_.source_values[i], source.format, source.is_direct);
    }
    plan_->steps.insert(plan_->steps.begin(), std::make_move_iterator(imports_.begin()), std::make_move_iterator(imports_.end()));
    for (const auto& [index, program_step] : losses_) {
      const auto at = std::find_if(plan_->steps.begin(), plan_->steps.end(),
                                   [&, id = program_step](const PlanStep& s) { return s.program_step == id; });
      PlanStep step;
      step.kind = StepKind::export_loss;
      step.node = "export loss";
      step.source_blocks = {at->blocks.at(0)};
      step.slot = add_slot(SlotKind::loss, index);
      plan_->steps.insert(at + 1, std::move(step));
    }
  }

  // A state object owns its blocks' memory, so that it lives as long as its holder wants.
  void add_states() {
    for (std::size_t i = 0; i < program_.states.size(); ++i) {
      const ProgramState& state = program_.states[i];
      if (state.producer == kNone) continue;
      const int gradient = state.gradient_step;
      const bool is_asked = gradient != kNone && program_.steps[gradient].training_style != NNTrainingStyle::UpdateDeviceNone;
      if (!state.is_exported && !is_asked) continue;
      PlanState made;
      made.state = int(i);
      made.forward = shaped_[state.producer].as_forward;
      made.forward_blocks = blocks_of_step_[state.producer];
      if (gradient != kNone) made.gradient_blocks = blocks_of_step_[gradient];
      for (const auto& ids : {made.forward_blocks, made.gradient_blocks}) {
        for (int id : ids) plan_->blocks[id].slot = add_slot(SlotKind::state, id);
      }
      plan_->states.push_back(std::move(made));
    }
  }

  void add_outputs() {
    std::vector<int> delivered;
    const auto deliver = [&](int value) {
      if (value != kNone && std::find(delivered.begin(), delivered.end(), value) == delivered.end()) delivered.push_back(value);
    };
    for (int id : program_.results) deliver(id);
    for (int id : program_.intermediates) deliver(id);
    for (int id : delivered) {
      PlanOutput output;
      output.value = id;
      output.descriptor = descriptor_of(shapes_[id], formats_[id]);
      const int slot = add_slot(SlotKind::output, int(plan_->outputs.size()));
      const bool is_computed = program_.values[id].producer != kNone;
      output.is_direct = is_computed && formats_[id] == Format::Float32 && plan_->values[id].slot == kNone;
      if (output.is_direct) {
        plan_->values[id].slot = slot;
      } else {
        PlanStep step;
        step.kind = StepKind::export_images;
        step.node = "export";
        step.sources = {id};
        step.slot = slot;
        step.format = formats_[id];
        plan_->steps.push_back(std::move(step));
      }
      plan_->outputs.push_back(std::move(output));
    }
  }

  // Rounds every image the way its format stores it.
  void add_rounding() {
    std::vector<PlanStep> steps;
    for (PlanStep& step : plan_->steps) {
      const int result = step.kind == StepKind::compute ? step.result : kNone;
      const std::string node = step.node;
      steps.push_back(std::move(step));
      if (result == kNone || result >= int(formats_.size()) || formats_[result] == Format::Float32) continue;
      PlanStep round;
      round.kind = StepKind::round;
      round.node = node;
      round.result = result;
      round.sources = {result};
      round.format = formats_[result];
      steps.push_back(std::move(round));
    }
    plan_->steps = std::move(steps);
  }

  const Planner& planner_;
  const Program& program_;
  std::shared_ptr<Plan> plan_;
  Draft draft_;
  std::vector<ImageShape> shapes_;
  std::vector<Format> formats_;
  std::vector<ShapedStep> shaped_;
  std::vector<std::vector<int>> blocks_of_step_;
  std::vector<PlanStep> imports_;
  std::vector<std::pair<int, int>> losses_;  // (source state, program step)
};

}  // namespace

TensorDescriptor tensor_of(const Plan& plan, int value) {
  const PlanValue& v = plan.values[value];
  return {plan.request.batch, v.shape.height, v.shape.width, v.shape.channels, plan.values[v.root].shape.channels};
}

ChosenKernel make_kernel(const Draft& draft, const PlanStep& step) {
  const Plan& plan = draft.plan;
  std::vector<TensorDescriptor> sources;
  for (int id : step.sources) sources.push_back(tensor_of(plan, id));
  TensorDescriptor result;
  if (step.result != kNone) result = tensor_of(plan, step.result);
  std::vector<StateDescriptor> source_states, states;
  for (int id : step.source_blocks) source_states.push_back(plan.blocks[id].descriptor);
  for (int id : step.blocks) states.push_back(plan.blocks[id].descriptor);
  KernelRequest request{*step.op, step.node, sources, step.result == kNone ? nullptr : &result, step.geometry, step.forward.get(),
                        source_states, states, step.parameters.get(), draft.planner.threads};
  return choose_kernel(draft.planner.table, request, plan.request.implementation);
}

void make_kernels(Draft& draft) {
  for (PlanStep& step : draft.plan.steps) {
    if (step.kind != StepKind::compute) continue;
    ChosenKernel chosen = make_kernel(draft, step);
    step.kernel = std::move(chosen.kernel);
    step.implementation = std::move(chosen.implementation);
    step.declined = std::move(chosen.declined);
  }
}

std::shared_ptr<Plan> make_plan(const Planner& planner, const PlanRequest& request) { return Planning(planner, request).run(); }

std::vector<std::string> plan_passes() {
  return {"fold_batch_normalization", "fuse_addition", "fuse_neuron", "concatenate_in_place", "run_in_place", "reuse_memory"};
}

std::string Plan::trace() const {
  static constexpr const char* kKinds[] = {"", "import", "export", "export loss", "round"};
  std::string text;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const PlanStep& step = steps[i];
    text += std::to_string(i) + " " + step.node;
    if (step.kind == StepKind::compute) {
      text += " -> " + step.implementation;
      if (!step.declined.empty()) text += " (declined: " + step.declined + ")";
    } else {
      text += std::string(" [") + kKinds[int(step.kind)] + "]";
    }
    if (step.result != kNone) {
      text += " " + to_string(values[step.result].shape);
      if (values[step.result].root != step.result) text += " in the memory of %" + std::to_string(values[step.result].root);
    }
    text += "\n";
  }
  return text + "arena " + std::to_string(arena_bytes) + " bytes, scratch " + std::to_string(scratch_bytes) + " bytes\n";
}

}  // namespace mpsnn
