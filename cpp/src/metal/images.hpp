#pragma once

#include <optional>

#include "metal/native_device.hpp"
#include "metal/objc.hpp"
#include "mpsnn/image.hpp"

namespace mpsnn::metal {

/// The images, rows, columns and channels of an image that an encode writes.
struct ImagePart {
  mtl::Region pixels;
  std::size_t channel_offset = 0, channels = 0;
};

inline MTLRegion native_region(const mtl::Region &r) {
  return MTLRegionMake3D(r.origin.x, r.origin.y, r.origin.z, r.size.width, r.size.height, r.size.depth);
}

/// A new image of Apple's with the size and the format of `image`.
MPSImage *image_like(NativeDevice &device, const ImagePtr &image);
/// An image of Apple's in the very memory of `image`, or nil where Metal cannot: it wraps memory from a page on, as rows of a
/// linear texture, which has one, two or four channels.
MPSImage *linear_image(NativeDevice &device, const ImagePtr &image);
/// Copies all pixels now. The formats are equal, so bits are.
void upload(const ImagePtr &from, MPSImage *to);
void download(MPSImage *from, const ImagePtr &to, const std::optional<ImagePart> &part = std::nullopt);
/// All bits 0, which is the number in every format.
void clear(const ImagePtr &image);

}  // namespace mpsnn::metal
