#include "mpsnn/graph.hpp"

#include <map>
#include <mutex>

#include "mpsnn/error.hpp"
#include "runtime/executable.hpp"

namespace mpsnn {

namespace {

// The entry of an input without a handle, so that indices match the arguments.
const std::shared_ptr<Handle>& placeholder() {
  static const auto handle = std::make_shared<Handle>();
  return handle;
}

template <class Items>
std::vector<std::shared_ptr<Handle>> handles_of(const std::vector<int>& ids, const Items& items) {
  std::vector<std::shared_ptr<Handle>> handles;
  for (int id : ids) handles.push_back(items[id].handle ? items[id].handle : placeholder());
  return handles;
}

// One queue for `execute_async_with_source_images` of all graphs on a device.
std::shared_ptr<CommandQueue> async_queue(const std::shared_ptr<Device>& device) {
  static std::mutex mutex;
  static auto* queues = new std::map<std::shared_ptr<Device>, std::shared_ptr<CommandQueue>>;
  std::lock_guard lock(mutex);
  auto& queue = (*queues)[device];
  if (!queue) queue = CommandQueue::make(device);
  return queue;
}

template <class T>
std::vector<std::vector<T>> each_alone(const std::vector<T>& items) {
  std::vector<std::vector<T>> batches;
  for (const T& item : items) batches.push_back({item});
  return batches;
}

template <class T>
void append_first(std::vector<T>* to, const std::vector<std::vector<T>>& batches) {
  if (!to) return;
  for (const auto& batch : batches) to->push_back(batch.empty() ? nullptr : batch[0]);
}

}  // namespace

Executable::~Executable() = default;

NNGraph::NNGraph(const ImageNodePtr& result_image, bool result_image_is_needed, std::shared_ptr<Device> device)
    : NNGraph(std::vector<ImageNodePtr>{result_image}, std::vector<bool>{result_image_is_needed}, std::move(device)) {}

NNGraph::NNGraph(std::vector<ImageNodePtr> result_images, std::vector<bool> results_are_needed, std::shared_ptr<Device> device)
    : Kernel(device ? std::move(device) : default_device()),
      result_images_(std::move(result_images)),
      needed_(std::move(results_are_needed)) {
  if (needed_.empty()) needed_.assign(result_images_.size(), true);
  if (needed_.size() != result_images_.size()) {
    throw InvalidArgument("MPSNNGraph: results_are_needed has " + std::to_string(needed_.size()) + " entries for " +
                          std::to_string(result_images_.size()) + " result images");
  }
  executable_ = device_->make_executable({result_images_, needed_});
}

NNGraph::~NNGraph() = default;

std::vector<std::shared_ptr<Handle>> NNGraph::source_image_handles() const {
  return handles_of(executable_->program().source_values, executable_->program().values);
}
std::vector<std::shared_ptr<Handle>> NNGraph::source_state_handles() const {
  return handles_of(executable_->program().source_states, executable_->program().states);
}
std::vector<std::shared_ptr<Handle>> NNGraph::intermediate_image_handles() const {
  return handles_of(executable_->program().intermediates, executable_->program().values);
}
std::vector<std::shared_ptr<Handle>> NNGraph::result_state_handles() const {
  return handles_of(executable_->program().destination_states, executable_->program().states);
}
std::shared_ptr<Handle> NNGraph::result_handle() const { return result_images_[0]->handle; }
bool NNGraph::result_image_is_needed() const { return needed_[0]; }

namespace {

std::size_t read_count_at(std::size_t index, std::size_t count, const char* what) {
  if (index >= count) {
    throw InvalidArgument("MPSNNGraph: " + std::string(what) + " index " + std::to_string(index) + " is outside the " +
                          std::to_string(count) + " sources");
  }
  return 1;
}

}  // namespace

std::size_t NNGraph::read_count_for_source_image_at_index(std::size_t index) const {
  return read_count_at(index, executable_->program().source_values.size(), "source image");
}
std::size_t NNGraph::read_count_for_source_state_at_index(std::size_t index) const {
  return read_count_at(index, executable_->program().source_states.size(), "source state");
}

void NNGraph::reload_from_data_sources() { executable_->reload_from_data_sources(); }

ImagePtr NNGraph::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                           const std::vector<ImagePtr>& source_images, const std::vector<StatePtr>& source_states,
                                           std::vector<ImagePtr>* intermediate_images,
                                           std::vector<StatePtr>* destination_states) {
  EncodeResult out = executable_->encode({command_buffer, each_alone(source_images), each_alone(source_states), *this});
  append_first(intermediate_images, out.intermediates);
  append_first(destination_states, out.states);
  return out.result.empty() ? nullptr : out.result[0];
}

ImageBatch NNGraph::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                   const std::vector<ImageBatch>& source_images,
                                                   const std::vector<StateBatch>& source_states,
                                                   std::vector<ImageBatch>* intermediate_images,
                                                   std::vector<StateBatch>* destination_states) {
  for (const ImageBatch& batch : source_images) {
    for (const ImagePtr& image : batch) {
      if (image && image->number_of_images() != 1) {
        throw InvalidArgument("MPSNNGraph: an image of a batch must hold one image, got number_of_images " +
                              std::to_string(image->number_of_images()) + "; use batch_representation");
      }
    }
  }
  EncodeResult out = executable_->encode({command_buffer, source_images, source_states, *this});
  if (intermediate_images)
    intermediate_images->insert(intermediate_images->end(), out.intermediates.begin(), out.intermediates.end());
  if (destination_states) destination_states->insert(destination_states->end(), out.states.begin(), out.states.end());
  return out.result;
}

ImagePtr NNGraph::execute_async_with_source_images(const std::vector<ImagePtr>& source_images,
                                                   CompletionHandler completion_handler) {
  if (!completion_handler) throw InvalidArgument("MPSNNGraph: completion_handler is missing");
  if (source_images.empty()) throw InvalidArgument("MPSNNGraph: execute_async_with_source_images needs a source image");
  if (!executable_->program().source_states.empty()) {
    throw InvalidArgument("MPSNNGraph: execute_async_with_source_images cannot pass source states; use encode_to_command_buffer");
  }
  auto command_buffer = async_queue(device_)->command_buffer();
  ImagePtr result = encode_to_command_buffer(command_buffer, source_images);
  command_buffer->add_completed_handler(
      [result, handler = std::move(completion_handler)](const std::shared_ptr<CommandBuffer>& done) {
        const auto error = done->exception();
        handler(error ? nullptr : result, error);
      });
  command_buffer->commit();
  return result;
}

std::string NNGraph::debug_description() const { return dump(executable_->program()); }

}  // namespace mpsnn
