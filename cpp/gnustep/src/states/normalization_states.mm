#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include "mpsnn/kernels/instance_normalization.hpp"
#include "mpsnn/kernels/normalization.hpp"
#import "support/behind.hpp"
#import "support/kernels.hpp"
#import "support/metal.hpp"
#import "support/states.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

MPSNN_STATE_CLASS(CNNBatchNormalizationState, MPSCNNBatchNormalizationState)
MPSNN_STATE_CLASS(CNNNormalizationGammaAndBetaState, MPSCNNNormalizationGammaAndBetaState)
MPSNN_STATE_CLASS(CNNNormalizationMeanAndVarianceState, MPSCNNNormalizationMeanAndVarianceState)
MPSNN_STATE_CLASS(CNNInstanceNormalizationGradientState, MPSCNNInstanceNormalizationGradientState)
MPSNN_STATE_CLASS(CNNGroupNormalizationGradientState, MPSCNNGroupNormalizationGradientState)

@implementation MPSCNNBatchNormalizationState

- (void)reset {
  guarded([&] { as<CNNBatchNormalizationState>(self).reset(); });
}

MPSNN_READONLY(MPSCNNBatchNormalization *, batchNormalization, objc(as<CNNBatchNormalizationState>(self).batch_normalization()))
MPSNN_READONLY(id<MTLBuffer>, gamma, objc(as<CNNBatchNormalizationState>(self).gamma()))
MPSNN_READONLY(id<MTLBuffer>, beta, objc(as<CNNBatchNormalizationState>(self).beta()))
MPSNN_READONLY(id<MTLBuffer>, mean, objc(as<CNNBatchNormalizationState>(self).mean()))
MPSNN_READONLY(id<MTLBuffer>, variance, objc(as<CNNBatchNormalizationState>(self).variance()))
MPSNN_READONLY(id<MTLBuffer>, gradientForGamma, objc(as<CNNBatchNormalizationState>(self).gradient_for_gamma()))
MPSNN_READONLY(id<MTLBuffer>, gradientForBeta, objc(as<CNNBatchNormalizationState>(self).gradient_for_beta()))

@end

@implementation MPSCNNNormalizationGammaAndBetaState

- (instancetype)initWithGamma:(id<MTLBuffer>)gamma beta:(id<MTLBuffer>)beta {
  return made_state(self, _cmd, [&] {
    return std::make_shared<CNNNormalizationGammaAndBetaState>(buffer_of(MPSNN_REQUIRE(gamma)), buffer_of(MPSNN_REQUIRE(beta)));
  });
}

+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        numberOfFeatureChannels:(NSUInteger)numberOfFeatureChannels {
  return [made_state([self alloc], _cmd, [&] {
    return CNNNormalizationGammaAndBetaState::temporary_state(command_buffer_of(MPSNN_REQUIRE(commandBuffer)),
                                                              numberOfFeatureChannels);
  }) autorelease];
}

MPSNN_READONLY(id<MTLBuffer>, gamma, objc(as<CNNNormalizationGammaAndBetaState>(self).gamma()))
MPSNN_READONLY(id<MTLBuffer>, beta, objc(as<CNNNormalizationGammaAndBetaState>(self).beta()))

@end

@implementation MPSCNNNormalizationMeanAndVarianceState

- (instancetype)initWithMean:(id<MTLBuffer>)mean variance:(id<MTLBuffer>)variance {
  return made_state(self, _cmd, [&] {
    return std::make_shared<CNNNormalizationMeanAndVarianceState>(buffer_of(MPSNN_REQUIRE(mean)),
                                                                  buffer_of(MPSNN_REQUIRE(variance)));
  });
}

+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                        numberOfFeatureChannels:(NSUInteger)numberOfFeatureChannels {
  return [made_state([self alloc], _cmd, [&] {
    return CNNNormalizationMeanAndVarianceState::temporary_state(command_buffer_of(MPSNN_REQUIRE(commandBuffer)),
                                                                 numberOfFeatureChannels);
  }) autorelease];
}

MPSNN_READONLY(id<MTLBuffer>, mean, objc(as<CNNNormalizationMeanAndVarianceState>(self).mean()))
MPSNN_READONLY(id<MTLBuffer>, variance, objc(as<CNNNormalizationMeanAndVarianceState>(self).variance()))

@end

// What the states of instance and group normalization share.
#define MPSNN_IMAGE_NORMALIZATION_BUFFERS                                                                               \
  MPSNN_READONLY(id<MTLBuffer>, gamma, objc(as<ImageNormalizationGradientState>(self).gamma()))                         \
  MPSNN_READONLY(id<MTLBuffer>, beta, objc(as<ImageNormalizationGradientState>(self).beta()))                           \
  MPSNN_READONLY(id<MTLBuffer>, gradientForGamma, objc(as<ImageNormalizationGradientState>(self).gradient_for_gamma())) \
  MPSNN_READONLY(id<MTLBuffer>, gradientForBeta, objc(as<ImageNormalizationGradientState>(self).gradient_for_beta()))

@implementation MPSCNNInstanceNormalizationGradientState

MPSNN_IMAGE_NORMALIZATION_BUFFERS
MPSNN_READONLY(MPSCNNInstanceNormalization *, instanceNormalization,
               objc(as<CNNInstanceNormalizationGradientState>(self).instance_normalization()))

@end

@implementation MPSCNNGroupNormalizationGradientState

MPSNN_IMAGE_NORMALIZATION_BUFFERS
MPSNN_READONLY(MPSCNNGroupNormalization *, groupNormalization,
               objc(as<CNNGroupNormalizationGradientState>(self).group_normalization()))

@end
