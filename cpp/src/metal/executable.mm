#include "metal/executable.hpp"

#include <map>

#include "metal/callbacks.hpp"
#include "metal/kernels.hpp"
#include "metal/recording.hpp"
#include "metal/states.hpp"
#include "mpsnn/error.hpp"
#include "runtime/encode_checks.hpp"
#include "runtime/forward_steps.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn::metal {

NativeExecutable::NativeExecutable(std::shared_ptr<NativeDevice> device, const GraphSource &source)
    : device_(device), graph_(std::make_shared<NativeGraph>(std::move(device), source)) {}

namespace {

// One encode: what goes in, in Apple's order, and what came out, by the program's values and states.
struct Encoding {
  const std::shared_ptr<NativeGraph> &owner;
  const EncodeRequest &request;
  Recording &recording;
  bool is_one_image;
  std::map<int, ImageBatch> images;
  std::map<int, StateBatch> states;
  std::map<const State *, std::shared_ptr<NativeState>> natives;
  NativeGraph &graph = *owner;

  NSArray *source_images() const {
    NSMutableArray *all = [NSMutableArray array];
    for (std::size_t at : graph.order().sources) {
      NSMutableArray *batch = [NSMutableArray array];
      for (const ImagePtr &image : request.source_images.at(at)) [batch addObject:recording.source(image)];
      [all addObject:is_one_image ? [batch objectAtIndex:0] : (id)batch];
    }
    return all;
  }

  NSArray *source_states() const {
    NSMutableArray *all = [NSMutableArray array];
    for (std::size_t at : graph.order().source_states) {
      NSMutableArray *batch = [NSMutableArray array];
      for (const StatePtr &labels : request.source_states.at(at)) [batch addObject:labels_for(recording, labels)];
      [all addObject:is_one_image ? [batch objectAtIndex:0] : (id)batch];
    }
    return all;
  }

  void take_images(int value, id delivered) {
    ImageBatch batch;
    for (MPSImage *image in each(delivered)) {
      ImagePtr mine = recording.image_for(image);
      if (!mine) {
        mine = std::make_shared<Image>(recording.shared_device(), descriptor_of(image));
        recording.download(image, mine);
      }
      batch.push_back(std::move(mine));
    }
    images[value] = std::move(batch);
  }

  void take_states(int id, ::id delivered) {
    std::map<const void *, StatePtr> known;
    StateBatch batch;
    for (MPSState *state in each(delivered)) {
      StatePtr &mine = known[(const void *)state];
      if (!mine) {
        auto [made, native] = linked_state(recording, state);
        mine = std::move(made);
        native->graph = owner;
        natives[mine.get()] = std::move(native);
        if (request.graph.output_state_is_temporary) mine->make_temporary(1);
      }
      batch.push_back(mine);
    }
    states[id] = std::move(batch);
  }

  // States of filters that have kernels serve these too: they know the filter, as it was in this encode.
  void remember_origins() const {
    const Program &program = graph.program();
    std::vector<std::shared_ptr<const ForwardStep>> forward;
    for (const auto &[id, batch] : states) {
      const int producer = program.states[id].producer;
      const Lowered &lowered = program.steps[producer].lowered;
      if (!KernelMakers::all().find(*lowered.op)) continue;
      if (forward.empty()) forward = steps();
      for (const StatePtr &state : batch) {
        if (state->origin) continue;
        StateOrigin origin{lowered.op,  *forward[producer],      lowered.parameters,       {}, {}, graph.parameters_mutex(),
                           kRectNoClip, natives.at(state.get()), recording.shared_device()};
        state->origin = std::make_shared<StateOrigin>(std::move(origin));
      }
    }
  }

  // Apple's graph has asked the caller's policies already.
  std::vector<std::shared_ptr<const ForwardStep>> steps() const {
    std::map<const NNPadding *, std::size_t> asked;
    const auto placement_of = [&](const ProgramStep &step) -> std::optional<PlacedByPolicy> {
      const auto *answers = recording.answers_of(*step.padding);
      const std::size_t n = asked[step.padding.get()]++;
      if (!answers || n >= answers->size()) return std::nullopt;
      return (*answers)[n];
    };
    return forward_steps(graph.program(), recording.shared_device(), request.source_images, request.graph.format, placement_of);
  }

  // The library's own allocators give images of their own.
  void check_aliasing() const {
    bool is_foreign = is_of_the_caller(request.graph.destination_image_allocator);
    std::vector<ImageBatch> outputs;
    for (const auto &[value, batch] : images) {
      is_foreign |= is_of_the_caller(graph.program().values[value].allocator);
      outputs.push_back(batch);
    }
    if (is_foreign) mpsnn::check_aliasing(request, outputs);
  }

  static NSArray *each(id delivered) {
    return [delivered isKindOfClass:[NSArray class]] ? (NSArray *)delivered : [NSArray arrayWithObject:delivered];
  }

  EncodeResult result() const {
    const Program &program = graph.program();
    EncodeResult out;
    if (program.results[0] != kNone) out.result = images.at(program.results[0]);
    for (int id : program.intermediates) out.intermediates.push_back(images.at(id));
    for (int id : program.destination_states) out.states.push_back(states.at(id));
    for (int id : program.intermediates) {
      // A result that is also exported is handed out twice.
      if (id == program.results[0]) image_batch_increment_read_count(out.result, 1);
    }
    return out;
  }
};

}  // namespace

EncodeResult NativeExecutable::encode(const EncodeRequest &request) {
  const Pool pool;
  check_encode(request, program(), *device_);
  auto recording = std::make_shared<Recording>(device_, request.command_buffer);
  recording->kernel = &request.graph;
  const bool is_one_image = request.source_images[0].size() == 1;
  Encoding encoding{graph_, request, *recording, is_one_image, {}, {}, {}};

  MPSNNGraph *graph = graph_->graph();
  NSMutableArray *intermediates = [NSMutableArray array], *states = [NSMutableArray array];
  id result = nil;
  const auto mark = request.command_buffer->mark();
  try {
    const Recording::Scope scope(*recording);
    NSArray *source_images = encoding.source_images(), *source_states = encoding.source_states();
    apple([&] {
      graph.format = MPSImageFeatureChannelFormat(request.graph.format);
      graph.options = MPSKernelOptions(request.graph.options);
      graph.outputStateIsTemporary = NO;
      const bool is_first = program().result_values[0] == graph_->first_result();
      graph.destinationImageAllocator = allocator_for(
          *graph_, is_first ? request.graph.destination_image_allocator : program().values[graph_->first_result()].allocator);
      result = is_one_image ? (id)[graph encodeToCommandBuffer:recording->metal()
                                                  sourceImages:source_images
                                                  sourceStates:source_states
                                            intermediateImages:intermediates
                                             destinationStates:states]
                            : (id)[graph encodeBatchToCommandBuffer:recording->metal()
                                                       sourceImages:source_images
                                                       sourceStates:source_states
                                                 intermediateImages:intermediates
                                                  destinationStates:states];
    });
    recording->failures.rethrow();
    if (result) encoding.take_images(graph_->first_result(), result);
    const NativeGraph::Order &order = graph_->order();
    for (std::size_t i = 0; i < order.intermediates.size(); ++i) {
      encoding.take_images(order.intermediates[i], [intermediates objectAtIndex:i]);
    }
    for (std::size_t i = 0; i < order.destination_states.size(); ++i)
      encoding.take_states(order.destination_states[i], [states objectAtIndex:i]);
    encoding.remember_origins();
    encoding.check_aliasing();
    recording->excuse([native = graph_] { return !native->cpu_failures.is_empty() || !native->failures.is_empty(); });
    recording->record(graph_);
    // An update on the CPU, and the reading after it, come after the encode's work, which stays done when they fail.
    request.command_buffer->record_completion([native = graph_] {
      native->cpu_failures.rethrow();
      native->failures.rethrow();
    });
    EncodeResult out = encoding.result();
    ++encode_count_;
    consume_sources(request.source_images, request.source_states);
    return out;
  } catch (...) {
    request.command_buffer->roll_back(mark);
    // What the caller's object threw is the reason, whatever Apple's framework made of it.
    recording->failures.rethrow();
    throw;
  }
}

void NativeExecutable::reload_from_data_sources() {
  const Pool pool;
  graph_->call([&] { [graph_->graph() reloadFromDataSources]; });
}

void NativeExecutable::use_restored_parameters() {
  const Pool pool;
  graph_->reload_restored_values();
}

void NativeExecutable::read_parameters(const std::function<void()> &read) {
  const auto &steps = program().steps;
  const bool is_trained = std::any_of(steps.begin(), steps.end(),
                                      [](const auto &s) { return s.training_style != NNTrainingStyle::UpdateDeviceNone; });
  // Recorded work holds the graph until it is done, or dropped.
  if (is_trained && graph_.use_count() > 1) {
    throw InvalidArgument("MPSNNGraph: encoded work that trains this graph has not completed; commit its command buffer and call "
                          "wait_until_completed first");
  }
  graph_->bring_parameters_up_to_date();
  read();
}

}  // namespace mpsnn::metal
