#import <MetalPerformanceShaders/MPSCNNConvolution.h>

#include "mpsnn/kernels/binary_convolution.hpp"
#import "support/binary_convolution.hpp"
#import "support/data_sources.hpp"
#import "support/kernel_classes.hpp"

using namespace mpsnn::gnustep;

namespace {

template <class K>
KernelClass binary_class(const char *name) {
  return remade_from_source<K>(
      name, [](const K &kernel) { return mpsnn::BinaryConvolutionOp(*kernel.attributes()); },
      [](const DevicePtr &device, const mpsnn::ConvolutionSourcePtr &data, const mpsnn::BinaryConvolutionOp &attributes) {
        return std::make_shared<K>(device, data, attributes);
      });
}

}  // namespace

MPSNN_REGISTER_KERNEL(mpsnn::CNNBinaryConvolution, MPSCNNBinaryConvolution,
                      binary_class<mpsnn::CNNBinaryConvolution>("MPSCNNBinaryConvolution"))
MPSNN_REGISTER_KERNEL(mpsnn::CNNBinaryFullyConnected, MPSCNNBinaryFullyConnected,
                      binary_class<mpsnn::CNNBinaryFullyConnected>("MPSCNNBinaryFullyConnected"))

#define BINARY(CppClass)                                                                                                         \
  -(instancetype)initWithDevice : (id<MTLDevice>)device convolutionData                                                          \
      : (id<MPSCNNConvolutionDataSource>)convolutionData scaleValue : (float)scaleValue type                                     \
      : (MPSCNNBinaryConvolutionType)type flags : (MPSCNNBinaryConvolutionFlags)flags {                                          \
    return made_kernel_or_nil(self, _cmd, [&] {                                                                                  \
      return std::make_shared<mpsnn::CppClass>(device_of(MPSNN_REQUIRE(device)), data_source_of(MPSNN_REQUIRE(convolutionData)), \
                                               binary_op(scaleValue, type, flags));                                              \
    });                                                                                                                          \
  }                                                                                                                              \
  -(instancetype)initWithDevice : (id<MTLDevice>)device convolutionData                                                          \
      : (id<MPSCNNConvolutionDataSource>)convolutionData outputBiasTerms : (const float *)outputBiasTerms outputScaleTerms       \
      : (const float *)outputScaleTerms inputBiasTerms : (const float *)inputBiasTerms inputScaleTerms                           \
      : (const float *)inputScaleTerms type : (MPSCNNBinaryConvolutionType)type flags : (MPSCNNBinaryConvolutionFlags)flags {    \
    return made_kernel_or_nil(self, _cmd, [&] {                                                                                  \
      const auto source = data_source_of(MPSNN_REQUIRE(convolutionData));                                                        \
      return std::make_shared<mpsnn::CppClass>(                                                                                  \
          device_of(MPSNN_REQUIRE(device)), source,                                                                              \
          binary_op(*source->descriptor(), outputBiasTerms, outputScaleTerms, inputBiasTerms, inputScaleTerms, type, flags));    \
    });                                                                                                                          \
  }                                                                                                                              \
  MPSNN_INHERITED_CODER_INITIALIZER

@implementation MPSCNNBinaryConvolution
BINARY(CNNBinaryConvolution)
MPSNN_READONLY(NSUInteger, inputFeatureChannels, as<mpsnn::CNNBinaryConvolution>(self).attributes()->input_feature_channels)
MPSNN_READONLY(NSUInteger, outputFeatureChannels, as<mpsnn::CNNBinaryConvolution>(self).attributes()->output_feature_channels)
@end

@implementation MPSCNNBinaryFullyConnected
BINARY(CNNBinaryFullyConnected)
@end
