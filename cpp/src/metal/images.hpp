#pragma once

#include "metal/native_device.hpp"
#include "metal/objc.hpp"
#include "mpsnn/image.hpp"

namespace mpsnn::metal {

/// An image of Apple's in the very memory of `image`, or nil where Metal cannot: it wraps memory from a page on, as rows of a
/// linear texture, which has one, two or four channels.
MPSImage *linear_image(NativeDevice &device, const ImagePtr &image);
/// Copies all pixels now. The formats are equal, so bits are.
void upload(const ImagePtr &from, MPSImage *to);
void download(MPSImage *from, const ImagePtr &to);

}  // namespace mpsnn::metal
