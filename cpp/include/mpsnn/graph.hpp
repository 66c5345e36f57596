#pragma once

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "mpsnn/device.hpp"
#include "mpsnn/kernel.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/state.hpp"

namespace mpsnn {

class DataSource;
struct RestoredNodes;
struct SavedGraph;

/// MPSNNGraph: a network made ready to run.
class MPSNN_API NNGraph : public Kernel {
 public:
  using CompletionHandler = std::function<void(const ImagePtr& result, std::exception_ptr error)>;

  /// One result. A null device is the default one.
  explicit NNGraph(const ImageNodePtr& result_image, bool result_image_is_needed = true,
                   std::shared_ptr<Device> device = nullptr);
  /// Several results; no flags means all are needed.
  explicit NNGraph(std::vector<ImageNodePtr> result_images, std::vector<bool> results_are_needed = {},
                   std::shared_ptr<Device> device = nullptr);
  ~NNGraph() override;

  std::vector<std::shared_ptr<Handle>> source_image_handles() const;
  std::vector<std::shared_ptr<Handle>> source_state_handles() const;
  std::vector<std::shared_ptr<Handle>> intermediate_image_handles() const;
  std::vector<std::shared_ptr<Handle>> result_state_handles() const;
  std::shared_ptr<Handle> result_handle() const;
  bool result_image_is_needed() const;
  bool output_state_is_temporary = false;
  std::shared_ptr<ImageAllocator> destination_image_allocator = Image::default_allocator();
  ImageFeatureChannelFormat format = ImageFeatureChannelFormat::Float16;

  std::size_t read_count_for_source_image_at_index(std::size_t index) const;
  std::size_t read_count_for_source_state_at_index(std::size_t index) const;
  void reload_from_data_sources();

  /// Outer vectors: one entry per graph input; inner: the images of the batch.
  ImagePtr encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                    const std::vector<ImagePtr>& source_images, const std::vector<StatePtr>& source_states = {},
                                    std::vector<ImagePtr>* intermediate_images = nullptr,
                                    std::vector<StatePtr>* destination_states = nullptr);
  ImageBatch encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                            const std::vector<ImageBatch>& source_images,
                                            const std::vector<StateBatch>& source_states = {},
                                            std::vector<ImageBatch>* intermediate_images = nullptr,
                                            std::vector<StateBatch>* destination_states = nullptr);
  /// Runs on a queue of the library's; the handler may be called on another thread, before this returns.
  ImagePtr execute_async_with_source_images(const std::vector<ImagePtr>& source_images, CompletionHandler completion_handler);

  // Ours ----------------------------------------------------------------------------------------------------------
  /// Round every image the way a device would store it, not only those that leave the graph.
  bool emulate_storage = false;
  /// Names of the planner's passes to leave out; see `plan_passes`.
  std::set<std::string> disabled_passes;
  /// Prefer the kernels of this name where there are any; empty is the device's own order.
  std::string implementation;
  /// The program as text, one step a line; stable, for people and tests.
  std::string debug_description() const;
  /// The graph as plain data, with the values in use. Throws InvalidArgument for policies and allocators of the caller's, and
  /// while encoded work that trains it has not completed.
  SavedGraph save() const;
  /// From such data. Throws GraphError or InvalidArgument, naming what is wrong in it.
  explicit NNGraph(const SavedGraph& saved, std::shared_ptr<Device> device = nullptr);
  /// Independent: kernels and values of its own, and copies of the data sources that have a `copy`. A null device is this
  /// graph's.
  std::shared_ptr<NNGraph> copy(std::shared_ptr<Device> device = nullptr) const;
  /// The data sources of its filters in execution order, each once.
  std::vector<std::shared_ptr<DataSource>> data_sources() const;
  const std::vector<ImageNodePtr>& result_images() const { return result_images_; }
  const std::vector<bool>& results_are_needed() const { return needed_; }

 private:
  NNGraph(const SavedGraph& saved, const RestoredNodes& nodes, std::shared_ptr<Device> device);
  std::vector<ImageNodePtr> result_images_;
  std::vector<bool> needed_;
  std::shared_ptr<Executable> executable_;
};

/// Names of the planner's passes, in the order they run.
MPSNN_API std::vector<std::string> plan_passes();

}  // namespace mpsnn
