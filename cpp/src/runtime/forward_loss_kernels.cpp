#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/kernels/forward_loss.hpp"
#include "runtime/kernel_core.hpp"

namespace mpsnn {

namespace {

// Nobody reads the images' nodes: only an encode says which images there are.
std::vector<ImageNodePtr> images(std::size_t count) {
  std::vector<ImageNodePtr> nodes(count);
  for (auto& node : nodes) node = std::make_shared<NNImageNode>();
  return nodes;
}

void add_labels(KernelCall& call, const ImageBatch& labels, const ImageBatch& weights) {
  check_given(labels, "labels", call.name);
  call.sources.push_back({labels, {}});
  if (weights.empty()) return;
  check_given(weights, "weights", call.name);
  call.sources.push_back({weights, {}});
}

ImageBatch encode_made(KernelCore& core, KernelCall& call, const Image& source, Kernel& kernel, ImageAllocator& allocator,
                       StateBatch* destination_states, bool is_temporary) {
  if (!call.command_buffer) throw InvalidArgument(call.name + ": command_buffer is missing");
  const ImageDescriptor d =
      suggested_descriptor(*core.op(), core.infer(call, call.method), source, call.destination_channel_offset);
  return core.encode_made(call, d, kernel, allocator, destination_states, is_temporary);
}

}  // namespace

NNForwardLoss::NNForwardLoss(std::shared_ptr<Device> device, const CNNLossDescriptor& d)
    : CNNKernel(make_kernel_core(std::move(device), "MPSNNForwardLoss",
                                 [&] { return std::make_shared<NNForwardLossNode>(images(2), d); })),
      attributes(static_cast<NNForwardLossNode&>(node()).attributes) {}

KernelCall NNForwardLoss::call(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                               const ImageBatch& labels, const ImageBatch& weights) const {
  KernelCall call;
  call.name = core()->named(label);
  call.label = label;
  check_given(source_images, "source images", call.name);
  call.command_buffer = command_buffer;
  call.sources = {{source_images, offset, source_feature_channel_offset, source_feature_channel_max_count}};
  add_labels(call, labels, weights);
  call.clip_rect = clip_rect;
  call.destination_channel_offset = destination_feature_channel_offset;
  return call;
}

void NNForwardLoss::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                   const ImageBatch& source_images, const ImageBatch& labels,
                                                   const ImageBatch& weights, const StateBatch& destination_states,
                                                   const ImageBatch& destination_images) {
  KernelCall recorded = call(command_buffer, source_images, labels, weights);
  recorded.destinations = destination_images;
  recorded.destination_states = destination_states;
  core()->encode(recorded);
}

ImageBatch NNForwardLoss::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                         const ImageBatch& source_images, const ImageBatch& labels,
                                                         const ImageBatch& weights, StateBatch* destination_states,
                                                         bool is_temporary) {
  KernelCall recorded = call(command_buffer, source_images, labels, weights);
  return encode_made(*core(), recorded, *source_images[0], *this, *destination_image_allocator, destination_states, is_temporary);
}

NNLossGradient::NNLossGradient(std::shared_ptr<Device> device, const CNNLossDescriptor& d)
    : CNNBinaryKernel(make_kernel_core(std::move(device), "MPSNNLossGradient",
                                       [&] { return std::make_shared<NNLossGradientNode>(images(3), nullptr, d, false); })),
      attributes(static_cast<NNLossGradientNode&>(node()).attributes) {}

ImageBatch NNLossGradient::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                          const ImageBatch& source_gradients, const ImageBatch& source_images,
                                                          const ImageBatch& labels, const ImageBatch& weights,
                                                          const StateBatch& source_states,
                                                          const ImageBatch& destination_gradients) {
  KernelCall recorded = call(command_buffer, source_gradients, source_images, source_states, destination_gradients);
  add_labels(recorded, labels, weights);
  if (destination_gradients.empty()) {
    return encode_made(*core_, recorded, *source_images[0], *this, *destination_image_allocator, nullptr, false);
  }
  core_->encode(recorded);
  return {};
}

}  // namespace mpsnn
