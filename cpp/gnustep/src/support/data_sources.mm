#import "support/data_sources.hpp"

#include <optional>
#include <span>
#include <vector>

#include "core/checked.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/instance_normalization.hpp"
#include "mpsnn/nodes/normalization.hpp"
#import "support/descriptors.hpp"
#import "support/metal.hpp"
#import "support/states.hpp"

namespace mpsnn::gnustep {

namespace {

// What is alive between `load` and `purge`: a source may hand out the memory of an autoreleased object, also on a thread without
// a pool. Loads are nested, and each is purged on its thread.
thread_local std::vector<NSAutoreleasePool *> load_pools;

/// Drains the innermost pool at the end of a block, unless told to keep it.
class LoadPool {
 public:
  ~LoadPool() {
    if (is_kept_) return;
    [load_pools.back() drain];
    load_pools.pop_back();
  }
  void keep() { is_kept_ = true; }

 private:
  bool is_kept_ = false;
};

/// What all sources share. `Self` is the adapter, `Source` the class of C++, `Object` the type of the client's object.
template <class Self, class Source, class Object>
class ClientDataSource : public Source, public ClientObject {
 public:
  using ClientObject::ClientObject;

  bool load() override {
    const bool is_asked = loads(@selector(load));  // first of all: Foundation knows the thread from then on
    load_pools.push_back([[NSAutoreleasePool alloc] init]);
    LoadPool pool;
    if (is_asked && !call_client([this] { return bool([(Loading)object() load]); })) return false;
    pool.keep();
    return true;
  }

  void purge() override {
    LoadPool pool;
    if (loads(@selector(purge))) call_client([this] { [(Loading)object() purge]; });
  }

  std::string label() const override {
    std::string label;
    call_client([&] { label = responds(@selector(label)) ? string_of([source() label]) : std::string(); });
    return label;
  }

  std::shared_ptr<DataSource> copy() const override {
    std::shared_ptr<Self> copied;
    call_client([&] {
      id copy = nil;
      if (responds(@selector(copyWithZone:device:))) {
        copy = [source() copyWithZone:NULL device:objc(the_device())];
      } else if (responds(@selector(copyWithZone:))) {
        copy = [source() copyWithZone:NULL];
      } else {
        return;
      }
      copied = adapter_for<Self>(copy);
      [copy release];
    });
    return copied;
  }

 protected:
  Object source() const { return object(); }
  bool responds(SEL method) const {
    return call_client([&] { return bool([object() respondsToSelector:method]); });
  }
  /// The result of a method that the client may leave out.
  template <class Call, class T>
  T value_or(SEL method, Call &&call, T otherwise) const {
    return responds(method) ? call_client([&] { return T(call(source())); }) : otherwise;
  }
  /// An array that may be missing.
  template <class Call>
  std::span<const float> floats(std::size_t count, Call &&call) const {
    const float *values = call_client([&] { return (const float *)call(source()); });
    return values ? std::span(values, count) : std::span<const float>();
  }
  /// A protocol has both methods or none; some sources may leave them out.
  using Loading = id<MPSCNNConvolutionDataSource>;
  bool loads(SEL method) const { return !std::is_same_v<Source, CNNGroupNormalizationDataSource> && responds(method); }
  /// The state that an update returns; null for nil.
  template <class StateType, class Call>
  std::shared_ptr<StateType> state(SEL method, Call &&call) const {
    std::shared_ptr<StateType> result;
    call_client([&] {
      MPSState *returned = call(source());
      result = std::dynamic_pointer_cast<StateType>(behind_or_null(object(), method, returned, "the result"));
      if (returned && !result) {
        throw InvalidArgument(method_name(object(), method) + ": the result must not be a state of class " +
                              string_of(NSStringFromClass([returned class])));
      }
    });
    return result;
  }
  /// The result of an update on the CPU, which may run on a thread of the engine.
  template <class Call>
  bool changes(Call &&call) const {
    bool has_changed = false;
    call_client([&] { has_changed = call(source()); });
    return has_changed;
  }
};

class ClientConvolution final
    : public ClientDataSource<ClientConvolution, CNNConvolutionDataSource, id<MPSCNNConvolutionDataSource>> {
 public:
  using ClientDataSource::ClientDataSource;

  std::shared_ptr<CNNConvolutionDescriptor> descriptor() override {
    return call_client([this] { return behind(object(), @selector(descriptor), [source() descriptor], "the result"); });
  }
  DataType data_type() override {
    return call_client([this] { return DataType([source() dataType]); });
  }

  std::span<const std::byte> weights() override {
    if (responds(@selector(weightsLayout)) &&
        call_client([this] { return [source() weightsLayout]; }) != MPSCNNConvolutionWeightsLayoutOHWI) {
      throw InvalidArgument(method_name(object(), @selector(weightsLayout)) + ": OHWI is the only layout there is");
    }
    const DataType type = data_type();
    return bytes(descriptor()->weights_shape(), type == DataType::Float32 ? 4 : type == DataType::Float16 ? 2 : 1);
  }
  std::span<const std::byte> binary_weights() override {
    return bytes(descriptor()->binary_weights_shape(), sizeof(std::uint32_t));
  }
  std::span<const float> bias_terms() override {
    return floats(outputs(), [](auto source) { return [source biasTerms]; });
  }

  DataType kernel_weights_data_type() override {
    return value_or(
        @selector(kernelWeightsDataType), [](auto source) { return [source kernelWeightsDataType]; },
        CNNConvolutionDataSource::kernel_weights_data_type());
  }
  std::optional<CNNWeightsQuantizationType> weights_quantization_type() override {
    return value_or(
        @selector(weightsQuantizationType),
        [](auto source) { return CNNWeightsQuantizationType([source weightsQuantizationType]); },
        CNNConvolutionDataSource::weights_quantization_type());
  }
  std::span<const float> ranges_for_uint8_kernel() override {
    if (!responds(@selector(rangesForUInt8Kernel))) return {};
    return floats(2 * outputs(), [](auto source) { return (const float *)[source rangesForUInt8Kernel]; });
  }
  std::span<const float> lookup_table_for_uint8_kernel() override {
    if (!responds(@selector(lookupTableForUInt8Kernel))) return {};
    return floats(256, [](auto source) { return [source lookupTableForUInt8Kernel]; });
  }

  bool updates(NNTrainingStyle style) const override {
    return (style == NNTrainingStyle::UpdateDeviceGPU && responds(kUpdate)) ||
           (style == NNTrainingStyle::UpdateDeviceCPU && responds(@selector(updateWithGradientState:sourceState:)));
  }
  std::shared_ptr<CNNConvolutionWeightsAndBiasesState> update_with_command_buffer(
      const std::shared_ptr<CommandBuffer> &command_buffer, const std::shared_ptr<CNNConvolutionGradientState> &gradient_state,
      const std::shared_ptr<CNNConvolutionWeightsAndBiasesState> &source_state) override {
    return state<CNNConvolutionWeightsAndBiasesState>(kUpdate, [&](auto source) {
      return [source updateWithCommandBuffer:objc(command_buffer)
                               gradientState:(MPSCNNConvolutionGradientState *)objc(StatePtr(gradient_state))
                                 sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)objc(StatePtr(source_state))];
    });
  }
  bool update_with_gradient_state(const std::shared_ptr<CNNConvolutionGradientState> &gradient_state,
                                  const std::shared_ptr<CNNConvolutionWeightsAndBiasesState> &source_state) override {
    return changes([&](auto source) {
      return [source updateWithGradientState:(MPSCNNConvolutionGradientState *)objc(StatePtr(gradient_state))
                                 sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)objc(StatePtr(source_state))];
    });
  }

 private:
  const SEL kUpdate = @selector(updateWithCommandBuffer:gradientState:sourceState:);

  // The sizes are those of the descriptor as it is now, so that a graph notices where it has changed.
  std::size_t outputs() { return descriptor()->output_feature_channels; }
  std::span<const std::byte> bytes(const std::vector<std::size_t> &shape, std::size_t element) {
    std::size_t size = element;
    for (const std::size_t extent : shape) {
      size = checked_product({size, extent}, method_name(object(), @selector(weights)) + ": the size in bytes");
    }
    const void *weights = call_client([this] { return (const void *)[source() weights]; });
    if (!weights) throw InvalidArgument(method_name(object(), @selector(weights)) + ": the result is NULL");
    return {static_cast<const std::byte *>(weights), size};
  }
};

/// Sources with an array of numbers for each feature channel.
template <class Self, class Source, class Object>
class ClientNormalization : public ClientDataSource<Self, Source, Object> {
 public:
  using ClientDataSource<Self, Source, Object>::ClientDataSource;
  std::size_t number_of_feature_channels() override {
    return call_client([this] { return std::size_t([this->source() numberOfFeatureChannels]); });
  }
  std::span<const float> gamma() override {
    return channels([](auto source) { return [source gamma]; });
  }
  std::span<const float> beta() override {
    return channels([](auto source) { return [source beta]; });
  }
  float epsilon() override {
    return this->value_or(
        @selector(epsilon), [](auto source) { return [source epsilon]; }, Source::epsilon());
  }

 protected:
  template <class Call>
  std::span<const float> channels(Call &&call) {
    return this->floats(number_of_feature_channels(), call);
  }
};

class ClientBatchNormalization final : public ClientNormalization<ClientBatchNormalization, CNNBatchNormalizationDataSource,
                                                                  id<MPSCNNBatchNormalizationDataSource>> {
 public:
  using ClientNormalization::ClientNormalization;
  std::span<const float> mean() override {
    return channels([](auto source) { return [source mean]; });
  }
  std::span<const float> variance() override {
    return channels([](auto source) { return [source variance]; });
  }

  bool updates_gamma_and_beta(NNTrainingStyle style) const override {
    return (style == NNTrainingStyle::UpdateDeviceGPU && responds(kUpdateGammaAndBeta)) ||
           (style == NNTrainingStyle::UpdateDeviceCPU && responds(@selector(updateGammaAndBetaWithBatchNormalizationState:)));
  }
  bool updates_mean_and_variance(NNTrainingStyle style) const override {
    return (style == NNTrainingStyle::UpdateDeviceGPU && responds(kUpdateMeanAndVariance)) ||
           (style == NNTrainingStyle::UpdateDeviceCPU && responds(@selector(updateMeanAndVarianceWithBatchNormalizationState:)));
  }
  std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer> &command_buffer,
      const std::shared_ptr<CNNBatchNormalizationState> &normalization) override {
    return state<CNNNormalizationGammaAndBetaState>(kUpdateGammaAndBeta, [&](auto source) {
      return [source updateGammaAndBetaWithCommandBuffer:objc(command_buffer)
                                 batchNormalizationState:(MPSCNNBatchNormalizationState *)objc(StatePtr(normalization))];
    });
  }
  std::shared_ptr<CNNNormalizationMeanAndVarianceState> update_mean_and_variance_with_command_buffer(
      const std::shared_ptr<CommandBuffer> &command_buffer,
      const std::shared_ptr<CNNBatchNormalizationState> &normalization) override {
    return state<CNNNormalizationMeanAndVarianceState>(kUpdateMeanAndVariance, [&](auto source) {
      return [source updateMeanAndVarianceWithCommandBuffer:objc(command_buffer)
                                    batchNormalizationState:(MPSCNNBatchNormalizationState *)objc(StatePtr(normalization))];
    });
  }
  bool update_gamma_and_beta_with_batch_normalization_state(
      const std::shared_ptr<CNNBatchNormalizationState> &normalization) override {
    return changes([&](auto source) {
      return
          [source updateGammaAndBetaWithBatchNormalizationState:(MPSCNNBatchNormalizationState *)objc(StatePtr(normalization))];
    });
  }
  bool update_mean_and_variance_with_batch_normalization_state(
      const std::shared_ptr<CNNBatchNormalizationState> &normalization) override {
    return changes([&](auto source) {
      return [source
          updateMeanAndVarianceWithBatchNormalizationState:(MPSCNNBatchNormalizationState *)objc(StatePtr(normalization))];
    });
  }

 private:
  const SEL kUpdateGammaAndBeta = @selector(updateGammaAndBetaWithCommandBuffer:batchNormalizationState:);
  const SEL kUpdateMeanAndVariance = @selector(updateMeanAndVarianceWithCommandBuffer:batchNormalizationState:);
};

NSArray *objc_states(const ImageNormalizationGradientStateBatch &states) {
  return array_of(states, [](const auto &state) { return objc(StatePtr(state)); });
}

class ClientInstanceNormalization final
    : public ClientNormalization<ClientInstanceNormalization, CNNInstanceNormalizationDataSource,
                                 id<MPSCNNInstanceNormalizationDataSource>> {
 public:
  using ClientNormalization::ClientNormalization;
  bool updates(NNTrainingStyle style) const override {
    return (style == NNTrainingStyle::UpdateDeviceGPU && responds(kUpdate)) ||
           (style == NNTrainingStyle::UpdateDeviceCPU &&
            responds(@selector(updateGammaAndBetaWithInstanceNormalizationStateBatch:)));
  }
  std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer> &command_buffer, const ImageNormalizationGradientStateBatch &states) override {
    return state<CNNNormalizationGammaAndBetaState>(kUpdate, [&](auto source) {
      return [source updateGammaAndBetaWithCommandBuffer:objc(command_buffer)
                         instanceNormalizationStateBatch:objc_states(states)];
    });
  }
  bool update_gamma_and_beta_with_state_batch(const ImageNormalizationGradientStateBatch &states) override {
    return changes(
        [&](auto source) { return [source updateGammaAndBetaWithInstanceNormalizationStateBatch:objc_states(states)]; });
  }

 private:
  const SEL kUpdate = @selector(updateGammaAndBetaWithCommandBuffer:instanceNormalizationStateBatch:);
};

class ClientGroupNormalization final : public ClientNormalization<ClientGroupNormalization, CNNGroupNormalizationDataSource,
                                                                  id<MPSCNNGroupNormalizationDataSource>> {
 public:
  using ClientNormalization::ClientNormalization;
  std::size_t number_of_groups() override {
    return call_client([this] { return std::size_t([source() numberOfGroups]); });
  }
  void set_number_of_groups(std::size_t number_of_groups) override {
    call_client([&] { [source() setNumberOfGroups:number_of_groups]; });
  }
  bool updates(NNTrainingStyle style) const override {
    return (style == NNTrainingStyle::UpdateDeviceGPU && responds(kUpdate)) ||
           (style == NNTrainingStyle::UpdateDeviceCPU &&
            responds(@selector(updateGammaAndBetaWithGroupNormalizationStateBatch:)));
  }
  std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer> &command_buffer, const ImageNormalizationGradientStateBatch &states) override {
    return state<CNNNormalizationGammaAndBetaState>(kUpdate, [&](auto source) {
      return [source updateGammaAndBetaWithCommandBuffer:objc(command_buffer) groupNormalizationStateBatch:objc_states(states)];
    });
  }
  bool update_gamma_and_beta_with_state_batch(const ImageNormalizationGradientStateBatch &states) override {
    return changes([&](auto source) { return [source updateGammaAndBetaWithGroupNormalizationStateBatch:objc_states(states)]; });
  }

 private:
  const SEL kUpdate = @selector(updateGammaAndBetaWithCommandBuffer:groupNormalizationStateBatch:);
};

}  // namespace

template <>
std::shared_ptr<CNNConvolutionDataSource> client_source(id source) {
  return adapter_for<ClientConvolution>(source);
}
template <>
std::shared_ptr<CNNBatchNormalizationDataSource> client_source(id source) {
  return adapter_for<ClientBatchNormalization>(source);
}
template <>
std::shared_ptr<CNNInstanceNormalizationDataSource> client_source(id source) {
  return adapter_for<ClientInstanceNormalization>(source);
}
template <>
std::shared_ptr<CNNGroupNormalizationDataSource> client_source(id source) {
  return adapter_for<ClientGroupNormalization>(source);
}

id client_data_source(const std::shared_ptr<DataSource> &source) { return client_object(source); }

}  // namespace mpsnn::gnustep
