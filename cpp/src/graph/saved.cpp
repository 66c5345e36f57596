#include "graph/saved.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "graph/saved_source.hpp"
#include "mpsnn/asks_caller.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/loss.hpp"
#include "nodes/node_table.hpp"

namespace mpsnn {

namespace {

constexpr const char* kTensorFlow = "tensorflow_average_pooling";
constexpr const char* kTensorFlowValidOnly = "tensorflow_average_pooling_valid_only";

std::string label_of(const std::shared_ptr<Handle>& handle) { return handle ? handle->label() : std::string(); }

// To data -----------------------------------------------------------------------------------------------------------

/// To the bit.
bool same_values(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0);
}

bool same_arrays(const SavedArrays& a, const SavedArrays& b) {
  return std::ranges::equal(a, b,
                            [](const auto& x, const auto& y) { return x.first == y.first && same_values(x.second, y.second); });
}

/// Collects the data sources and parameter sets of a program.
class Parameters {
 public:
  Parameters(const Program& program, SavedGraph& saved, SavedObjects* objects) : saved_(saved), objects_(objects) {
    for (const ProgramStep& step : program.steps) {
      if (step.training_style != NNTrainingStyle::UpdateDeviceNone) trained_.insert(step.lowered.parameters->source_identity());
    }
  }

  std::int64_t id_of(const ParameterSet& set) {
    const auto [it, is_new] = ids_.try_emplace(&set, std::int64_t(saved_.parameters.size()));
    if (is_new) add(set);
    return it->second;
  }

 private:
  void add(const ParameterSet& set) {
    const void* identity = set.source_identity();
    const auto source = data_source_of(set);
    const bool is_trained = trained_.count(identity) != 0;
    SavedParameters parameters;
    if (objects_) {
      parameters.source = source_of(identity, [&] {
        objects_->sources.push_back(source);
        return SavedSource{};
      });
      parameters.values = values_in_use(set);
    } else if (is_trained && is_ready_source(*source)) {
      parameters.source = source_of(identity, [&] { return save_ready_source(set); });
      const SavedArrays& of_source = saved_.sources[std::size_t(parameters.source)].arrays;
      for (auto& [name, values] : values_in_use(set)) {
        const auto found = of_source.find(name);
        if (found == of_source.end() || !same_values(values, found->second)) parameters.values[name] = std::move(values);
      }
    } else {
      // Filters that share a frozen source may have read it at different times.
      SavedSource frozen = save_frozen_source(set, is_trained);
      const auto [first, last] = frozen_.equal_range(identity);
      for (auto it = first; it != last; ++it) {
        if (same_arrays(saved_.sources[std::size_t(it->second)].arrays, frozen.arrays)) parameters.source = it->second;
      }
      if (parameters.source == -1) {
        parameters.source = std::int64_t(saved_.sources.size());
        frozen_.emplace(identity, parameters.source);
        saved_.sources.push_back(std::move(frozen));
      }
    }
    saved_.parameters.push_back(std::move(parameters));
  }

  template <class Make>
  std::int64_t source_of(const void* identity, const Make& make) {
    const auto [it, is_new] = sources_.try_emplace(identity, std::int64_t(saved_.sources.size()));
    if (is_new) saved_.sources.push_back(make());
    return it->second;
  }

  SavedGraph& saved_;
  SavedObjects* const objects_;
  std::unordered_set<const void*> trained_;
  std::unordered_map<const ParameterSet*, std::int64_t> ids_;
  std::unordered_map<const void*, std::int64_t> sources_;
  std::multimap<const void*, std::int64_t> frozen_;
};

void describe_padding(const ProgramStep& step, SavedFilter& filter, SavedObjects* objects) {
  if (objects) {
    objects->padding_policies.push_back(step.padding);
  } else if (step.padding == NNDefaultPadding::padding_for_tensorflow_average_pooling()) {
    filter.padding_policy = kTensorFlow;
  } else if (step.padding == NNDefaultPadding::padding_for_tensorflow_average_pooling_valid_only()) {
    filter.padding_policy = kTensorFlowValidOnly;
  } else if (std::dynamic_pointer_cast<NNDefaultPadding>(step.padding)) {
    filter.padding_method = step.padding->padding_method();
  } else {
    const std::string label = step.padding->label();
    throw InvalidArgument(step.node + ": its padding_policy" + (label.empty() ? "" : " \"" + label + "\"") +
                          " is a class of the caller's and cannot be saved; the policies of MPSNNDefaultPadding can");
  }
}

/// The caller's object that a filter asks cannot be saved, but a copy takes it along.
void describe_asked(const ProgramStep& step, SavedObjects* objects) {
  const auto* asks = dynamic_cast<const AsksCaller*>(step.lowered.op.get());
  if (objects) {
    objects->ops.push_back(step.lowered.op);
  } else if (asks && asks->asked_property()) {
    throw InvalidArgument(step.node + ": its " + asks->asked_property() + " is an object of the caller's and cannot be saved");
  }
}

SavedImage describe_image(const NNImageNode& node) {
  SavedImage image;
  image.handle = label_of(node.handle);
  image.format = node.format;
  image.synchronize_resource = node.synchronize_resource;
  return image;
}

std::vector<std::int64_t> ids(const std::vector<int>& from) { return {from.begin(), from.end()}; }

// From data ---------------------------------------------------------------------------------------------------------

std::string numbered(const char* what, std::size_t index) { return std::string(what) + " " + std::to_string(index); }

[[noreturn]] void refuse(const std::string& what) { throw GraphError("saved graph: " + what); }

/// An id that must be an index into a list.
std::size_t index_of(std::int64_t id, std::size_t count, const std::string& owner, const char* what) {
  if (id < 0 || std::uint64_t(id) >= count) {
    refuse(owner + ": there is no " + what + " " + std::to_string(id) + ", there are " + std::to_string(count));
  }
  return std::size_t(id);
}

std::string filter_name(const SavedFilter& filter, std::size_t index) {
  return numbered("filter", index) + ", " + filter.class_name + (filter.label.empty() ? "" : " \"" + filter.label + "\"");
}

std::shared_ptr<Handle> named(const std::string& label) { return label.empty() ? nullptr : std::make_shared<NamedHandle>(label); }

std::shared_ptr<NNPadding> restore_padding(const SavedFilter& filter, const std::string& owner) {
  if (filter.padding_policy == kTensorFlow) return NNDefaultPadding::padding_for_tensorflow_average_pooling();
  if (filter.padding_policy == kTensorFlowValidOnly) return NNDefaultPadding::padding_for_tensorflow_average_pooling_valid_only();
  if (!filter.padding_policy.empty()) refuse(owner + ": there is no padding policy \"" + filter.padding_policy + "\"");
  return NNDefaultPadding::padding_with_method(filter.padding_method);
}

}  // namespace

SavedGraph describe(const Program& program, const std::vector<ImageNodePtr>& result_images, SavedObjects* objects) {
  SavedGraph saved;
  for (std::size_t i = 0; i < program.values.size(); ++i) {
    const ProgramValue& value = program.values[i];
    SavedImage image{label_of(value.handle), value.format, SavedAllocator::Temporary, value.is_exported, value.is_synchronized};
    if (objects) {
      objects->image_handles.push_back(value.handle);
      objects->allocators.push_back(value.allocator);
    } else {
      image.allocator = describe_allocator(
          value.allocator, "MPSNNGraph: the image" + (image.handle.empty() ? std::string() : " \"" + image.handle + "\"") +
                               (value.producer == kNone ? "" : " of " + program.steps[value.producer].node) +
                               ": image_allocator");
    }
    saved.images.push_back(std::move(image));
  }
  for (const ProgramState& state : program.states) {
    saved.states.push_back({label_of(state.handle), state.is_exported, state.is_synchronized});
    if (objects) objects->state_handles.push_back(state.handle);
  }
  Parameters parameters(program, saved, objects);
  for (const ProgramStep& step : program.steps) {
    SavedFilter filter;
    filter.class_name = step.class_name;
    filter.label = step.label;
    describe_padding(step, filter, objects);
    describe_asked(step, objects);
    filter.source_images = ids(step.sources);
    filter.source_states = ids(step.source_states);
    filter.result_image = step.result;
    filter.result_state = step.state;
    if (step.lowered.parameters) filter.parameters = parameters.id_of(*step.lowered.parameters);
    filter.training_style = step.training_style;
    // Visiting reads only; the interface is shared with the loader, which writes.
    filter.attributes = collect_attributes([&](AttributeVisitor& v) { const_cast<Op&>(*step.lowered.op).visit(v); });
    saved.filters.push_back(std::move(filter));
  }
  for (std::size_t i = 0; i < result_images.size(); ++i) {
    std::int64_t image = program.result_values[i];
    if (image == kNone) {
      image = std::int64_t(saved.images.size());
      saved.images.push_back(describe_image(*result_images[i]));
      if (objects) {
        objects->image_handles.push_back(result_images[i]->handle);
        objects->allocators.push_back(result_images[i]->image_allocator);
      }
    }
    saved.results.push_back({image, program.results[i] != kNone});
  }
  saved.image_order = ids(program.value_order);
  return saved;
}

SavedAllocator describe_allocator(const std::shared_ptr<ImageAllocator>& allocator, const std::string& owner) {
  if (allocator == Image::default_allocator()) return SavedAllocator::Permanent;
  if (allocator == TemporaryImage::default_allocator()) return SavedAllocator::Temporary;
  throw InvalidArgument(owner +
                        " is the caller's and cannot be saved; MPSImage.default_allocator() and "
                        "MPSTemporaryImage.default_allocator() can");
}

std::shared_ptr<ImageAllocator> restore_allocator(SavedAllocator allocator, const std::string& owner) {
  switch (allocator) {
    case SavedAllocator::Permanent:
      return Image::default_allocator();
    case SavedAllocator::Temporary:
      return TemporaryImage::default_allocator();
  }
  refuse(owner + ": there is no allocator " + std::to_string(std::int64_t(allocator)));
}

void check_format(ImageFeatureChannelFormat format, const std::string& owner) {
  if (format > ImageFeatureChannelFormat::Float32) {
    refuse(owner + ": there is no image format " + std::to_string(std::size_t(format)));
  }
}

namespace {

/// Makes the nodes again, filter by filter.
class Restoration {
 public:
  Restoration(const SavedGraph& saved, const SavedObjects* objects, RestoredNodes& nodes)
      : saved_(saved),
        objects_(objects),
        nodes_(nodes),
        is_result_(saved.images.size()),
        is_ordered_(saved.images.size()),
        is_result_state_(saved.states.size()) {
    nodes_.images.resize(saved.images.size());
    nodes_.states.resize(saved.states.size());
  }

  void run() {
    restore_sources();
    find_makers();
    for (std::size_t i = 0; i < nodes_.images.size(); ++i) {
      if (is_result_[i]) continue;
      nodes_.images[i] = std::make_shared<NNImageNode>();
      set_up_image(i);
    }
    for (std::size_t i = 0; i < saved_.filters.size(); ++i) add_filter(i);
    deliver();
  }

 private:
  bool may_lack() const { return saved_.version < SavedGraph::kVersion; }

  void restore_sources() {
    std::vector<std::shared_ptr<DataSource>> sources;
    for (std::size_t i = 0; i < saved_.sources.size(); ++i) {
      const std::string owner = "saved graph: " + numbered("data source", i);
      sources.push_back(objects_ ? objects_->sources[i] : restore_source(saved_.sources[i], owner, may_lack()));
    }
    std::vector<bool> is_used(sources.size());
    for (std::size_t i = 0; i < saved_.parameters.size(); ++i) {
      const auto source = index_of(saved_.parameters[i].source, sources.size(), numbered("parameters", i), "data source");
      source_of_parameters_.push_back(sources[source]);
      is_used[source] = true;
    }
    if (const auto unused = std::ranges::find(is_used, false); unused != is_used.end()) {
      refuse(numbered("data source", std::size_t(unused - is_used.begin())) + ": no parameters are read from it");
    }
  }

  // Which images and states filters make, each one filter; inputs are made by nobody.
  void find_makers() {
    const auto mark = [](std::int64_t id, std::vector<bool>& made, const std::string& owner, const char* what) {
      const auto index = index_of(id, made.size(), owner, what);
      if (made[index]) refuse(owner + ": its result, " + numbered(what, index) + ", is made by another filter");
      made[index] = true;
    };
    for (std::size_t i = 0; i < saved_.filters.size(); ++i) {
      const SavedFilter& filter = saved_.filters[i];
      mark(filter.result_image, is_result_, filter_name(filter, i), "image");
      if (filter.result_state != -1) mark(filter.result_state, is_result_state_, filter_name(filter, i), "state");
    }
    for (std::int64_t id : saved_.image_order) {
      const auto image = index_of(id, is_ordered_.size(), "image_order", "image");
      if (is_ordered_[image]) refuse("image_order names " + numbered("image", image) + " twice");
      is_ordered_[image] = true;
    }
  }

  void set_up_image(std::size_t i) {
    const SavedImage& from = saved_.images[i];
    const std::string owner = numbered("image", i);
    NNImageNode& node = *nodes_.images[i];
    check_format(from.format, owner);
    node.format = from.format;
    node.handle = objects_ ? objects_->image_handles[i] : named(from.handle);
    node.image_allocator = objects_ ? objects_->allocators[i] : restore_allocator(from.allocator, owner);
    node.export_from_graph = from.export_from_graph;
    node.synchronize_resource = from.synchronize_resource;
  }

  void set_up_state(std::size_t i) {
    const SavedState& from = saved_.states[i];
    NNStateNode& node = *nodes_.states[i];
    node.handle = objects_ ? objects_->state_handles[i] : named(from.handle);
    node.export_from_graph = from.export_from_graph;
    node.synchronize_resource = from.synchronize_resource;
  }

  NodeInputs inputs_of(const SavedFilter& from, const std::string& owner) const {
    NodeInputs in{from, {"saved graph: " + owner, may_lack()}, {}, {}, nullptr};
    for (std::int64_t id : from.source_images) {
      const auto i = index_of(id, nodes_.images.size(), owner, "image");
      if (!nodes_.images[i]) refuse(owner + ": reads " + numbered("image", i) + ", which it or a later filter makes: a cycle");
      if (!is_result_[i] && !is_ordered_[i]) refuse(owner + ": reads " + numbered("image", i) + ", which image_order lacks");
      in.images.push_back(nodes_.images[i]);
    }
    for (std::int64_t id : from.source_states) {
      const auto i = index_of(id, nodes_.states.size(), owner, "state");
      if (is_result_state_[i] && !nodes_.states[i]) {
        refuse(owner + ": reads " + numbered("state", i) + ", which it or a later filter makes: a cycle");
      }
      in.states.push_back(is_result_state_[i] ? nodes_.states[i] : nullptr);
    }
    if (from.parameters != -1) {
      in.source = source_of_parameters_[index_of(from.parameters, source_of_parameters_.size(), owner, "parameters")];
    }
    return in;
  }

  void add_filter(std::size_t index) {
    const SavedFilter& from = saved_.filters[index];
    const std::string owner = filter_name(from, index);
    NodeInputs in = inputs_of(from, owner);
    if (objects_) in.original = objects_->ops[index];
    const NodeTable::Make* make = node_table().find(from.class_name);
    if (!make) refuse(numbered("filter", index) + ": there is no class \"" + from.class_name + "\"");
    const FilterNodePtr node = (*make)(in);
    node->label = from.label;
    node->set_padding_policy(objects_ ? objects_->padding_policies[index] : restore_padding(from, owner));
    set_training_style(*node, from.training_style, owner);
    for (std::size_t k = 0; k < in.states.size(); ++k) {
      if (!in.states[k]) take_labels(*node, k, std::size_t(from.source_states[k]), owner);
    }
    const auto image = std::size_t(from.result_image);
    nodes_.images[image] = node->result_image();
    set_up_image(image);
    if (from.result_state != -1) {
      const auto state = std::size_t(from.result_state);
      nodes_.states[state] = node->result_state();
      if (!nodes_.states[state]) refuse(owner + ": such a filter has no result state");
      set_up_state(state);
    }
    nodes_.filters.push_back(node);
    nodes_.walk.filters.push_back(node.get());
  }

  static void set_training_style(NNFilterNode& node, NNTrainingStyle style, const std::string& owner) {
    if (auto* trainable = dynamic_cast<NNTrainableNode*>(&node)) {
      if (style > NNTrainingStyle::UpdateDeviceGPU)
        refuse(owner + ": there is no training_style " + std::to_string(std::size_t(style)));
      trainable->training_style = style;
    } else if (style != NNTrainingStyle::UpdateDeviceNone) {
      refuse(owner + ": such a filter has no training_style");
    }
  }

  // A loss filter makes the place of its labels itself.
  void take_labels(const NNFilterNode& node, std::size_t index, std::size_t state, const std::string& owner) {
    if (nodes_.states[state]) refuse(owner + ": reads " + numbered("state", state) + ", the labels of another filter");
    const auto& own = node.source_states();
    if (index >= own.size() || !std::dynamic_pointer_cast<NNLabelsNode>(own[index])) {
      refuse(owner + ": reads " + numbered("state", state) + ", which no filter makes");
    }
    nodes_.states[state] = own[index];
    set_up_state(state);
  }

  void deliver() {
    for (std::size_t i = 0; i < saved_.results.size(); ++i) {
      const auto [id, is_needed] = saved_.results[i];
      const auto image = index_of(id, nodes_.images.size(), numbered("result", i), "image");
      if (is_needed && !is_result_[image] && !is_ordered_[image]) {
        refuse(numbered("result", i) + ": is " + numbered("image", image) + ", which image_order lacks");
      }
      nodes_.result_images.push_back(nodes_.images[image]);
      nodes_.needed.push_back(is_needed);
    }
    for (std::int64_t id : saved_.image_order) {
      const NNImageNode* image = nodes_.images[std::size_t(id)].get();
      nodes_.walk.images.push_back(image);
      if (!image->producer()) nodes_.walk.source_images.push_back(image);
    }
    // Inputs are numbered in their order.
    for (const StateNodePtr& state : nodes_.states) {
      if (!state) refuse("a state is neither made nor read by a filter");
      nodes_.walk.states.push_back(state.get());
      if (!state->producer()) nodes_.walk.source_states.push_back(state.get());
    }
  }

  const SavedGraph& saved_;
  const SavedObjects* const objects_;
  RestoredNodes& nodes_;
  std::vector<bool> is_result_, is_ordered_, is_result_state_;
  std::vector<std::shared_ptr<DataSource>> source_of_parameters_;
};

}  // namespace

RestoredNodes::RestoredNodes(const SavedGraph& saved, const SavedObjects* objects) { Restoration(saved, objects, *this).run(); }

void restore_parameters(const SavedGraph& saved, const Program& program) {
  if (program.steps.size() != saved.filters.size()) {
    refuse(program.dropped.at(0) + " is not needed for what the graph delivers");
  }
  std::vector<ParameterSet*> sets(saved.parameters.size());
  for (std::size_t i = 0; i < program.steps.size(); ++i) {
    const SavedFilter& filter = saved.filters[i];
    const std::string owner = "saved graph: " + filter_name(filter, i);
    const ProgramStep& step = program.steps[i];
    require_same_attributes(filter.attributes,
                            collect_attributes([&](AttributeVisitor& v) { const_cast<Op&>(*step.lowered.op).visit(v); }), owner);
    ParameterSet* set = step.lowered.parameters.get();
    if (bool(set) != (filter.parameters != -1))
      refuse(filter_name(filter, i) + (set ? ": its parameters are missing" : ": has no parameters"));
    if (!set) continue;
    ParameterSet*& known = sets[std::size_t(filter.parameters)];
    if (known && known != set) refuse(filter_name(filter, i) + ": has parameters of its own");
    known = set;
  }
  for (std::size_t i = 0; i < sets.size(); ++i) {
    if (!sets[i]) refuse(numbered("parameters", i) + ": no filter has them");
    restore_values(saved.parameters[i].values, *sets[i], "saved graph: " + numbered("parameters", i));
  }
}

}  // namespace mpsnn
