#include "metal/graph.hpp"

#include <algorithm>
#include <typeinfo>

#include "metal/callbacks.hpp"
#include "metal/nodes.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/loss.hpp"
#include "runtime/training.hpp"

namespace mpsnn::metal {

namespace {

std::vector<int> ids_of(NSArray *handles) {
  std::vector<int> ids;
  for (id handle in handles) ids.push_back(id_of(handle));
  return ids;
}

std::vector<std::size_t> indices_of(NSArray *handles, const std::vector<int> &in) {
  std::vector<std::size_t> indices;
  for (int id : ids_of(handles)) indices.push_back(std::size_t(std::find(in.begin(), in.end(), id) - in.begin()));
  return indices;
}

}  // namespace

NativeGraph::~NativeGraph() {
  const Pool pool;
  graph_ = {};
  filters_.clear();
  states_.clear();
  images_.clear();
  objects_.clear();
  shared_objects_.clear();
}

NativeGraph::NativeGraph(std::shared_ptr<NativeDevice> device, GraphSource source) : device_(std::move(device)) {
  const Pool pool;
  source.keeps_sources_loaded = true;
  program_ = lower(source);
  images_.resize(program_.values.size());
  states_.resize(program_.states.size());
  for (int id : program_.source_values) {
    const ProgramValue &value = program_.values[id];
    images_[id] = [MPSNNImageNode nodeWithHandle:keep(handle_of(id, value.handle))];
    images_[id].get().format = MPSImageFeatureChannelFormat(value.format);
  }
  NSMutableArray *results = [NSMutableArray array];
  std::vector<bool> needed;
  const auto add_result = [&](int value, bool is_needed) {
    if (needed.empty()) first_result_ = value;
    [results addObject:images_[value]];
    needed.push_back(is_needed);
  };
  call([&] {
    for (const ProgramStep &step : program_.steps) {
      MPSNNFilterNode *node = make_node(step);
      filters_.emplace_back(node);
      set_up_result(step, node);
    }
    for (std::size_t i = 0; i < program_.results.size(); ++i) {
      if (program_.result_values[i] != kNone) add_result(program_.result_values[i], program_.results[i] != kNone);
    }
    // Filters that only update parameters or fill states: nobody walks back to them from a result.
    for (const ProgramStep &step : program_.steps) {
      const bool is_read = std::any_of(program_.steps.begin(), program_.steps.end(), [&](const ProgramStep &reader) {
        return std::count(reader.sources.begin(), reader.sources.end(), step.result) ||
               (step.state != kNone && std::count(reader.source_states.begin(), reader.source_states.end(), step.state));
      });
      const bool is_result = std::count(program_.result_values.begin(), program_.result_values.end(), step.result);
      if (!is_read && !is_result) add_result(step.result, false);
    }
    const auto flags = std::make_unique<BOOL[]>(needed.size());
    std::copy(needed.begin(), needed.end(), flags.get());
    graph_ = [MPSNNGraph graphWithDevice:device_->metal() resultImages:results resultsAreNeeded:flags.get()];
  });
  if (!graph_)
    throw BackendError("MPSNNGraph: the device \"" + device_->name() + "\" could not make the graph; its log says why");
  call([&] {
    order_ = {indices_of([graph_ sourceImageHandles], program_.source_values),
              indices_of([graph_ sourceStateHandles], program_.source_states), ids_of([graph_ intermediateImageHandles]),
              ids_of([graph_ resultStateHandles])};
  });
  for (const ParameterSet *set : parameter_sets(program_)) versions_read_[set] = set->parameters[0].version;
}

MPSNNFilterNode *NativeGraph::make_node(const ProgramStep &step) {
  const auto *make = NodeMakers::all().find(*step.lowered.op);
  if (!make) {
    throw Unsupported(step.node + ": the device \"" + device_->name() + "\" has no implementation of " +
                      step.lowered.op->kernel_name());
  }
  NodeRequest request{*this, step, {}, {}};
  for (int id : step.sources) request.images.push_back(images_[id]);
  for (int id : step.source_states) request.states.push_back(states_[id]);
  MPSNNFilterNode *node = (*make)(*step.lowered.op, request);
  if (!node) throw BackendError(step.node + ": the device \"" + device_->name() + "\" could not make the node");
  if (!step.label.empty()) node.label = ns_string(step.label);
  if (step.padding) node.paddingPolicy = padding_of(*this, step.padding);
  if (step.labels != kNone) {
    MPSNNLabelsNode *labels = [(MPSCNNLossNode *)node inputLabels];
    labels.handle = keep(handle_of(step.labels, program_.states[step.labels].handle));
    states_[step.labels] = labels;
  }
  return node;
}

void NativeGraph::set_up_result(const ProgramStep &step, MPSNNFilterNode *node) {
  MPSNNImageNode *image = node.resultImage;
  images_[step.result] = image;
  const ProgramValue &value = program_.values[step.result];
  image.handle = keep(handle_of(step.result, value.handle));
  image.format = MPSImageFeatureChannelFormat(value.format);
  image.exportFromGraph = value.is_exported;
  image.synchronizeResource = value.is_synchronized;
  const bool is_result = std::count(program_.results.begin(), program_.results.end(), step.result) > 0;
  if (value.is_exported || is_result) image.imageAllocator = keep(allocator_for(*this, value.allocator));
  if (step.state == kNone) return;
  MPSNNStateNode *state = node.resultState;
  states_[step.state] = state;
  const ProgramState &mine = program_.states[step.state];
  if (!mine.is_exported) return;
  state.handle = keep(handle_of(step.state, mine.handle));
  state.exportFromGraph = YES;
  state.synchronizeResource = mine.is_synchronized;
}

void NativeGraph::remember_update(ParameterSet &parameters, const StatePtr &state) {
  std::lock_guard lock(updates_mutex_);
  auto &states = updates_[&parameters];
  std::erase_if(states, [&mine = *state](const StatePtr &earlier) {
    const State &its = *earlier;
    return typeid(its) == typeid(mine);
  });
  states.push_back(state);
}

void NativeGraph::remember_reading(ParameterSet &parameters) {
  std::lock_guard lock(updates_mutex_);
  updates_[&parameters].clear();
}

void NativeGraph::forget_updates(ParameterSet &parameters) {
  std::lock_guard lock(updates_mutex_);
  updates_.erase(&parameters);
}

void NativeGraph::reload_restored_values() {
  for (const auto &[set, version] : versions_read_) {
    if (set->parameters[0].version != version) restored_.insert(set);
  }
  if (restored_.empty()) return;
  try {
    call([&] { [graph_ reloadFromDataSources]; });
  } catch (...) {
    restored_.clear();
    throw;
  }
  restored_.clear();
}

void NativeGraph::bring_parameters_up_to_date() {
  std::lock_guard lock(updates_mutex_);
  while (!updates_.empty()) {
    const auto &[parameters, states] = *updates_.begin();
    const auto use = states.empty() ? parameters->read_data_source() : nullptr;  // asks the caller
    std::lock_guard values_lock(*parameters_mutex_);
    if (use) use();
    for (const StatePtr &state : states) parameters->reload(*state);
    updates_.erase(updates_.begin());  // only now: what fails is there the next time
  }
}

}  // namespace mpsnn::metal
