#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "metal/descriptors.hpp"
#include "mpsnn/image.hpp"
#include "support/metal.hpp"

namespace mpsnn::gnustep {

/// How a pixel format lies in memory: the formats that images can have, and BGRA8.
struct PixelLayout {
  ImageFeatureChannelFormat format;
  std::size_t channels;
  bool is_bgra = false;
  std::size_t bytes() const { return channels * bytes_per_channel(format); }
};
/// Throws InvalidArgument for other formats.
PixelLayout pixel_layout(MTLPixelFormat format);
/// Slices of four channels each that an image takes.
inline std::size_t slices_of(std::size_t channels) { return channels / 4 + (channels % 4 != 0); }

/// The memory of a texture, of its views, and of images made with it: an image with the slices' channels one after another.
struct TextureMemory;

/// What is behind an MTLTexture. Slice s is the channels [4s, 4s + 4) of an image, or of each of several images one after
/// another. Channels that the image has not got read 0 and take no writes.
class Texture : public std::enable_shared_from_this<Texture> {
 public:
  /// Throws InvalidArgument for what is not a texture of this library: one level of a plain 2D or 2D array texture.
  static std::shared_ptr<Texture> make(const TextureDescriptor &descriptor);
  /// Over memory that `buffer` holds from `offset` on, without gaps.
  static std::shared_ptr<Texture> make_in(const TextureDescriptor &descriptor, const std::shared_ptr<Buffer> &buffer);
  /// The rows of a buffer.
  static std::shared_ptr<Texture> make_linear(const TextureDescriptor &descriptor, const std::shared_ptr<Buffer> &buffer,
                                              std::size_t offset, std::size_t bytes_per_row);
  /// The texture of an image: the one it was made with, or one over its memory.
  static std::shared_ptr<Texture> of_image(const ImagePtr &image);
  /// Whether images made with textures are views of this one.
  static bool holds(const ImagePtr &image);
  /// Bytes of the memory that `make` needs; checks the descriptor.
  static std::size_t length_of(const TextureDescriptor &descriptor);

  std::shared_ptr<Texture> view(MTLPixelFormat format, MTLTextureType type, Range slices);
  /// An image over the same memory: arrayLength / ceil(channels / 4) of them one after another.
  ImagePtr as_image(std::size_t channels);

  const TextureDescriptor &descriptor() const { return descriptor_; }
  const std::shared_ptr<Texture> &parent() const { return parent_; }
  std::size_t first_slice() const { return first_slice_; }
  std::size_t relative_slice() const { return parent_ ? first_slice_ - parent_->first_slice_ : 0; }
  std::size_t pixel_bytes() const { return pixel_layout(descriptor_.pixel_format).bytes(); }
  std::size_t length() const { return length_of(descriptor_); }
  bool is_allocated() const;
  void allocate() const;
  /// The buffer of a linear texture, or null.
  const std::shared_ptr<Buffer> &linear_buffer() const;
  std::size_t linear_offset() const;
  std::size_t linear_bytes_per_row() const;

  /// What encoded work that writes the texture writes.
  std::vector<std::shared_ptr<Buffer>> memories() const;
  /// For the CPU: throws while encoded work that writes the texture has not completed.
  void check_cpu_access() const;
  /// Throws InvalidArgument, naming `method`, for a region that is not within the texture.
  void check_region(const std::string &method, const MTLOrigin &origin, const MTLSize &size, std::size_t slice,
                    std::size_t level) const;
  /// The same for rows of a region that are too short.
  void check_rows(const std::string &method, std::size_t bytes_per_row, const MTLSize &size) const;
  /// Rows of pixels; the region has been checked.
  void read(std::byte *to, std::size_t bytes_per_row, const MTLOrigin &origin, const MTLSize &size, std::size_t slice) const;
  void write(const std::byte *from, std::size_t bytes_per_row, const MTLOrigin &origin, const MTLSize &size, std::size_t slice);

 private:
  struct Plane;
  Plane plane(std::size_t slice) const;
  Texture(const TextureDescriptor &descriptor, std::shared_ptr<TextureMemory> memory);

  TextureDescriptor descriptor_;
  std::shared_ptr<TextureMemory> memory_;
  std::shared_ptr<Texture> parent_;
  std::size_t first_slice_ = 0;
};

}  // namespace mpsnn::gnustep
