#pragma once

#import <MetalPerformanceShaders/MPSCNNConvolution.h>

#include "mpsnn/kernels/convolution.hpp"
#import "support/data_sources.hpp"
#import "support/descriptors.hpp"
#import "support/kernel_encode.hpp"

// What the kernels of convolutions and their gradients share.

namespace mpsnn::gnustep {

/// What a forward kernel is besides its data source.
struct ForwardAttributes {
  NNConvolutionAccumulatorPrecisionOption accumulator_precision_option = NNConvolutionAccumulatorPrecisionOption::Float;
  void visit(AttributeVisitor &v) { v("accumulator_precision_option", accumulator_precision_option); }
};

template <class K>
KernelClass forward_class(const char *name) {
  return remade_from_source<K>(
      name, [](const K &kernel) { return ForwardAttributes{kernel.accumulator_precision_option}; },
      [](const DevicePtr &device, const ConvolutionSourcePtr &weights, const ForwardAttributes &attributes) {
        const auto kernel = std::make_shared<K>(device, weights);
        kernel->accumulator_precision_option = attributes.accumulator_precision_option;
        return kernel;
      });
}

}  // namespace mpsnn::gnustep

// In the @implementation; CppClass has no namespace in front.

#define MPSNN_WEIGHTS_INITIALIZER(CppClass)                                                                  \
  -(instancetype)initWithDevice : (id<MTLDevice>)device weights : (id<MPSCNNConvolutionDataSource>)weights { \
    return mpsnn::gnustep::made_kernel_or_nil(self, _cmd, [&] {                                              \
      return std::make_shared<mpsnn::CppClass>(mpsnn::gnustep::device_of(MPSNN_REQUIRE(device)),             \
                                               mpsnn::gnustep::data_source_of(MPSNN_REQUIRE(weights)));      \
    });                                                                                                      \
  }                                                                                                          \
  MPSNN_INHERITED_CODER_INITIALIZER

#define MPSNN_WEIGHTS_RELOAD(CppClass)                                                                                        \
  MPSNN_READONLY(id<MPSCNNConvolutionDataSource>, dataSource,                                                                 \
                 mpsnn::gnustep::client_data_source(mpsnn::gnustep::as<mpsnn::CppClass>(self).data_source()))                 \
  -(void)reloadWeightsAndBiasesFromDataSource {                                                                               \
    mpsnn::gnustep::guarded([&] { mpsnn::gnustep::as<mpsnn::CppClass>(self).reload_weights_and_biases_from_data_source(); }); \
  }                                                                                                                           \
  -(void)reloadWeightsAndBiasesWithCommandBuffer : (id<MTLCommandBuffer>)commandBuffer state                                  \
      : (MPSCNNConvolutionWeightsAndBiasesState *)state {                                                                     \
    mpsnn::gnustep::guarded([&] {                                                                                             \
      mpsnn::gnustep::as<mpsnn::CppClass>(self).reload_weights_and_biases_with_command_buffer(                                \
          MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_BEHIND_AS(CNNConvolutionWeightsAndBiasesState, state));                  \
    });                                                                                                                       \
  }

#define MPSNN_WEIGHTS_EXPORT(CppClass)                                                                                       \
  MPSNN_PROPERTY(MPSNNConvolutionAccumulatorPrecisionOption, accumulatorPrecisionOption, setAccumulatorPrecisionOption,      \
                 mpsnn::gnustep::as<mpsnn::CppClass>(self).accumulator_precision_option)                                     \
  -(MPSCNNConvolutionWeightsAndBiasesState *)exportWeightsAndBiasesWithCommandBuffer                                         \
      : (id<MTLCommandBuffer>)commandBuffer resultStateCanBeTemporary : (BOOL)resultStateCanBeTemporary {                    \
    return mpsnn::gnustep::guarded([&] {                                                                                     \
      const mpsnn::StatePtr state = mpsnn::gnustep::as<mpsnn::CppClass>(self).export_weights_and_biases_with_command_buffer( \
          MPSNN_COMMAND_BUFFER(commandBuffer), resultStateCanBeTemporary);                                                   \
      return (MPSCNNConvolutionWeightsAndBiasesState *)mpsnn::gnustep::objc(state);                                          \
    });                                                                                                                      \
  }

/// A number that the data source's descriptor says.
#define MPSNN_WEIGHTS_NUMBER(getter, CppClass, field) \
  MPSNN_READONLY(NSUInteger, getter, mpsnn::gnustep::as<mpsnn::CppClass>(self).attributes()->field)
