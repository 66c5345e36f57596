#import "support/convolution_kernels.hpp"

using namespace mpsnn::gnustep;

namespace {

template <class K>
KernelClass gradient_class(const char *name) {
  return remade_from_source<K>(name, [](const K &from, K &to) { to.set_gradient_option(from.gradient_option()); });
}

}  // namespace

#define REGISTER(Name) MPSNN_REGISTER_KERNEL(mpsnn::CNN##Name, MPSCNN##Name, gradient_class<mpsnn::CNN##Name>("MPSCNN" #Name))
REGISTER(ConvolutionGradient)
REGISTER(FullyConnectedGradient)
REGISTER(ConvolutionTransposeGradient)

// What the classes share that have no common base in the interface.
#define GRADIENT(CppClass)                                                                                                \
  MPSNN_WEIGHTS_INITIALIZER(CppClass)                                                                                     \
  MPSNN_WEIGHTS_RELOAD(CppClass)                                                                                          \
  MPSNN_WEIGHTS_NUMBER(sourceGradientFeatureChannels, CppClass, output_feature_channels)                                  \
  MPSNN_WEIGHTS_NUMBER(sourceImageFeatureChannels, CppClass, input_feature_channels)                                      \
  MPSNN_WEIGHTS_NUMBER(groups, CppClass, groups)                                                                          \
  MPSNN_READONLY(MPSCNNConvolutionGradientOption, gradientOption, as<mpsnn::CppClass>(self).gradient_option())            \
  -(void)setGradientOption : (MPSCNNConvolutionGradientOption)gradientOption {                                            \
    guarded([&] { as<mpsnn::CppClass>(self).set_gradient_option(mpsnn::CNNConvolutionGradientOption(gradientOption)); }); \
  }

@implementation MPSCNNConvolutionGradient

GRADIENT(CNNConvolutionGradient)
MPSNN_WEIGHTS_NUMBER(channelMultiplier, CNNConvolutionGradient, channel_multiplier)

// Of archives, in which these kernels are not.
- (BOOL)serializeWeightsAndBiases {
  return NO;
}
- (void)setSerializeWeightsAndBiases:(BOOL)serializeWeightsAndBiases {
}

@end

@implementation MPSCNNFullyConnectedGradient
MPSNN_WEIGHTS_INITIALIZER(CNNFullyConnectedGradient)
@end

@implementation MPSCNNConvolutionTransposeGradient
GRADIENT(CNNConvolutionTransposeGradient)
@end
