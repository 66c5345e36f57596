#include "runtime/kernel_pixels.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>

#include "core/checked.hpp"
#include "core/convert.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/placed_by_kernel.hpp"
#include "mpsnn/whole_images.hpp"
#include "runtime/encode_checks.hpp"
#include "runtime/kernel_core.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn {

namespace {

// Larger numbers would overflow the arithmetic of positions.
constexpr auto kFarthest = std::ptrdiff_t(std::numeric_limits<std::int32_t>::max());

std::string text(std::size_t value) { return std::to_string(value); }

void check_channel_offset(std::size_t offset, const std::string& name, const std::string& property) {
  if (offset % 4 != 0) throw InvalidArgument(name + ": " + property + " must be a multiple of 4, got " + text(offset));
}

// One entry for each image of a batch, or for each `step`th image within an image.
std::vector<std::byte*> starts(const ImageBatch& images, std::size_t first, std::size_t count, std::size_t channel_offset,
                               std::size_t pixel_offset = 0, std::size_t step = 1) {
  std::vector<std::byte*> at;
  for (const ImagePtr& image : images) {
    const ImageView view = image->view();
    const std::size_t element = bytes_per_channel(view.format);
    const std::size_t within = count / images.size();
    for (std::size_t n = 0; n < within; ++n) {
      at.push_back(static_cast<std::byte*>(view.data) +
                   ((first + n * step) * view.image_stride + pixel_offset * view.pixel_stride + channel_offset) * element);
    }
  }
  return at;
}

void check_not_placed(const KernelCall& call) {
  for (const KernelSource& source : call.sources) {
    if (source.offset == Offset{}) continue;
    throw InvalidArgument(call.name + ": offset must be (0, 0, 0), got (" + std::to_string(source.offset.x) + ", " +
                          std::to_string(source.offset.y) + ", " + std::to_string(source.offset.z) + ")");
  }
  const mtl::Region& r = call.clip_rect;
  if (r == kRectNoClip) return;
  throw InvalidArgument(call.name + ": clip_rect must be MPSRectNoClip, got origin (" + text(r.origin.x) + ", " +
                        text(r.origin.y) + ", " + text(r.origin.z) + "), size (" + text(r.size.width) + ", " +
                        text(r.size.height) + ", " + text(r.size.depth) + ")");
}

}  // namespace

std::vector<ImageShape> shapes_of(const KernelCall& call) {
  std::vector<ImageShape> shapes;
  for (std::size_t i = 0; i < call.sources.size(); ++i) {
    const KernelSource& source = call.sources[i];
    const Image& image = *source.images.at(0);
    const std::string property = "source_feature_channel_offset";
    check_channel_offset(source.channel_offset, call.name, property);
    if (source.channel_offset >= image.feature_channels()) {
      throw ShapeError(call.name + ": " + property + " is " + text(source.channel_offset) + ", source " + text(i) + " has " +
                       text(image.feature_channels()) + " feature channels");
    }
    const std::size_t channels = std::min(source.channel_max_count, image.feature_channels() - source.channel_offset);
    if (channels == 0) throw InvalidArgument(call.name + ": source_feature_channel_max_count must be positive, got 0");
    const mtl::Size size = source.part ? source.part->size : mtl::Size{image.width(), image.height(), 1};
    shapes.push_back({size.height, size.width, channels});
  }
  return shapes;
}

Destination::Destination(const KernelCall& call, const Op& op, const std::vector<ImageShape>& shapes)
    : images_(call.destinations),
      result_x_(call.result_x),
      result_y_(call.result_y),
      channel_offset_(call.destination_channel_offset),
      geometry_(call.geometry) {
  if (images_.empty()) {
    batch_ = call.sources[0].images.size() * call.sources[0].images[0]->number_of_images();
  } else {
    place_on_images(call, op);
  }
  check_sources(call);
  place(call, op, shapes);
  result_ = natural_;
  result_.height *= images_per_source_;
  checked_product({batch_, images_per_source_, natural_.height, natural_.width, natural_.channels, sizeof(float)},
                  call.name + ": the result's size in bytes");
  if (images_.empty()) return;
  check_channel_offset(channel_offset_, call.name, "destination_feature_channel_offset");
  const std::size_t there = images_[0]->feature_channels();
  if (channel_offset_ > there || there - channel_offset_ < result_.channels) {
    throw ShapeError(call.name + ": the result has " + text(result_.channels) + " feature channels from channel " +
                     text(channel_offset_) + " on, the destination has " + text(there));
  }
}

void Destination::place_on_images(const KernelCall& call, const Op& op) {
  const Image& image = *images_[0];
  if (const auto* placed = dynamic_cast<const PlacedByKernel*>(&op)) images_per_source_ = placed->images_per_source();
  if (dynamic_cast<const TakesWholeImages*>(&op)) check_not_placed(call);
  const auto clip = [&](std::size_t origin, std::size_t size, std::size_t extent) {
    return origin >= extent ? std::size_t(0) : std::min(size, extent - origin);
  };
  x_ = call.clip_rect.origin.x;
  y_ = call.clip_rect.origin.y;
  width_ = clip(x_, call.clip_rect.size.width, image.width());
  height_ = clip(y_, call.clip_rect.size.height, image.height());
  if (width_ == 0 || height_ == 0) {
    throw InvalidArgument(call.name + ": clip_rect begins at column " + text(x_) + ", row " + text(y_) + " and is " +
                          text(call.clip_rect.size.height) + " x " + text(call.clip_rect.size.width) +
                          " (height x width): nothing of it lies in the destination of " + text(image.height()) + " x " +
                          text(image.width()));
  }

  const KernelSource& source = call.sources[0];
  if (images_.size() != source.images.size()) {
    throw InvalidArgument(call.name + ": " + text(source.images.size()) + " source images, " + text(images_.size()) +
                          " destination images");
  }
  if (images_.size() > 1) {
    batch_ = images_.size();
    if (image.number_of_images() != images_per_source_ || source.images[0]->number_of_images() != 1 || source.offset.z != 0 ||
        call.clip_rect.origin.z != 0) {
      const std::string several = "destinations that hold " + text(images_per_source_) + ", ";
      throw InvalidArgument(call.name + ": a batch takes single images, " + (images_per_source_ == 1 ? std::string() : several) +
                            "offset.z 0 and clip_rect.origin.z 0");
    }
  } else {
    first_ = call.clip_rect.origin.z;
    const std::size_t there = source.images[0]->number_of_images();
    if (source.offset.z < 0 || std::size_t(source.offset.z) >= there || first_ >= image.number_of_images()) {
      throw InvalidArgument(call.name + ": offset.z " + std::to_string(source.offset.z) + " or clip_rect.origin.z " +
                            text(first_) + " lies beyond the images there are (" + text(there) + " in the source, " +
                            text(image.number_of_images()) + " in the destination)");
    }
    first_source_ = std::size_t(source.offset.z);
    batch_ = std::min({call.clip_rect.size.depth, there - first_source_, image.number_of_images() - first_});
    if (batch_ == 0) throw InvalidArgument(call.name + ": clip_rect.size.depth must be positive, got 0");
    if (images_per_source_ > 1) {
      batch_ = there - first_source_;
      const std::size_t room = std::min(call.clip_rect.size.depth, image.number_of_images() - first_);
      if (room / images_per_source_ < batch_) {
        throw ShapeError(call.name + ": the destination has room for " + text(room) + " images, the result is " +
                         text(images_per_source_) + " for each of " + text(batch_) + " source images");
      }
    }
  }
}

void Destination::check_sources(const KernelCall& call) const {
  const KernelSource& source = call.sources[0];
  for (const KernelSource& other : call.sources) {
    if (other.images.size() != source.images.size() ||
        other.images[0]->number_of_images() != source.images[0]->number_of_images()) {
      throw ShapeError(call.name + ": the sources hold different numbers of images");
    }
    for (const ImagePtr& read : other.images) {
      for (const ImagePtr& written : images_) {
        if (share_memory(read, written)) throw InvalidArgument(call.name + ": a destination is the memory of a source");
      }
    }
  }
}

void Destination::place(const KernelCall& call, const Op& op, const std::vector<ImageShape>& shapes) {
  const auto* placed = dynamic_cast<const PlacedByKernel*>(&op);
  const ForwardStep* state = call.source_states.empty() ? nullptr : forward_step_of(call.source_states[0]);
  const ForwardStep* step = call.forward ? call.forward.get() : state;
  std::vector<Geometry> given;
  for (const KernelSource& source : call.sources) {
    const ImageEdgeMode mode = source.edge_mode;
    const bool is_supported = placed ? placed->supports(mode) : mode == ImageEdgeMode::Zero || mode == ImageEdgeMode::Clamp;
    if (!is_supported && !call.is_gradient) {
      throw Unsupported(call.name + ": edge_mode " + text(std::size_t(mode)) + "; only Zero and Clamp are supported");
    }
    for (const std::ptrdiff_t position : {source.offset.x, source.offset.y}) {
      if (position >= -kFarthest && position <= kFarthest) continue;
      throw InvalidArgument(call.name + ": an offset of " + std::to_string(position) + " pixels is too far away");
    }
    given.push_back({source.offset.x, source.offset.y, 0, 0, mode, 0, 0});
  }
  is_read_by_pixel_.resize(shapes.size());
  if (op.is_placed_by_policy() && !images_.empty()) {
    natural_ = {height_, width_, op.result_channels(shapes)};
    return;
  }
  const InferRequest request{shapes, call.method, step, call.name};
  Inferred inferred;
  if (placed) {
    const std::size_t there = images_[0]->feature_channels();
    inferred = placed->place({request, {height_, width_, there - std::min(channel_offset_, there)}, given});
    for (std::size_t i = 0; i < shapes.size(); ++i) is_read_by_pixel_[i] = placed->is_read_by_pixel(i);
  } else {
    inferred = op.infer(request);
    const auto has_size_of = [](const ImageShape& a, const ImageShape& b) { return a.height == b.height && a.width == b.width; };
    const bool is_whole = dynamic_cast<const TakesWholeImages*>(&op) != nullptr, is_written = !images_.empty();
    if (is_whole && is_written && !has_size_of(inferred.result, {images_[0]->height(), images_[0]->width(), 0})) {
      throw ShapeError(call.name + ": the result is " + to_string(inferred.result) + ", the destination is " +
                       text(images_[0]->height()) + " x " + text(images_[0]->width()) + " (height x width)");
    }
    if (!is_whole && is_written && !call.is_gradient && op.window() == Window{} && has_size_of(inferred.result, shapes[0])) {
      inferred = {{height_, width_, inferred.result.channels}, {}};  // sources are cut to size; smaller ones are repeated
      for (std::size_t i = 0; i < shapes.size(); ++i) is_read_by_pixel_[i] = has_size_of(shapes[i], shapes[0]);
    }
  }
  natural_ = inferred.result;
  geometry_ = inferred.geometry;
  if (natural_.height < height_ || natural_.width < width_) {
    throw ShapeError(call.name + ": the result is " + to_string(natural_) + ", the part of the destination that is written " +
                     to_string(ImageShape{height_, width_, natural_.channels}));
  }
}

// Where the rectangle is not made of whole rows, or leaves a part of the result out.
bool Destination::is_aside() const {
  const Image& image = *images_[0];
  return x_ != 0 || width_ != image.width() || natural_.width != width_ || natural_.height != height_ || result_x_ != 0 ||
         result_y_ != 0 || (images_per_source_ > 1 && height_ != image.height());
}

PlanRequest::Source Destination::described() const {
  if (images_.empty()) return {};
  const Image& image = *images_[0];
  const bool is_whole = height_ == image.height() && result_.channels == image.feature_channels() &&
                        batch_ * images_per_source_ == images_.size() * image.number_of_images() && is_contiguous(images_);
  const bool is_float = image.feature_channel_format() == ImageFeatureChannelFormat::Float32;
  PlanRequest::Source d;
  d.shape = result_;
  d.format = is_aside() ? ImageFeatureChannelFormat::Float32 : image.feature_channel_format();
  d.is_direct = is_aside() || (is_whole && is_float);
  return d;
}

SlotBinding Destination::bind() {
  if (is_aside()) {
    aside_ = std::make_shared<Buffer>(batch_ * result_.count() * sizeof(float));
    return {{static_cast<std::byte*>(aside_->data())}, result_.channels};
  }
  return {starts(images_, first_, batch_, channel_offset_, y_ * images_[0]->width(), images_per_source_),
          images_[0]->view().pixel_stride};
}

void Destination::finish() const {
  if (!aside_) return;
  const ImageView view = images_[0]->view();
  const std::size_t element = bytes_per_channel(view.format);
  const std::vector<float> nothing(natural_.channels);  // beyond the result
  const auto* from = static_cast<const float*>(aside_->data());
  for (std::byte* image : starts(images_, first_, batch_ * images_per_source_, channel_offset_)) {
    for (std::size_t y = 0; y < height_; ++y) {
      for (std::size_t x = 0; x < width_; ++x) {
        const std::size_t row = result_y_ + y, column = result_x_ + x;
        const bool is_there = row < natural_.height && column < natural_.width;
        store_floats(image + ((y_ + y) * view.width + x_ + x) * view.pixel_stride * element,
                     is_there ? from + (row * natural_.width + column) * natural_.channels : nothing.data(), view.format,
                     natural_.channels);
      }
    }
    from += natural_.count();
  }
}

SourcePixels::SourcePixels(const KernelCall& call, std::size_t index, const Destination& destination)
    : images_(call.sources[index].images),
      batch_(destination.batch()),
      first_(destination.first_source_image()),
      channel_offset_(call.sources[index].channel_offset),
      shape_(shapes_of(call)[index]),
      edge_mode_(call.sources[index].edge_mode) {
  if (const auto& part = call.sources[index].part) {
    x_ = std::ptrdiff_t(part->origin.x);
    y_ = std::ptrdiff_t(part->origin.y);
    is_cut_ = x_ != 0 || y_ != 0 || shape_.height != images_[0]->height() || shape_.width != images_[0]->width();
    return;
  }
  if (!destination.is_read_by_pixel(index)) return;
  const ImageShape& result = destination.result();
  x_ = call.sources[index].offset.x;
  y_ = call.sources[index].offset.y;
  is_cut_ = x_ != 0 || y_ != 0 || result.height != shape_.height || result.width != shape_.width;
  if (!is_cut_) return;
  shape_.height = result.height;
  shape_.width = result.width;
}

PlanRequest::Source SourcePixels::described() const {
  PlanRequest::Source d;
  d.shape = shape_;
  d.format = is_cut_ ? ImageFeatureChannelFormat::Float32 : images_[0]->feature_channel_format();
  d.is_direct = is_cut_ || (d.format == ImageFeatureChannelFormat::Float32 && shape_.channels == images_[0]->feature_channels() &&
                            batch_ == images_.size() * images_[0]->number_of_images() && is_contiguous(images_));
  return d;
}

SlotBinding SourcePixels::bind() {
  if (is_cut_) {
    cut_ = std::make_shared<Buffer>(batch_ * shape_.count() * sizeof(float));
    return {{static_cast<std::byte*>(cut_->data())}, shape_.channels};
  }
  return {starts(images_, first_, batch_, channel_offset_), images_[0]->view().pixel_stride};
}

void SourcePixels::prepare() const {
  if (!cut_) return;
  const ImageView view = images_[0]->view();
  const std::size_t element = bytes_per_channel(view.format);
  const auto height = std::ptrdiff_t(view.height), width = std::ptrdiff_t(view.width);
  auto* to = static_cast<float*>(cut_->data());
  for (const std::byte* image : starts(images_, first_, batch_, channel_offset_)) {
    for (std::size_t i = 0; i < shape_.height; ++i) {
      for (std::size_t j = 0; j < shape_.width; ++j, to += shape_.channels) {
        std::ptrdiff_t y = y_ + std::ptrdiff_t(i), x = x_ + std::ptrdiff_t(j);
        const bool is_inside = y >= 0 && y < height && x >= 0 && x < width;
        if (!is_inside && edge_mode_ == ImageEdgeMode::Zero) {
          std::fill_n(to, shape_.channels, 0.0f);
          continue;
        }
        y = std::clamp<std::ptrdiff_t>(y, 0, height - 1);
        x = std::clamp<std::ptrdiff_t>(x, 0, width - 1);
        load_floats(to, image + std::size_t(y * width + x) * view.pixel_stride * element, view.format, shape_.channels);
      }
    }
  }
}

}  // namespace mpsnn
