#include "mpsnn/image.hpp"

#include <algorithm>
#include <cstring>
#include <unordered_set>

#include "core/checked.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

using Format = ImageFeatureChannelFormat;

std::size_t slices(std::size_t channels) { return channels / 4 + (channels % 4 != 0); }

std::string describe(const ImageDescriptor& d) {
  return std::to_string(d.number_of_images) + " x " + std::to_string(d.height) + " x " + std::to_string(d.width) + " x " +
         std::to_string(d.feature_channels);
}

void check(const ImageDescriptor& d) {
  bytes_per_channel(d.channel_format);
  if (d.width == 0 || d.height == 0 || d.feature_channels == 0 || d.number_of_images == 0) {
    throw InvalidArgument("MPSImage: every extent must be positive, got (images x height x width x channels) " + describe(d));
  }
  checked_product({d.number_of_images, d.height, d.width, slices(d.feature_channels) * 4, bytes_per_channel(d.channel_format)},
                  "MPSImage: the size in bytes");
}

std::size_t byte_length(const ImageDescriptor& d) {
  return d.number_of_images * d.height * d.width * d.feature_channels * bytes_per_channel(d.channel_format);
}

class PermanentAllocator final : public ImageAllocator {
 public:
  ImagePtr image_for_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageDescriptor& descriptor,
                                    Kernel*) override {
    return std::make_shared<Image>(command_buffer ? command_buffer->device() : nullptr, descriptor);
  }
  ImageBatch image_batch_for_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                            const ImageDescriptor& descriptor, Kernel*, std::size_t count) override {
    return Image::make_batch(command_buffer ? command_buffer->device() : nullptr, descriptor, count);
  }
};

class TemporaryAllocator final : public ImageAllocator {
 public:
  ImagePtr image_for_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageDescriptor& descriptor,
                                    Kernel*) override {
    return TemporaryImage::temporary_image(command_buffer, descriptor);
  }
};

}  // namespace

std::size_t bytes_per_channel(Format format) {
  switch (format) {
    case Format::Unorm8:
      return 1;
    case Format::Unorm16:
    case Format::Float16:
      return 2;
    case Format::Float32:
      return 4;
    default:
      throw InvalidArgument("MPSImageDescriptor: channel_format " + std::string(name_of(format)) + " is not a storage format");
  }
}

const char* name_of(Format format) {
  switch (format) {
    case Format::None:
      return "None";
    case Format::Unorm8:
      return "Unorm8";
    case Format::Unorm16:
      return "Unorm16";
    case Format::Float16:
      return "Float16";
    case Format::Float32:
      return "Float32";
    default:
      return "(unknown)";
  }
}

mtl::PixelFormat ImageDescriptor::pixel_format() const {
  using P = mtl::PixelFormat;
  static constexpr P kFormats[4][3] = {{P::R8Unorm, P::RG8Unorm, P::RGBA8Unorm},
                                       {P::R16Unorm, P::RG16Unorm, P::RGBA16Unorm},
                                       {P::R16Float, P::RG16Float, P::RGBA16Float},
                                       {P::R32Float, P::RG32Float, P::RGBA32Float}};
  const auto format = std::size_t(channel_format);
  if (format < 1 || format > 4) return P::Invalid;
  return kFormats[format - 1][std::min<std::size_t>(std::max<std::size_t>(feature_channels, 1), 3) - 1];
}

ImageAllocator::~ImageAllocator() = default;

ImageBatch ImageAllocator::image_batch_for_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                          const ImageDescriptor& descriptor, Kernel* kernel, std::size_t count) {
  ImageBatch batch;
  for (std::size_t i = 0; i < count; ++i) batch.push_back(image_for_command_buffer(command_buffer, descriptor, kernel));
  return batch;
}

Image::Image(std::shared_ptr<Device> device, const ImageDescriptor& descriptor)
    : device_(std::move(device)), descriptor_(descriptor), pixel_stride_(descriptor.feature_channels) {
  check(descriptor);
  storage_ = std::make_shared<Buffer>(byte_length(descriptor));
}

Image::Image(std::shared_ptr<Device> device, const ImageDescriptor& descriptor, std::shared_ptr<Buffer> storage)
    : device_(std::move(device)),
      descriptor_(descriptor),
      storage_(std::move(storage)),
      pixel_stride_(descriptor.feature_channels) {
  check(descriptor);
}

Image::~Image() = default;

ImagePtr Image::wrap(std::shared_ptr<Device> device, const ImageDescriptor& descriptor, void* data, std::shared_ptr<void> owner) {
  check(descriptor);
  auto storage = std::make_shared<Buffer>(data, byte_length(descriptor), std::move(owner));
  auto image = ImagePtr(new Image(std::move(device), descriptor, std::move(storage)));
  image->wraps_ = true;
  return image;
}

ImageBatch Image::make_batch(std::shared_ptr<Device> device, const ImageDescriptor& descriptor, std::size_t count) {
  if (count == 0) return {};
  ImageDescriptor whole = descriptor;
  whole.number_of_images = checked_product({descriptor.number_of_images, count}, "MPSImage: the number of images");
  check(whole);
  auto storage = std::make_shared<Buffer>(byte_length(whole));
  ImageBatch batch;
  batch.reserve(count);
  const std::size_t elements = byte_length(descriptor) / bytes_per_channel(descriptor.channel_format);
  for (std::size_t i = 0; i < count; ++i) {
    auto image = ImagePtr(new Image(device, descriptor, storage));
    image->element_offset_ = i * elements;
    batch.push_back(std::move(image));
  }
  return batch;
}

std::shared_ptr<ImageAllocator> Image::default_allocator() {
  static const auto allocator = std::make_shared<PermanentAllocator>();
  return allocator;
}

mtl::TextureType Image::texture_type() const {
  return feature_channels() <= 4 && number_of_images() == 1 ? mtl::TextureType::Type2D : mtl::TextureType::Type2DArray;
}

std::size_t Image::precision() const {
  switch (descriptor_.channel_format) {
    case Format::Unorm8:
      return 8;
    case Format::Unorm16:
      return 16;
    case Format::Float16:
      return 11;
    case Format::Float32:
      return 24;
    default:
      return 0;
  }
}

std::size_t Image::pixel_size() const {
  const std::size_t channels = feature_channels() >= 3 ? 4 : feature_channels();
  return channels * bytes_per_channel(descriptor_.channel_format);
}

ImagePtr Image::make_view_object(const ImageDescriptor& descriptor) { return ImagePtr(new Image(device_, descriptor, storage_)); }

ImagePtr Image::make_view(const ImageDescriptor& descriptor, std::size_t element_offset) {
  ImagePtr view = make_view_object(descriptor);
  view->element_offset_ = element_offset_ + element_offset;
  view->pixel_stride_ = pixel_stride_;
  view->wraps_ = wraps_;
  view->parent_ = shared_from_this();
  return view;
}

ImageBatch Image::batch_representation() { return batch_representation({0, number_of_images()}); }

ImageBatch Image::batch_representation(Range range) {
  if (range.location > number_of_images() || range.length > number_of_images() - range.location) {
    throw InvalidArgument("MPSImage: sub_range (" + std::to_string(range.location) + ", " + std::to_string(range.length) +
                          ") is outside the " + std::to_string(number_of_images()) + " images");
  }
  ImageDescriptor one = descriptor_;
  one.number_of_images = 1;
  ImageBatch batch;
  batch.reserve(range.length);
  const std::size_t image_stride = height() * width() * pixel_stride_;
  for (std::size_t i = 0; i < range.length; ++i) batch.push_back(make_view(one, (range.location + i) * image_stride));
  return batch;
}

ImagePtr Image::sub_image_with_feature_channel_range(Range range) {
  if (range.location % 4 != 0) {
    throw InvalidArgument("MPSImage: a sub image must start at a multiple of 4 feature channels, got " +
                          std::to_string(range.location));
  }
  if (range.length == 0 || range.location >= feature_channels() || range.length > feature_channels() - range.location) {
    throw InvalidArgument("MPSImage: feature channels [" + std::to_string(range.location) + ", " +
                          std::to_string(range.location + range.length) + ") are not within the " +
                          std::to_string(feature_channels()) + " of the image");
  }
  ImageDescriptor part = descriptor_;
  part.feature_channels = range.length;
  return make_view(part, range.location);
}

ImagePtr Image::with_parent_image(const ImagePtr& parent, Range range, std::size_t channels) {
  if (!parent) throw InvalidArgument("MPSImage: parent_image is missing");
  const std::size_t per_image = slices(parent->feature_channels()), wanted = slices(channels);
  const std::size_t total = per_image * parent->number_of_images();
  if (channels == 0 || range.length == 0 || range.location > total || range.length > total - range.location ||
      range.length % wanted != 0) {
    throw InvalidArgument("MPSImage: slice_range (" + std::to_string(range.location) + ", " + std::to_string(range.length) +
                          ") does not hold whole images of " + std::to_string(channels) + " feature channels within the " +
                          std::to_string(total) + " slices of the parent");
  }
  const std::size_t first = range.location / per_image, slice = range.location % per_image;
  const std::size_t count = range.length / wanted;
  const bool whole_images = wanted == per_image && slice == 0;
  if (!whole_images && count != 1) {
    throw InvalidArgument("MPSImage: slice_range covers parts of several images; take one image at a time");
  }
  if (4 * slice + channels > parent->feature_channels()) {
    throw InvalidArgument("MPSImage: feature channels [" + std::to_string(4 * slice) + ", " +
                          std::to_string(4 * slice + channels) + ") are not within the " +
                          std::to_string(parent->feature_channels()) + " of the parent");
  }
  ImageDescriptor part = parent->descriptor_;
  part.feature_channels = channels;
  part.number_of_images = count;
  const std::size_t offset = first * parent->height() * parent->width() * parent->pixel_stride_ + 4 * slice;
  ImagePtr image = parent->make_view(part, offset);
  image->parent_ = parent;  // the caller's reference, which may own more than the image
  return image;
}

std::size_t Image::resource_size() const {
  if (parent_ || wraps_) return 0;
  return width() * height() * slices(feature_channels()) * number_of_images() * pixel_size();
}

PurgeableState Image::set_purgeable_state(PurgeableState) {
  return storage_->is_allocated() ? PurgeableState::NonVolatile : PurgeableState::AllocationDeferred;
}

ImageView Image::view() {
  ImageView view;
  view.data = static_cast<std::byte*>(storage_->data()) + element_offset_ * bytes_per_channel(descriptor_.channel_format);
  view.format = descriptor_.channel_format;
  view.number = number_of_images();
  view.height = height();
  view.width = width();
  view.channels = feature_channels();
  view.pixel_stride = pixel_stride_;
  view.row_stride = width() * pixel_stride_;
  view.image_stride = height() * view.row_stride;
  return view;
}

// Fills the defaults in and checks the transfer against the image and the caller's memory; returns the channels.
std::size_t Image::check_transfer(const Transfer& given, std::size_t length, Transfer& full) const {
  full = given;
  if (is_temporary()) throw InvalidArgument("MPSTemporaryImage: the CPU cannot read or write a temporary image");
  if (full.region == kRectNoClip) full.region = {{0, 0, 0}, {width(), height(), 1}};
  auto& [origin, size] = full.region;
  const auto within = [](std::size_t from, std::size_t count, std::size_t all) { return from <= all && count <= all - from; };
  if (size.width == 0 || size.height == 0 || size.depth == 0 || !within(origin.x, size.width, width()) ||
      !within(origin.y, size.height, height())) {
    throw InvalidArgument("MPSImage: region origin (" + std::to_string(origin.x) + ", " + std::to_string(origin.y) + ") size (" +
                          std::to_string(size.width) + ", " + std::to_string(size.height) + ", " + std::to_string(size.depth) +
                          ") is outside the image of width " + std::to_string(width()) + " and height " +
                          std::to_string(height()));
  }
  if (full.image_index >= number_of_images() || origin.z >= number_of_images() ||
      !within(full.image_index + origin.z, size.depth, number_of_images())) {
    throw InvalidArgument("MPSImage: image_index " + std::to_string(full.image_index + origin.z) + " with depth " +
                          std::to_string(size.depth) + " is outside the " + std::to_string(number_of_images()) + " images");
  }
  auto& [first, channels] = full.feature_channel_info;
  if (channels == kUIntegerMax) channels = first < feature_channels() ? feature_channels() - first : 0;
  const bool tail = first + channels == feature_channels();
  if (first % 4 != 0 || channels == 0 || !within(first, channels, feature_channels()) ||
      (channels % 4 != 0 && first != 0 && !tail)) {
    throw InvalidArgument(
        "MPSImage: feature channels [" + std::to_string(first) + ", " + std::to_string(first + channels) +
        ") must start at a multiple of 4, have a multiple of 4 channels (or end at the image's last, or start at "
        "0) and lie within the " +
        std::to_string(feature_channels()));
  }
  const std::size_t e = bytes_per_channel(descriptor_.channel_format);
  const bool planar = full.layout == DataLayout::FeatureChannelsxHeightxWidth;
  const std::size_t column = planar ? e : channels * e;
  if (full.bytes_per_column == 0) full.bytes_per_column = column;
  if (full.bytes_per_row == 0)
    full.bytes_per_row = checked_product({size.width, full.bytes_per_column}, "MPSImage: bytes_per_row");
  if (full.bytes_per_image == 0) {
    full.bytes_per_image = checked_product({size.height, full.bytes_per_row, planar ? channels : 1}, "MPSImage: bytes_per_image");
  }
  std::size_t last = column;
  const auto add = [&](std::size_t steps, std::size_t bytes, const char* name) {
    const std::size_t more = checked_product({steps, bytes}, std::string("MPSImage: ") + name);
    last = last > kUIntegerMax - more ? kUIntegerMax : last + more;
  };
  add(size.depth - 1, full.bytes_per_image, "bytes_per_image");
  add(size.height - 1, full.bytes_per_row, "bytes_per_row");
  add(size.width - 1, full.bytes_per_column, "bytes_per_column");
  if (planar) add(channels - 1, checked_product({size.height, full.bytes_per_row}, "MPSImage: bytes_per_row"), "bytes_per_row");
  if (last > length) {
    throw InvalidArgument("MPSImage: the transfer needs " + std::to_string(last) + " bytes of the caller's memory, which has " +
                          std::to_string(length));
  }
  return channels;
}

namespace {

// Visits every element of a transfer as (offset in the caller's bytes, offset in the image's bytes).
template <class Copy>
void for_each_run(const Image::Transfer& t, const ImageView& view, std::size_t channels, const Copy& copy) {
  const std::size_t e = bytes_per_channel(view.format);
  const auto& [origin, size] = t.region;
  const bool planar = t.layout == DataLayout::FeatureChannelsxHeightxWidth;
  for (std::size_t d = 0; d < size.depth; ++d) {
    for (std::size_t y = 0; y < size.height; ++y) {
      for (std::size_t x = 0; x < size.width; ++x) {
        const std::size_t element = (t.image_index + origin.z + d) * view.image_stride + (origin.y + y) * view.row_stride +
                                    (origin.x + x) * view.pixel_stride + t.feature_channel_info.feature_channel_offset;
        const std::size_t caller = d * t.bytes_per_image + y * t.bytes_per_row + x * t.bytes_per_column;
        if (planar) {
          for (std::size_t k = 0; k < channels; ++k) copy(caller + k * size.height * t.bytes_per_row, (element + k) * e, e);
        } else {
          copy(caller, element * e, channels * e);
        }
      }
    }
  }
}

}  // namespace

void Image::read_bytes(void* bytes, std::size_t length, const Transfer& transfer) {
  Transfer full;
  const std::size_t channels = check_transfer(transfer, length, full);
  storage_->cpu_access();
  const ImageView v = view();
  for_each_run(full, v, channels, [&](std::size_t caller, std::size_t image, std::size_t count) {
    std::memcpy(static_cast<std::byte*>(bytes) + caller, static_cast<const std::byte*>(v.data) + image, count);
  });
}

void Image::write_bytes(const void* bytes, std::size_t length, const Transfer& transfer) {
  Transfer full;
  const std::size_t channels = check_transfer(transfer, length, full);
  storage_->cpu_access();
  const ImageView v = view();
  for_each_run(full, v, channels, [&](std::size_t caller, std::size_t image, std::size_t count) {
    std::memcpy(static_cast<std::byte*>(v.data) + image, static_cast<const std::byte*>(bytes) + caller, count);
  });
}

void Image::check_readable(const std::string&) const {}
void Image::consume_read(std::size_t) const {}

TemporaryImage::TemporaryImage(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageDescriptor& descriptor)
    : Image(command_buffer ? command_buffer->device() : nullptr, descriptor), command_buffer_(command_buffer) {
  if (!command_buffer) throw InvalidArgument("MPSTemporaryImage: command_buffer is missing");
}

TemporaryImage::TemporaryImage(const TemporaryImage& parent, const ImageDescriptor& descriptor)
    : Image(parent.device(), descriptor, parent.storage()), command_buffer_(parent.command_buffer_) {}

TemporaryImage::~TemporaryImage() = default;

std::shared_ptr<TemporaryImage> TemporaryImage::temporary_image(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                const ImageDescriptor& descriptor) {
  return std::make_shared<TemporaryImage>(command_buffer, descriptor);
}

std::shared_ptr<ImageAllocator> TemporaryImage::default_allocator() {
  static const auto allocator = std::make_shared<TemporaryAllocator>();
  return allocator;
}

ImagePtr TemporaryImage::make_view_object(const ImageDescriptor& descriptor) {
  check_readable("MPSTemporaryImage view");
  return ImagePtr(new TemporaryImage(*this, descriptor));
}

void TemporaryImage::set_read_count(std::size_t count) {
  if (read_count_ == 0 && count != 0) {
    throw InvalidArgument("MPSTemporaryImage: read_count is 0, the contents are gone; it cannot be set to " +
                          std::to_string(count));
  }
  const bool released = read_count_ != 0 && count == 0;
  read_count_ = count;
  if (released && parent()) parent()->consume_read(1);
}

void TemporaryImage::check_readable(const std::string& reader) const {
  if (read_count_ == 0) {
    throw InvalidArgument(reader + ": the temporary image" + (label.empty() ? "" : " \"" + label + "\"") +
                          " has read_count 0, its contents are gone; set read_count to the number of reads before the first");
  }
}

void TemporaryImage::consume_read(std::size_t times) const {
  const bool was_alive = read_count_ != 0;
  read_count_ -= std::min(times, read_count_);
  if (was_alive && read_count_ == 0 && parent()) parent()->consume_read(1);
}

namespace {

template <class Visit>
std::size_t for_each_distinct(const ImageBatch& batch, const Visit& visit) {
  std::unordered_set<const Image*> seen;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (!batch[i]) throw InvalidArgument("MPSImageBatch: image " + std::to_string(i) + " is missing");
    if (seen.insert(batch[i].get()).second && !visit(batch[i], i)) break;
  }
  return seen.size();
}

}  // namespace

std::size_t image_batch_increment_read_count(const ImageBatch& batch, std::ptrdiff_t amount) {
  return for_each_distinct(batch, [&](const ImagePtr& image, std::size_t) {
    if (auto* temporary = dynamic_cast<TemporaryImage*>(image.get()); temporary && temporary->read_count() > 0) {
      const auto count = std::ptrdiff_t(temporary->read_count()) + amount;
      if (count < 0) {
        throw InvalidArgument("MPSImageBatchIncrementReadCount: read_count " + std::to_string(temporary->read_count()) +
                              " cannot be lowered by " + std::to_string(-amount));
      }
      temporary->set_read_count(std::size_t(count));
    }
    return true;
  });
}

void image_batch_synchronize(const ImageBatch& batch, const std::shared_ptr<CommandBuffer>& command_buffer) {
  for_each_distinct(batch, [&](const ImagePtr& image, std::size_t) {
    image->synchronize_on_command_buffer(command_buffer);
    return true;
  });
}

std::size_t image_batch_resource_size(const ImageBatch& batch) {
  std::size_t bytes = 0;
  for_each_distinct(batch, [&](const ImagePtr& image, std::size_t) {
    bytes += image->resource_size();
    return true;
  });
  return bytes;
}

std::ptrdiff_t image_batch_iterate(const ImageBatch& batch,
                                   const std::function<std::ptrdiff_t(const ImagePtr&, std::size_t)>& block) {
  constexpr auto kContinue = std::numeric_limits<std::ptrdiff_t>::min();
  std::ptrdiff_t value = kContinue;
  for_each_distinct(batch, [&](const ImagePtr& image, std::size_t index) {
    value = block(image, index);
    return value == kContinue;
  });
  return value;
}

}  // namespace mpsnn
