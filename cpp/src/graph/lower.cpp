#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "graph/program.hpp"
#include "graph/walk.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/kernel_only_node.hpp"
#include "mpsnn/nodes/loss.hpp"

namespace mpsnn {

namespace {

// Which filters must run, and whose images somebody reads.
struct Needed {
  std::unordered_set<const NNFilterNode*> filters;
  std::unordered_set<const NNImageNode*> images;
  std::unordered_set<const NNStateNode*> states;
};

Needed find_needed(const GraphSource& source, const Walk& walk) {
  Needed needed;
  for (std::size_t i = 0; i < source.result_images.size(); ++i) {
    if (source.needed[i]) needed.images.insert(source.result_images[i].get());
  }
  for (const NNImageNode* image : walk.images) {
    if (image->export_from_graph) needed.images.insert(image);
  }
  for (auto it = walk.filters.rbegin(); it != walk.filters.rend(); ++it) {
    NNFilterNode* filter = *it;
    const StateNodePtr state = filter->result_state();
    if (state && state->export_from_graph) needed.states.insert(state.get());
    const bool required = needed.images.count(filter->result_image().get()) || (state && needed.states.count(state.get())) ||
                          filter->updates_parameters() || filter->has_side_effect();
    if (!required) continue;
    needed.filters.insert(filter);
    for (const auto& image : filter->source_images()) needed.images.insert(image.get());
    for (const auto& s : filter->source_states()) needed.states.insert(s.get());
  }
  return needed;
}

// A gradient filter reads what only forward filters of its kind leave.
void check_gradient_state(const NNGradientFilterNode& filter, NNFilterNode& forward) {
  std::string expected;
  for (const auto& made : forward.gradient_filters_with_source(filter.source_images()[0])) {
    expected = made->class_name();
    if (expected == filter.class_name()) return;
  }
  throw GraphError(filter.description() + ": its gradient state is that of " + forward.description() +
                   ", whose gradient filter is " + expected);
}

class Lowering {
 public:
  Lowering(const GraphSource& source, const Walk& walk) : source_(source), walk_(walk), needed_(find_needed(source, walk)) {}

  Program run() {
    for (const NNImageNode* image : walk_.source_images) {
      if (needed_.images.count(image)) program_.source_values.push_back(value_of(*image));
    }
    for (const NNStateNode* state : walk_.source_states) {
      if (!needed_.states.count(state)) continue;
      if (!dynamic_cast<const NNLabelsNode*>(state)) {
        throw GraphError("MPSNNGraph: a state node has no producing filter; only labels are given by the caller");
      }
      program_.source_states.push_back(state_of(*state));
    }
    for (NNFilterNode* filter : walk_.filters) {
      if (needed_.filters.count(filter)) {
        add_step(*filter);
      } else {
        program_.dropped.push_back(filter->description());
      }
    }
    for (const ProgramStep& step : program_.steps) {
      if (step.lowered.parameters) step.lowered.parameters->settle();
    }
    deliver();
    return std::move(program_);
  }

 private:
  int value_of(const NNImageNode& node) {
    const auto [it, is_new] = values_.try_emplace(&node, int(program_.values.size()));
    if (is_new) {
      program_.values.push_back(
          {kNone, node.format, node.image_allocator, node.handle, node.export_from_graph, node.synchronize_resource});
    }
    return it->second;
  }

  int state_of(const NNStateNode& node) {
    const auto [it, is_new] = states_.try_emplace(&node, int(program_.states.size()));
    if (is_new) program_.states.push_back({kNone, node.handle, node.export_from_graph, node.synchronize_resource, kNone});
    return it->second;
  }

  void add_step(NNFilterNode& filter) {
    const int index = int(program_.steps.size());
    ProgramStep step;
    step.node = filter.description();
    step.class_name = filter.class_name();
    step.label = filter.label;
    step.padding = filter.padding_policy();
    for (const auto& image : filter.source_images()) step.sources.push_back(value_of(*image));
    for (const auto& state : filter.source_states()) {
      const int id = state_of(*state);
      step.source_states.push_back(id);
      if (!state->producer()) {
        step.labels = id;
      } else if (step.forward == kNone) {
        step.forward = program_.states[id].producer;
        if (const auto* gradient = dynamic_cast<const NNGradientFilterNode*>(&filter))
          check_gradient_state(*gradient, *state->producer());
      }
    }
    LowerRequest request;
    request.keeps_sources_loaded = source_.keeps_sources_loaded;
    request.settles = true;
    if (step.forward != kNone) request.forward = &program_.steps[step.forward].lowered;
    if (dynamic_cast<const NNKernelOnlyNode*>(&filter)) {
      throw Unsupported(filter.description() + ": a graph cannot hold this filter; encode its kernel before or after one");
    }
    step.lowered = filter.lower(request);
    if (filter.label.empty() && step.lowered.parameters && !step.lowered.parameters->label().empty()) {
      step.node += " \"" + step.lowered.parameters->label() + "\"";
    }
    if (filter.updates_parameters()) {
      if (const auto* trainable = dynamic_cast<const NNTrainableNode*>(&filter)) step.training_style = trainable->training_style;
    }
    const ImageNodePtr result = filter.result_image();
    step.result = value_of(*result);
    step.is_gradient = dynamic_cast<const NNGradientFilterNode*>(&filter) != nullptr;
    step.is_result_needed = needed_.images.count(result.get()) != 0;
    program_.values[step.result].producer = index;
    if (const StateNodePtr state = filter.result_state(); state && needed_.states.count(state.get())) {
      step.state = state_of(*state);
      program_.states[step.state].producer = index;
    }
    if (step.forward != kNone && step.is_gradient) {
      program_.states[program_.steps[step.forward].state].gradient_step = index;
    }
    program_.steps.push_back(std::move(step));
  }

  void deliver() {
    for (std::size_t i = 0; i < source_.result_images.size(); ++i) {
      const NNImageNode& image = *source_.result_images[i];
      program_.results.push_back(source_.needed[i] ? values_.at(&image) : kNone);
      program_.result_values.push_back(values_.count(&image) ? values_.at(&image) : kNone);
    }
    for (const NNImageNode* image : walk_.images) {
      if (values_.count(image)) program_.value_order.push_back(values_.at(image));
    }
    for (const NNImageNode* image : walk_.images) {
      if (image->export_from_graph && values_.count(image)) program_.intermediates.push_back(values_.at(image));
    }
    for (std::size_t i = 1; i < program_.results.size(); ++i) {
      if (program_.results[i] != kNone) program_.intermediates.push_back(program_.results[i]);
    }
    // In the order of their filters' images on the way back, so that both lists of outputs follow one rule.
    for (const NNImageNode* image : walk_.images) {
      if (!image->producer()) continue;
      const StateNodePtr state = image->producer()->result_state();
      if (state && state->export_from_graph && states_.count(state.get())) {
        program_.destination_states.push_back(states_.at(state.get()));
      }
    }
  }

  const GraphSource& source_;
  const Walk& walk_;
  const Needed needed_;
  Program program_;
  std::unordered_map<const NNImageNode*, int> values_;
  std::unordered_map<const NNStateNode*, int> states_;
};

}  // namespace

Program lower(const GraphSource& source) {
  if (source.result_images.empty()) throw GraphError("MPSNNGraph: result_images is empty");
  std::vector<const NNImageNode*> results;
  for (std::size_t i = 0; i < source.result_images.size(); ++i) {
    const auto& image = source.result_images[i];
    if (!image) throw InvalidArgument("MPSNNGraph: result image " + std::to_string(i) + " is missing");
    results.push_back(image.get());
  }
  if (source.walk) return Lowering(source, *source.walk).run();
  const Walk walk = walk_back(results, Follow::images_and_states);
  return Lowering(source, walk).run();
}

}  // namespace mpsnn
