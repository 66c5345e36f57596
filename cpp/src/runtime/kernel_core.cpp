#include "runtime/kernel_core.hpp"

#include <algorithm>
#include <typeinfo>

#include "graph/saved_source.hpp"
#include "kernels/cpu/loops.hpp"
#include "kernels/registry.hpp"
#include "mpsnn/error.hpp"
#include "nodes/kernel_name.hpp"
#include "nodes/saved_attributes.hpp"
#include "plan/planner.hpp"
#include "runtime/encode_checks.hpp"
#include "runtime/kernel_pixels.hpp"
#include "runtime/state_origin.hpp"
#include "runtime/thread_team.hpp"

namespace mpsnn {

namespace {

constexpr std::size_t kPlansKept = 8;

// A gradient filter is lowered after the filter that made its state, as in a graph.
Lowered lower(const FilterNodePtr& node, const char* class_name) {
  const NamedAsKernel named(class_name);
  NNFilterNode* producer = node->source_states().empty() ? nullptr : node->source_states()[0]->producer();
  if (!producer) return node->lower({});
  const Lowered forward = producer->lower({});
  return node->lower({&forward});
}

SavedAttributes attributes_of(const Op& op) {
  // Visitors may write; this one only reads.
  return collect_attributes([&](AttributeVisitor& v) { const_cast<Op&>(op).visit(v); });
}

std::shared_ptr<const ForwardStep> forward_of(const StateBatch& states, const std::string& name) {
  if (states.empty()) return nullptr;
  if (!forward_step_of(states[0])) {
    throw InvalidArgument(name + ": the gradient state was not made by a forward filter");
  }
  return make_forward_step(states[0]->origin->op, states[0]->origin->forward);
}

// The blocks of a batch's states as one array for each block, which is what kernels see.
class BoundBlocks {
 public:
  BoundBlocks(const StateBatch& states, StateBlocks StateOrigin::*member, std::size_t batch, const std::string& name) {
    if (states.empty()) return;
    const StateBlocks& first = (*states[0]->origin).*member;
    for (std::size_t k = 0; k < first.descriptors.size(); ++k) {
      const bool is_split = first.descriptors[k].per_image && states.size() > 1 && states[0] != states[1];
      Block block;
      for (std::size_t n = 0; n < (is_split ? batch : 1); ++n) block.parts.push_back(((*states[n]->origin).*member).buffers[k]);
      auto* at = static_cast<std::byte*>(block.parts[0]->data());
      const std::size_t bytes = block.parts[0]->length();
      for (std::size_t n = 1; n < block.parts.size(); ++n) {
        if (block.parts[n]->data() == at + n * bytes) continue;
        block.together = std::make_shared<Buffer>(byte_count(first.descriptors[k], batch, name));
        break;
      }
      slots_.push_back({{block.together ? static_cast<std::byte*>(block.together->data()) : at}, 0});
      blocks_.push_back(std::move(block));
    }
  }
  const std::vector<SlotBinding>& slots() const { return slots_; }
  void gather() const { copy(true); }
  void scatter() const { copy(false); }
  void add_to(std::vector<std::shared_ptr<Buffer>>& buffers) const {
    for (const Block& block : blocks_) buffers.insert(buffers.end(), block.parts.begin(), block.parts.end());
  }

 private:
  struct Block {
    std::vector<std::shared_ptr<Buffer>> parts;
    std::shared_ptr<Buffer> together;  ///< where the parts do not follow one another
  };
  void copy(bool is_gather) const {
    for (const Block& block : blocks_) {
      if (!block.together) continue;
      auto* at = static_cast<std::byte*>(block.together->data());
      for (const auto& part : block.parts) {
        auto* there = static_cast<std::byte*>(part->data());
        is_gather ? std::copy_n(there, part->length(), at) : std::copy_n(at, part->length(), there);
        at += part->length();
      }
    }
  }
  std::vector<Block> blocks_;
  std::vector<SlotBinding> slots_;
};

void check_states(const StateBatch& states, std::size_t batch, const char* what, const std::string& name) {
  if (states.size() != batch) {
    throw InvalidArgument(name + ": " + std::to_string(states.size()) + " " + what + " for " + std::to_string(batch) + " images");
  }
  for (const StatePtr& state : states) {
    if (!state) throw InvalidArgument(name + ": one of the " + what + " is missing");
    if (!state->origin) throw InvalidArgument(name + ": one of the " + std::string(what) + " was not made by a filter");
  }
}

// A state that a whole batch shares may be given once.
StateBatch for_all_images(const StateBatch& states, std::size_t batch) {
  if (states.size() != 1 || !states[0] || !states[0]->origin) return states;
  const auto* maker = dynamic_cast<const MakesState*>(states[0]->origin->op.get());
  return maker && maker->is_state_shared_across_batch() ? StateBatch(batch, states[0]) : states;
}

bool is_native(const StatePtr& state) { return state && state->origin && state->origin->native; }

std::unique_ptr<KernelEngine> engine_of(const std::shared_ptr<Device>& device, const std::shared_ptr<ParameterSet>& parameters,
                                        const std::shared_ptr<std::mutex>& run_mutex, const std::shared_ptr<void>& native) {
#ifdef __GNUC__
  if (make_kernel_engine) return make_kernel_engine(device, parameters, run_mutex, native);
#endif
  return nullptr;
}

void check_recordable(const std::shared_ptr<CommandBuffer>& command_buffer, const std::string& name) {
  if (!command_buffer) throw InvalidArgument(name + ": command_buffer is missing");
  command_buffer->check_recordable(name);
}

}  // namespace

KernelEngine::~KernelEngine() = default;

std::shared_ptr<ForwardStep> make_forward_step(std::shared_ptr<const Op> op, const ForwardStep& like) {
  struct Kept {
    std::shared_ptr<const Op> op;
    ForwardStep step;
  };
  const auto kept = std::make_shared<Kept>(Kept{std::move(op), like});
  kept->step.op = kept->op.get();
  return {kept, &kept->step};
}

KernelCore::KernelCore(std::shared_ptr<Device> given, FilterNodePtr filter, const char* class_name)
    : KernelCore(given ? std::move(given) : default_device(), filter, class_name, lower(filter, class_name),
                 std::make_shared<std::mutex>()) {}

KernelCore::KernelCore(std::shared_ptr<Device> device, FilterNodePtr node, const char* class_name, const Lowered& lowered,
                       std::shared_ptr<std::mutex> run_mutex, const std::shared_ptr<void>& native)
    : device(std::move(device)),
      node(std::move(node)),
      class_name(class_name),
      lowered_op(lowered.parameters ? lowered.op : nullptr),
      parameters(lowered.parameters),
      run_mutex_(std::move(run_mutex)),
      engine_(engine_of(this->device, parameters, run_mutex_, native)) {}

KernelCore::KernelCore(const StateOrigin& origin, FilterNodePtr node, const char* class_name)
    : KernelCore(origin.device, std::move(node), class_name, {origin.op, origin.parameters}, origin.run_mutex, origin.native) {}

std::shared_ptr<const Op> KernelCore::checked_op(const std::string& name) const {
  return lowered_op ? lowered_op : lower(node, name.c_str()).op;
}

bool KernelCore::is_state_shared() const {
  const auto current = op();
  const auto* maker = dynamic_cast<const MakesState*>(current.get());
  return maker && maker->is_state_shared_across_batch();
}

Inferred KernelCore::infer(const KernelCall& call, NNPaddingMethod method) const {
  const auto forward = call.forward ? call.forward : forward_of(call.source_states, call.name);
  const std::vector<ImageShape> shapes = shapes_of(call);
  return checked_op(call.name)->infer({shapes, method, forward.get(), call.name});
}

StateBatch KernelCore::make_states(const KernelCall& call, bool is_temporary) const {
  if (!node->result_state()) return {};
  const std::vector<ImageShape> shapes = shapes_of(call);
  const auto current = checked_op(call.name);
  const Destination destination(call, *current, shapes);
  const std::size_t batch = destination.batch();
  const auto* maker = dynamic_cast<const MakesState*>(current.get());
  const bool is_shared = is_state_shared();
  const ForwardStep forward{current.get(), shapes, destination.result(), destination.geometry()};

  // The caller may show the first sources only.
  if (is_for_engine(call, *current, kUIntegerMax)) {
    StateBatch states;
    for (const auto& [state, native] : engine_->make_states(call, *current)) {
      StateOrigin origin{current, forward, parameters, {}, {}, run_mutex_, destination.clip_rect(), native, device};
      state->origin = std::make_shared<StateOrigin>(std::move(origin));
      if (is_temporary) state->make_temporary(1);
      if (claim) claim(*state);
      states.push_back(state);
    }
    if (!states.empty()) states.resize(batch, states[0]);
    return states;
  }
  std::vector<StateOrigin> origins(is_shared ? 1 : batch,
                                   {current, forward, parameters, {}, {}, run_mutex_, destination.clip_rect(), nullptr, device});
  const auto fill = [&](StateBlocks StateOrigin::*member, const std::vector<StateDescriptor>& descriptors) {
    for (const StateDescriptor& descriptor : descriptors) {
      const std::size_t bytes = byte_count(descriptor, batch, call.name);
      auto memory = std::make_shared<Buffer>(bytes);
      for (std::size_t n = 0; n < origins.size(); ++n) {
        const bool is_part = !is_shared && descriptor.per_image;
        const std::size_t length = is_part ? bytes / batch : bytes;
        (origins[n].*member).descriptors.push_back(descriptor);
        (origins[n].*member)
            .buffers.push_back(
                std::make_shared<Buffer>(static_cast<std::byte*>(memory->data()) + (is_part ? n * length : 0), length, memory));
      }
    }
  };
  fill(&StateOrigin::blocks, current->states({shapes, forward.result, nullptr}));
  if (parameters) {
    // What the gradient filter will leave belongs into the same state.
    const Lowered mine{current, parameters};
    const auto gradient = node->gradient_filter_with_source(std::make_shared<NNImageNode>())->lower({&mine}).op;
    const std::vector<ImageShape> sources{forward.result, shapes[0]};
    fill(&StateOrigin::gradients, gradient->states({sources, shapes[0], &forward}));
  }
  StateBatch states;
  for (StateOrigin& origin : origins) {
    auto kept = std::make_shared<StateOrigin>(std::move(origin));
    StatePtr state =
        maker ? maker->make_state({kept->forward, kept->blocks.buffers, kept->gradients.buffers, parameters, is_temporary})
              : std::make_shared<NNGradientState>(kept->blocks.buffers);
    if (is_temporary) state->make_temporary(1);
    state->origin = std::move(kept);
    if (claim) claim(*state);
    states.push_back(std::move(state));
  }
  states.resize(batch, states[0]);
  return states;
}

bool KernelCore::is_for_engine(const KernelCall& call, const Op& op, std::size_t source_count) const {
  const bool has_kernel = engine_ && engine_->has_kernel(call, op, source_count);
  if (!call.labels.empty()) return has_kernel;
  std::size_t given = 0, native = 0;
  for (const StateBatch* states : {&call.source_states, &call.destination_states, &call.modified_states}) {
    given += states->size();
    native += std::size_t(std::count_if(states->begin(), states->end(), is_native));
  }
  if (has_kernel && native == given) return true;
  if (native == 0) return false;
  throw Unsupported(call.name + ": the device \"" + device->name() + "\" has no kernel for this encode and these states");
}

std::shared_ptr<PlanRunner> KernelCore::runner_for(const KernelPlanRequest& request, std::mutex* parameter_mutex) {
  std::lock_guard lock(plans_mutex_);
  const auto found = std::find_if(plans_.begin(), plans_.end(), [&](const auto& entry) { return entry.first.is_alike(request); });
  if (found != plans_.end()) {
    auto entry = std::move(*found);
    plans_.erase(found);
    plans_.push_front(std::move(entry));
  } else {
    std::unique_lock<std::mutex> parameter_lock;
    if (parameter_mutex) parameter_lock = std::unique_lock(*parameter_mutex);
    std::lock_guard run_lock(*run_mutex_);
    plans_.emplace_front(
        request, std::make_shared<PlanRunner>(make_kernel_plan(cpu::kernel_table(), device, cpu::thread_count(), request)));
    release_thread_team();  // tuning may have used one, and another thread may run the plan
    if (plans_.size() > kPlansKept) plans_.pop_back();
  }
  return plans_.front().second;
}

SavedSource KernelCore::save_parameters() const {
  std::lock_guard lock(*run_mutex_);
  parameters->refresh();
  return save_frozen_source(*parameters, false);
}

void KernelCore::change_parameters(const std::function<void(ParameterSet&)>& work) {
  std::lock_guard lock(*run_mutex_);
  work(*parameters);
}

void KernelCore::reload(const std::function<std::function<void()>(ParameterSet&)>& read) {
  const auto use = read(*parameters);
  if (engine_) engine_->bring_parameters_up_to_date();
  std::vector<std::size_t> changed;
  {
    std::lock_guard lock(*run_mutex_);
    const std::vector<Parameter> before = parameters->parameters;
    use();
    for (std::size_t i = 0; i < before.size(); ++i) {
      if (parameters->parameters[i].version != before[i].version) changed.push_back(i);
    }
  }
  if (engine_) engine_->reload(*op(), changed);
}

void KernelCore::record_on_parameters(const std::shared_ptr<CommandBuffer>& command_buffer, const std::string& name,
                                      std::function<void(ParameterSet&)> work, std::vector<std::shared_ptr<Buffer>> writes) {
  check_recordable(command_buffer, name);
  command_buffer->record(
      [work = std::move(work), parameters = parameters, mutex = run_mutex_] {
        std::lock_guard lock(*mutex);
        work(*parameters);
      },
      std::move(writes));
}

void KernelCore::record_reload(const std::shared_ptr<CommandBuffer>& command_buffer, const StatePtr& state,
                               const std::string& name) {
  check_recordable(command_buffer, name);
  state->check_readable(name);
  if (engine_) engine_->record_reload(command_buffer, *op(), state);
  record_on_parameters(command_buffer, name, [state](ParameterSet& values) { values.reload(*state); });
  state->consume_read();
}

void KernelCore::encode(const KernelCall& call) {
  check_recordable(call.command_buffer, call.name);
  if (call.command_buffer->device() != device) {
    throw InvalidArgument(call.name + ": the command buffer is on the device \"" + call.command_buffer->device()->name() +
                          "\", the kernel on \"" + device->name() + "\"");
  }
  std::vector<ImageBatch> sources;
  for (std::size_t i = 0; i < call.sources.size(); ++i) {
    check_batch(call.sources[i].images, "source " + std::to_string(i), *device, call.name);
    sources.push_back(call.sources[i].images);
  }
  check_read_counts(sources, call.name);
  if (!call.destinations.empty()) check_batch(call.destinations, "the destination", *device, call.name);

  KernelPlanRequest request;
  request.node = call.name;
  request.op = checked_op(call.name);
  request.attributes = attributes_of(*request.op);
  request.parameters = parameters;
  request.forward = call.forward ? call.forward : forward_of(call.source_states, call.name);
  if (request.forward) request.forward_attributes = attributes_of(*request.forward->op);
  const std::vector<ImageShape> shapes = shapes_of(call);
  Destination destination(call, *request.op, shapes);
  const std::size_t batch = request.batch = destination.batch();
  request.geometry = destination.geometry();
  request.result = destination.described();
  request.is_result_needed = call.writes_image && !call.destinations.empty();
  std::vector<SourcePixels> pixels;
  for (std::size_t i = 0; i < call.sources.size(); ++i) {
    pixels.emplace_back(call, i, destination);
    request.sources.push_back(pixels.back().described());
  }
  const StateBatch source_states = for_all_images(call.source_states, batch);
  std::shared_ptr<std::mutex> parameter_mutex;
  if (!source_states.empty()) {
    check_states(source_states, batch, "source states", call.name);
    for (const StatePtr& state : source_states) state->check_readable(call.name);
    const StateOrigin& origin = *source_states[0]->origin;
    request.source_states = origin.blocks.descriptors;
    if (call.reads_gradients) {
      const auto& gradients = origin.gradients.descriptors;
      request.source_states.insert(request.source_states.end(), gradients.begin(), gradients.end());
    }
    if (!parameters) {
      request.parameters = origin.parameters;
      if (origin.run_mutex != run_mutex_) parameter_mutex = origin.run_mutex;
    }
  }
  const StateBatch modified = for_all_images(call.modified_states, batch);
  const StateBatch& filled = call.is_gradient ? source_states : modified.empty() ? call.destination_states : modified;
  const auto member = call.is_gradient ? &StateOrigin::gradients : &StateOrigin::blocks;
  if (!call.destination_states.empty()) {
    check_states(call.destination_states, batch, "result states", call.name);
    for (const StatePtr& state : call.destination_states) {
      const ForwardStep& made_for = state->origin->forward;
      // The caller may have shown the first sources only.
      const bool is_for_these = made_for.sources.size() <= shapes.size() &&
                                std::equal(made_for.sources.begin(), made_for.sources.end(), shapes.begin());
      const Op &mine = *request.op, &its = *made_for.op;
      if (typeid(its) != typeid(mine) || !is_for_these || made_for.result != request.result.shape) {
        throw InvalidArgument(call.name + ": a result state was made by another kernel or for images of other sizes");
      }
    }
  }
  if (is_for_engine(call, *request.op, call.sources.size())) {
    engine_->encode(call, *request.op, source_states, {destination.written_part(), destination.result().channels});
    ++encode_count_;
    consume_sources(sources, {source_states});
    return;
  }
  if (!filled.empty() && call.writes_states) request.states = ((*filled[0]->origin).*member).descriptors;

  const auto runner = runner_for(request, parameter_mutex.get());
  const BoundBlocks read(source_states, &StateOrigin::blocks, batch, call.name);
  const BoundBlocks read_gradients(call.reads_gradients ? source_states : StateBatch{}, &StateOrigin::gradients, batch,
                                   call.name);
  const BoundBlocks written(call.writes_states ? filled : StateBatch{}, member, batch, call.name);
  std::vector<SlotBinding> slots;
  for (SourcePixels& source : pixels) slots.push_back(source.bind());
  if (request.is_result_needed) slots.push_back(destination.bind());
  slots.insert(slots.end(), read.slots().begin(), read.slots().end());
  slots.insert(slots.end(), read_gradients.slots().begin(), read_gradients.slots().end());
  slots.insert(slots.end(), written.slots().begin(), written.slots().end());

  std::vector<std::shared_ptr<Buffer>> writes;
  for (const ImagePtr& image : call.destinations) writes.push_back(image->storage());
  written.add_to(writes);
  call.command_buffer->record(
      [runner, read, read_gradients, written, pixels, destination, states = filled, slots = std::move(slots), mutex = run_mutex_,
       parameter_mutex, count = encode_count_, keep = source_states] {
        for (const SourcePixels& source : pixels) source.prepare();
        read.gather();
        read_gradients.gather();
        {
          std::unique_lock<std::mutex> parameter_lock;
          if (parameter_mutex) parameter_lock = std::unique_lock(*parameter_mutex);
          std::lock_guard lock(*mutex);
          runner->run(slots, count);
        }
        written.scatter();
        destination.finish();
      },
      std::move(writes));
  if (runner->needs_preparation()) {
    call.command_buffer->record_preparation([runner, mutex = run_mutex_, parameter_mutex] {
      std::unique_lock<std::mutex> parameter_lock;
      if (parameter_mutex) parameter_lock = std::unique_lock(*parameter_mutex);
      std::lock_guard lock(*mutex);
      return runner->prepare_some();
    });
  }
  ++encode_count_;
  consume_sources(sources, {source_states});
}

ImageBatch KernelCore::encode_made(KernelCall& call, const ImageDescriptor& descriptor, Kernel& kernel, ImageAllocator& allocator,
                                   StateBatch* destination_states, bool is_temporary) {
  const std::size_t count = call.sources[0].images.size();
  call.destinations = allocator.image_batch_for_command_buffer(call.command_buffer, descriptor, &kernel, count);
  check_allocated(call.destinations, descriptor, count, call.name);
  if (destination_states) call.destination_states = make_states(call, is_temporary);
  encode(call);
  if (destination_states) *destination_states = call.destination_states;
  return call.destinations;
}

}  // namespace mpsnn
