#include "mpsnn/saved_graph.hpp"

#include <algorithm>

#include "graph/saved.hpp"
#include "graph/saved_source.hpp"
#include "mpsnn/data_source.hpp"
#include "mpsnn/error.hpp"
#include "runtime/executable.hpp"
#include "runtime/training.hpp"

namespace mpsnn {

namespace {

constexpr const char* kGraph = "MPSNNGraph: destination_image_allocator";

void save_properties(const NNGraph& graph, SavedGraph& saved) {
  saved.label = graph.label;
  saved.options = graph.options;
  saved.format = graph.format;
  saved.output_state_is_temporary = graph.output_state_is_temporary;
  saved.emulate_storage = graph.emulate_storage;
  saved.disabled_passes.assign(graph.disabled_passes.begin(), graph.disabled_passes.end());
  saved.implementation = graph.implementation;
}

const SavedGraph& checked(const SavedGraph& saved) {
  if (saved.version < 1 || saved.version > SavedGraph::kVersion) {
    throw GraphError("saved graph: its version is " + std::to_string(saved.version) + ", this library reads versions up to " +
                     std::to_string(SavedGraph::kVersion));
  }
  if (saved.results.empty()) throw GraphError("saved graph: results is empty");
  if (saved.encode_count < 0)
    throw GraphError("saved graph: encode_count must not be negative, got " + std::to_string(saved.encode_count));
  check_format(saved.format, "format");
  return saved;
}

}  // namespace

NNGraph::NNGraph(const SavedGraph& saved, const RestoredNodes& nodes, std::shared_ptr<Device> device)
    : Kernel(device ? std::move(device) : default_device()), result_images_(nodes.result_images), needed_(nodes.needed) {
  executable_ = device_->make_executable({result_images_, needed_, &nodes.walk});
  restore_parameters(saved, executable_->program());
  executable_->use_restored_parameters();
  executable_->set_encode_count(std::uint64_t(saved.encode_count));
  label = saved.label;
  options = saved.options;
  format = saved.format;
  output_state_is_temporary = saved.output_state_is_temporary;
  emulate_storage = saved.emulate_storage;
  disabled_passes = {saved.disabled_passes.begin(), saved.disabled_passes.end()};
  implementation = saved.implementation;
}

NNGraph::NNGraph(const SavedGraph& saved, std::shared_ptr<Device> device)
    : NNGraph(saved, RestoredNodes(checked(saved)), std::move(device)) {
  destination_image_allocator = restore_allocator(saved.destination_image_allocator, kGraph);
}

SavedGraph NNGraph::save() const {
  SavedGraph saved;
  executable_->read_parameters([&] {
    saved = describe(executable_->program(), result_images_, nullptr);
    saved.encode_count = std::int64_t(executable_->encode_count());
  });
  save_properties(*this, saved);
  saved.destination_image_allocator = describe_allocator(destination_image_allocator, kGraph);
  return saved;
}

std::shared_ptr<NNGraph> NNGraph::copy(std::shared_ptr<Device> device) const {
  SavedGraph saved;
  SavedObjects objects;
  executable_->read_parameters([&] {
    saved = describe(executable_->program(), result_images_, &objects);
    saved.encode_count = std::int64_t(executable_->encode_count());
  });
  save_properties(*this, saved);
  for (auto& source : objects.sources) {
    if (auto copy = source->copy()) source = std::move(copy);
  }
  const RestoredNodes nodes(saved, &objects);
  std::shared_ptr<NNGraph> copy(new NNGraph(saved, nodes, device ? std::move(device) : device_));
  copy->destination_image_allocator = destination_image_allocator;
  return copy;
}

std::vector<std::shared_ptr<DataSource>> NNGraph::data_sources() const {
  std::vector<std::shared_ptr<DataSource>> sources;
  for (const ParameterSet* set : parameter_sets(executable_->program())) {
    auto source = data_source_of(*set);
    if (std::find(sources.begin(), sources.end(), source) == sources.end()) sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace mpsnn
