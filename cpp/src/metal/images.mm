#include "metal/images.hpp"

#include <cstring>
#include <vector>

#include "metal/recording.hpp"
#include "mpsnn/buffer.hpp"

namespace mpsnn::metal {

MPSImageDescriptor *descriptor_of(const ImageDescriptor &d) {
  // In the storage that is Apple's default, which both sides can reach.
  return [MPSImageDescriptor imageDescriptorWithChannelFormat:MPSImageFeatureChannelFormat(d.channel_format)
                                                        width:d.width
                                                       height:d.height
                                              featureChannels:d.feature_channels
                                               numberOfImages:d.number_of_images
                                                        usage:MTLTextureUsage(d.usage)];
}

ImageDescriptor descriptor_of(MPSImageDescriptor *d) {
  ImageDescriptor descriptor;
  descriptor.width = d.width;
  descriptor.height = d.height;
  descriptor.feature_channels = d.featureChannels;
  descriptor.number_of_images = d.numberOfImages;
  descriptor.channel_format = ImageFeatureChannelFormat(d.channelFormat);
  return descriptor;
}

ImageDescriptor descriptor_of(MPSImage *image) {
  ImageDescriptor descriptor;
  descriptor.width = image.width;
  descriptor.height = image.height;
  descriptor.feature_channels = image.featureChannels;
  descriptor.number_of_images = image.numberOfImages;
  descriptor.channel_format = ImageFeatureChannelFormat(image.featureChannelFormat);
  return descriptor;
}

namespace {

// A pixel format whose pixels are exactly those of an image with this many channels.
MTLPixelFormat packed_format(ImageFeatureChannelFormat format, std::size_t channels) {
  const int column = channels == 1 ? 0 : channels == 2 ? 1 : channels == 4 ? 2 : -1;
  if (column < 0) return MTLPixelFormatInvalid;
  static constexpr MTLPixelFormat kUnorm8[] = {MTLPixelFormatR8Unorm, MTLPixelFormatRG8Unorm, MTLPixelFormatRGBA8Unorm};
  static constexpr MTLPixelFormat kUnorm16[] = {MTLPixelFormatR16Unorm, MTLPixelFormatRG16Unorm, MTLPixelFormatRGBA16Unorm};
  static constexpr MTLPixelFormat kFloat16[] = {MTLPixelFormatR16Float, MTLPixelFormatRG16Float, MTLPixelFormatRGBA16Float};
  static constexpr MTLPixelFormat kFloat32[] = {MTLPixelFormatR32Float, MTLPixelFormatRG32Float, MTLPixelFormatRGBA32Float};
  switch (format) {
    case ImageFeatureChannelFormat::Unorm8:
      return kUnorm8[column];
    case ImageFeatureChannelFormat::Unorm16:
      return kUnorm16[column];
    case ImageFeatureChannelFormat::Float16:
      return kFloat16[column];
    case ImageFeatureChannelFormat::Float32:
      return kFloat32[column];
    default:
      return MTLPixelFormatInvalid;
  }
}

std::size_t page_size() { return NSPageSize(); }

// The memory's own buffer, or one around it; nil where it does not begin with a page or ends within one.
Ref<id<MTLBuffer>> buffer_around(NativeDevice &device, const std::shared_ptr<Buffer> &memory) {
  if (id<MTLBuffer> native = buffer_under(*memory)) return native;
  void *data = memory->data();
  const std::size_t length = memory->capacity(), page = page_size();
  if (length == 0 || reinterpret_cast<std::uintptr_t>(data) % page != 0 || length % page != 0) return {};
  auto owner = std::make_shared<std::shared_ptr<Buffer>>(memory);
  return Ref<id<MTLBuffer>>::owned([device.metal() newBufferWithBytesNoCopy:data
                                                                     length:length
                                                                    options:MTLResourceStorageModeShared
                                                                deallocator:^(void *, NSUInteger) {
                                                                  owner->reset();
                                                                }]);
}

}  // namespace

MPSImage *image_like(NativeDevice &device, const ImagePtr &image) {
  return apple([&] {
    return [[[MPSImage alloc] initWithDevice:device.metal() imageDescriptor:descriptor_of(image->descriptor())] autorelease];
  });
}

MPSImage *linear_image(NativeDevice &device, const ImagePtr &image) {
  const ImageView view = image->view();
  const MTLPixelFormat format = packed_format(view.format, view.channels);
  if (![device.metal() hasUnifiedMemory]) return nil;  // others want textures where the CPU does not see them
  if (format == MTLPixelFormatInvalid || view.number != 1 || view.pixel_stride != view.channels) return nil;
  const std::size_t pixel = view.channels * bytes_per_channel(view.format), row = view.width * pixel;
  return apple([&]() -> MPSImage * {
    const std::size_t alignment = [device.metal() minimumLinearTextureAlignmentForPixelFormat:format];
    const auto offset = std::size_t(static_cast<std::byte *>(view.data) - static_cast<std::byte *>(image->storage()->data()));
    if (alignment == 0 || row % alignment != 0 || offset % alignment != 0) return nil;
    const Ref<id<MTLBuffer>> buffer = buffer_around(device, image->storage());
    if (!buffer) return nil;
    MTLTextureDescriptor *descriptor = [MTLTextureDescriptor texture2DDescriptorWithPixelFormat:format
                                                                                          width:view.width
                                                                                         height:view.height
                                                                                      mipmapped:NO];
    descriptor.usage = MTLTextureUsageShaderRead | MTLTextureUsageShaderWrite;
    descriptor.storageMode = [buffer storageMode];
    id<MTLTexture> texture = [[buffer newTextureWithDescriptor:descriptor offset:offset bytesPerRow:row] autorelease];
    if (!texture) return nil;
    return [[[MPSImage alloc] initWithTexture:texture featureChannels:view.channels] autorelease];
  });
}

namespace {

// Pixels one after another, for images that are a range of another's channels.
struct Packed {
  explicit Packed(const ImageView &view)
      : element(bytes_per_channel(view.format)),
        pixels(view.height * view.width),
        is_dense(view.pixel_stride == view.channels),
        bytes(is_dense ? 0 : pixels * view.channels * element) {}
  void *image(const ImageView &view, std::size_t n) {
    return is_dense ? static_cast<std::byte *>(view.data) + n * view.image_stride * element : bytes.data();
  }
  void copy(const ImageView &view, std::size_t n, bool is_gather) {
    if (is_dense) return;
    auto *strided = static_cast<std::byte *>(view.data) + n * view.image_stride * element;
    auto *dense = bytes.data();
    const std::size_t size = view.channels * element;
    for (std::size_t p = 0; p < pixels; ++p, strided += view.pixel_stride * element, dense += size) {
      is_gather ? std::memcpy(dense, strided, size) : std::memcpy(strided, dense, size);
    }
  }
  std::size_t element, pixels;
  bool is_dense;
  std::vector<std::byte> bytes;
};

}  // namespace

void upload(const ImagePtr &from, MPSImage *to) {
  const ImageView view = from->view();
  Packed packed(view);
  for (std::size_t n = 0; n < view.number; ++n) {
    packed.copy(view, n, true);
    apple([&] { [to writeBytes:packed.image(view, n) dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:n]; });
  }
}

namespace {

void download_part(MPSImage *from, const ImagePtr &to, const ImagePart &part) {
  const ImageView view = to->view();
  const std::size_t element = bytes_per_channel(view.format), pixel = view.channels * element;
  const auto &[origin, size] = part.pixels;
  std::vector<std::byte> whole(view.height * view.width * pixel);
  for (std::size_t n = origin.z; n < origin.z + size.depth; ++n) {
    apple([&] { [from readBytes:whole.data() dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:n]; });
    for (std::size_t y = origin.y; y < origin.y + size.height; ++y) {
      for (std::size_t x = origin.x; x < origin.x + size.width; ++x) {
        const std::size_t p = y * view.width + x;
        std::memcpy(
            static_cast<std::byte *>(view.data) + (n * view.image_stride + p * view.pixel_stride + part.channel_offset) * element,
            whole.data() + p * pixel + part.channel_offset * element, part.channels * element);
      }
    }
  }
}

}  // namespace

void download(MPSImage *from, const ImagePtr &to, const std::optional<ImagePart> &part) {
  if (part) return download_part(from, to, *part);
  const ImageView view = to->view();
  Packed packed(view);
  for (std::size_t n = 0; n < view.number; ++n) {
    apple([&] { [from readBytes:packed.image(view, n) dataLayout:MPSDataLayoutHeightxWidthxFeatureChannels imageIndex:n]; });
    packed.copy(view, n, false);
  }
}

void clear(const ImagePtr &image) {
  const ImageView view = image->view();
  const std::size_t element = bytes_per_channel(view.format), pixels = view.height * view.width;
  for (std::size_t n = 0; n < view.number; ++n) {
    auto *pixel = static_cast<std::byte *>(view.data) + n * view.image_stride * element;
    for (std::size_t p = 0; p < pixels; ++p, pixel += view.pixel_stride * element) std::memset(pixel, 0, view.channels * element);
  }
}

}  // namespace mpsnn::metal
