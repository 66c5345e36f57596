#include "metal/data_sources.hpp"

#import <objc/runtime.h>

#include <algorithm>

#include "metal/caller_object.hpp"
#include "metal/states.hpp"

namespace mpsnn::metal {
namespace {

// Filters that share a data source share its object, so that Apple's graph sees one source too.
struct ConvolutionSourceState {
  NativeGraph &graph;
  std::shared_ptr<CNNConvolutionDataSource> source;
  std::vector<std::shared_ptr<ConvolutionParameters>> filters;
  std::unique_ptr<LoadedSource> loaded;

  const ConvolutionParameters &parameters() const { return *filters[0]; }
  /// Bits cannot be restored from numbers, nor what a normalization was folded into; no training changes either.
  bool has_values_of_its_own() const {
    return !graph.hands_out_restored_values(parameters()) || is_binary(parameters().kind()) ||
           parameters().descriptor().batch_normalization();
  }
  template <class Work>
  bool guard(Work &&work) const {
    return graph.failures_now().guard(work);
  }
};

bool is_for(SEL asked, SEL method) { return sel_isEqual(asked, method); }

}  // namespace
}  // namespace mpsnn::metal

using namespace mpsnn;
using namespace mpsnn::metal;

@interface MPNConvolutionSource : MPNCallerObject <MPSCNNConvolutionDataSource> {
 @public
  ConvolutionSourceState *_state;
}
@end

@implementation MPNConvolutionSource
- (void)dealloc {
  delete _state;
  [super dealloc];
}
- (BOOL)respondsToSelector:(SEL)selector {
  const bool is_gpu = is_for(selector, @selector(updateWithCommandBuffer:gradientState:sourceState:));
  const bool is_cpu = is_for(selector, @selector(updateWithGradientState:sourceState:));
  if (!is_gpu && !is_cpu) return [super respondsToSelector:selector];
  bool has_it = false;
  _state->guard(
      [&] { has_it = _state->source->updates(is_gpu ? NNTrainingStyle::UpdateDeviceGPU : NNTrainingStyle::UpdateDeviceCPU); });
  return has_it;
}
- (BOOL)load {
  bool is_loaded = false;
  _state->guard([&] {
    _state->loaded = nullptr;
    for (const auto &filter : _state->filters) {
      if (!_state->loaded) _state->loaded = std::move(filter->loaded_source);
    }
    if (!_state->loaded && _state->has_values_of_its_own()) {
      _state->loaded = std::make_unique<LoadedSource>(_state->source, "MPSCNNConvolutionDataSource");
    }
    is_loaded = true;
  });
  return is_loaded;
}
- (void)purge {
  _state->guard([&] {
    if (const auto loaded = std::move(_state->loaded)) loaded->purge();
  });
}
- (NSString *)label {
  NSString *text = nil;
  _state->guard([&] { text = ns_string(_state->source->label()); });
  return text;
}
- (MPSCNNConvolutionDescriptor *)descriptor {
  MPSCNNConvolutionDescriptor *answer = nil;
  _state->guard([&] { answer = metal::descriptor_of(_state->parameters().descriptor()); });
  return answer;
}
- (MPSDataType)dataType {
  MPSDataType type = MPSDataTypeFloat32;
  _state->guard([&] {
    if (_state->has_values_of_its_own()) type = MPSDataType(_state->source->data_type());
  });
  return type;
}
- (MPSDataType)kernelWeightsDataType {
  MPSDataType type = MPSDataTypeFloat16;
  _state->guard([&] { type = MPSDataType(_state->source->kernel_weights_data_type()); });
  return type;
}
- (MPSCNNConvolutionWeightsLayout)weightsLayout {
  return MPSCNNConvolutionWeightsLayoutOHWI;
}
- (void *)weights {
  const void *values = nullptr;
  _state->guard([&] {
    if (!_state->has_values_of_its_own()) {
      values = _state->parameters().parameters[0].values->data();
    } else if (is_binary(_state->parameters().kind())) {
      values = _state->source->binary_weights().data();
    } else {
      values = _state->source->weights().data();
    }
  });
  return const_cast<void *>(values);
}
- (float *)biasTerms {
  const float *values = nullptr;
  _state->guard([&] {
    if (_state->has_values_of_its_own()) {
      values = _state->source->bias_terms().data();
    } else if (const auto &biases = _state->parameters().parameters[1].values) {
      values = biases->floats().data();
    }
  });
  return const_cast<float *>(values);
}
- (MPSCNNWeightsQuantizationType)weightsQuantizationType {
  auto type = MPSCNNWeightsQuantizationTypeNone;
  _state->guard([&] {
    if (!_state->has_values_of_its_own() || _state->source->data_type() != DataType::UInt8) return;
    const auto said = _state->source->weights_quantization_type();
    const bool is_linear =
        said ? *said == CNNWeightsQuantizationType::Linear : !_state->source->ranges_for_uint8_kernel().empty();
    type = is_linear ? MPSCNNWeightsQuantizationTypeLinear : MPSCNNWeightsQuantizationTypeLookupTable;
  });
  return type;
}
- (vector_float2 *)rangesForUInt8Kernel {
  const float *ranges = nullptr;
  _state->guard([&] {
    if (_state->has_values_of_its_own()) ranges = _state->source->ranges_for_uint8_kernel().data();
  });
  return (vector_float2 *)ranges;
}
- (float *)lookupTableForUInt8Kernel {
  const float *table = nullptr;
  _state->guard([&] {
    if (_state->has_values_of_its_own()) table = _state->source->lookup_table_for_uint8_kernel().data();
  });
  return const_cast<float *>(table);
}
- (MPSCNNConvolutionWeightsAndBiasesState *)updateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                                      gradientState:(MPSCNNConvolutionGradientState *)gradientState
                                                        sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)sourceState {
  (void)commandBuffer;
  MPSCNNConvolutionWeightsAndBiasesState *answer = nil;
  Recording *recording = Recording::current();
  if (!recording) return nil;
  recording->failures.guard([&] {
    const auto gradient = std::static_pointer_cast<CNNConvolutionGradientState>(portable_state(*recording, gradientState));
    const auto source = std::static_pointer_cast<CNNConvolutionWeightsAndBiasesState>(portable_state(*recording, sourceState));
    const auto updated = _state->source->update_with_command_buffer(recording->command_buffer(), gradient, source);
    recording->splice_recorded_work();
    if (!updated) return;
    _state->parameters().check_state(*updated);
    answer = native_state(*recording, *updated, [self descriptor]);
    recording->after([state = _state, updated] {
      for (const auto &filter : state->filters) state->graph.remember_update(*filter, updated);
    });
  });
  return answer;
}
- (BOOL)updateWithGradientState:(MPSCNNConvolutionGradientState *)gradientState
                    sourceState:(MPSCNNConvolutionWeightsAndBiasesState *)sourceState {
  bool is_changed = false;
  // On a thread of Metal's, after the work is done.
  _state->graph.cpu_failures.guard([&] {
    const Pool pool;
    const auto gradient = std::static_pointer_cast<CNNConvolutionGradientState>(portable_state(gradientState));
    const auto source = std::static_pointer_cast<CNNConvolutionWeightsAndBiasesState>(portable_state(sourceState));
    is_changed = _state->source->update_with_gradient_state(gradient, source);
    if (!is_changed) return;
    for (const auto &filter : _state->filters) _state->graph.remember_reading(*filter);
  });
  return is_changed;
}
@end

namespace mpsnn::metal {

id<MPSCNNConvolutionDataSource> source_for(NativeGraph &graph, const std::shared_ptr<ConvolutionParameters> &parameters) {
  auto *object = (MPNConvolutionSource *)graph.shared_object(parameters->source_identity());
  if (!object) {
    object = [[[MPNConvolutionSource alloc] init] autorelease];
    object->_state = new ConvolutionSourceState{graph, parameters->source(), {}, nullptr};
    graph.keep_shared_object(parameters->source_identity(), object);
  }
  auto &filters = object->_state->filters;
  const bool is_known = std::count(filters.begin(), filters.end(), parameters) > 0;
  if (!is_known) filters.push_back(parameters);
  return object;
}

MPSNNNeuronDescriptor *neuron_of(const NNNeuronDescriptor &neuron) {
  if (neuron.neuron_type == CNNNeuronType::PReLU) {
    NSData *data = [NSData dataWithBytes:neuron.data.data() length:neuron.data.size() * sizeof(float)];
    return [MPSNNNeuronDescriptor cnnNeuronPReLUDescriptorWithData:data noCopy:NO];
  }
  return [MPSNNNeuronDescriptor cnnNeuronDescriptorWithType:MPSCNNNeuronType(neuron.neuron_type)
                                                          a:neuron.a
                                                          b:neuron.b
                                                          c:neuron.c];
}

MPSCNNConvolutionDescriptor *descriptor_of(const CNNConvolutionDescriptor &d) {
  const auto *sub_pixel = dynamic_cast<const CNNSubPixelConvolutionDescriptor *>(&d);
  const auto *depthwise = dynamic_cast<const CNNDepthWiseConvolutionDescriptor *>(&d);
  Class kind = sub_pixel   ? [MPSCNNSubPixelConvolutionDescriptor class]
               : depthwise ? [MPSCNNDepthWiseConvolutionDescriptor class]
                           : [MPSCNNConvolutionDescriptor class];
  MPSCNNConvolutionDescriptor *descriptor = [kind cnnConvolutionDescriptorWithKernelWidth:d.kernel_width
                                                                             kernelHeight:d.kernel_height
                                                                     inputFeatureChannels:d.input_feature_channels
                                                                    outputFeatureChannels:d.output_feature_channels];
  descriptor.strideInPixelsX = d.stride_in_pixels_x;
  descriptor.strideInPixelsY = d.stride_in_pixels_y;
  descriptor.groups = d.groups;
  descriptor.dilationRateX = d.dilation_rate_x;
  descriptor.dilationRateY = d.dilation_rate_y;
  descriptor.fusedNeuronDescriptor = neuron_of(*d.fused_neuron_descriptor());
  if (sub_pixel) [(MPSCNNSubPixelConvolutionDescriptor *)descriptor setSubPixelScaleFactor:sub_pixel->sub_pixel_scale_factor()];
  if (const auto &n = d.batch_normalization()) {
    const auto array = [](const std::vector<float> &values) { return values.empty() ? nullptr : values.data(); };
    [descriptor setBatchNormalizationParametersForInferenceWithMean:array(n->mean)
                                                           variance:array(n->variance)
                                                              gamma:array(n->gamma)
                                                               beta:array(n->beta)
                                                            epsilon:n->epsilon];
  }
  return descriptor;
}

}  // namespace mpsnn::metal
