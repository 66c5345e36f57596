#import "support/convolution_kernels.hpp"

using namespace mpsnn::gnustep;

namespace {

// What a gradient kernel is besides its data source. Transposed ones always have their values in an archive.
struct GradientAttributes {
  mpsnn::CNNConvolutionGradientOption option = mpsnn::CNNConvolutionGradientOption::All;
  bool serialize_weights_and_biases = true;
  void visit(mpsnn::AttributeVisitor &v) {
    v("gradient_option", option);
    v("serialize_weights_and_biases", serialize_weights_and_biases);
  }
};

template <class K>
KernelClass gradient_class(const char *name) {
  constexpr bool kIsTransposed = std::is_same_v<K, mpsnn::CNNConvolutionTransposeGradient>;
  return remade_from_source<K>(
      name,
      [](const K &kernel) {
        GradientAttributes attributes{kernel.gradient_option()};
        if constexpr (!kIsTransposed) attributes.serialize_weights_and_biases = kernel.serialize_weights_and_biases;
        return attributes;
      },
      [](const DevicePtr &device, const mpsnn::ConvolutionSourcePtr &weights, const GradientAttributes &attributes) {
        const auto kernel = std::make_shared<K>(device, weights);
        kernel->set_gradient_option(attributes.option);
        if constexpr (!kIsTransposed) kernel->serialize_weights_and_biases = attributes.serialize_weights_and_biases;
        return kernel;
      });
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
MPSNN_PROPERTY(BOOL, serializeWeightsAndBiases, setSerializeWeightsAndBiases,
               as<mpsnn::CNNConvolutionGradient>(self).serialize_weights_and_biases)

@end

@implementation MPSCNNFullyConnectedGradient
MPSNN_WEIGHTS_INITIALIZER(CNNFullyConnectedGradient)
@end

@implementation MPSCNNConvolutionTransposeGradient
GRADIENT(CNNConvolutionTransposeGradient)
@end
