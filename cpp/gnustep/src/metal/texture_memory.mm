#include <algorithm>
#include <cstring>

#include "core/checked.hpp"
#include "metal/texture.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn::gnustep {

namespace {

std::string quoted(std::size_t value) { return std::to_string(value); }

// The image that a texture keeps its pixels in; images made with the texture are its views, and know the texture by it.
class TextureImage final : public Image {
 public:
  TextureImage(const ImageDescriptor &image, std::shared_ptr<Buffer> buffer, const TextureDescriptor &texture, bool is_swapped)
      : Image(the_device(), image, std::move(buffer)), texture(texture), is_swapped(is_swapped) {}
  const TextureDescriptor texture;
  const bool is_swapped;
};

// Which texture an image has, while both are there.
class TexturesOfImages {
 public:
  static TexturesOfImages &shared() {
    static auto *table = new TexturesOfImages;
    return *table;
  }
  std::shared_ptr<Texture> find(const ImagePtr &image) {
    std::lock_guard lock(mutex_);
    const auto found = entries_.find(image.get());
    return found != entries_.end() && found->second.image.lock() == image ? found->second.texture.lock() : nullptr;
  }
  void add(const ImagePtr &image, const std::shared_ptr<Texture> &texture) {
    std::lock_guard lock(mutex_);
    std::erase_if(entries_, [](const auto &entry) { return entry.second.image.expired() || entry.second.texture.expired(); });
    entries_[image.get()] = {image, texture};
  }

 private:
  struct Entry {
    std::weak_ptr<Image> image;
    std::weak_ptr<Texture> texture;
  };
  std::mutex mutex_;
  std::unordered_map<const Image *, Entry> entries_;
};

[[noreturn]] void refuse(const std::string &what) { throw InvalidArgument("MTLTextureDescriptor: " + what); }

// Throws unless this library has such textures.
PixelLayout check(const TextureDescriptor &d) {
  const PixelLayout layout = pixel_layout(d.pixel_format);
  const auto &s = d.swizzle;
  if (d.type != MTLTextureType2D && d.type != MTLTextureType2DArray) {
    refuse("textureType " + quoted(d.type) + " is neither MTLTextureType2D nor MTLTextureType2DArray");
  }
  if (d.width == 0 || d.height == 0 || d.array_length == 0) refuse("width, height and arrayLength must be positive");
  if (d.type == MTLTextureType2D && d.array_length != 1) refuse("arrayLength of a MTLTextureType2D must be 1");
  if (d.depth != 1) refuse("depth " + quoted(d.depth) + " of a 2D texture");
  if (d.mipmap_level_count != 1) refuse("mipmapLevelCount " + quoted(d.mipmap_level_count) + ": textures have one level here");
  if (d.sample_count != 1) refuse("sampleCount " + quoted(d.sample_count) + ": textures have one sample here");
  if (s.red != MTLTextureSwizzleRed || s.green != MTLTextureSwizzleGreen || s.blue != MTLTextureSwizzleBlue ||
      s.alpha != MTLTextureSwizzleAlpha) {
    refuse("swizzle: channels keep their order here");
  }
  checked_product({d.width, d.height, d.array_length, layout.bytes()}, "MTLTextureDescriptor: the size in bytes");
  return layout;
}

}  // namespace

struct TextureMemory {
  TextureMemory(const TextureDescriptor &descriptor, PixelLayout layout) : descriptor(descriptor), layout(layout) {}

  const TextureDescriptor descriptor;  ///< of the first texture, not of views
  const PixelLayout layout;
  std::shared_ptr<Buffer> place;   ///< where the pixels are to be, or null
  std::shared_ptr<Buffer> linear;  ///< the buffer whose rows these are, or null
  std::size_t offset = 0, bytes_per_row = 0;
  bool has_gaps = false;    ///< linear, in a form that no image has
  bool is_swapped = false;  ///< BGRA texels are RGBA in the image
  std::mutex mutex;
  ImagePtr image;  ///< made at the first use; never with gaps

  /// The image as `images` of `slices` slices each.
  ImagePtr make_image(std::size_t images, std::size_t slices) const {
    ImageDescriptor d;
    d.width = descriptor.width;
    d.height = descriptor.height;
    d.feature_channels = layout.channels < 4 ? layout.channels : 4 * slices;
    d.number_of_images = images;
    d.channel_format = layout.format;
    d.usage = mtl::TextureUsage(descriptor.usage);
    d.storage_mode = mtl::StorageMode(storage_mode_of(descriptor.options));
    d.cpu_cache_mode = mtl::CPUCacheMode(cache_mode_of(descriptor.options));
    const std::size_t bytes = images * d.height * d.width * d.feature_channels * bytes_per_channel(d.channel_format);
    return std::make_shared<TextureImage>(d, place ? place : std::make_shared<Buffer>(bytes), descriptor, is_swapped);
  }
  Image &any_image() {
    std::lock_guard lock(mutex);
    if (!image) image = layout.channels < 4 ? make_image(descriptor.array_length, 1) : make_image(1, descriptor.array_length);
    return *image;
  }
  /// The image, cut into whole images of `slices` slices. Pixels move where it is cut otherwise and nobody else sees it.
  ImagePtr image_of(std::size_t slices) {
    const bool one_suffices = slices >= descriptor.array_length;
    if (one_suffices || layout.channels < 4) any_image();
    std::lock_guard lock(mutex);
    if (image && (one_suffices || slices_of(image->feature_channels()) == slices)) return image;
    if (descriptor.array_length % slices != 0) {
      throw InvalidArgument("MPSImage: the " + quoted(descriptor.array_length) +
                            " slices of the texture are not whole images of " + quoted(slices) + " slices");
    }
    ImagePtr fresh = make_image(descriptor.array_length / slices, slices);
    if (image) {
      if (image.use_count() > 1 || place || image->storage()->is_pending()) {
        throw InvalidArgument("MPSImage: the texture is in use with images of another number of feature channels");
      }
      move_slices(*image, *fresh);
    }
    return image = fresh;
  }

 private:
  static std::byte *slice_of(const ImageView &view, std::size_t slice) {
    const std::size_t per_image = slices_of(view.channels);
    return static_cast<std::byte *>(view.data) +
           (slice / per_image * view.image_stride + 4 * (slice % per_image)) * bytes_per_channel(view.format);
  }
  void move_slices(Image &from, Image &to) const {
    const ImageView a = from.view(), b = to.view();
    const std::size_t element = bytes_per_channel(a.format);
    for (std::size_t s = 0; s < descriptor.array_length; ++s) {
      for (std::size_t pixel = 0; pixel < a.width * a.height; ++pixel) {
        std::memcpy(slice_of(b, s) + pixel * b.pixel_stride * element, slice_of(a, s) + pixel * a.pixel_stride * element,
                    4 * element);
      }
    }
  }
};

PixelLayout pixel_layout(MTLPixelFormat format) {
  using F = ImageFeatureChannelFormat;
  switch (format) {
    case MTLPixelFormatR8Unorm:
      return {F::Unorm8, 1};
    case MTLPixelFormatRG8Unorm:
      return {F::Unorm8, 2};
    case MTLPixelFormatRGBA8Unorm:
      return {F::Unorm8, 4};
    case MTLPixelFormatBGRA8Unorm:
      return {F::Unorm8, 4, true};
    case MTLPixelFormatR16Unorm:
      return {F::Unorm16, 1};
    case MTLPixelFormatRG16Unorm:
      return {F::Unorm16, 2};
    case MTLPixelFormatRGBA16Unorm:
      return {F::Unorm16, 4};
    case MTLPixelFormatR16Float:
      return {F::Float16, 1};
    case MTLPixelFormatRG16Float:
      return {F::Float16, 2};
    case MTLPixelFormatRGBA16Float:
      return {F::Float16, 4};
    case MTLPixelFormatR32Float:
      return {F::Float32, 1};
    case MTLPixelFormatRG32Float:
      return {F::Float32, 2};
    case MTLPixelFormatRGBA32Float:
      return {F::Float32, 4};
    default:
      refuse("pixelFormat " + quoted(format) + " is not one that images have");
  }
}

Texture::Texture(const TextureDescriptor &descriptor, std::shared_ptr<TextureMemory> memory)
    : descriptor_(descriptor), memory_(std::move(memory)) {}

std::size_t Texture::length_of(const TextureDescriptor &descriptor) {
  return check(descriptor).bytes() * descriptor.width * descriptor.height * descriptor.array_length;
}

std::shared_ptr<Texture> Texture::make(const TextureDescriptor &descriptor) { return make_in(descriptor, nullptr); }

std::shared_ptr<Texture> Texture::make_in(const TextureDescriptor &descriptor, const std::shared_ptr<Buffer> &buffer) {
  auto memory = std::make_shared<TextureMemory>(descriptor, check(descriptor));
  memory->place = buffer;
  memory->is_swapped = memory->layout.is_bgra;
  return std::shared_ptr<Texture>(new Texture(descriptor, std::move(memory)));
}

std::shared_ptr<Texture> Texture::make_linear(const TextureDescriptor &descriptor, const std::shared_ptr<Buffer> &buffer,
                                              std::size_t offset, std::size_t bytes_per_row) {
  auto memory = std::make_shared<TextureMemory>(descriptor, check(descriptor));
  const std::size_t row = memory->layout.bytes() * descriptor.width;
  if (descriptor.array_length != 1) refuse("arrayLength of a texture over a buffer must be 1");
  if (bytes_per_row < row) {
    throw InvalidArgument("MTLBuffer: bytesPerRow " + quoted(bytes_per_row) + " is less than the " + quoted(row) +
                          " of a row of the texture");
  }
  if (offset % bytes_per_channel(memory->layout.format) != 0) {
    throw InvalidArgument("MTLBuffer: offset " + quoted(offset) + " is not a multiple of the channel's size");
  }
  if (offset > buffer->length() || row > buffer->length() - offset ||
      (buffer->length() - offset - row) / bytes_per_row < descriptor.height - 1) {
    throw InvalidArgument("MTLBuffer: its " + quoted(buffer->length()) + " bytes do not hold the texture");
  }
  memory->linear = buffer;
  memory->offset = offset;
  memory->bytes_per_row = bytes_per_row;
  memory->has_gaps = memory->layout.is_bgra || (bytes_per_row != row && descriptor.height > 1);
  memory->place = offset == 0 ? buffer
                              : std::make_shared<Buffer>(static_cast<std::byte *>(buffer->data()) + offset,
                                                         buffer->length() - offset, buffer);
  return std::shared_ptr<Texture>(new Texture(descriptor, std::move(memory)));
}

std::shared_ptr<Texture> Texture::of_image(const ImagePtr &image) {
  image->check_readable("MPSImage texture");
  if (auto known = TexturesOfImages::shared().find(image)) return known;
  const auto *made_with = dynamic_cast<const TextureImage *>(image->parent().get());
  TextureDescriptor descriptor;
  if (made_with) {
    descriptor = made_with->texture;
  } else {
    descriptor.type = (MTLTextureType)image->texture_type();
    descriptor.pixel_format = (MTLPixelFormat)image->pixel_format();
    descriptor.width = image->width();
    descriptor.height = image->height();
    descriptor.array_length = image->number_of_images() * slices_of(image->feature_channels());
    descriptor.usage = (MTLTextureUsage)image->usage();
    descriptor.options = with_storage_mode(MTLResourceOptions(0), (MTLStorageMode)image->descriptor().storage_mode);
  }
  auto memory = std::make_shared<TextureMemory>(descriptor, pixel_layout(descriptor.pixel_format));
  memory->image = made_with ? image->parent() : image;
  memory->is_swapped = made_with && made_with->is_swapped;
  auto texture = std::shared_ptr<Texture>(new Texture(descriptor, std::move(memory)));
  TexturesOfImages::shared().add(image, texture);
  return texture;
}

bool Texture::holds(const ImagePtr &image) { return dynamic_cast<const TextureImage *>(image.get()) != nullptr; }

std::shared_ptr<Texture> Texture::view(MTLPixelFormat format, MTLTextureType type, Range slices) {
  TextureDescriptor d = descriptor_;
  d.pixel_format = format;
  d.type = type;
  d.array_length = slices.length;
  if (check(d).bytes() != pixel_bytes()) refuse("the pixels of a texture's view must have the size of the texture's");
  if (slices.location >= descriptor_.array_length || slices.length > descriptor_.array_length - slices.location) {
    refuse("slices [" + quoted(slices.location) + ", " + quoted(slices.location + slices.length) + ") are not within the " +
           quoted(descriptor_.array_length) + " of the texture");
  }
  auto view = std::shared_ptr<Texture>(new Texture(d, memory_));
  view->parent_ = shared_from_this();
  view->first_slice_ = first_slice_ + slices.location;
  return view;
}

ImagePtr Texture::as_image(std::size_t channels) {
  const PixelLayout layout = pixel_layout(descriptor_.pixel_format);
  if (memory_->has_gaps) throw InvalidArgument("MPSImage: the texture has gaps between the rows of a buffer, or is BGRA there");
  if (layout.format != memory_->layout.format || layout.channels != memory_->layout.channels ||
      layout.is_bgra != memory_->is_swapped) {
    throw InvalidArgument("MPSImage: the texture is a view of a texture of another pixel format");
  }
  const std::size_t slices = slices_of(channels), images = channels ? descriptor_.array_length / slices : 0;
  if (images == 0 || (slices == 1 ? channels > layout.channels : layout.channels < 4)) {
    throw InvalidArgument("MPSImage: a texture of " + quoted(descriptor_.array_length) + " slices of " + quoted(layout.channels) +
                          " channels does not hold " + quoted(channels) + " feature channels");
  }
  const ImagePtr whole = memory_->image_of(images == 1 ? memory_->descriptor.array_length : slices);
  ImagePtr view = Image::with_parent_image(whole, {first_slice_, images * slices}, channels);
  TexturesOfImages::shared().add(view, shared_from_this());
  return view;
}

bool Texture::is_allocated() const {
  const auto buffers = memories();
  return std::all_of(buffers.begin(), buffers.end(), [](const auto &buffer) { return buffer->is_allocated(); });
}

void Texture::allocate() const {
  for (const auto &buffer : memories()) buffer->data();
}

const std::shared_ptr<Buffer> &Texture::linear_buffer() const { return memory_->linear; }
std::size_t Texture::linear_offset() const { return memory_->offset; }
std::size_t Texture::linear_bytes_per_row() const { return memory_->bytes_per_row; }

std::vector<std::shared_ptr<Buffer>> Texture::memories() const {
  std::vector<std::shared_ptr<Buffer>> buffers;
  if (memory_->linear) buffers.push_back(memory_->linear);
  if (!memory_->has_gaps && memory_->any_image().storage() != memory_->linear) buffers.push_back(memory_->any_image().storage());
  return buffers;
}

void Texture::check_cpu_access() const {
  for (const auto &buffer : memories()) buffer->cpu_access();
}

void Texture::check_region(const std::string &method, const MTLOrigin &origin, const MTLSize &size, std::size_t slice,
                           std::size_t level) const {
  if (level != 0) throw InvalidArgument(method + ": level " + quoted(level) + " of a texture with one level");
  if (slice >= descriptor_.array_length) {
    throw InvalidArgument(method + ": slice " + quoted(slice) + " is outside the " + quoted(descriptor_.array_length));
  }
  const auto within = [](std::size_t from, std::size_t count, std::size_t all) { return from <= all && count <= all - from; };
  if (size.width == 0 || size.height == 0 || size.depth != 1 || origin.z != 0 ||
      !within(origin.x, size.width, descriptor_.width) || !within(origin.y, size.height, descriptor_.height)) {
    throw InvalidArgument(method + ": origin (" + quoted(origin.x) + ", " + quoted(origin.y) + ", " + quoted(origin.z) +
                          ") size (" + quoted(size.width) + ", " + quoted(size.height) + ", " + quoted(size.depth) +
                          ") is outside the texture of width " + quoted(descriptor_.width) + " and height " +
                          quoted(descriptor_.height));
  }
}

void Texture::check_rows(const std::string &method, std::size_t bytes_per_row, const MTLSize &size) const {
  const std::size_t row = size.width * pixel_bytes();
  if (size.height > 1 && bytes_per_row < row) {
    throw InvalidArgument(method + ": bytesPerRow " + quoted(bytes_per_row) + " is less than the " + quoted(row) + " of a row");
  }
}

// Where the pixels of a slice are, in bytes: `stored` of a pixel's bytes are there.
struct Texture::Plane {
  std::byte *data = nullptr;
  std::size_t row = 0, pixel = 0, stored = 0;
  std::byte *at(std::size_t x, std::size_t y) const { return data + y * row + x * pixel; }
};

Texture::Plane Texture::plane(std::size_t slice) const {
  const std::size_t bytes = pixel_bytes();
  if (memory_->has_gaps) {
    return {static_cast<std::byte *>(memory_->linear->data()) + memory_->offset, memory_->bytes_per_row, bytes, bytes};
  }
  const ImageView view = memory_->any_image().view();
  const std::size_t element = bytes_per_channel(view.format), per_image = slices_of(view.channels);
  slice += first_slice_;
  const std::size_t image = slice / per_image, channel = 4 * (slice % per_image);
  return {static_cast<std::byte *>(view.data) + (image * view.image_stride + channel) * element, view.row_stride * element,
          view.pixel_stride * element, std::min(bytes, (view.channels - channel) * element)};
}

void Texture::read(std::byte *to, std::size_t bytes_per_row, const MTLOrigin &origin, const MTLSize &size,
                   std::size_t slice) const {
  const std::size_t bytes = pixel_bytes();
  const Plane from = plane(slice);
  for (std::size_t y = 0; y < size.height; ++y) {
    for (std::size_t x = 0; x < size.width; ++x) {
      std::byte *pixel = to + y * bytes_per_row + x * bytes;
      std::memcpy(pixel, from.at(origin.x + x, origin.y + y), from.stored);
      std::memset(pixel + from.stored, 0, bytes - from.stored);
      if (memory_->is_swapped) std::swap(pixel[0], pixel[2]);
    }
  }
}

void Texture::write(const std::byte *from, std::size_t bytes_per_row, const MTLOrigin &origin, const MTLSize &size,
                    std::size_t slice) {
  const std::size_t bytes = pixel_bytes();
  const Plane to = plane(slice);
  for (std::size_t y = 0; y < size.height; ++y) {
    for (std::size_t x = 0; x < size.width; ++x) {
      std::byte *pixel = to.at(origin.x + x, origin.y + y);
      std::memcpy(pixel, from + y * bytes_per_row + x * bytes, to.stored);
      if (memory_->is_swapped) std::swap(pixel[0], pixel[2]);
    }
  }
}

}  // namespace mpsnn::gnustep
