#include "metal/normalization_sources.hpp"

#import <objc/runtime.h>

#include <algorithm>
#include <map>

#include "metal/caller_object.hpp"
#include "metal/states.hpp"
#include "mpsnn/nodes/instance_normalization.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn::metal {
namespace {

struct NormalizationSourceState {
  NativeGraph &graph;
  std::shared_ptr<NormalizationDataSource> source;
  std::vector<std::shared_ptr<NormalizationParameters>> filters;
  std::unique_ptr<LoadedSource> loaded;

  NormalizationParameters &parameters() const { return *filters[0]; }
  template <class Work>
  bool guard(Work &&work) const {
    return graph.failures_now().guard(work);
  }

  void load() {
    loaded = nullptr;
    if (graph.hands_out_restored_values(parameters())) return;
    const auto is_loaded = [](const auto &filter) { return filter->loaded_source != nullptr; };
    if (std::none_of(filters.begin(), filters.end(), is_loaded)) {
      for (const auto &filter : filters) {
        if (loaded) loaded->purge();
        filter->read_and_keep_loaded()();
        loaded = std::move(filter->loaded_source);
        graph.forget_updates(*filter);
      }
      return;
    }
    loaded = std::move((*std::find_if(filters.begin(), filters.end(), is_loaded))->loaded_source);
  }
  void purge() {
    if (const auto done = std::move(loaded)) done->purge();
  }

  // Sources of group normalization are read without being loaded.
  float *values(NormalizationParameters::Index index) {
    guard([&] {
      if (loaded) return;
      load();
      purge();
    });
    return parameters().parameters[index].values->floats().data();
  }

  // Of an update on the GPU: `ask` the source, `convert` what it answers for Apple's graph.
  template <class Ask, class Convert>
  auto update(const Ask &ask, const Convert &convert) const
      -> decltype(convert(*Recording::current(), *ask(*Recording::current()))) {
    Recording *recording = Recording::current();
    if (!recording) return nil;
    decltype(convert(*recording, *ask(*recording))) answer = nil;
    recording->failures.guard([&] {
      std::vector<StatePtr> checked;
      const auto updated = ask(*recording);
      recording->splice_recorded_work();
      parameters().accept(updated, checked);
      if (checked.empty()) return;
      answer = convert(*recording, *updated);
      recording->after([this, updated] {
        for (const auto &filter : filters) graph.remember_update(*filter, updated);
      });
    });
    return answer;
  }

  // Of an update on the CPU: on a thread of Metal's, after the work is done. Apple's graph loads the source again after a yes.
  template <class Ask>
  BOOL update_on_cpu(const Ask &ask) const {
    bool is_changed = false;
    graph.cpu_failures.guard([&] {
      const Pool pool;
      is_changed = ask();
    });
    return is_changed;
  }
};

std::shared_ptr<CNNBatchNormalizationState> batch_state(Recording &recording, MPSState *state) {
  return std::dynamic_pointer_cast<CNNBatchNormalizationState>(portable_state(recording, state));
}

// One for each image, which may be the same ones.
template <class Portable>
ImageNormalizationGradientStateBatch image_states(NSArray *native, const Portable &portable) {
  std::map<const void *, std::shared_ptr<ImageNormalizationGradientState>> known;
  ImageNormalizationGradientStateBatch batch;
  for (MPSState *state in native) {
    auto &mine = known[(const void *)state];
    if (!mine) mine = std::dynamic_pointer_cast<ImageNormalizationGradientState>(portable(state));
    batch.push_back(mine);
  }
  return batch;
}

}  // namespace
}  // namespace mpsnn::metal

using namespace mpsnn;
using namespace mpsnn::metal;
using Index = NormalizationParameters::Index;

/// What all three have.
@interface MPNNormalizationSource : MPNCallerObject <NSCopying> {
 @public
  NormalizationSourceState *_state;
}
@property(nonatomic, readonly) NSUInteger numberOfFeatureChannels;
- (float *)gamma;
- (float *)beta;
- (BOOL)load;
- (void)purge;
- (NSString *)label;
@end

@implementation MPNNormalizationSource
- (void)dealloc {
  delete _state;
  [super dealloc];
}
- (BOOL)load {
  return _state->guard([&] { _state->load(); });
}
- (void)purge {
  _state->guard([&] { _state->purge(); });
}
- (NSString *)label {
  NSString *text = nil;
  _state->guard([&] { text = ns_string(_state->source->label()); });
  return text;
}
- (NSUInteger)numberOfFeatureChannels {
  return _state->parameters().channels();
}
- (float *)gamma {
  return _state->values(Index::kGamma);
}
- (float *)beta {
  return _state->values(Index::kBeta);
}
- (float)epsilon {
  return _state->parameters().epsilon();
}
@end

@interface MPNBatchNormalizationSource : MPNNormalizationSource <MPSCNNBatchNormalizationDataSource>
@end

@implementation MPNBatchNormalizationSource
- (CNNBatchNormalizationDataSource &)source {
  return static_cast<CNNBatchNormalizationDataSource &>(*_state->source);
}
- (float *)mean {
  return _state->values(Index::kMean);
}
- (float *)variance {
  return _state->values(Index::kVariance);
}
- (BOOL)respondsToSelector:(SEL)selector {
  const auto is_for = [&](SEL method) { return sel_isEqual(selector, method); };
  const bool is_gpu_values = is_for(@selector(updateGammaAndBetaWithCommandBuffer:batchNormalizationState:));
  const bool is_gpu_statistics = is_for(@selector(updateMeanAndVarianceWithCommandBuffer:batchNormalizationState:));
  const bool is_cpu_values = is_for(@selector(updateGammaAndBetaWithBatchNormalizationState:));
  const bool is_cpu_statistics = is_for(@selector(updateMeanAndVarianceWithBatchNormalizationState:));
  const bool is_values = is_gpu_values || is_cpu_values, is_statistics = is_gpu_statistics || is_cpu_statistics;
  if (!is_values && !is_statistics) return [super respondsToSelector:selector];
  const auto style = is_gpu_values || is_gpu_statistics ? NNTrainingStyle::UpdateDeviceGPU : NNTrainingStyle::UpdateDeviceCPU;
  bool has_it = false;
  _state->guard(
      [&] { has_it = is_values ? [self source].updates_gamma_and_beta(style) : [self source].updates_mean_and_variance(style); });
  return has_it;
}
- (MPSCNNNormalizationGammaAndBetaState *)updateGammaAndBetaWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                      batchNormalizationState:(MPSCNNBatchNormalizationState *)state {
  (void)commandBuffer;
  return _state->update(
      [&](Recording &recording) {
        return [self source].update_gamma_and_beta_with_command_buffer(recording.command_buffer(), batch_state(recording, state));
      },
      [](Recording &recording, const CNNNormalizationGammaAndBetaState &answer) { return native_state(recording, answer); });
}
- (MPSCNNNormalizationMeanAndVarianceState *)updateMeanAndVarianceWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                            batchNormalizationState:(MPSCNNBatchNormalizationState *)state {
  (void)commandBuffer;
  return _state->update(
      [&](Recording &recording) {
        return
            [self source].update_mean_and_variance_with_command_buffer(recording.command_buffer(), batch_state(recording, state));
      },
      [](Recording &recording, const CNNNormalizationMeanAndVarianceState &answer) { return native_state(recording, answer); });
}
- (BOOL)updateGammaAndBetaWithBatchNormalizationState:(MPSCNNBatchNormalizationState *)state {
  return _state->update_on_cpu([&] {
    return [self source].update_gamma_and_beta_with_batch_normalization_state(
        std::dynamic_pointer_cast<CNNBatchNormalizationState>(portable_state(state)));
  });
}
- (BOOL)updateMeanAndVarianceWithBatchNormalizationState:(MPSCNNBatchNormalizationState *)state {
  return _state->update_on_cpu([&] {
    return [self source].update_mean_and_variance_with_batch_normalization_state(
        std::dynamic_pointer_cast<CNNBatchNormalizationState>(portable_state(state)));
  });
}
@end

/// What the two whose statistics are those of each image have.
@interface MPNImageNormalizationSource : MPNNormalizationSource
@end

@implementation MPNImageNormalizationSource
- (ImageNormalizationDataSource &)source {
  return static_cast<ImageNormalizationDataSource &>(*_state->source);
}
- (BOOL)updates:(NNTrainingStyle)style {
  bool has_it = false;
  _state->guard([&] { has_it = _state->source->updates(style); });
  return has_it;
}
- (MPSCNNNormalizationGammaAndBetaState *)updateWithStates:(NSArray *)states {
  return _state->update(
      [&](Recording &recording) {
        const auto portable = [&](MPSState *state) { return portable_state(recording, state); };
        return
            [self source].update_gamma_and_beta_with_command_buffer(recording.command_buffer(), image_states(states, portable));
      },
      [](Recording &recording, const CNNNormalizationGammaAndBetaState &answer) { return native_state(recording, answer); });
}
- (BOOL)updateOnCPUWithStates:(NSArray *)states {
  return _state->update_on_cpu([&] {
    const auto portable = [](MPSState *state) { return portable_state(state); };
    return [self source].update_gamma_and_beta_with_state_batch(image_states(states, portable));
  });
}
@end

@interface MPNInstanceNormalizationSource : MPNImageNormalizationSource <MPSCNNInstanceNormalizationDataSource>
@end

@implementation MPNInstanceNormalizationSource
- (BOOL)respondsToSelector:(SEL)selector {
  if (sel_isEqual(selector, @selector(updateGammaAndBetaWithCommandBuffer:instanceNormalizationStateBatch:))) {
    return [self updates:NNTrainingStyle::UpdateDeviceGPU];
  }
  if (sel_isEqual(selector, @selector(updateGammaAndBetaWithInstanceNormalizationStateBatch:))) {
    return [self updates:NNTrainingStyle::UpdateDeviceCPU];
  }
  return [super respondsToSelector:selector];
}
- (MPSCNNNormalizationGammaAndBetaState *)updateGammaAndBetaWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                              instanceNormalizationStateBatch:
                                                  (MPSCNNInstanceNormalizationGradientStateBatch *)states {
  (void)commandBuffer;
  return [self updateWithStates:states];
}
- (BOOL)updateGammaAndBetaWithInstanceNormalizationStateBatch:(MPSCNNInstanceNormalizationGradientStateBatch *)states {
  return [self updateOnCPUWithStates:states];
}
@end

@interface MPNGroupNormalizationSource : MPNImageNormalizationSource <MPSCNNGroupNormalizationDataSource>
@end

@implementation MPNGroupNormalizationSource
- (NSUInteger)numberOfGroups {
  return static_cast<const ImageNormalizationParameters &>(_state->parameters()).groups();
}
- (void)setNumberOfGroups:(NSUInteger)numberOfGroups {
  _state->guard([&] { static_cast<CNNGroupNormalizationDataSource &>(*_state->source).set_number_of_groups(numberOfGroups); });
}
- (BOOL)respondsToSelector:(SEL)selector {
  if (sel_isEqual(selector, @selector(updateGammaAndBetaWithCommandBuffer:groupNormalizationStateBatch:))) {
    return [self updates:NNTrainingStyle::UpdateDeviceGPU];
  }
  if (sel_isEqual(selector, @selector(updateGammaAndBetaWithGroupNormalizationStateBatch:))) {
    return [self updates:NNTrainingStyle::UpdateDeviceCPU];
  }
  return [super respondsToSelector:selector];
}
- (MPSCNNNormalizationGammaAndBetaState *)updateGammaAndBetaWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                 groupNormalizationStateBatch:
                                                     (MPSCNNGroupNormalizationGradientStateBatch *)states {
  (void)commandBuffer;
  return [self updateWithStates:states];
}
- (BOOL)updateGammaAndBetaWithGroupNormalizationStateBatch:(MPSCNNGroupNormalizationGradientStateBatch *)states {
  return [self updateOnCPUWithStates:states];
}
@end

namespace mpsnn::metal {

namespace {

template <class Object, class Parameters>
Object *source_for(NativeGraph &graph, const std::shared_ptr<Parameters> &parameters) {
  auto *object = (Object *)graph.shared_object(parameters->source_identity());
  if (!object) {
    object = [[[Object alloc] init] autorelease];
    object->_state = new NormalizationSourceState{graph, parameters->source(), {}, nullptr};
    graph.keep_shared_object(parameters->source_identity(), object);
  }
  auto &filters = object->_state->filters;
  if (std::find(filters.begin(), filters.end(), parameters) == filters.end()) filters.push_back(parameters);
  return object;
}

}  // namespace

id<MPSCNNBatchNormalizationDataSource> batch_source_for(NativeGraph &graph,
                                                        const std::shared_ptr<BatchNormalizationParameters> &parameters) {
  return source_for<MPNBatchNormalizationSource>(graph, parameters);
}

id<MPSCNNInstanceNormalizationDataSource> instance_source_for(NativeGraph &graph,
                                                              const std::shared_ptr<ImageNormalizationParameters> &parameters) {
  return source_for<MPNInstanceNormalizationSource>(graph, parameters);
}

id<MPSCNNGroupNormalizationDataSource> group_source_for(NativeGraph &graph,
                                                        const std::shared_ptr<ImageNormalizationParameters> &parameters) {
  return source_for<MPNGroupNormalizationSource>(graph, parameters);
}

}  // namespace mpsnn::metal
