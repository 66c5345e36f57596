#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mpsnn/buffer.hpp"
#include "mpsnn/export.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

class CommandBuffer;
class Device;
class Image;
class Kernel;

/// MPSImageDescriptor: the size and storage format of an image.
struct ImageDescriptor {
  std::size_t width = 1, height = 1, feature_channels = 1, number_of_images = 1;
  ImageFeatureChannelFormat channel_format = ImageFeatureChannelFormat::Float16;
  mtl::TextureUsage usage = mtl::TextureUsage::ShaderRead | mtl::TextureUsage::ShaderWrite;
  mtl::StorageMode storage_mode = mtl::StorageMode::Shared;
  mtl::CPUCacheMode cpu_cache_mode = mtl::CPUCacheMode::DefaultCache;
  mtl::PixelFormat pixel_format() const;
  bool operator==(const ImageDescriptor&) const = default;
};

/// Bytes of one channel of one pixel; throws InvalidArgument for `None`.
MPSNN_API std::size_t bytes_per_channel(ImageFeatureChannelFormat format);
/// "Float16", ...
MPSNN_API const char* name_of(ImageFeatureChannelFormat format);

using ImagePtr = std::shared_ptr<Image>;
/// Images of equal size, channel count and format.
using ImageBatch = std::vector<ImagePtr>;

/// Where the elements of an image are: (n, y, x, c) is at data + ((n*image + y*row + x*pixel) + c) elements.
struct ImageView {
  void* data = nullptr;
  ImageFeatureChannelFormat format = ImageFeatureChannelFormat::None;
  std::size_t number = 0, height = 0, width = 0, channels = 0;
  std::size_t pixel_stride = 0, row_stride = 0, image_stride = 0;
};

/// MPSImageAllocator: who makes the images a graph hands out.
class MPSNN_API ImageAllocator {
 public:
  virtual ~ImageAllocator();
  virtual ImagePtr image_for_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                            const ImageDescriptor& descriptor, Kernel* kernel) = 0;
  /// `count` images; the default asks `image_for_command_buffer` for each.
  virtual ImageBatch image_batch_for_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                    const ImageDescriptor& descriptor, Kernel* kernel, std::size_t count);
};

/// MPSImage: height x width x channels, channels fastest; `number_of_images` of them one after another.
class MPSNN_API Image : public std::enable_shared_from_this<Image> {
 public:
  Image(std::shared_ptr<Device> device, const ImageDescriptor& descriptor);
  virtual ~Image();
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;

  /// Wraps dense memory, N x H x W x C in the descriptor's format, that `owner` keeps alive.
  static ImagePtr wrap(std::shared_ptr<Device> device, const ImageDescriptor& descriptor, void* data,
                       std::shared_ptr<void> owner);
  /// One contiguous allocation, seen as `count` single images.
  static ImageBatch make_batch(std::shared_ptr<Device> device, const ImageDescriptor& descriptor, std::size_t count);
  static std::shared_ptr<ImageAllocator> default_allocator();

  const std::shared_ptr<Device>& device() const { return device_; }
  std::size_t width() const { return descriptor_.width; }
  std::size_t height() const { return descriptor_.height; }
  std::size_t feature_channels() const { return descriptor_.feature_channels; }
  std::size_t number_of_images() const { return descriptor_.number_of_images; }
  ImageFeatureChannelFormat feature_channel_format() const { return descriptor_.channel_format; }
  mtl::TextureUsage usage() const { return descriptor_.usage; }
  mtl::PixelFormat pixel_format() const { return descriptor_.pixel_format(); }
  mtl::TextureType texture_type() const;
  std::size_t precision() const;
  std::size_t pixel_size() const;
  const ImageDescriptor& descriptor() const { return descriptor_; }
  const ImagePtr& parent() const { return parent_; }

  std::string label;

  ImageBatch batch_representation();
  ImageBatch batch_representation(Range sub_range);
  ImagePtr sub_image_with_feature_channel_range(Range range);
  /// MPSImage's initializer for sub-images: slices of four channels each.
  static ImagePtr with_parent_image(const ImagePtr& parent, Range slice_range, std::size_t feature_channels);
  std::size_t resource_size() const;
  PurgeableState set_purgeable_state(PurgeableState state);
  void synchronize_on_command_buffer(const std::shared_ptr<CommandBuffer>&) {}

  /// Strides in bytes; 0 stands for the dense default.
  struct Transfer {
    DataLayout layout = DataLayout::HeightxWidthxFeatureChannels;
    std::size_t bytes_per_column = 0, bytes_per_row = 0, bytes_per_image = 0;
    mtl::Region region = kRectNoClip;
    ImageReadWriteParams feature_channel_info{0, kUIntegerMax};
    std::size_t image_index = 0;
  };
  void read_bytes(void* bytes, std::size_t length, const Transfer& transfer);
  void write_bytes(const void* bytes, std::size_t length, const Transfer& transfer);

  virtual bool is_temporary() const { return false; }
  /// Called by an encode that reads this image, before it is recorded.
  virtual void check_readable(const std::string& reader) const;
  /// Called by an encode that has read this image.
  virtual void consume_read(std::size_t times) const;

  /// The engine's access; allocates.
  ImageView view();
  const std::shared_ptr<Buffer>& storage() const { return storage_; }

 protected:
  Image(std::shared_ptr<Device> device, const ImageDescriptor& descriptor, std::shared_ptr<Buffer> storage);
  ImagePtr make_view(const ImageDescriptor& descriptor, std::size_t element_offset);
  virtual ImagePtr make_view_object(const ImageDescriptor& descriptor);

 private:
  std::size_t check_transfer(const Transfer& transfer, std::size_t length, Transfer& full) const;

  std::shared_ptr<Device> device_;
  ImageDescriptor descriptor_;
  std::shared_ptr<Buffer> storage_;
  std::size_t element_offset_ = 0, pixel_stride_ = 0;
  bool wraps_ = false;
  ImagePtr parent_;
};

/// MPSTemporaryImage: belongs to one command buffer and dies when its read count reaches 0.
class MPSNN_API TemporaryImage : public Image {
 public:
  TemporaryImage(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageDescriptor& descriptor);
  ~TemporaryImage() override;
  static std::shared_ptr<TemporaryImage> temporary_image(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                         const ImageDescriptor& descriptor);
  static std::shared_ptr<ImageAllocator> default_allocator();
  static void prefetch_storage(const std::shared_ptr<CommandBuffer>&, const std::vector<ImageDescriptor>&) {}

  std::size_t read_count() const { return read_count_; }
  void set_read_count(std::size_t count);
  bool is_temporary() const override { return true; }
  void check_readable(const std::string& reader) const override;
  void consume_read(std::size_t times) const override;

 protected:
  ImagePtr make_view_object(const ImageDescriptor& descriptor) override;

 private:
  friend class Image;
  TemporaryImage(const TemporaryImage& parent, const ImageDescriptor& descriptor);
  std::weak_ptr<CommandBuffer> command_buffer_;
  mutable std::size_t read_count_ = 1;
};

// The batch functions look at each distinct image once.
MPSNN_API std::size_t image_batch_increment_read_count(const ImageBatch& batch, std::ptrdiff_t amount);
MPSNN_API void image_batch_synchronize(const ImageBatch& batch, const std::shared_ptr<CommandBuffer>& command_buffer);
MPSNN_API std::size_t image_batch_resource_size(const ImageBatch& batch);
/// A return value above the smallest integer stops the walk; the last value is returned.
MPSNN_API std::ptrdiff_t image_batch_iterate(const ImageBatch& batch,
                                             const std::function<std::ptrdiff_t(const ImagePtr&, std::size_t)>& block);

}  // namespace mpsnn
