#pragma once

#include "runtime/executable.hpp"

namespace mpsnn {

/// Whether the images lie one after another without gaps, so that they are one N x H x W x C array.
bool is_contiguous(const ImageBatch& batch);
/// Copies one N x H x W x C array of float32 into the images of a batch.
void scatter(Buffer& from, const ImageBatch& to);
/// Looks at everything an encode is given before anything is recorded; returns the number of images.
std::size_t check_encode(const EncodeRequest& request, const Program& program, const Device& device);
// `owner` is what the messages begin with.
/// Throws unless the images are there, alike, on the device and readable.
void check_batch(const ImageBatch& batch, const std::string& what, const Device& device, const std::string& owner);
/// The labels of a loss: an object for each image, all alike.
void check_labels(const StateBatch& labels, std::size_t batch, const std::string& what, const Device& device,
                  const std::string& owner);
/// Every argument that holds a temporary image is a read.
void check_read_counts(const std::vector<ImageBatch>& sources, const std::string& owner);
/// What an image allocator returned.
void check_allocated(const ImageBatch& images, const ImageDescriptor& descriptor, std::size_t count, const std::string& owner);
/// Whether the allocator is none of the library's own.
bool is_of_the_caller(const std::shared_ptr<ImageAllocator>& allocator);
/// Whether a channel of a pixel of one image is the same memory as one of the other.
bool share_memory(const ImagePtr& a, const ImagePtr& b);
/// No output may lie in the memory of a source or of another output. For images of the caller's allocators.
void check_aliasing(const EncodeRequest& request, const std::vector<ImageBatch>& outputs);
/// The encode has read its sources: temporary ones lose a read count.
void consume_sources(const std::vector<ImageBatch>& images, const std::vector<StateBatch>& states);

}  // namespace mpsnn
