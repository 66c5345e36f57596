#include "mpsnn/state.hpp"

#include <unordered_set>

#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

std::vector<std::shared_ptr<Buffer>> make_buffers(const StateResourceList& list) {
  std::vector<std::shared_ptr<Buffer>> buffers;
  for (std::size_t size : list.sizes) buffers.push_back(std::make_shared<Buffer>(size));
  return buffers;
}

template <class Visit>
std::size_t for_each_distinct(const StateBatch& batch, const Visit& visit) {
  std::unordered_set<const State*> seen;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!batch[i]) throw InvalidArgument("MPSStateBatch: state " + std::to_string(i) + " is missing");
    if (seen.insert(batch[i].get()).second) visit(*batch[i]);
  }
  return seen.size();
}

}  // namespace

State::State(std::vector<std::shared_ptr<Buffer>> resources) : resources_(std::move(resources)) {
  for (std::size_t i = 0; i < resources_.size(); ++i) {
    if (!resources_[i]) throw InvalidArgument("MPSState: resource " + std::to_string(i) + " is missing");
  }
}

State::State(const std::shared_ptr<Device>&, std::size_t buffer_size) : resources_{std::make_shared<Buffer>(buffer_size)} {}

State::State(const std::shared_ptr<Device>&, const StateResourceList& list) : resources_(make_buffers(list)) {}

State::~State() = default;

StatePtr State::temporary_state(const std::shared_ptr<CommandBuffer>& command_buffer, const StateResourceList& list) {
  if (!command_buffer) throw InvalidArgument("MPSState: command_buffer is missing");
  auto state = std::make_shared<State>(make_buffers(list));
  if (!list.sizes.empty()) state->make_temporary(1);
  return state;
}

void State::make_temporary(std::size_t read_count) {
  temporary_ = true;
  read_count_ = read_count;
}

void State::set_read_count(std::size_t count) {
  if (!temporary_) {
    if (count != 0) throw InvalidArgument("MPSState: read_count of a state that is not temporary is always 0");
    return;
  }
  if (read_count_ == 0 && count != 0) {
    throw InvalidArgument("MPSState: read_count is 0, the contents are gone; it cannot be set to " + std::to_string(count));
  }
  read_count_ = count;
}

void State::check_readable(const std::string& reader) const {
  if (temporary_ && read_count_ == 0) {
    throw InvalidArgument(reader + ": the temporary state" + (label.empty() ? "" : " \"" + label + "\"") +
                          " has read_count 0, its contents are gone; set read_count to the number of reads before the first");
  }
}

void State::consume_read() {
  if (temporary_ && read_count_ > 0) --read_count_;
}

std::shared_ptr<Buffer> State::resource_at_index(std::size_t index, bool allocate_memory) {
  if (index >= resources_.size()) {
    throw InvalidArgument("MPSState: resource index " + std::to_string(index) + " is outside the " +
                          std::to_string(resources_.size()) + " resources");
  }
  const auto& buffer = resources_[index];
  if (!buffer || (!allocate_memory && !buffer->is_allocated())) return nullptr;
  buffer->data();
  return buffer;
}

std::size_t State::buffer_size_at_index(std::size_t index) const {
  return index < resources_.size() && resources_[index] ? resources_[index]->length() : 0;
}

StateTextureInfo State::texture_info_at_index(std::size_t) const { return {}; }

StateResourceType State::resource_type_at_index(std::size_t index) const {
  return index < resources_.size() && resources_[index] ? StateResourceType::Buffer : StateResourceType::None;
}

std::size_t State::resource_size() const {
  std::size_t bytes = 0;
  for (const auto& buffer : resources_) bytes += buffer ? buffer->length() : 0;
  return bytes;
}

ImageDescriptor State::destination_image_descriptor_for_source_images(const ImageBatch&, const StateBatch&, Kernel&,
                                                                      const ImageDescriptor& suggested_descriptor) {
  return suggested_descriptor;
}

std::size_t state_batch_increment_read_count(const StateBatch& batch, std::ptrdiff_t amount) {
  return for_each_distinct(batch, [&](State& state) {
    if (!state.is_temporary() || state.read_count() == 0) return;
    const auto count = std::ptrdiff_t(state.read_count()) + amount;
    if (count < 0) {
      throw InvalidArgument("MPSStateBatchIncrementReadCount: read_count " + std::to_string(state.read_count()) +
                            " cannot be lowered by " + std::to_string(-amount));
    }
    state.set_read_count(std::size_t(count));
  });
}

void state_batch_synchronize(const StateBatch& batch, const std::shared_ptr<CommandBuffer>& command_buffer) {
  for_each_distinct(batch, [&](State& state) { state.synchronize_on_command_buffer(command_buffer); });
}

std::size_t state_batch_resource_size(const StateBatch& batch) {
  std::size_t bytes = 0;
  for_each_distinct(batch, [&](State& state) { bytes += state.resource_size(); });
  return bytes;
}

}  // namespace mpsnn
