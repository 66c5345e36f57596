#pragma once

#include <memory>
#include <string>

#include "mpsnn/image.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

class NNPadding;

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

/// MPSCNNKernel: what a padding policy sees of a filter, and may set.
class MPSNN_API CNNKernel : public Kernel {
 public:
  CNNKernel(std::shared_ptr<Device> device, const Window& window) : Kernel(std::move(device)), window_(window) {}
  Offset offset;
  mtl::Region clip_rect = kRectNoClip;
  std::size_t destination_feature_channel_offset = 0, source_feature_channel_offset = 0;
  std::size_t source_feature_channel_max_count = kUIntegerMax;
  ImageEdgeMode edge_mode = ImageEdgeMode::Zero;
  std::ptrdiff_t kernel_offset_x = 0, kernel_offset_y = 0;
  std::size_t zero_pad_size_x = 0, zero_pad_size_y = 0;
  std::shared_ptr<NNPadding> padding;
  const Window& window() const { return window_; }

 private:
  Window window_;
};

}  // namespace mpsnn
