#import "support/optimizers.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

namespace mpsnn::gnustep {

NNOptimizerDescriptor decoded_descriptor(NSCoder *coder) {
  return {[coder decodeFloatForKey:@"learningRate"],
          [coder decodeFloatForKey:@"gradientRescale"],
          bool([coder decodeBoolForKey:@"applyGradientClipping"]),
          [coder decodeFloatForKey:@"gradientClipMax"],
          [coder decodeFloatForKey:@"gradientClipMin"],
          NNRegularizationType([coder decodeIntegerForKey:@"regularizationType"]),
          [coder decodeFloatForKey:@"regularizationScale"]};
}

}  // namespace mpsnn::gnustep

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
  [super encodeWithCoder:coder];
  [coder encodeFloat:self.learningRate forKey:@"learningRate"];
  [coder encodeFloat:self.gradientRescale forKey:@"gradientRescale"];
  [coder encodeBool:self.applyGradientClipping forKey:@"applyGradientClipping"];
  [coder encodeFloat:self.gradientClipMax forKey:@"gradientClipMax"];
  [coder encodeFloat:self.gradientClipMin forKey:@"gradientClipMin"];
  [coder encodeInteger:(NSInteger)self.regularizationType forKey:@"regularizationType"];
  [coder encodeFloat:self.regularizationScale forKey:@"regularizationScale"];
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
