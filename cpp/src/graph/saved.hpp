#pragma once

#include <memory>
#include <vector>

#include "graph/program.hpp"
#include "graph/walk.hpp"
#include "mpsnn/data_source.hpp"
#include "mpsnn/saved_graph.hpp"

namespace mpsnn {

/// Objects that have no form as data: a copy of a graph takes them along instead. By the ids of the SavedGraph beside it.
struct SavedObjects {
  std::vector<std::shared_ptr<Handle>> image_handles, state_handles;
  std::vector<std::shared_ptr<ImageAllocator>> allocators;  ///< of images
  std::vector<std::shared_ptr<NNPadding>> padding_policies;
  std::vector<std::shared_ptr<DataSource>> sources;
  std::vector<std::shared_ptr<const Op>> ops;  ///< of filters
};

/// What a graph is made of, without the properties of `NNGraph`. `result_images` are those the program was made for. With
/// `objects` nothing is refused and sources are given as themselves; without, throws InvalidArgument for what cannot be saved.
SavedGraph describe(const Program& program, const std::vector<ImageNodePtr>& result_images, SavedObjects* objects);
/// Throws InvalidArgument for an allocator that is not the library's.
SavedAllocator describe_allocator(const std::shared_ptr<ImageAllocator>& allocator, const std::string& owner);
std::shared_ptr<ImageAllocator> restore_allocator(SavedAllocator allocator, const std::string& owner);
/// Throws GraphError for a number that is not a format.
void check_format(ImageFeatureChannelFormat format, const std::string& owner);

/// The nodes of a saved graph, made again.
struct RestoredNodes {
  explicit RestoredNodes(const SavedGraph& saved, const SavedObjects* objects = nullptr);
  std::vector<ImageNodePtr> images;
  std::vector<StateNodePtr> states;
  std::vector<FilterNodePtr> filters;
  std::vector<ImageNodePtr> result_images;
  std::vector<bool> needed;
  Walk walk;
};

/// Gives the program that was made from those nodes the values in use. Throws GraphError where the two do not agree.
void restore_parameters(const SavedGraph& saved, const Program& program);

}  // namespace mpsnn
