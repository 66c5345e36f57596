#include "metal/loaded_normalization.hpp"

#include "metal/caller_object.hpp"

namespace mpsnn::metal {
namespace {

using Parameters = std::shared_ptr<const NormalizationParameters>;

}  // namespace
}  // namespace mpsnn::metal

using namespace mpsnn;
using namespace mpsnn::metal;

@interface MPNLoadedNormalization : MPNCallerObject <MPSCNNBatchNormalizationDataSource,
                                                     MPSCNNInstanceNormalizationDataSource,
                                                     MPSCNNGroupNormalizationDataSource> {
 @public
  Parameters *_parameters;
}
@end

@implementation MPNLoadedNormalization
- (void)dealloc {
  delete _parameters;
  [super dealloc];
}
- (BOOL)load {
  return YES;
}
- (void)purge {
}
- (NSString *)label {
  return ns_string((*_parameters)->label());
}
- (NSUInteger)numberOfFeatureChannels {
  return (*_parameters)->channels();
}
- (NSUInteger)numberOfGroups {
  return std::static_pointer_cast<const ImageNormalizationParameters>(*_parameters)->groups();
}
- (void)setNumberOfGroups:(NSUInteger)numberOfGroups {
  (void)numberOfGroups;  // the caller's source says it
}
- (float *)values:(NormalizationParameters::Index)index {
  return (*_parameters)->parameters[index].values->floats().data();
}
- (float *)gamma {
  return [self values:NormalizationParameters::kGamma];
}
- (float *)beta {
  return [self values:NormalizationParameters::kBeta];
}
- (float *)mean {
  return [self values:NormalizationParameters::kMean];
}
- (float *)variance {
  return [self values:NormalizationParameters::kVariance];
}
- (float)epsilon {
  return (*_parameters)->epsilon();
}
@end

namespace mpsnn::metal {

id loaded_normalization(const std::shared_ptr<ParameterSet> &parameters) {
  MPNLoadedNormalization *object = [[[MPNLoadedNormalization alloc] init] autorelease];
  object->_parameters = new Parameters(std::static_pointer_cast<NormalizationParameters>(parameters));
  return object;
}

namespace {

id<MTLBuffer> buffer_of(const KernelReload &reload, NormalizationParameters::Index index) {
  Buffer &values = *reload.parameters.parameters[index].values;
  return [[reload.device.metal() newBufferWithBytes:values.data() length:values.length()
                                            options:MTLResourceStorageModeShared] autorelease];
}

}  // namespace

MPSCNNNormalizationGammaAndBetaState *gamma_and_beta_of(const KernelReload &reload) {
  id<MTLBuffer> gamma = buffer_of(reload, NormalizationParameters::kGamma);
  id<MTLBuffer> beta = buffer_of(reload, NormalizationParameters::kBeta);
  return [[[MPSCNNNormalizationGammaAndBetaState alloc] initWithGamma:gamma beta:beta] autorelease];
}

MPSCNNNormalizationMeanAndVarianceState *mean_and_variance_of(const KernelReload &reload) {
  id<MTLBuffer> mean = buffer_of(reload, NormalizationParameters::kMean);
  id<MTLBuffer> variance = buffer_of(reload, NormalizationParameters::kVariance);
  return [[[MPSCNNNormalizationMeanAndVarianceState alloc] initWithMean:mean variance:variance] autorelease];
}

}  // namespace mpsnn::metal
