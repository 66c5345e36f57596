#pragma once

#import <MetalPerformanceShaders/MPSImage.h>

#include <memory>

#include "mpsnn/image.hpp"
#include "support/metal.hpp"

namespace mpsnn::gnustep {

MPSNN_STANDS_FOR(MPSImage, Image)
MPSNN_STANDS_FOR(MPSImageDescriptor, ImageDescriptor)

/// An MPSTemporaryImage where the image is one.
MPSImage *objc(const ImagePtr &image);
/// A copy.
MPSImageDescriptor *objc(const ImageDescriptor &descriptor);
ImageDescriptor descriptor_of(MPSImageDescriptor *descriptor);

/// Throw a MisuseError for elements that are none.
ImageBatch images_of(NSArray *images);
std::vector<ImageDescriptor> descriptors_of(NSArray *descriptors);
NSArray *objc_batch(const ImageBatch &images);

/// A client's allocator for the engine, or the engine's own behind its object; null for nil.
std::shared_ptr<ImageAllocator> allocator_of(id<MPSImageAllocator> allocator);
id<MPSImageAllocator> objc(const std::shared_ptr<ImageAllocator> &allocator);

}  // namespace mpsnn::gnustep
