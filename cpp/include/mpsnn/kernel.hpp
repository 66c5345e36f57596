#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mpsnn/image.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

class NNFilterNode;
class NNPadding;
class State;
struct KernelCall;
struct KernelCore;
using StatePtr = std::shared_ptr<State>;
using StateBatch = std::vector<StatePtr>;

/// MPSKernel.
class MPSNN_API Kernel {
 public:
  /// Verbose where the environment variable MPS_LOG_INFO is defined.
  explicit Kernel(std::shared_ptr<Device> device);
  virtual ~Kernel();
  KernelOptions options;
  std::string label;
  const std::shared_ptr<Device>& device() const { return device_; }

 protected:
  std::shared_ptr<Device> device_;
};

/// The extent of a filter window.
struct Window {
  std::size_t kernel_width = 1, kernel_height = 1, stride_x = 1, stride_y = 1, dilation_x = 1, dilation_y = 1;
  bool is_backwards = false;  ///< the stride enlarges (transposed convolution, gradients)
  std::size_t extent_x() const { return (kernel_width - 1) * dilation_x + 1; }
  std::size_t extent_y() const { return (kernel_height - 1) * dilation_y + 1; }
  bool operator==(const Window&) const = default;
};

/// What a kernel is made of: the node that stands for the same filter. While `make_node` runs, messages name the kernel.
MPSNN_API std::shared_ptr<KernelCore> make_kernel_core(std::shared_ptr<Device> device, const char* class_name,
                                                       const std::function<std::shared_ptr<NNFilterNode>()>& make_node);

/// MPSCNNKernel: a filter of one source image. What a padding policy sees of a filter, and may set; and, made by hand, a filter
/// that is encoded on its own, by the implementation that graphs use.
class MPSNN_API CNNKernel : public Kernel {
 public:
  /// For padding policies: it cannot be encoded.
  CNNKernel(std::shared_ptr<Device> device, const Window& window);
  ~CNNKernel() override;
  Offset offset;  ///< centre of the first window in source pixels
  mtl::Region clip_rect = kRectNoClip;
  std::size_t destination_feature_channel_offset = 0, source_feature_channel_offset = 0;
  std::size_t source_feature_channel_max_count = kUIntegerMax;
  ImageEdgeMode edge_mode = ImageEdgeMode::Zero;
  std::ptrdiff_t kernel_offset_x = 0, kernel_offset_y = 0;
  std::size_t zero_pad_size_x = 0, zero_pad_size_y = 0;
  std::shared_ptr<NNPadding> padding;
  std::shared_ptr<ImageAllocator> destination_image_allocator = TemporaryImage::default_allocator();
  Window window() const;

  /// Whether all images of a batch have one result state.
  bool is_result_state_reused_across_batch() const;
  virtual bool append_batch_barrier() const { return false; }
  virtual bool is_state_modified() const { return false; }

  /// The result's size, by the padding policy; `offset` and what else places the windows are left at its choice.
  ImageDescriptor destination_image_descriptor_for_source_images(const ImageBatch& source_images,
                                                                 const StateBatch& source_states = {});
  /// Into an image of the caller's, at `offset`; the padding policy is not asked.
  void encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImagePtr& source_image,
                                const StatePtr& destination_state, const ImagePtr& destination_image);
  /// Into an image of the allocator's, placed by the padding policy. `destination_state` receives the result state.
  ImagePtr encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImagePtr& source_image,
                                    StatePtr* destination_state = nullptr, bool is_temporary = true);
  void encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                      const StateBatch& destination_states, const ImageBatch& destination_images);
  ImageBatch encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                                            StateBatch* destination_states = nullptr, bool is_temporary = true);
  /// The state that an encode with these images fills, for the gradient kernel; null where the kernel has none.
  StatePtr result_state_for_source_image(const ImagePtr& source_image, const ImagePtr& destination_image);
  StateBatch result_state_batch_for_source_image(const ImageBatch& source_images, const ImageBatch& destination_images,
                                                 bool is_temporary = false);

 protected:
  explicit CNNKernel(std::shared_ptr<KernelCore> core);
  NNFilterNode& node() const;
  const std::shared_ptr<KernelCore>& core() const { return core_; }

 private:
  KernelCall call(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                  const ImageBatch& destination_images) const;
  Window window_;
  std::shared_ptr<KernelCore> core_;
};

/// MPSCNNBinaryKernel: a filter of two source images, encoded on its own.
class MPSNN_API CNNBinaryKernel : public Kernel {
 public:
  ~CNNBinaryKernel() override;
  Offset primary_offset, secondary_offset;  ///< centres of the first windows
  mtl::Region clip_rect = kRectNoClip;
  std::size_t destination_feature_channel_offset = 0;
  std::size_t primary_source_feature_channel_offset = 0, secondary_source_feature_channel_offset = 0;
  std::size_t primary_source_feature_channel_max_count = kUIntegerMax, secondary_source_feature_channel_max_count = kUIntegerMax;
  ImageEdgeMode primary_edge_mode = ImageEdgeMode::Zero, secondary_edge_mode = ImageEdgeMode::Zero;
  std::shared_ptr<NNPadding> padding;
  std::shared_ptr<ImageAllocator> destination_image_allocator = TemporaryImage::default_allocator();
  virtual Window primary_window() const;
  virtual Window secondary_window() const;
  bool is_backwards() const;
  bool is_result_state_reused_across_batch() const;
  virtual bool append_batch_barrier() const { return false; }
  virtual bool is_state_modified() const { return false; }

  /// Two batches, or two images each in a batch of one.
  ImageDescriptor destination_image_descriptor_for_source_images(const ImageBatch& source_images,
                                                                 const StateBatch& source_states = {});
  void encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& primary_images,
                                      const ImageBatch& secondary_images, const StateBatch& destination_states,
                                      const ImageBatch& destination_images);
  ImageBatch encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                            const ImageBatch& primary_images, const ImageBatch& secondary_images,
                                            StateBatch* destination_states = nullptr, bool is_temporary = true);
  StateBatch result_state_batch_for_primary_image(const ImageBatch& primary_images, const ImageBatch& secondary_images,
                                                  const ImageBatch& destination_images, bool is_temporary = false);

 protected:
  explicit CNNBinaryKernel(std::shared_ptr<KernelCore> core);
  NNFilterNode& node() const;
  KernelCall call(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& primary_images,
                  const ImageBatch& secondary_images, const StateBatch& source_states,
                  const ImageBatch& destination_images) const;
  ImageBatch encode(KernelCall& call, StateBatch* destination_states, bool is_temporary);

  std::shared_ptr<KernelCore> core_;
};

/// MPSCNNGradientKernel: the primary source is a gradient, the secondary one the forward filter's source.
class MPSNN_API CNNGradientKernel : public CNNBinaryKernel {
 public:
  std::ptrdiff_t kernel_offset_x = 0, kernel_offset_y = 0;
  /// Without destinations the allocator makes them; with them nothing is returned.
  ImageBatch encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                            const ImageBatch& source_gradients, const ImageBatch& source_images,
                                            const StateBatch& gradient_states, const ImageBatch& destination_gradients = {});

 protected:
  explicit CNNGradientKernel(std::shared_ptr<KernelCore> core) : CNNBinaryKernel(std::move(core)) {}
  CNNConvolutionGradientOption option_ = CNNConvolutionGradientOption::All;  ///< other values: of kernels with parameters
};

}  // namespace mpsnn
