#include "mpsnn/kernels/neuron.hpp"
#import "support/descriptors.hpp"
#import "support/kernels.hpp"
#import "support/metal.hpp"

using namespace mpsnn::gnustep;

using Descriptor = mpsnn::CNNConvolutionDescriptor;

namespace {

Descriptor &descriptor(MPSCNNConvolutionDescriptor *object) { return as<Descriptor>(object); }

std::shared_ptr<Descriptor> make(Class its_class, std::size_t kernel_width, std::size_t kernel_height,
                                 std::size_t input_feature_channels, std::size_t output_feature_channels) {
  if ([its_class isSubclassOfClass:[MPSCNNSubPixelConvolutionDescriptor class]]) {
    return std::make_shared<mpsnn::CNNSubPixelConvolutionDescriptor>(kernel_width, kernel_height, input_feature_channels,
                                                                     output_feature_channels);
  }
  if ([its_class isSubclassOfClass:[MPSCNNDepthWiseConvolutionDescriptor class]]) {
    return std::make_shared<mpsnn::CNNDepthWiseConvolutionDescriptor>(kernel_width, kernel_height, input_feature_channels,
                                                                      output_feature_channels);
  }
  return std::make_shared<Descriptor>(kernel_width, kernel_height, input_feature_channels, output_feature_channels);
}

struct Field {
  NSString *key;
  std::size_t Descriptor::*member;
};
const Field kFields[] = {
    {@"kernelWidth", &Descriptor::kernel_width},
    {@"kernelHeight", &Descriptor::kernel_height},
    {@"inputFeatureChannels", &Descriptor::input_feature_channels},
    {@"outputFeatureChannels", &Descriptor::output_feature_channels},
    {@"strideInPixelsX", &Descriptor::stride_in_pixels_x},
    {@"strideInPixelsY", &Descriptor::stride_in_pixels_y},
    {@"groups", &Descriptor::groups},
    {@"dilationRateX", &Descriptor::dilation_rate_x},
    {@"dilationRateY", &Descriptor::dilation_rate_y},
};

}  // namespace

@implementation MPSCNNConvolutionDescriptor

MPSNN_ROOT_IMPLEMENTATION(mpsnn::CNNConvolutionDescriptor)

- (instancetype)init {
  return made(self, [&] { return make([self class], 1, 1, 1, 1); });
}

+ (instancetype)cnnConvolutionDescriptorWithKernelWidth:(NSUInteger)kernelWidth
                                           kernelHeight:(NSUInteger)kernelHeight
                                   inputFeatureChannels:(NSUInteger)inputFeatureChannels
                                  outputFeatureChannels:(NSUInteger)outputFeatureChannels {
  return [made([self alloc], [&] { return make(self, kernelWidth, kernelHeight, inputFeatureChannels, outputFeatureChannels); })
      autorelease];
}

MPSNN_PROPERTY(NSUInteger, kernelWidth, setKernelWidth, descriptor(self).kernel_width)
MPSNN_PROPERTY(NSUInteger, kernelHeight, setKernelHeight, descriptor(self).kernel_height)
MPSNN_PROPERTY(NSUInteger, inputFeatureChannels, setInputFeatureChannels, descriptor(self).input_feature_channels)
MPSNN_PROPERTY(NSUInteger, outputFeatureChannels, setOutputFeatureChannels, descriptor(self).output_feature_channels)
MPSNN_PROPERTY(NSUInteger, strideInPixelsX, setStrideInPixelsX, descriptor(self).stride_in_pixels_x)
MPSNN_PROPERTY(NSUInteger, strideInPixelsY, setStrideInPixelsY, descriptor(self).stride_in_pixels_y)
MPSNN_PROPERTY(NSUInteger, groups, setGroups, descriptor(self).groups)
MPSNN_PROPERTY(NSUInteger, dilationRateX, setDilationRateX, descriptor(self).dilation_rate_x)
MPSNN_PROPERTY(NSUInteger, dilationRateY, setDilationRateY, descriptor(self).dilation_rate_y)

MPSNN_READONLY(MPSNNNeuronDescriptor *, fusedNeuronDescriptor, objc(descriptor(self).fused_neuron_descriptor()))
- (void)setFusedNeuronDescriptor:(MPSNNNeuronDescriptor *)fusedNeuronDescriptor {
  guarded([&] { descriptor(self).set_fused_neuron_descriptor(MPSNN_BEHIND_OR_NULL(fusedNeuronDescriptor)); });
}

- (void)setBatchNormalizationParametersForInferenceWithMean:(const float *)mean
                                                   variance:(const float *)variance
                                                      gamma:(const float *)gamma
                                                       beta:(const float *)beta
                                                    epsilon:(float)epsilon {
  guarded([&] {
    const auto values = [&](const float *array) {
      return array ? std::span(array, descriptor(self).output_feature_channels) : std::span<const float>();
    };
    descriptor(self).set_batch_normalization_parameters_for_inference_with_mean(values(mean), values(variance), values(gamma),
                                                                                values(beta), epsilon);
  });
}

- (id)copyWithZone:(NSZone *)zone {
  return made([[self class] allocWithZone:zone], [&] { return descriptor(self).copy(); });
}

+ (BOOL)supportsSecureCoding {
  return YES;
}

- (void)encodeWithCoder:(NSCoder *)coder {
  guarded([&] {
    for (const Field &field : kFields) [coder encodeInt64:int64_t(descriptor(self).*field.member) forKey:field.key];
    [coder encodeInt64:int64_t(descriptor(self).sub_pixel_scale_factor()) forKey:@"subPixelScaleFactor"];
    [coder encodeObject:[self fusedNeuronDescriptor] forKey:@"fusedNeuronDescriptor"];
    if (const auto &normalization = descriptor(self).batch_normalization()) {
      [coder encodeObject:data_of(normalization->mean) forKey:@"mean"];
      [coder encodeObject:data_of(normalization->variance) forKey:@"variance"];
      [coder encodeObject:data_of(normalization->gamma) forKey:@"gamma"];
      [coder encodeObject:data_of(normalization->beta) forKey:@"beta"];
      [coder encodeFloat:normalization->epsilon forKey:@"epsilon"];
    }
  });
}

- (instancetype)initWithCoder:(NSCoder *)coder {
  return made_or_nil(self, [&] {
    auto decoded = make([self class], 1, 1, 1, 1);
    for (const Field &field : kFields) (*decoded).*field.member = std::size_t([coder decodeInt64ForKey:field.key]);
    if (auto *sub_pixel = dynamic_cast<mpsnn::CNNSubPixelConvolutionDescriptor *>(decoded.get())) {
      sub_pixel->set_sub_pixel_scale_factor(std::size_t([coder decodeInt64ForKey:@"subPixelScaleFactor"]));
    }
    MPSNNNeuronDescriptor *neuron = [coder decodeObjectForKey:@"fusedNeuronDescriptor"];
    decoded->set_fused_neuron_descriptor(MPSNN_BEHIND_OR_NULL(neuron));
    const auto values = [&](NSString *key) { return floats_of([coder decodeObjectForKey:key]); };
    decoded->set_batch_normalization_parameters_for_inference_with_mean(values(@"mean"), values(@"variance"), values(@"gamma"),
                                                                        values(@"beta"), [coder decodeFloatForKey:@"epsilon"]);
    return decoded;
  });
}

// The deprecated ways to name an activation -------------------------------------------------------------------------

- (void)setNeuronType:(MPSCNNNeuronType)neuronType parameterA:(float)parameterA parameterB:(float)parameterB {
  guarded([&] {
    auto neuron = std::make_shared<mpsnn::NNNeuronDescriptor>();
    neuron->neuron_type = mpsnn::CNNNeuronType(neuronType);
    neuron->a = parameterA;
    neuron->b = parameterB;
    descriptor(self).set_fused_neuron_descriptor(std::move(neuron));
  });
}
MPSNN_READONLY(MPSCNNNeuronType, neuronType, descriptor(self).fused_neuron_descriptor()->neuron_type)
MPSNN_READONLY(float, neuronParameterA, descriptor(self).fused_neuron_descriptor()->a)
MPSNN_READONLY(float, neuronParameterB, descriptor(self).fused_neuron_descriptor()->b)

- (MPSCNNNeuron *)neuron {
  return guarded([&]() -> MPSCNNNeuron * {
    const auto &neuron = descriptor(self).fused_neuron_descriptor();
    if (neuron->neuron_type == mpsnn::CNNNeuronType::None) return nil;
    const std::shared_ptr<mpsnn::Kernel> kernel = std::make_shared<mpsnn::CNNNeuron>(the_device(), *neuron);
    return (MPSCNNNeuron *)objc(kernel);
  });
}
- (void)setNeuron:(MPSCNNNeuron *)neuron {
  guarded([&] {
    const auto kernel = std::dynamic_pointer_cast<mpsnn::CNNNeuron>(MPSNN_BEHIND_OR_NULL(neuron));
    descriptor(self).set_fused_neuron_descriptor(kernel ? std::make_shared<mpsnn::NNNeuronDescriptor>(kernel->descriptor())
                                                        : nullptr);
  });
}
+ (instancetype)cnnConvolutionDescriptorWithKernelWidth:(NSUInteger)kernelWidth
                                           kernelHeight:(NSUInteger)kernelHeight
                                   inputFeatureChannels:(NSUInteger)inputFeatureChannels
                                  outputFeatureChannels:(NSUInteger)outputFeatureChannels
                                           neuronFilter:(MPSCNNNeuron *)neuronFilter {
  MPSCNNConvolutionDescriptor *made = [self cnnConvolutionDescriptorWithKernelWidth:kernelWidth
                                                                       kernelHeight:kernelHeight
                                                               inputFeatureChannels:inputFeatureChannels
                                                              outputFeatureChannels:outputFeatureChannels];
  [made setNeuron:neuronFilter];
  return made;
}

- (void)setNeuronToPReLUWithParametersA:(NSData *)A {
  guarded([&] { descriptor(self).set_neuron_to_prelu_with_parameters_a(floats_of(MPSNN_REQUIRE(A))); });
}

@end

@implementation MPSCNNSubPixelConvolutionDescriptor

MPSNN_READONLY(NSUInteger, subPixelScaleFactor, descriptor(self).sub_pixel_scale_factor())
- (void)setSubPixelScaleFactor:(NSUInteger)subPixelScaleFactor {
  guarded([&] { as<mpsnn::CNNSubPixelConvolutionDescriptor>(self).set_sub_pixel_scale_factor(subPixelScaleFactor); });
}

@end

@implementation MPSCNNDepthWiseConvolutionDescriptor

MPSNN_READONLY(NSUInteger, channelMultiplier, descriptor(self).channel_multiplier())

@end
