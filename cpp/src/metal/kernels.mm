#include "metal/kernels.hpp"

#include <algorithm>

#include "metal/graph.hpp"
#include "metal/recording.hpp"
#include "mpsnn/error.hpp"
#include "nodes/saved_attributes.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn {

std::unique_ptr<KernelEngine> make_kernel_engine(const std::shared_ptr<Device> &device,
                                                 const std::shared_ptr<ParameterSet> &parameters,
                                                 const std::shared_ptr<std::mutex> &run_mutex,
                                                 const std::shared_ptr<void> &native_state) {
  auto native = std::dynamic_pointer_cast<metal::NativeDevice>(device);
  if (!native) return nullptr;
  return std::make_unique<metal::NativeKernel>(std::move(native), parameters, run_mutex,
                                               std::static_pointer_cast<metal::NativeState>(native_state));
}

namespace metal {

const KernelMakers &KernelMakers::all() {
  static const KernelMakers makers = [] {
    KernelMakers made;
#define MPSNN_METAL_ADD(family) add_##family##_kernels(made);
    MPSNN_METAL_KERNEL_FAMILIES(MPSNN_METAL_ADD)
#undef MPSNN_METAL_ADD
    return made;
  }();
  return makers;
}

const KernelMakers::Maker *KernelMakers::find(const Op &op) const {
  const auto found = makers_.find(typeid(op));
  return found == makers_.end() || !found->second.takes(op) ? nullptr : &found->second;
}

namespace {

MPSOffset native(const Offset &offset) { return MPSOffset{offset.x, offset.y, offset.z}; }

void set_up(MPSCNNKernel *kernel, const KernelCall &call) {
  const KernelSource &source = call.sources[0];
  kernel.offset = native(source.offset);
  kernel.clipRect = native_region(call.clip_rect);
  kernel.destinationFeatureChannelOffset = call.destination_channel_offset;
  kernel.sourceFeatureChannelOffset = source.channel_offset;
  kernel.sourceFeatureChannelMaxCount = source.channel_max_count;
  kernel.edgeMode = MPSImageEdgeMode(source.edge_mode);
  // A policy of the caller's has been asked already.
  kernel.padding = [MPSNNDefaultPadding paddingWithMethod:MPSNNPaddingMethod(call.method) & ~MPSNNPaddingMethodCustom];
}

void set_up(MPSCNNBinaryKernel *kernel, const KernelCall &call) {
  const KernelSource &primary = call.sources[0], &secondary = call.sources[1];
  kernel.primaryOffset = native(primary.offset);
  kernel.secondaryOffset = native(secondary.offset);
  kernel.clipRect = native_region(call.clip_rect);
  kernel.destinationFeatureChannelOffset = call.destination_channel_offset;
  kernel.primarySourceFeatureChannelOffset = primary.channel_offset;
  kernel.secondarySourceFeatureChannelOffset = secondary.channel_offset;
  kernel.primarySourceFeatureChannelMaxCount = primary.channel_max_count;
  kernel.secondarySourceFeatureChannelMaxCount = secondary.channel_max_count;
  kernel.primaryEdgeMode = MPSImageEdgeMode(primary.edge_mode);
  kernel.secondaryEdgeMode = MPSImageEdgeMode(secondary.edge_mode);
}

// For Apple, a state for each image object; images in one object may share theirs.
NSArray *states_of(const StateBatch &states, std::size_t image_count) {
  if (states.empty()) return nil;
  const bool is_one = std::all_of(states.begin(), states.end(), [&](const StatePtr &state) { return state == states[0]; });
  NSMutableArray *all = [NSMutableArray array];
  for (std::size_t n = 0; n < (is_one ? image_count : states.size()); ++n) {
    [all addObject:native_of(states[is_one ? 0 : n]).state];
  }
  return all;
}

NSArray *labels_of(Recording &recording, const StateBatch &labels) {
  NSMutableArray *all = [NSMutableArray array];
  for (const StatePtr &one : labels) [all addObject:labels_for(recording, one)];
  return all;
}

// What is only looked at.
NSArray *shown_images(NativeDevice &device, const ImageBatch &images) {
  NSMutableArray *all = [NSMutableArray array];
  for (const ImagePtr &image : images) [all addObject:image_like(device, image)];
  return all;
}

NSArray *sources_of(Recording &recording, const KernelSource &source) {
  NSMutableArray *all = [NSMutableArray array];
  for (const ImagePtr &image : source.images) [all addObject:recording.source(image)];
  return all;
}

NSArray *destinations_of(Recording &recording, MPSKernel *kernel, const KernelCall &call, const KernelEngine::Written &written) {
  if (!call.writes_image || call.destinations.empty()) return shown_images(recording.device(), call.destinations);
  ImagePart part{written.pixels, call.destination_channel_offset, written.channels};
  // A family that moved the rectangle left zeros before it.
  const MTLOrigin origin = [(MPSCNNKernel *)kernel clipRect].origin;
  auto &[place, size] = part.pixels;
  if (call.destinations.size() > 1) size.depth = call.destinations[0]->number_of_images();
  const bool is_moved = origin.x != place.x || origin.y != place.y;
  size.width -= std::min<std::size_t>(size.width, origin.x - place.x);
  size.height -= std::min<std::size_t>(size.height, origin.y - place.y);
  place = {origin.x, origin.y, place.z};
  const Image &first = *call.destinations[0];
  const mtl::Region whole{{0, 0, 0}, {first.width(), first.height(), first.number_of_images()}};
  const bool is_whole = part.pixels == whole && part.channels == first.feature_channels();
  NSMutableArray *all = [NSMutableArray array];
  for (const ImagePtr &image : call.destinations) {
    if (is_moved) recording.before([image] { clear(image); });
    [all addObject:is_whole ? recording.destination(image) : recording.destination(image, part)];
  }
  return all;
}

void add_written(Recording &recording, const StateBatch &states) {
  std::vector<const NativeState *> seen;
  for (const StatePtr &state : states) {
    const NativeState &native = native_of(state);
    if (std::count(seen.begin(), seen.end(), &native)) continue;
    seen.push_back(&native);
    apple([&] { [native.state synchronizeOnCommandBuffer:recording.metal()]; });
    for (const auto &[buffer, memory] : native.memory) recording.written(buffer, memory);
  }
}

void encode(MPSKernel *kernel, const KernelArguments &in) {
  if ([kernel isKindOfClass:[MPSCNNGradientKernel class]]) {
    [(MPSCNNGradientKernel *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                               sourceGradients:in.source(0)
                                                  sourceImages:in.source(1)
                                                gradientStates:in.states
                                          destinationGradients:in.destinations];
  } else if ([kernel isKindOfClass:[MPSCNNBinaryKernel class]]) {
    if (in.states) {
      [(MPSCNNArithmetic *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                               primaryImages:in.source(0)
                                             secondaryImages:in.source(1)
                                           destinationStates:in.states
                                           destinationImages:in.destinations];
    } else {
      [(MPSCNNBinaryKernel *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                                 primaryImages:in.source(0)
                                               secondaryImages:in.source(1)
                                             destinationImages:in.destinations];
    }
  } else if (in.states) {
    [(MPSCNNKernel *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                          sourceImages:in.source(0)
                                     destinationStates:in.states
                                     destinationImages:in.destinations];
  } else {
    [(MPSCNNKernel *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                          sourceImages:in.source(0)
                                     destinationImages:in.destinations];
  }
}

}  // namespace

NativeKernel::~NativeKernel() {
  const Pool pool;
  kernel_ = {};
  source_ = {};
}

bool NativeKernel::has_kernel(const KernelCall &call, const Op &op, std::size_t source_count) const {
  const KernelMakers::Maker *maker = KernelMakers::all().find(op);
  if (!maker || source_count < maker->least_sources) return false;
  if (maker->serves) return maker->serves(call);
  const bool has_destinations = !call.destinations.empty() && call.modified_states.empty();
  return has_destinations && ((call.writes_image && call.writes_states) || maker->takes_parts);
}

MPSKernel *NativeKernel::kernel_for(const Op &op, const KernelCall *call) {
  // With parameters it is always the same: reloads that are recorded are only in it.
  if (kernel_ && maker_->source.make) return kernel_;
  // Visitors may write; this one only reads.
  SavedAttributes attributes = collect_attributes([&](AttributeVisitor &v) { const_cast<Op &>(op).visit(v); });
  if (kernel_ && attributes == attributes_) return kernel_;
  maker_ = KernelMakers::all().find(op);
  const KernelMakers::Source &source = maker_->source;
  std::unique_lock<std::mutex> lock;
  if (source.make) {
    lock = std::unique_lock(*run_mutex_);
    if (!source_) source_ = source.make(parameters_);
  }
  kernel_ = apple([&] {
    if (state_ && source.kernel_of) return Ref<MPSKernel *>(source.kernel_of(state_->state));
    return Ref<MPSKernel *>::owned(maker_->make(op, {device_->metal(), source_, call}));
  });
  if (!kernel_) {
    throw BackendError(std::string(op.kernel_name()) + ": the device \"" + device_->name() + "\" could not make the kernel");
  }
  attributes_ = std::move(attributes);
  return kernel_;
}

MPSKernel *NativeKernel::kernel_set_up_for(const KernelCall &call, const Op &op) {
  kernel_for(op, &call);
  apple([&] {
    kernel_.get().label = ns_string(call.label);
    if ([kernel_ isKindOfClass:[MPSCNNBinaryKernel class]]) {
      metal::set_up((MPSCNNBinaryKernel *)kernel_.get(), call);
    } else {
      metal::set_up((MPSCNNKernel *)kernel_.get(), call);
    }
    maker_->set_up(kernel_, op, call);
  });
  return kernel_;
}

std::vector<KernelEngine::MadeState> NativeKernel::make_states(const KernelCall &call, const Op &op) {
  const Pool pool;
  std::lock_guard lock(mutex_);
  MPSKernel *kernel = kernel_set_up_for(call, op);
  NSArray *states = nil;
  apple([&] {
    NSArray *sources = shown_images(*device_, call.sources[0].images);
    NSArray *destinations = shown_images(*device_, call.destinations);
    if ([kernel isKindOfClass:[MPSCNNBinaryKernel class]]) {
      NSArray *secondary = shown_images(*device_, call.sources[1].images);
      states = [(MPSCNNBinaryKernel *)kernel resultStateBatchForPrimaryImage:sources
                                                              secondaryImage:secondary
                                                                sourceStates:nil
                                                            destinationImage:destinations];
    } else {
      NSArray *mirrored = states_of(call.source_states, [sources count]);
      states = [(MPSCNNKernel *)kernel resultStateBatchForSourceImage:sources
                                                         sourceStates:mirrored ? [NSArray arrayWithObject:mirrored] : nil
                                                     destinationImage:destinations];
    }
  });
  std::vector<MadeState> made;
  for (MPSState *state in states) {
    // Of kernels with one state for a batch.
    if (!made.empty() && static_cast<NativeState *>(made[0].native.get())->state.get() == state) break;
    auto [mine, native] = linked_state(state, [&](id<MTLBuffer> buffer) {
      // Memory that only the GPU sees is copied after each encode.
      return memory_over([buffer contents] ? buffer : device_->shared_buffer([buffer length]).get());
    });
    made.push_back({std::move(mine), std::move(native)});
  }
  return made;
}

void NativeKernel::encode(const KernelCall &call, const Op &op, const StateBatch &source_states, const Written &written) {
  const Pool pool;
  std::lock_guard lock(mutex_);
  MPSKernel *kernel = kernel_set_up_for(call, op);
  auto recording = std::make_shared<Recording>(device_, call.command_buffer);
  const bool is_loss = !call.labels.empty();
  const StateBatch &result_states = call.modified_states.empty() ? call.destination_states : call.modified_states;
  const StateBatch states = call.is_gradient ? source_states : is_loss ? StateBatch{} : result_states;
  KernelArguments arguments{recording->metal(), {}, states_of(states, call.destinations.size()), nil, call};
  if (is_loss) arguments.states = labels_of(*recording, call.labels);
  for (const KernelSource &source : call.sources) arguments.sources.push_back(sources_of(*recording, source));
  arguments.destinations = destinations_of(*recording, kernel, call, written);
  apple([&] { maker_->encode ? maker_->encode(kernel, arguments) : metal::encode(kernel, arguments); });
  if (call.writes_states) add_written(*recording, states);
  record(*recording, states);
}

void NativeKernel::record(Recording &recording, const StateBatch &states) {
  struct Kept {
    Ref<id> source;
    Ref<MPSKernel *> kernel;
    StateBatch states;
  };
  recording.record(std::make_shared<Kept>(Kept{source_, kernel_, states}));
}

void NativeKernel::bring_parameters_up_to_date() {
  if (const auto graph = state_ ? state_->graph.lock() : nullptr) graph->bring_parameters_up_to_date();
}

void NativeKernel::reload(const Op &op, const std::vector<std::size_t> &changed) {
  const KernelMakers::Maker *maker = KernelMakers::all().find(op);
  if (!maker || !maker->source.reload) return;
  const Pool pool;
  std::lock_guard lock(mutex_);
  if (!kernel_ && !state_) return;  // it will be made with the new values
  MPSKernel *kernel = kernel_for(op, nullptr);
  std::lock_guard run_lock(*run_mutex_);
  apple([&] { maker->source.reload(kernel, {*device_, *parameters_, changed}); });
}

void NativeKernel::record_reload(const std::shared_ptr<CommandBuffer> &command_buffer, const Op &op, const StatePtr &state) {
  const KernelMakers::Maker *maker = KernelMakers::all().find(op);
  if (!maker || !maker->source.reload_state) return;
  const Pool pool;
  std::lock_guard lock(mutex_);
  MPSKernel *kernel = kernel_for(op, nullptr);
  auto recording = std::make_shared<Recording>(device_, command_buffer);
  if (state_) {
    recording->before([graph = state_->graph] {
      if (const auto there = graph.lock()) there->bring_parameters_up_to_date();
    });
  }
  maker_->source.reload_state(kernel, *recording, *state, *parameters_);
  record(*recording, {state});
}

}  // namespace metal
}  // namespace mpsnn
