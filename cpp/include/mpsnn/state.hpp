#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mpsnn/buffer.hpp"
#include "mpsnn/image.hpp"

namespace mpsnn {

class Kernel;
class State;
struct StateOrigin;
using StatePtr = std::shared_ptr<State>;
using StateBatch = std::vector<StatePtr>;

/// MPSStateTextureInfo: all zero here, where states hold buffers only.
struct StateTextureInfo {
  std::size_t width = 0, height = 0, depth = 0, array_length = 0;
  mtl::PixelFormat pixel_format = mtl::PixelFormat::Invalid;
  mtl::TextureType texture_type = mtl::TextureType::Type2D;
  mtl::TextureUsage usage = mtl::TextureUsage::Unknown;
};

/// MPSStateResourceList: sizes of the buffers a state is to hold.
class MPSNN_API StateResourceList {
 public:
  void append_buffer(std::size_t size) { sizes.push_back(size); }
  std::vector<std::size_t> sizes;
};

/// MPSState: what one kernel leaves for another besides its image.
class MPSNN_API State : public std::enable_shared_from_this<State> {
 public:
  State() = default;
  explicit State(std::vector<std::shared_ptr<Buffer>> resources);
  State(const std::shared_ptr<Device>& device, std::size_t buffer_size);
  State(const std::shared_ptr<Device>& device, const StateResourceList& list);
  virtual ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  static StatePtr temporary_state(const std::shared_ptr<CommandBuffer>& command_buffer, const StateResourceList& list);

  std::string label;
  std::size_t resource_count() const { return resources_.size(); }
  std::size_t read_count() const { return read_count_; }
  void set_read_count(std::size_t count);
  bool is_temporary() const { return temporary_; }
  std::shared_ptr<Buffer> resource_at_index(std::size_t index, bool allocate_memory);
  std::size_t buffer_size_at_index(std::size_t index) const;
  StateTextureInfo texture_info_at_index(std::size_t index) const;
  StateResourceType resource_type_at_index(std::size_t index) const;
  std::size_t resource_size() const;
  void synchronize_on_command_buffer(const std::shared_ptr<CommandBuffer>&) {}
  virtual ImageDescriptor destination_image_descriptor_for_source_images(const ImageBatch& source_images,
                                                                         const StateBatch& source_states, Kernel& kernel,
                                                                         const ImageDescriptor& suggested_descriptor);
  /// Encodes: throws at read count 0, then lowers it. No effect on permanent states.
  void check_readable(const std::string& reader) const;
  void consume_read();
  void make_temporary(std::size_t read_count);
  /// The filter that fills this state, for the gradient filter's encode; null for states of the caller's making.
  std::shared_ptr<const StateOrigin> origin;

 protected:
  std::vector<std::shared_ptr<Buffer>> resources_;

 private:
  bool temporary_ = false;
  std::size_t read_count_ = 0;
};

/// MPSNNGradientState: the forward filter's settings for its gradient filter.
class MPSNN_API NNGradientState : public State {
 public:
  using State::State;
};
class MPSNN_API NNBinaryGradientState : public State {
 public:
  using State::State;
};
class MPSNN_API NNMultiaryGradientState : public State {
 public:
  using State::State;
};

MPSNN_API std::size_t state_batch_increment_read_count(const StateBatch& batch, std::ptrdiff_t amount);
MPSNN_API void state_batch_synchronize(const StateBatch& batch, const std::shared_ptr<CommandBuffer>& command_buffer);
MPSNN_API std::size_t state_batch_resource_size(const StateBatch& batch);

}  // namespace mpsnn
