#include "mpsnn/kernel.hpp"

#include "mpsnn/error.hpp"
#include "mpsnn/padding.hpp"
#include "mpsnn/placed_by_kernel.hpp"
#include "nodes/kernel_name.hpp"
#include "runtime/encode_checks.hpp"
#include "runtime/kernel_call.hpp"

namespace mpsnn {

namespace {

// A format that holds the filter's results, where the caller says none.
ImageFeatureChannelFormat default_format(const Image& source) {
  const auto format = source.feature_channel_format();
  const bool is_float = format == ImageFeatureChannelFormat::Float32 || format == ImageFeatureChannelFormat::Float16;
  return is_float ? format : ImageFeatureChannelFormat::Float16;
}

}  // namespace

ImageDescriptor suggested_descriptor(const Op& op, const Inferred& inferred, const Image& source,
                                     std::size_t destination_channel_offset) {
  const auto* placed = dynamic_cast<const PlacedByKernel*>(&op);
  ImageDescriptor d;
  d.height = inferred.result.height;
  d.width = inferred.result.width;
  d.feature_channels = inferred.result.channels + destination_channel_offset;
  d.number_of_images = source.number_of_images() * (placed ? placed->images_per_source() : 1);
  d.channel_format = default_format(source);
  return d;
}

void check_given(const ImageBatch& images, const char* what, const std::string& name) {
  if (images.empty()) throw InvalidArgument(name + ": there are no " + what);
  for (const ImagePtr& image : images) {
    if (!image) throw InvalidArgument(name + ": one of the " + what + " is missing");
  }
}

std::shared_ptr<KernelCore> make_kernel_core(std::shared_ptr<Device> device, const char* class_name,
                                             const std::function<std::shared_ptr<NNFilterNode>()>& make_node) {
  const NamedAsKernel named(class_name);
  return std::make_shared<KernelCore>(std::move(device), make_node(), class_name);
}

CNNKernel::CNNKernel(std::shared_ptr<Device> device, const Window& window) : Kernel(std::move(device)), window_(window) {}

namespace {

std::string source_label(const KernelCore& core) { return core.parameters ? core.parameters->label() : ""; }

}  // namespace

CNNKernel::CNNKernel(std::shared_ptr<KernelCore> core)
    : Kernel(core->device), padding(core->node->padding_policy()), core_(std::move(core)) {
  label = source_label(*core_);
}

CNNKernel::~CNNKernel() = default;

NNFilterNode& CNNKernel::node() const { return *core_->node; }

Window CNNKernel::window() const { return core_ ? core_->op()->window() : window_; }

bool CNNKernel::is_result_state_reused_across_batch() const { return core_ && core_->is_state_shared(); }

KernelCall make_call(const CNNKernel& kernel, const KernelCore& core, const std::shared_ptr<CommandBuffer>& command_buffer,
                     const ImageBatch& source_images, const ImageBatch& destination_images) {
  KernelCall call;
  call.name = core.named(kernel.label);
  call.label = kernel.label;
  check_given(source_images, "source images", call.name);
  call.command_buffer = command_buffer;
  KernelSource source;
  source.images = source_images;
  source.offset = kernel.offset;
  source.channel_offset = kernel.source_feature_channel_offset;
  source.channel_max_count = kernel.source_feature_channel_max_count;
  source.edge_mode = kernel.edge_mode;
  call.sources = {std::move(source)};
  call.destinations = destination_images;
  call.clip_rect = kernel.clip_rect;
  call.destination_channel_offset = kernel.destination_feature_channel_offset;
  call.geometry = {kernel.offset.x,  kernel.offset.y,        kernel.kernel_offset_x, kernel.kernel_offset_y,
                   kernel.edge_mode, kernel.zero_pad_size_x, kernel.zero_pad_size_y};
  if (kernel.padding) call.method = kernel.padding->padding_method();
  if (core.adjust) core.adjust(call);
  return call;
}

KernelCall CNNKernel::call(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& source_images,
                           const ImageBatch& destination_images) const {
  if (!core_) throw Unsupported("MPSCNNKernel: the kernel that a padding policy sees cannot be encoded");
  return make_call(*this, *core_, command_buffer, source_images, destination_images);
}

ImageDescriptor CNNKernel::destination_image_descriptor_for_source_images(const ImageBatch& source_images,
                                                                          const StateBatch& source_states) {
  KernelCall placed = call(nullptr, source_images, {});
  if (core_->takes_source_state) placed.source_states = source_states;
  const NNPaddingMethod method = padding ? padding->padding_method() : NNPaddingMethod::SizeSame;
  const Inferred inferred = core_->infer(placed, method);
  const Geometry& g = inferred.geometry;
  offset = {g.offset_x, g.offset_y, offset.z};
  kernel_offset_x = g.kernel_offset_x;
  kernel_offset_y = g.kernel_offset_y;
  if (g.zero_pad_x != 0 || g.zero_pad_y != 0) {
    edge_mode = ImageEdgeMode::Clamp;
    zero_pad_size_x = g.zero_pad_x;
    zero_pad_size_y = g.zero_pad_y;
  }
  ImageDescriptor d = suggested_descriptor(*core_->op(), inferred, *source_images[0], destination_feature_channel_offset);
  for (const StatePtr& state : source_states) {
    if (state) d = state->destination_image_descriptor_for_source_images(source_images, source_states, *this, d);
  }
  if (padding && (method & NNPaddingMethod::Custom) == NNPaddingMethod::Custom) {
    d = padding->destination_image_descriptor_for_source_images(source_images, source_states, *this, d);
  }
  return d;
}

void CNNKernel::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                               const ImageBatch& source_images, const StateBatch& destination_states,
                                               const ImageBatch& destination_images) {
  KernelCall recorded = call(command_buffer, source_images, destination_images);
  recorded.destination_states = destination_states;
  core_->encode(recorded);
}

ImageBatch CNNKernel::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                     const ImageBatch& source_images, StateBatch* destination_states,
                                                     bool is_temporary) {
  const KernelCall asked = call(command_buffer, source_images, {});
  return encode_call(*this, *core_, asked, destination_states, is_temporary);
}

ImageBatch encode_call(CNNKernel& kernel, KernelCore& core, const KernelCall& asked, StateBatch* destination_states,
                       bool is_temporary) {
  const auto& command_buffer = asked.command_buffer;
  const ImageBatch& source_images = asked.sources[0].images;
  if (!command_buffer) throw InvalidArgument(asked.name + ": command_buffer is missing");
  StateBatch first;
  if (!asked.source_states.empty()) first = {asked.source_states[0]};
  const ImageDescriptor descriptor = kernel.destination_image_descriptor_for_source_images({source_images[0]}, first);
  KernelCall recorded = make_call(kernel, core, command_buffer, source_images, {});
  recorded.source_states = asked.source_states;
  return core.encode_made(recorded, descriptor, kernel, *kernel.destination_image_allocator, destination_states, is_temporary);
}

void CNNKernel::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImagePtr& source_image,
                                         const StatePtr& destination_state, const ImagePtr& destination_image) {
  KernelCall recorded = call(command_buffer, {source_image}, {destination_image});
  if (destination_state) recorded.destination_states = {destination_state};
  core_->encode(recorded);
}

ImagePtr CNNKernel::encode_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer, const ImagePtr& source_image,
                                             StatePtr* destination_state, bool is_temporary) {
  StateBatch states;
  const ImageBatch made = encode_batch_to_command_buffer(command_buffer, ImageBatch{source_image},
                                                         destination_state ? &states : nullptr, is_temporary);
  if (destination_state) *destination_state = states.empty() ? nullptr : states[0];
  return made[0];
}

StateBatch CNNKernel::result_state_batch_for_source_image(const ImageBatch& source_images, const ImageBatch& destination_images,
                                                          bool is_temporary) {
  const KernelCall shown = call(nullptr, source_images, destination_images);
  return core_->make_states(shown, is_temporary);
}

StatePtr CNNKernel::result_state_for_source_image(const ImagePtr& source_image, const ImagePtr& destination_image) {
  const StateBatch states = result_state_batch_for_source_image({source_image}, {destination_image});
  return states.empty() ? nullptr : states[0];
}

// Two sources --------------------------------------------------------------------------------------------------------

CNNBinaryKernel::CNNBinaryKernel(std::shared_ptr<KernelCore> core)
    : Kernel(core->device), padding(core->node->padding_policy()), core_(std::move(core)) {
  label = source_label(*core_);
}

CNNBinaryKernel::~CNNBinaryKernel() = default;

NNFilterNode& CNNBinaryKernel::node() const { return *core_->node; }
Window CNNBinaryKernel::primary_window() const { return core_->op()->window(); }
Window CNNBinaryKernel::secondary_window() const { return core_->op()->window(); }
bool CNNBinaryKernel::is_backwards() const { return core_->op()->window().is_backwards; }
bool CNNBinaryKernel::is_result_state_reused_across_batch() const { return core_->is_state_shared(); }

KernelCall CNNBinaryKernel::call(const std::shared_ptr<CommandBuffer>& command_buffer, const ImageBatch& primary_images,
                                 const ImageBatch& secondary_images, const StateBatch& source_states,
                                 const ImageBatch& destination_images) const {
  KernelCall call;
  call.name = core_->named(label);
  call.label = label;
  call.is_gradient = dynamic_cast<const NNGradientFilterNode*>(core_->node.get()) != nullptr;
  check_given(primary_images, "primary images", call.name);
  check_given(secondary_images, "secondary images", call.name);
  call.command_buffer = command_buffer;
  call.sources = {{primary_images, primary_offset, primary_source_feature_channel_offset,
                   primary_source_feature_channel_max_count, primary_edge_mode},
                  {secondary_images, secondary_offset, secondary_source_feature_channel_offset,
                   secondary_source_feature_channel_max_count, secondary_edge_mode}};
  call.source_states = source_states;
  call.destinations = destination_images;
  call.clip_rect = clip_rect;
  call.destination_channel_offset = destination_feature_channel_offset;
  return call;
}

ImageDescriptor CNNBinaryKernel::destination_image_descriptor_for_source_images(const ImageBatch& source_images,
                                                                                const StateBatch& source_states) {
  if (source_images.size() != 2) {
    throw InvalidArgument(core_->named(label) + ": two source images are needed, got " + std::to_string(source_images.size()));
  }
  if (core_->copy_properties && !source_states.empty() && source_states[0]) core_->copy_properties(*source_states[0]);
  KernelCall shown = call(nullptr, {source_images[0]}, {source_images[1]}, source_states, {});
  if (core_->adjust) core_->adjust(shown);
  const NNPaddingMethod method = padding ? padding->padding_method() : NNPaddingMethod::SizeSame;
  ImageDescriptor d =
      suggested_descriptor(*core_->op(), core_->infer(shown, method), *source_images[0], destination_feature_channel_offset);
  if (padding && (method & NNPaddingMethod::Custom) == NNPaddingMethod::Custom) {
    CNNKernel seen(device_, primary_window());
    seen.label = label;
    d = padding->destination_image_descriptor_for_source_images(source_images, source_states, seen, d);
  }
  return d;
}

ImageBatch CNNBinaryKernel::encode(KernelCall& call, StateBatch* destination_states, bool is_temporary) {
  if (!call.command_buffer) throw InvalidArgument(call.name + ": command_buffer is missing");
  StateBatch first;
  if (!call.source_states.empty()) first = {call.source_states[0]};
  const ImageDescriptor d =
      destination_image_descriptor_for_source_images({call.sources[0].images[0], call.sources[1].images[0]}, first);
  if (core_->adjust) core_->adjust(call);
  return core_->encode_made(call, d, *this, *destination_image_allocator, destination_states, is_temporary);
}

void CNNBinaryKernel::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                     const ImageBatch& primary_images, const ImageBatch& secondary_images,
                                                     const StateBatch& destination_states, const ImageBatch& destination_images) {
  KernelCall recorded = call(command_buffer, primary_images, secondary_images, {}, destination_images);
  recorded.destination_states = destination_states;
  core_->encode(recorded);
}

ImageBatch CNNBinaryKernel::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                           const ImageBatch& primary_images, const ImageBatch& secondary_images,
                                                           StateBatch* destination_states, bool is_temporary) {
  KernelCall recorded = call(command_buffer, primary_images, secondary_images, {}, {});
  return encode(recorded, destination_states, is_temporary);
}

StateBatch CNNBinaryKernel::result_state_batch_for_primary_image(const ImageBatch& primary_images,
                                                                 const ImageBatch& secondary_images,
                                                                 const ImageBatch& destination_images, bool is_temporary) {
  return core_->make_states(call(nullptr, primary_images, secondary_images, {}, destination_images), is_temporary);
}

ImageBatch CNNGradientKernel::encode_batch_to_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                             const ImageBatch& source_gradients, const ImageBatch& source_images,
                                                             const StateBatch& gradient_states,
                                                             const ImageBatch& destination_gradients) {
  KernelCall recorded = call(command_buffer, source_gradients, source_images, gradient_states, destination_gradients);
  if (gradient_states.empty()) throw InvalidArgument(recorded.name + ": gradient_state is missing");
  recorded.writes_image = option_ != CNNConvolutionGradientOption::GradientWithWeightsAndBias;
  recorded.writes_states = option_ != CNNConvolutionGradientOption::GradientWithData;
  if (destination_gradients.empty()) return encode(recorded, nullptr, false);
  if (core_->adjust) core_->adjust(recorded);
  core_->encode(recorded);
  return {};
}

}  // namespace mpsnn
