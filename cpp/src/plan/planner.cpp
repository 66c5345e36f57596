#include "plan/planner.hpp"

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <limits>
#include <map>

#include "core/checked.hpp"
#include "mpsnn/asks_caller.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/normalization.hpp"
#include "plan/passes.hpp"
#include "plan/tuning.hpp"

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

ImageFeatureChannelFormat format_of(const ProgramValue& value, const PlanRequest& request) {
  return value.format == Format::None ? request.format : value.format;
}

void check_method(const ProgramStep& step, NNPaddingMethod method) {
  const bool is_reserved = (method & NNPaddingMethod::AlignMask) == NNPaddingMethod::Align_reserved ||
                           (method & NNPaddingMethod::SizeMask) > NNPaddingMethod::SizeFull;
  if (!is_reserved) return;
  throw InvalidArgument(step.node + ": padding_method " + std::to_string(std::size_t(method)) +
                        " of its padding policy has reserved bits");
}

// The policy of a custom step sees images without contents and a kernel whose properties it may set.
PlanRequest::PolicyAnswer ask_policy(const Planner& planner, const ProgramStep& step, const std::vector<ImageDescriptor>& sources,
                                     const ShapedStep& shaped, PolicyKernel& kept) {
  ImageBatch images;
  for (const auto& d : sources) images.push_back(std::make_shared<Image>(planner.device, d));
  CNNKernel kernel(planner.device, step.lowered.op->window());
  Geometry g = shaped.inferred.geometry;
  kernel.offset = {g.offset_x, g.offset_y, 0};
  kernel.kernel_offset_x = g.kernel_offset_x;
  kernel.kernel_offset_y = g.kernel_offset_y;
  kernel.edge_mode = kept.edge_mode.value_or(g.edge_mode);
  kernel.zero_pad_size_x = kept.zero_pad_x.value_or(g.zero_pad_x);
  kernel.zero_pad_size_y = kept.zero_pad_y.value_or(g.zero_pad_y);
  kernel.padding = step.padding;
  kernel.label = step.node;
  const ImageDescriptor d = step.padding->destination_image_descriptor_for_source_images(images, {}, kernel, shaped.descriptor);
  const auto check = [&](bool ok, const std::string& what) {
    if (!ok) throw InvalidArgument(step.node + ": its padding policy " + what);
  };
  // Larger numbers would overflow the arithmetic of windows.
  constexpr auto kLimit = std::ptrdiff_t(std::numeric_limits<std::int32_t>::max());
  const auto check_position = [&](const char* name, std::ptrdiff_t x, std::ptrdiff_t y) {
    check(std::abs(x) <= kLimit && std::abs(y) <= kLimit,
          std::string("sets ") + name + " (" + std::to_string(x) + ", " + std::to_string(y) + "), which is too far away");
  };
  check(d.width > 0 && d.height > 0,
        "asks for a result of " + std::to_string(d.height) + " x " + std::to_string(d.width) + " (height x width)");
  check(d.feature_channels == shaped.descriptor.feature_channels, "asks for " + std::to_string(d.feature_channels) +
                                                                      " feature channels, the filter makes " +
                                                                      std::to_string(shaped.descriptor.feature_channels));
  check(d.number_of_images == 1, "asks for " + std::to_string(d.number_of_images) + " images in one");
  check(d.channel_format >= Format::Unorm8 && d.channel_format <= Format::Float32,
        std::string("asks for channel_format ") + name_of(d.channel_format) + ", which is not a storage format");
  check(kernel.edge_mode == g.edge_mode || kernel.edge_mode == ImageEdgeMode::Zero || kernel.edge_mode == ImageEdgeMode::Clamp,
        "sets edge_mode " + std::to_string(std::size_t(kernel.edge_mode)) + "; only Zero and Clamp are supported here");
  check(kernel.clip_rect == kRectNoClip && kernel.destination_feature_channel_offset == 0 &&
            kernel.source_feature_channel_offset == 0 && kernel.source_feature_channel_max_count == kUIntegerMax,
        "sets clip_rect or feature channel offsets, which a graph does not take from a policy");
  if (!step.lowered.op->is_placed_by_policy()) {
    check(d.width == shaped.descriptor.width && d.height == shaped.descriptor.height,
          "asks for a result of " + std::to_string(d.height) + " x " + std::to_string(d.width) +
              " (height x width), the filter makes " + std::to_string(shaped.descriptor.height) + " x " +
              std::to_string(shaped.descriptor.width));
    const bool is_moved = kernel.offset != Offset{g.offset_x, g.offset_y, 0} || kernel.kernel_offset_x != g.kernel_offset_x ||
                          kernel.kernel_offset_y != g.kernel_offset_y || kernel.zero_pad_size_x != g.zero_pad_x ||
                          kernel.zero_pad_size_y != g.zero_pad_y;
    check(!is_moved, "sets offset, kernel_offset or zero_pad_size, which this filter does not take from a policy");
  }
  check_position("offset", kernel.offset.x, kernel.offset.y);
  check_position("kernel_offset", kernel.kernel_offset_x, kernel.kernel_offset_y);
  check_position("zero_pad_size", std::ptrdiff_t(kernel.zero_pad_size_x), std::ptrdiff_t(kernel.zero_pad_size_y));
  const auto keep = [](auto& kept, const auto& value, const auto& ours) {
    if (value != ours) {
      kept = value;
    } else {
      kept.reset();
    }
  };
  keep(kept.edge_mode, kernel.edge_mode, g.edge_mode);
  keep(kept.zero_pad_x, kernel.zero_pad_size_x, g.zero_pad_x);
  keep(kept.zero_pad_y, kernel.zero_pad_size_y, g.zero_pad_y);
  g.offset_x = kernel.offset.x;
  g.offset_y = kernel.offset.y;
  g.kernel_offset_x = kernel.kernel_offset_x;
  g.kernel_offset_y = kernel.kernel_offset_y;
  g.edge_mode = kernel.edge_mode;
  g.zero_pad_x = kernel.zero_pad_size_x;
  g.zero_pad_y = kernel.zero_pad_size_y;
  return {kNone, d, g};
}

bool is_own_policy(const NNPadding& policy) { return !dynamic_cast<const NNDefaultPadding*>(&policy); }

// A gradient filter has its geometry from the forward filter; that one's policy is not asked twice.
bool has_copied_policy(const Program& program, const ProgramStep& step) {
  return step.is_gradient && step.forward != kNone && program.steps[step.forward].padding == step.padding;
}

}  // namespace

ShapedProgram shape_program(const Planner& planner, const PlanRequest& request, const PolicyAnswerOf& answer_of) {
  const Program& program = planner.program;
  ShapedProgram all;
  all.shapes.resize(program.values.size());
  all.formats.resize(program.values.size());
  for (std::size_t i = 0; i < program.source_values.size(); ++i) {
    all.shapes[program.source_values[i]] = request.sources[i].shape;
    all.formats[program.source_values[i]] = request.sources[i].format;
  }
  for (const ProgramStep& step : program.steps) {
    std::vector<ImageShape> sources;
    std::vector<ImageDescriptor> descriptors;
    for (int id : step.sources) {
      sources.push_back(all.shapes[id]);
      descriptors.push_back(descriptor_of(all.shapes[id], all.formats[id]));
    }
    const auto check_size = [&](const ImageShape& r) {
      checked_product({request.batch, r.height, r.width, r.channels, sizeof(float)}, step.node + ": the result's size in bytes");
    };
    ShapedStep shaped;
    InferRequest infer;
    infer.sources = sources;
    infer.padding = step.padding->padding_method();
    infer.node = step.node;
    if (step.forward != kNone) infer.forward = all.steps[step.forward].as_forward.get();
    check_method(step, infer.padding);
    shaped.inferred = step.lowered.op->infer(infer);
    check_size(shaped.inferred.result);
    shaped.descriptor = descriptor_of(shaped.inferred.result, format_of(program.values[step.result], request));
    if (is_custom(infer.padding) && !has_copied_policy(program, step)) {
      PolicyKernel unused;
      const auto answer = is_own_policy(*step.padding) ? answer_of(int(all.steps.size()), descriptors, shaped)
                                                       : ask_policy(planner, step, descriptors, shaped, unused);
      shaped.descriptor = answer.descriptor;
      shaped.inferred.geometry = answer.geometry;
      shaped.inferred.result.height = answer.descriptor.height;
      shaped.inferred.result.width = answer.descriptor.width;
      check_size(shaped.inferred.result);
    }
    all.shapes[step.result] = shaped.inferred.result;
    all.formats[step.result] = shaped.descriptor.channel_format;
    auto forward = std::make_shared<ForwardStep>();
    forward->op = step.lowered.op.get();
    forward->sources = sources;
    forward->result = shaped.inferred.result;
    forward->geometry = shaped.inferred.geometry;
    shaped.as_forward = forward;
    all.steps.push_back(std::move(shaped));
  }
  return all;
}

namespace {

void check_passes(const PlanRequest& request) {
  const std::vector<std::string> passes = plan_passes();
  for (const std::string& name : request.disabled_passes) {
    if (std::find(passes.begin(), passes.end(), name) != passes.end()) continue;
    std::string all;
    for (const std::string& pass : passes) all += (all.empty() ? "" : ", ") + pass;
    throw InvalidArgument("MPSNNGraph: disabled_passes names \"" + name + "\", the passes are " + all);
  }
}

class Planning {
 public:
  Planning(const Planner& planner, const PlanRequest& request)
      : planner_(planner), program_(planner.program), plan_(std::make_shared<Plan>()), draft_(*plan_, planner) {
    plan_->request = request;
    plan_->batch = request.batch;
  }

  std::shared_ptr<Plan> run() {
    check_passes(plan_->request);
    take_shapes();
    make_steps();
    add_labels();
    const PlanRequest& request = plan_->request;
    if (!request.emulate_storage) {
      if (request.has("pass_gradients_on")) pass_gradients_on(draft_);
      if (request.has("fold_batch_normalization")) fold_batch_normalization(draft_);
      if (request.has("fuse_addition")) fuse_addition(draft_);
      if (request.has("fuse_neuron_gradient")) fuse_neuron_gradient(draft_);
      if (request.has("keep_signs")) keep_signs(draft_);
      if (request.has("fuse_gradient_sum")) fuse_gradient_sum(draft_);
      if (request.has("fuse_neuron")) fuse_neuron(draft_);
      if (request.has("compute_again")) compute_again(draft_);
    }
    add_imports();
    add_states();
    add_answers();
    add_outputs();
    if (request.emulate_storage) add_rounding();
    if (request.has("concatenate_in_place")) concatenate_in_place(draft_);
    if (request.has("split_batch")) split_batch(draft_);
    if (request.has("update_at_once")) update_at_once(draft_);
    make_kernels(draft_);
    if (makes_where_read(request)) make_where_read(draft_);
    if (!request.emulate_storage && request.has("take_where_made")) take_where_made(draft_);
    if (request.has("run_in_place")) run_in_place(draft_);
    assign_memory(draft_, request.has("reuse_memory"));
    return plan_;
  }

 private:
  void take_shapes() {
    const auto& answers = plan_->request.policy_answers;
    ShapedProgram all = shape_program(planner_, plan_->request, [&](int step, const auto&, const ShapedStep&) {
      const auto at = std::find_if(answers.begin(), answers.end(), [&](const auto& answer) { return answer.step == step; });
      if (at == answers.end()) {
        throw InvalidArgument(program_.steps[step].node + ": padding_method of its padding policy changes from call to call");
      }
      return *at;
    });
    shapes_ = std::move(all.shapes);
    formats_ = std::move(all.formats);
    shaped_ = std::move(all.steps);
  }

  int add_slot(SlotKind kind, int index) {
    plan_->slots.push_back({kind, index});
    return int(plan_->slots.size()) - 1;
  }

  void make_steps() {
    for (std::size_t i = 0; i < program_.values.size(); ++i) {
      draft_.add_value(shapes_[i]);
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
      leave_statistics_alone(from, step);
      step.sources = from.sources;
      step.result = from.result;
      step.geometry = shaped_[i].inferred.geometry;
      step.is_custom_padding = is_own_policy(*from.padding) && is_custom(from.padding->padding_method()) &&
                               !has_copied_policy(program_, from) &&
                               (from.padding->padding_method() & NNPaddingMethod::CustomAllowForNodeFusion) == NNPaddingMethod{};
      step.program_step = int(i);
      if (step.is_custom_padding) draft_.is_visible[from.result] = true;
      if (from.forward != kNone) {
        step.forward = shaped_[from.forward].as_forward;
        step.source_blocks = blocks_of_step_[from.forward];
      }
      // A forward step leaves its state when somebody wants it; a gradient step its parameter gradients when the source is asked.
      // An exported state has room for those of frozen parameters, and nobody writes there: they are 0.
      const bool wants_blocks = from.state != kNone || from.labels != kNone || updates_parameters(from);
      if (wants_blocks || is_gradient_of_export(from, i)) blocks_of_step_[i] = add_blocks(from, i, step.forward.get());
      if (wants_blocks) step.blocks = blocks_of_step_[i];
      if (!from.is_result_needed) {
        if (step.blocks.empty()) continue;  // frozen parameters and no image: nothing to do
        // Losses and gradients of parameters do without their image; a mask comes with the image it is for.
        if (from.labels != kNone || (from.forward != kNone && from.lowered.parameters)) step.result = kNone;
      }
      plan_->steps.push_back(std::move(step));
    }
  }

  // A state that is exported but that no gradient filter reads does not turn an automatic batch normalization to its own
  // statistics.
  void leave_statistics_alone(const ProgramStep& from, PlanStep& step) const {
    const auto* op = dynamic_cast<const BatchNormalizationOp*>(from.lowered.op.get());
    if (!op || op->flags != CNNBatchNormalizationFlags::CalculateStatisticsAutomatic) return;
    if (from.state == kNone || program_.states[from.state].gradient_step != kNone) return;
    auto copy = std::make_shared<BatchNormalizationOp>(*op);
    copy->flags = CNNBatchNormalizationFlags::CalculateStatisticsNever;
    step.op = std::move(copy);
  }

  static bool updates_parameters(const ProgramStep& step) { return step.training_style != NNTrainingStyle::UpdateDeviceNone; }

  bool is_gradient_of_export(const ProgramStep& step, std::size_t index) const {
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
      block.byte_count = byte_count(descriptor, plan_->request.batch, step.node);
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
      const int value = draft_.add_value(given.labels.shape);
      step.sources.push_back(value);
      import_slot(imports_, SlotKind::labels, index, value, given.labels.format, given.labels.is_direct);
      if (given.weights) {
        const int weights = draft_.add_value(given.weights->shape);
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

  // What the caller's objects say while encoding, as a further state of the step that asks and of its gradient step.
  void add_answers() {
    std::map<int, int> blocks;  // by program step
    const auto asker = [](const Op* op) {
      const auto* asks = dynamic_cast<const AsksCaller*>(op);
      return asks && asks->asked_property() ? asks : nullptr;
    };
    for (PlanStep& step : plan_->steps) {
      int program_step = step.program_step;
      const AsksCaller* op = asker(step.op.get());
      if (!op && step.forward) {
        op = asker(step.forward->op);
        program_step = program_.steps[program_step].forward;
      }
      if (!op) continue;
      const auto [at, is_new] = blocks.emplace(program_step, int(plan_->blocks.size()));
      step.source_blocks.push_back(at->second);
      if (!is_new) continue;
      PlanBlock block;
      block.descriptor = {op->asked_property(), DataType::UInt8, op->answer_count() * sizeof(double), true};
      block.byte_count = plan_->request.batch * block.descriptor.count;
      block.slot = add_slot(SlotKind::answers, program_step);
      plan_->blocks.push_back(std::move(block));
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
      // A result that is an input is a copy: stored like any other result, whatever the source's format is.
      const bool is_computed = program_.values[id].producer != kNone;
      const Format format = is_computed ? formats_[id] : format_of(program_.values[id], plan_->request);
      output.descriptor = descriptor_of(shapes_[id], format);
      const int slot = add_slot(SlotKind::output, int(plan_->outputs.size()));
      output.is_direct = is_computed && format == Format::Float32 && plan_->values[id].slot == kNone;
      if (output.is_direct) {
        plan_->values[id].slot = slot;
      } else {
        PlanStep step;
        step.kind = StepKind::export_images;
        step.node = "export";
        step.sources = {id};
        step.slot = slot;
        step.format = format;
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

bool has_own_policies(const Program& program) {
  return std::any_of(program.steps.begin(), program.steps.end(), [&](const ProgramStep& step) {
    return is_own_policy(*step.padding) && is_custom(step.padding->padding_method()) && !has_copied_policy(program, step);
  });
}

std::vector<PlanRequest::PolicyAnswer> ask_policies(const Planner& planner, const PlanRequest& request, PolicyKernels& kernels) {
  std::vector<PlanRequest::PolicyAnswer> answers;
  shape_program(planner, request, [&](int step, const auto& sources, const ShapedStep& shaped) {
    answers.push_back(ask_policy(planner, planner.program.steps[step], sources, shaped, kernels[step]));
    answers.back().step = step;
    return answers.back();
  });
  return answers;
}

TensorDescriptor tensor_of(const Plan& plan, int value) {
  const PlanValue& v = plan.values[value];
  return {plan.batch, v.shape.height, v.shape.width, v.shape.channels, plan.values[v.root].shape.channels};
}

ChosenKernel make_kernel(const Draft& draft, const PlanStep& step, bool is_final) {
  const Plan& plan = draft.plan;
  std::vector<TensorDescriptor> sources;
  for (int id : step.sources) sources.push_back(tensor_of(plan, id));
  TensorDescriptor result;
  if (step.result != kNone) result = tensor_of(plan, step.result);
  std::vector<StateDescriptor> source_states, states;
  for (int id : step.source_blocks) source_states.push_back(plan.blocks[id].descriptor);
  for (int id : step.blocks) states.push_back(plan.blocks[id].descriptor);
  KernelRequest request{*step.op,
                        step.node,
                        sources,
                        step.result == kNone ? nullptr : &result,
                        step.geometry,
                        step.forward.get(),
                        source_states,
                        states,
                        step.parameters.get(),
                        draft.planner.threads};
  request.parameters_change = draft.are_shared(step.parameters.get());
  if (is_final) request.maker = find_maker(draft, step);
  std::string preferred = plan.request.implementation;
  if (is_final && preferred.empty()) preferred = tuned_implementation(draft.planner.table, request);
  return choose_kernel(draft.planner.table, request, preferred);
}

void make_kernels(Draft& draft) {
  draft.find_steps();
  for (PlanStep& step : draft.plan.steps) {
    if (step.kind != StepKind::compute) continue;
    ChosenKernel chosen = make_kernel(draft, step, true);
    step.kernel = std::move(chosen.kernel);
    step.implementation = std::move(chosen.implementation);
    step.declined = std::move(chosen.declined);
  }
}

std::size_t byte_count(const StateDescriptor& descriptor, std::size_t batch, const std::string& node) {
  const std::size_t element = (std::size_t(descriptor.data_type) & 0xff) / 8;  // the low byte of a data type is its size in bits
  return checked_product({descriptor.count, descriptor.per_image ? batch : 1, element},
                         node + ": the size of " + descriptor.name);
}

std::shared_ptr<Plan> make_plan(const Planner& planner, const PlanRequest& request) { return Planning(planner, request).run(); }

std::vector<std::string> plan_passes() {
  return {"pass_gradients_on",    "fold_batch_normalization",
          "fuse_addition",        "fuse_neuron_gradient",
          "keep_signs",           "fuse_gradient_sum",
          "fuse_neuron",          "compute_again",
          "concatenate_in_place", "split_batch",
          "update_at_once",       "make_where_read",
          "take_where_made",      "run_in_place",
          "reuse_memory"};
}

std::string Plan::trace() const {
  static constexpr const char* kKinds[] = {"", "import", "export", "export loss", "round"};
  std::string text;
  for (const std::string& note : notes) text += note + "\n";
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
  return text + "arena " + std::to_string(arena_bytes) + " bytes, scratch " +
         std::to_string(scratch_bytes + parts * part_scratch_bytes) + " bytes\n";
}

}  // namespace mpsnn
