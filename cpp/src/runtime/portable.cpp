#include "runtime/portable.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

#include "mpsnn/asks_caller.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/loss.hpp"
#include "plan/planner.hpp"
#include "runtime/encode_checks.hpp"
#include "runtime/state_origin.hpp"
#include "runtime/thread_team.hpp"
#include "runtime/trace.hpp"
#include "runtime/training.hpp"

namespace mpsnn {

namespace {

constexpr std::size_t kPlansKept = 8;

PlanRequest::Source describe(const ImageBatch& batch) {
  const Image& first = *batch[0];
  PlanRequest::Source source;
  source.shape = {first.height(), first.width(), first.feature_channels()};
  source.format = first.feature_channel_format();
  source.is_direct = source.format == ImageFeatureChannelFormat::Float32 && is_contiguous(batch);
  return source;
}

ImageBatch images_of(const StateBatch& labels, bool weights) {
  ImageBatch images;
  for (const StatePtr& state : labels) {
    auto& l = static_cast<CNNLossLabels&>(*state);
    images.push_back(weights ? l.weights_image() : l.labels_image());
  }
  return images;
}

SlotBinding bind_images(const ImageBatch& batch) {
  SlotBinding binding;
  for (const ImagePtr& image : batch) {
    const ImageView view = image->view();
    const std::size_t bytes = view.image_stride * bytes_per_channel(view.format);
    for (std::size_t n = 0; n < view.number; ++n) binding.images.push_back(static_cast<std::byte*>(view.data) + n * bytes);
    binding.pixel_stride = view.pixel_stride;
  }
  return binding;
}

}  // namespace

PortableExecutable::PortableExecutable(std::shared_ptr<Device> device, const KernelTable& table, int threads,
                                       const GraphSource& source)
    : device_(std::move(device)), table_(table), threads_(threads), core_(std::make_shared<Core>()) {
  core_->program = lower(source);
  has_own_policies_ = has_own_policies(core_->program);
  for (const ProgramStep& step : core_->program.steps) {
    if (table_.find(*step.lowered.op).empty()) {
      throw Unsupported(step.node + ": the device \"" + device_->name() + "\" has no implementation of " +
                        step.lowered.op->kernel_name());
    }
  }
}

void PortableExecutable::reload_from_data_sources() {
  for (ParameterSet* set : parameter_sets(core_->program)) set->reload_from_data_source(*core_->run_mutex);
}

void PortableExecutable::read_parameters(const std::function<void()>& read) {
  // Recorded work holds the core until it is done, or dropped.
  if (is_trained(core_->program) && core_.use_count() > 1) {
    throw InvalidArgument(
        "MPSNNGraph: encoded work that trains this graph has not completed; commit its command buffer and call "
        "wait_until_completed first");
  }
  std::lock_guard lock(*core_->run_mutex);
  read();
}

PlanRequest PortableExecutable::plan_request(const EncodeRequest& request, std::size_t batch) const {
  PlanRequest plan;
  plan.batch = batch;
  for (const ImageBatch& images : request.source_images) plan.sources.push_back(describe(images));
  for (const StateBatch& labels : request.source_states) {
    PlanRequest::Labels described;
    described.labels = describe(images_of(labels, false));
    if (static_cast<CNNLossLabels&>(*labels[0]).weights_image()) described.weights = describe(images_of(labels, true));
    const Image& loss = *static_cast<CNNLossLabels&>(*labels[0]).loss_image();
    described.loss = {loss.height(), loss.width(), loss.feature_channels()};
    plan.labels.push_back(described);
  }
  plan.format = request.graph.format;
  plan.emulate_storage = request.graph.emulate_storage;
  plan.disabled_passes = request.graph.disabled_passes;
  plan.implementation = request.graph.implementation;
  return plan;
}

std::shared_ptr<PlanRunner> PortableExecutable::runner_for(const PlanRequest& request, NNGraph& graph) {
  std::lock_guard lock(plans_mutex_);
  const auto found =
      std::find_if(plans_.begin(), plans_.end(), [&](const auto& runner) { return runner->plan().request == request; });
  std::shared_ptr<PlanRunner> runner;
  if (found != plans_.end()) {
    runner = *found;
    plans_.erase(found);
  } else {
    std::lock_guard run_lock(*core_->run_mutex);  // the passes look at parameters, which a run may bring up to date
    runner = std::make_shared<PlanRunner>(make_plan({core_->program, table_, device_, threads_}, request));
    release_thread_team();  // another thread may run the plan
    const bool is_verbose = (graph.options & KernelOptions::Verbose) == KernelOptions::Verbose;
    if (traces_plans() || is_verbose) std::fputs((dump(core_->program) + runner->plan().trace()).c_str(), stderr);
  }
  plans_.push_front(runner);
  if (plans_.size() > kPlansKept) plans_.pop_back();
  return runner;
}

// One encode on its way: what it made so far, so that a failure half way can take it back.
struct PortableExecutable::Encoding {
  const EncodeRequest& request;
  const Program& program;
  PlanRunner& runner;
  const Plan& plan;
  std::size_t batch;
  bool is_one_image;  ///< one image object that holds the whole batch
  std::shared_ptr<std::mutex> run_mutex;
  std::vector<SlotBinding> slots;
  std::vector<ImageBatch> outputs;
  std::map<int, StateBatch> states;  ///< by program state
  std::vector<std::shared_ptr<Buffer>> writes;
  std::vector<std::pair<std::shared_ptr<Buffer>, std::size_t>> staged;  ///< outputs that are not contiguous: (memory, output)
  std::vector<std::shared_ptr<Buffer>> answers;                         ///< of the caller's objects

  void bind_inputs() {
    slots.resize(plan.slots.size());
    for (std::size_t i = 0; i < plan.slots.size(); ++i) {
      const auto [kind, index] = plan.slots[i];
      switch (kind) {
        case SlotKind::source:
          slots[i] = bind_images(request.source_images[index]);
          break;
        case SlotKind::labels:
          slots[i] = bind_images(images_of(request.source_states[index], false));
          break;
        case SlotKind::weights:
          slots[i] = bind_images(images_of(request.source_states[index], true));
          break;
        case SlotKind::loss:
          bind_loss(i, request.source_states[index]);
          break;
        default:
          break;
      }
    }
  }

  void bind_loss(std::size_t slot, const StateBatch& labels) {
    for (const StatePtr& state : labels) {
      const ImagePtr loss = static_cast<CNNLossLabels&>(*state).loss_image();
      slots[slot].images.push_back(static_cast<std::byte*>(loss->view().data));
      writes.push_back(loss->storage());
    }
  }

  void make_outputs() {
    bool is_foreign = false;
    for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
      const PlanOutput& output = plan.outputs[i];
      const bool is_result = output.value == program.results[0];
      const auto& allocator = is_result ? request.graph.destination_image_allocator : program.values[output.value].allocator;
      ImageDescriptor descriptor = output.descriptor;
      if (is_one_image) descriptor.number_of_images = batch;
      ImageBatch images =
          allocator->image_batch_for_command_buffer(request.command_buffer, descriptor, &request.graph, is_one_image ? 1 : batch);
      check_allocated(images, descriptor, is_one_image ? 1 : batch, "MPSNNGraph");
      outputs.push_back(std::move(images));
      is_foreign |= is_of_the_caller(allocator);
    }
    if (is_foreign) check_aliasing(request, outputs);
    for (std::size_t i = 0; i < plan.slots.size(); ++i) {
      if (plan.slots[i].kind != SlotKind::output) continue;
      const std::size_t index = std::size_t(plan.slots[i].index);
      const ImageBatch& images = outputs[index];
      for (const ImagePtr& image : images) writes.push_back(image->storage());
      if (plan.outputs[index].is_direct && !is_contiguous(images)) {
        const ImageDescriptor& d = plan.outputs[index].descriptor;
        auto memory = std::make_shared<Buffer>(batch * d.height * d.width * d.feature_channels * sizeof(float));
        slots[i].images = {static_cast<std::byte*>(memory->data())};
        staged.emplace_back(std::move(memory), index);
      } else {
        slots[i] = bind_images(images);
      }
    }
  }

  void make_states() {
    for (const PlanState& from : plan.states) {
      const auto* maker = dynamic_cast<const MakesState*>(from.forward->op);
      const bool is_shared = !maker || maker->is_state_shared_across_batch();
      // One block of memory each; states of single images look at their own part.
      std::vector<std::vector<std::shared_ptr<Buffer>>> forward(is_shared ? 1 : batch), gradient(is_shared ? 1 : batch);
      const auto fill = [&](const std::vector<int>& ids, auto& to) {
        for (int id : ids) {
          const PlanBlock& block = plan.blocks[id];
          const bool is_in_arena = block.slot == kNone;
          const auto memory = is_in_arena ? runner.block_in_arena(id) : runner.state_memory().take(id);
          if (!is_in_arena) slots[block.slot].images = {static_cast<std::byte*>(memory->data())};
          for (std::size_t n = 0; n < to.size(); ++n) {
            const bool is_part = !is_shared && block.descriptor.per_image;
            const std::size_t bytes = is_part ? block.byte_count / batch : block.byte_count;
            auto part =
                std::make_shared<Buffer>(static_cast<std::byte*>(memory->data()) + (is_part ? n * bytes : 0), bytes, memory);
            writes.push_back(part);
            to[n].push_back(std::move(part));
          }
        }
      };
      fill(from.forward_blocks, forward);
      fill(from.gradient_blocks, gradient);
      const ProgramState& state = program.states[from.state];
      StateBatch made;
      for (std::size_t n = 0; n < forward.size(); ++n) {
        StateObjectRequest object{*from.forward, forward[n], gradient[n], program.steps[state.producer].lowered.parameters,
                                  state.is_exported && request.graph.output_state_is_temporary};
        StatePtr one = maker ? maker->make_state(object) : std::make_shared<NNGradientState>(forward[n]);
        if (object.is_temporary) one->make_temporary(1);
        one->origin = std::make_shared<StateOrigin>(StateOrigin{program.steps[state.producer].lowered.op,
                                                                *from.forward,
                                                                object.parameters,
                                                                {descriptors_of(from.forward_blocks), forward[n]},
                                                                {descriptors_of(from.gradient_blocks), gradient[n]},
                                                                run_mutex,
                                                                kRectNoClip,
                                                                nullptr,
                                                                request.command_buffer->device()});
        made.push_back(std::move(one));
      }
      made.resize(batch, made[0]);
      states[from.state] = std::move(made);
    }
  }

  void ask_caller(const std::shared_ptr<Device>& device) {
    for (std::size_t i = 0; i < plan.slots.size(); ++i) {
      if (plan.slots[i].kind != SlotKind::answers) continue;
      const ProgramStep& step = program.steps[plan.slots[i].index];
      const auto& op = dynamic_cast<const AsksCaller&>(*step.lowered.op);
      const int source = step.sources[op.asked_source()];
      const ImageBatch sources = images_of_value(source, device), results = images_of_value(step.result, device);
      const std::size_t count = op.answer_count(), asked = op.is_asked_once() ? 1 : sources.size();
      auto memory = std::make_shared<Buffer>(batch * count * sizeof(double));
      std::span<double> all(static_cast<double*>(memory->data()), batch * count);
      for (std::size_t n = 0; n < asked; ++n) {
        op.ask({sources[n], results[n], program.values[source].handle, step.node}, all.subspan(n * count, count));
      }
      // One object that holds the batch is asked for once.
      for (std::size_t n = asked; n < batch; ++n) std::copy_n(all.begin(), count, all.begin() + n * count);
      slots[i].images = {static_cast<std::byte*>(memory->data())};
      answers.push_back(std::move(memory));
    }
  }

  /// The caller's images, or stand-ins without contents where the graph keeps the value to itself.
  ImageBatch images_of_value(int value, const std::shared_ptr<Device>& device) const {
    for (std::size_t i = 0; i < program.source_values.size(); ++i) {
      if (program.source_values[i] == value) return request.source_images[i];
    }
    for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
      if (plan.outputs[i].value == value) return outputs[i];
    }
    const ImageShape& shape = plan.values[value].shape;
    const auto format = program.values[value].format;
    ImageDescriptor descriptor;
    descriptor.height = shape.height;
    descriptor.width = shape.width;
    descriptor.feature_channels = shape.channels;
    descriptor.channel_format = format == ImageFeatureChannelFormat::None ? request.graph.format : format;
    if (is_one_image) descriptor.number_of_images = batch;
    ImageBatch images;
    for (std::size_t n = 0; n < (is_one_image ? 1 : batch); ++n) images.push_back(std::make_shared<Image>(device, descriptor));
    return images;
  }

  std::vector<StateDescriptor> descriptors_of(const std::vector<int>& blocks) const {
    std::vector<StateDescriptor> descriptors;
    for (int id : blocks) descriptors.push_back(plan.blocks[id].descriptor);
    return descriptors;
  }

  EncodeResult result() const {
    const auto batch_of = [&](int value) -> ImageBatch {
      for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
        if (plan.outputs[i].value == value) return outputs[i];
      }
      return {};
    };
    EncodeResult out;
    if (program.results[0] != kNone) out.result = batch_of(program.results[0]);
    for (int id : program.intermediates) out.intermediates.push_back(batch_of(id));
    for (int id : program.destination_states) out.states.push_back(states.at(id));
    for (int id : program.intermediates) {
      // A result that is also exported is handed out twice.
      if (id == program.results[0]) image_batch_increment_read_count(out.result, 1);
    }
    return out;
  }
};

EncodeResult PortableExecutable::encode(const EncodeRequest& request) {
  const std::size_t batch = check_encode(request, core_->program, *device_);
  PlanRequest wanted = plan_request(request, batch);
  if (has_own_policies_)
    wanted.policy_answers = ask_policies({core_->program, table_, device_, threads_}, wanted, policy_kernels_);
  const auto runner = runner_for(wanted, request.graph);
  const bool is_one_image = !request.source_images.empty() && request.source_images[0].size() == 1;
  Encoding encoding{request, core_->program, *runner, runner->plan(), batch, is_one_image, core_->run_mutex, {}, {}, {}, {}, {},
                    {}};
  encoding.bind_inputs();
  encoding.make_outputs();
  encoding.make_states();
  encoding.ask_caller(device_);

  CommandBuffer& command_buffer = *request.command_buffer;
  const auto mark = command_buffer.mark();
  try {
    const auto updates = std::make_shared<BetweenSteps>();
    command_buffer.record(
        [core = core_, runner, updates, slots = std::move(encoding.slots), staged = encoding.staged, outputs = encoding.outputs,
         answers = encoding.answers, sources = request.source_images, labels = request.source_states, count = encode_count_] {
          {
            std::lock_guard lock(*core->run_mutex);
            runner->run(slots, count, *updates);
          }
          for (const auto& [memory, index] : staged) scatter(*memory, outputs[index]);
        },
        std::move(encoding.writes));
    if (runner->needs_preparation()) {
      command_buffer.record_preparation([mutex = core_->run_mutex, runner] {
        std::lock_guard lock(*mutex);
        return runner->prepare_some();
      });
    }
    *updates = encode_updates(core_, core_->program, runner->plan(), *core_->run_mutex, request.command_buffer, encoding.states);
  } catch (...) {
    command_buffer.roll_back(mark);
    throw;
  }
  ++encode_count_;
  consume_sources(request.source_images, request.source_states);
  return encoding.result();
}

}  // namespace mpsnn
