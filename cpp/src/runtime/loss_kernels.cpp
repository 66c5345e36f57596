#include <utility>

#include "mpsnn/error.hpp"
#include "mpsnn/kernels/yolo_loss.hpp"
#include "runtime/encode_checks.hpp"
#include "runtime/kernel_core.hpp"
#include "runtime/kernel_pixels.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn {

namespace {

ImageShape shape_of(const Image& image) { return {image.height(), image.width(), image.feature_channels()}; }

ImageBatch images_of(const LossLabelsBatch& labels, const ImagePtr& (CNNLossLabels::*image)() const) {
  ImageBatch images;
  for (const auto& one : labels) images.push_back(((*one).*image)());
  return images;
}

// A step leaves its losses in a block of a state; here the block is the memory of the loss images.
StateBatch states_over(const LossLabelsBatch& labels, const std::shared_ptr<const Op>& op,
                       const std::vector<ImageShape>& shapes) {
  const ForwardStep step{op.get(), shapes, shapes[0], {}};
  const std::vector<StateDescriptor> blocks = op->states({step.sources, step.result, nullptr});
  StateBatch states;
  for (const auto& one : labels) {
    const std::vector<std::shared_ptr<Buffer>> memory{one->loss_image()->storage()};
    states.push_back(std::make_shared<NNGradientState>(memory));
    states.back()->origin = std::make_shared<StateOrigin>(StateOrigin{op, step, nullptr, {blocks, memory}, {}});
  }
  return states;
}

}  // namespace

void CNNLossKernel::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                   const ImageBatch& source_images, const LossLabelsBatch& labels,
                                                   const ImageBatch& destination_images) {
  KernelCall call;
  call.name = core()->named(label);
  call.label = label;
  check_batch(source_images, "the source", *device(), call.name);
  if (const std::size_t held = source_images[0]->number_of_images(); held != 1) {
    throw InvalidArgument(call.name + ": a source image holds " + std::to_string(held) +
                          " images; labels are of one image each, give the batch_representation");
  }
  call.labels = {labels.begin(), labels.end()};
  check_labels(call.labels, source_images.size(), "the list of labels", *device(), call.name);
  check_batch(destination_images, "the destination", *device(), call.name);

  call.command_buffer = command_buffer;
  call.sources = {{source_images, offset, source_feature_channel_offset, source_feature_channel_max_count, edge_mode}};
  call.sources.push_back({images_of(labels, &CNNLossLabels::labels_image), {}});
  if (labels[0]->weights_image()) call.sources.push_back({images_of(labels, &CNNLossLabels::weights_image), {}});
  call.destinations = destination_images;
  call.clip_rect = clip_rect;
  call.destination_channel_offset = destination_feature_channel_offset;
  const auto op = core()->op();
  const std::vector<ImageShape> shapes = shapes_of(call);
  dynamic_cast<const TakesLabels&>(*op).check_labels(shapes[0], shapes[1], shape_of(*labels[0]->loss_image()), call.name);
  call.destination_states = states_over(labels, op, shapes);
  core()->encode(call);
}

ImageBatch CNNLossKernel::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                         const ImageBatch& source_images, const LossLabelsBatch& labels) {
  const std::string name = core()->named(label);
  if (!command_buffer) throw InvalidArgument(name + ": command_buffer is missing");
  const ImageDescriptor descriptor = destination_image_descriptor_for_source_images(source_images);
  const ImageBatch made =
      destination_image_allocator->image_batch_for_command_buffer(command_buffer, descriptor, this, source_images.size());
  check_allocated(made, descriptor, source_images.size(), name);
  encode_batch_to_command_buffer(command_buffer, source_images, labels, made);
  return made;
}

void CNNLossKernel::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImagePtr& source_image,
                                             const std::shared_ptr<CNNLossLabels>& labels, const ImagePtr& destination_image) {
  encode_batch_to_command_buffer(command_buffer, {source_image}, LossLabelsBatch{labels}, ImageBatch{destination_image});
}

ImagePtr CNNLossKernel::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                 const ImagePtr& source_image, const std::shared_ptr<CNNLossLabels>& labels) {
  return encode_batch_to_command_buffer(command_buffer, {source_image}, LossLabelsBatch{labels})[0];
}

CNNLoss::CNNLoss(std::shared_ptr<Device> device, const CNNLossDescriptor& loss_descriptor)
    : CNNLossKernel(make_kernel_core(std::move(device), LossOp::kKernelName, [&] {
        return std::make_shared<CNNLossNode>(std::make_shared<NNImageNode>(), loss_descriptor);
      })) {}

CNNYOLOLoss::CNNYOLOLoss(std::shared_ptr<Device> device, const CNNYOLOLossDescriptor& loss_descriptor)
    : CNNLossKernel(make_kernel_core(std::move(device), YOLOLossOp::kKernelName, [&] {
        return std::make_shared<CNNYOLOLossNode>(std::make_shared<NNImageNode>(), loss_descriptor);
      })) {
  const auto alone = [&](CNNLossDescriptor loss) {
    loss.reduction_type = loss_descriptor.reduction_type;
    loss.reduce_across_batch = loss_descriptor.reduce_across_batch;
    return std::make_shared<CNNLoss>(this->device(), loss);
  };
  loss_xy_ = alone(loss_descriptor.xy_loss_descriptor);
  loss_wh_ = alone(loss_descriptor.wh_loss_descriptor);
  loss_confidence_ = alone(loss_descriptor.confidence_loss_descriptor);
  loss_classes_ = alone(loss_descriptor.classes_loss_descriptor);
}

}  // namespace mpsnn
