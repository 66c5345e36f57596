#include "mpsnn/convolution_weights.hpp"
#include "mpsnn/kernels/neuron.hpp"
#import "support/convolution_kernels.hpp"

using namespace mpsnn::gnustep;

namespace {

const mpsnn::NNNeuronDescriptor &neuron(MPSCNNConvolution *object) {
  return as<mpsnn::CNNConvolution>(object).attributes()->neuron;
}

// The arrays of the deprecated initializers, copied.
mpsnn::ConvolutionSourcePtr source_of_arrays(const mpsnn::CNNConvolutionDescriptor &descriptor, const float *weights,
                                             const float *biases) {
  std::size_t count = 1;
  for (const std::size_t extent : descriptor.weights_shape()) count *= extent;
  return std::make_shared<mpsnn::ConvolutionWeights>(
      descriptor.copy(), std::as_bytes(std::span(weights, count)), mpsnn::DataType::Float32,
      biases ? std::span(biases, descriptor.output_feature_channels) : std::span<const float>());
}

}  // namespace

MPSNN_REGISTER_KERNEL(mpsnn::CNNConvolution, MPSCNNConvolution, forward_class<mpsnn::CNNConvolution>("MPSCNNConvolution"))
MPSNN_REGISTER_KERNEL(mpsnn::CNNFullyConnected, MPSCNNFullyConnected,
                      forward_class<mpsnn::CNNFullyConnected>("MPSCNNFullyConnected"))

#define ARRAYS_INITIALIZER(CppClass)                                                                                \
  -(instancetype)initWithDevice : (id<MTLDevice>)device convolutionDescriptor                                       \
      : (MPSCNNConvolutionDescriptor *)convolutionDescriptor kernelWeights : (const float *)kernelWeights biasTerms \
      : (const float *)biasTerms flags : (MPSCNNConvolutionFlags)flags {                                            \
    return made_kernel(self, _cmd, [&] {                                                                            \
      return std::make_shared<mpsnn::CppClass>(                                                                     \
          device_of(MPSNN_REQUIRE(device)),                                                                         \
          source_of_arrays(*MPSNN_BEHIND(convolutionDescriptor), MPSNN_REQUIRE(kernelWeights), biasTerms));         \
    });                                                                                                             \
  }

@implementation MPSCNNConvolution

MPSNN_WEIGHTS_INITIALIZER(CNNConvolution)
ARRAYS_INITIALIZER(CNNConvolution)
MPSNN_WEIGHTS_RELOAD(CNNConvolution)
MPSNN_WEIGHTS_EXPORT(CNNConvolution)
MPSNN_RESULT_STATE(MPSCNNConvolutionGradientState)
MPSNN_RESULT_STATE_BATCHES(MPSCNNConvolutionGradientStateBatch, MPSCNNConvolutionGradientStateBatch)

MPSNN_WEIGHTS_NUMBER(inputFeatureChannels, CNNConvolution, input_feature_channels)
MPSNN_WEIGHTS_NUMBER(outputFeatureChannels, CNNConvolution, output_feature_channels)
MPSNN_WEIGHTS_NUMBER(groups, CNNConvolution, groups)
MPSNN_WEIGHTS_NUMBER(subPixelScaleFactor, CNNConvolution, sub_pixel_scale_factor)
MPSNN_WEIGHTS_NUMBER(channelMultiplier, CNNConvolution, channel_multiplier)

- (MPSNNNeuronDescriptor *)fusedNeuronDescriptor {
  return guarded([&] { return objc(std::make_shared<mpsnn::NNNeuronDescriptor>(neuron(self))); });
}

// Deprecated --------------------------------------------------------------------------------------------------------

MPSNN_READONLY(MPSCNNNeuronType, neuronType, neuron(self).neuron_type)
MPSNN_READONLY(float, neuronParameterA, neuron(self).a)
MPSNN_READONLY(float, neuronParameterB, neuron(self).b)
MPSNN_READONLY(float, neuronParameterC, neuron(self).c)

- (MPSCNNNeuron *)neuron {
  return guarded([&]() -> MPSCNNNeuron * {
    if (neuron(self).neuron_type == mpsnn::CNNNeuronType::None) return nil;
    return (MPSCNNNeuron *)objc(
        KernelPtr(std::make_shared<mpsnn::CNNNeuron>(portable((MPSKernel *)self)->device(), neuron(self))));
  });
}

- (void)reloadWeightsAndBiasesWithDataSource:(id<MPSCNNConvolutionDataSource>)dataSource {
  [self reloadWeightsAndBiasesFromDataSource];  // documented so: the argument has no influence
}

@end

@implementation MPSCNNFullyConnected
MPSNN_WEIGHTS_INITIALIZER(CNNFullyConnected)
ARRAYS_INITIALIZER(CNNFullyConnected)
@end
