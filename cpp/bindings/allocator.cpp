#include "classes.hpp"
#include "overrides.hpp"

namespace mpsnn {

namespace {

constexpr const char* kOne = "image_for_command_buffer";
constexpr const char* kBatch = "image_batch_for_command_buffer";

/// What Python sees of the kernel that will write the image: a copy, since Python may keep it.
std::shared_ptr<CNNKernel> seen(Kernel* kernel) {
  const auto* filter = dynamic_cast<const CNNKernel*>(kernel);
  return filter ? std::make_shared<CNNKernel>(*filter) : nullptr;
}

}  // namespace

ImagePtr PythonImageAllocator::image_for_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                        const ImageDescriptor& descriptor, Kernel* kernel) {
  py::gil_scoped_acquire lock;
  const ImageAllocator* self = this;
  auto image = cast_result<ImagePtr>(self, kOne, call_required(self, kOne, command_buffer, descriptor, seen(kernel)), "MPSImage");
  if (!image) throw InvalidArgument(method_name(self, kOne) + " must return MPSImage, got None");
  return image;
}

ImageBatch PythonImageAllocator::image_batch_for_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                const ImageDescriptor& descriptor, Kernel* kernel,
                                                                std::size_t count) {
  py::gil_scoped_acquire lock;
  const ImageAllocator* self = this;
  if (!py::get_override(self, kBatch)) {
    return ImageAllocator::image_batch_for_command_buffer(command_buffer, descriptor, kernel, count);
  }
  const std::string expected = "a list of " + std::to_string(count) + " images";
  const py::object result = call_required(self, kBatch, command_buffer, descriptor, seen(kernel), count);
  auto batch = cast_result<ImageBatch>(self, kBatch, result, expected.c_str());
  if (batch.size() != count) {
    throw InvalidArgument(method_name(self, kBatch) + " must return " + expected + ", got " + std::to_string(batch.size()));
  }
  return batch;
}

}  // namespace mpsnn
