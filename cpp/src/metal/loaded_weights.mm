#include "metal/loaded_weights.hpp"

#include <cstdint>
#include <vector>

#include "metal/caller_object.hpp"
#include "metal/data_sources.hpp"

namespace mpsnn::metal {
namespace {

struct LoadedWeights {
  std::shared_ptr<const ConvolutionParameters> parameters;
  std::vector<std::uint32_t> words;  // of a binary filter

  bool is_binary() const { return mpsnn::is_binary(parameters->kind()); }
  Buffer *values(std::size_t index) const { return parameters->parameters[index].values.get(); }

  /// -1 and 1 to rows of bits, each from a new word on.
  void pack() {
    const std::size_t row = parameters->descriptor().input_feature_channels, row_words = (row + 31) / 32;
    const auto numbers = values(0)->floats();
    words.assign(numbers.size() / row * row_words, 0);
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const std::size_t bit = i % row;
      if (numbers[i] > 0) words[i / row * row_words + bit / 32] |= std::uint32_t(1) << bit % 32;
    }
  }
};

}  // namespace
}  // namespace mpsnn::metal

using namespace mpsnn;
using namespace mpsnn::metal;

@interface MPNLoadedWeights : MPNCallerObject <MPSCNNConvolutionDataSource> {
 @public
  LoadedWeights *_state;
}
@end

@implementation MPNLoadedWeights
- (void)dealloc {
  delete _state;
  [super dealloc];
}
- (BOOL)load {
  if (_state->is_binary()) _state->pack();
  return YES;
}
- (void)purge {
  _state->words = {};
}
- (NSString *)label {
  return ns_string(_state->parameters->label());
}
- (MPSCNNConvolutionDescriptor *)descriptor {
  return metal::descriptor_of(*_state->parameters);
}
- (MPSDataType)dataType {
  return _state->is_binary() ? MPSDataTypeUInt32 : MPSDataTypeFloat32;
}
- (MPSDataType)kernelWeightsDataType {
  return MPSDataType(_state->parameters->kernel_weights_data_type());
}
- (MPSCNNConvolutionWeightsLayout)weightsLayout {
  return MPSCNNConvolutionWeightsLayoutOHWI;
}
- (void *)weights {
  return _state->is_binary() ? _state->words.data() : _state->values(0)->data();
}
- (float *)biasTerms {
  Buffer *biases = _state->values(1);
  return biases ? biases->floats().data() : nullptr;
}
@end

namespace mpsnn::metal {

KernelMakers::Source loaded_weights() {
  return {[](const std::shared_ptr<ParameterSet> &parameters) -> id {
    MPNLoadedWeights *object = [[[MPNLoadedWeights alloc] init] autorelease];
    object->_state = new LoadedWeights{std::static_pointer_cast<ConvolutionParameters>(parameters), {}};
    return object;
  }};
}

MPSCNNConvolutionDescriptor *descriptor_of(const ConvolutionParameters &parameters) {
  const auto plain = parameters.descriptor().copy();
  plain->set_batch_normalization_parameters_for_inference_with_mean({}, {}, {}, {}, 0);
  return descriptor_of(*plain);
}

}  // namespace mpsnn::metal
