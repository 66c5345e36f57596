#import "support/optimizers.hpp"

#include "graph/saved_source.hpp"
#import "support/property_lists.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSNNOptimizerDescriptor

MPSNN_ROOT_IMPLEMENTATION(NNOptimizerDescriptor)

- (instancetype)init {
  return made(self, [] { return std::make_shared<NNOptimizerDescriptor>(); });
}

- (instancetype)initWithLearningRate:(float)learningRate
                     gradientRescale:(float)gradientRescale
                  regularizationType:(MPSNNRegularizationType)regularizationType
                 regularizationScale:(float)regularizationScale {
  return made(self, [&] {
    return std::make_shared<NNOptimizerDescriptor>(
        NNOptimizerDescriptor{.learning_rate = learningRate,
                              .gradient_rescale = gradientRescale,
                              .regularization_type = NNRegularizationType(regularizationType),
                              .regularization_scale = regularizationScale});
  });
}

- (instancetype)initWithLearningRate:(float)learningRate
                     gradientRescale:(float)gradientRescale
               applyGradientClipping:(BOOL)applyGradientClipping
                     gradientClipMax:(float)gradientClipMax
                     gradientClipMin:(float)gradientClipMin
                  regularizationType:(MPSNNRegularizationType)regularizationType
                 regularizationScale:(float)regularizationScale {
  return made(self, [&] {
    return std::make_shared<NNOptimizerDescriptor>(
        NNOptimizerDescriptor{learningRate, gradientRescale, bool(applyGradientClipping), gradientClipMax, gradientClipMin,
                              NNRegularizationType(regularizationType), regularizationScale});
  });
}

+ (instancetype)optimizerDescriptorWithLearningRate:(float)learningRate
                                    gradientRescale:(float)gradientRescale
                                 regularizationType:(MPSNNRegularizationType)regularizationType
                                regularizationScale:(float)regularizationScale {
  return [[[self alloc] initWithLearningRate:learningRate
                             gradientRescale:gradientRescale
                          regularizationType:regularizationType
                         regularizationScale:regularizationScale] autorelease];
}

+ (instancetype)optimizerDescriptorWithLearningRate:(float)learningRate
                                    gradientRescale:(float)gradientRescale
                              applyGradientClipping:(BOOL)applyGradientClipping
                                    gradientClipMax:(float)gradientClipMax
                                    gradientClipMin:(float)gradientClipMin
                                 regularizationType:(MPSNNRegularizationType)regularizationType
                                regularizationScale:(float)regularizationScale {
  return [[[self alloc] initWithLearningRate:learningRate
                             gradientRescale:gradientRescale
                       applyGradientClipping:applyGradientClipping
                             gradientClipMax:gradientClipMax
                             gradientClipMin:gradientClipMin
                          regularizationType:regularizationType
                         regularizationScale:regularizationScale] autorelease];
}

MPSNN_PROPERTY(float, learningRate, setLearningRate, as<NNOptimizerDescriptor>(self).learning_rate)
MPSNN_PROPERTY(float, gradientRescale, setGradientRescale, as<NNOptimizerDescriptor>(self).gradient_rescale)
MPSNN_PROPERTY(BOOL, applyGradientClipping, setApplyGradientClipping, as<NNOptimizerDescriptor>(self).apply_gradient_clipping)
MPSNN_PROPERTY(float, gradientClipMax, setGradientClipMax, as<NNOptimizerDescriptor>(self).gradient_clip_max)
MPSNN_PROPERTY(float, gradientClipMin, setGradientClipMin, as<NNOptimizerDescriptor>(self).gradient_clip_min)
MPSNN_PROPERTY(float, regularizationScale, setRegularizationScale, as<NNOptimizerDescriptor>(self).regularization_scale)
MPSNN_PROPERTY(MPSNNRegularizationType, regularizationType, setRegularizationType,
               as<NNOptimizerDescriptor>(self).regularization_type)

@end

@implementation MPSNNOptimizer

- (instancetype)copyWithZone:(NSZone *)zone device:(id<MTLDevice>)device {
  return guarded([&] {
    const auto copy = as<NNOptimizer>(self).copy(device ? device_of(device) : nullptr);
    return made([[self class] allocWithZone:zone], [&] { return copy; });
  });
}

- (void)encodeWithCoder:(NSCoder *)coder {
  saved_or_logged([&] { [coder encodeObject:property_list_of(save_optimizer(as<NNOptimizer>(self))) forKey:@"MPSNNOptimizer"]; });
}

- (instancetype)initWithCoder:(NSCoder *)coder device:(id<MTLDevice>)device {
  return made_or_nil(self, [&] {
    const auto saved = saved_of<SavedOptimizer>([coder decodeObjectForKey:@"MPSNNOptimizer"]);
    const auto name = string_of(NSStringFromClass([self class]));
    if (![self isKindOfClass:NSClassFromString(ns_string(saved.class_name))]) {
      throw InvalidArgument(name + ": the archive has an optimizer of class " + saved.class_name);
    }
    return restore_optimizer(saved, name, true)->copy(device_of(MPSNN_REQUIRE(device)));
  });
}

MPSNN_READONLY(float, learningRate, as<NNOptimizer>(self).learning_rate())
MPSNN_READONLY(float, gradientRescale, as<NNOptimizer>(self).gradient_rescale())
MPSNN_READONLY(BOOL, applyGradientClipping, as<NNOptimizer>(self).apply_gradient_clipping())
MPSNN_READONLY(float, gradientClipMax, as<NNOptimizer>(self).gradient_clip_max())
MPSNN_READONLY(float, gradientClipMin, as<NNOptimizer>(self).gradient_clip_min())
MPSNN_READONLY(float, regularizationScale, as<NNOptimizer>(self).regularization_scale())
MPSNN_READONLY(MPSNNRegularizationType, regularizationType, as<NNOptimizer>(self).regularization_type())

- (void)setLearningRate:(float)newLearningRate {
  guarded([&] { as<NNOptimizer>(self).set_learning_rate(newLearningRate); });
}

- (void)setApplyGradientClipping:(BOOL)applyGradientClipping {
  guarded([&] { as<NNOptimizer>(self).set_apply_gradient_clipping(applyGradientClipping); });
}

@end
