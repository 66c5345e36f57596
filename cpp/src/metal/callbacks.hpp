#pragma once

#include <memory>

#include "graph/program.hpp"
#include "metal/objc.hpp"
#include "mpsnn/image.hpp"
#include "mpsnn/padding.hpp"
#include "runtime/encode_checks.hpp"

namespace mpsnn::metal {

class NativeGraph;
class Recording;

/// A handle for a value or state of the program; says the caller's label. `handle` may be null.
NSObject<MPSHandle> *handle_of(int id, const std::shared_ptr<Handle> &handle);
/// The id of such a handle, and the caller's handle in it.
int id_of(id handle);
std::shared_ptr<Handle> caller_handle(id handle);

/// An allocator of Apple's that asks the library's, in the encode that is running.
id<MPSImageAllocator> allocator_for(NativeGraph &graph, std::shared_ptr<ImageAllocator> allocator);

/// The images of an allocator, checked.
ImageBatch allocate(Recording &recording, ImageAllocator &allocator, const ImageDescriptor &descriptor, std::size_t count);

/// A padding policy for Apple's nodes: Apple's own where it is one of the ready ones, else one that asks the caller's.
id<MPSNNPadding> padding_of(NativeGraph &graph, const std::shared_ptr<NNPadding> &policy);
/// The library's kernel that shows the window of Apple's and its place; cannot be encoded.
std::shared_ptr<CNNKernel> shown_kernel(MPSCNNKernel *kernel, const std::shared_ptr<Device> &device);
/// Shows the caller's policy a kernel of Apple's, and takes over what it set.
ImageDescriptor ask_about(MPSCNNKernel *kernel, NNPadding &policy, const std::shared_ptr<Device> &device,
                          const ImageBatch &sources, const ImageDescriptor &suggested);

/// What a callback sees of an image of Apple's: the library's, where it came from there, or one of the same size without
/// contents.
ImagePtr image_of(MPSImage *image, const Recording *recording, const std::shared_ptr<Device> &device);

}  // namespace mpsnn::metal
