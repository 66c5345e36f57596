#import <MetalPerformanceShaders/MPSCNNBatchNormalization.h>

#include "mpsnn/kernels/normalization.hpp"
#import "support/descriptors.hpp"
#import "support/normalization_kernels.hpp"

using namespace mpsnn::gnustep;

namespace {

using Statistics = mpsnn::CNNBatchNormalizationStatistics;
using StatisticsGradient = mpsnn::CNNBatchNormalizationStatisticsGradient;
using Gradient = mpsnn::CNNBatchNormalizationGradient;

using Forward = mpsnn::CNNBatchNormalization;

struct ForwardAttributes : NormalizationAttributes {
  mpsnn::NNNeuronDescriptor neuron;
  void visit(mpsnn::AttributeVisitor &v) {
    NormalizationAttributes::visit(v);
    neuron.visit(v);
  }
};

KernelClass forward_class() {
  return remade_from_source<Forward>(
      "MPSCNNBatchNormalization",
      [](const Forward &kernel) {
        return ForwardAttributes{{kernel.epsilon()}, kernel.fused_neuron()};
      },
      [](const DevicePtr &device, const auto &data_source, const ForwardAttributes &attributes) {
        const auto kernel = std::make_shared<Forward>(device, data_source, attributes.neuron);
        kernel->set_epsilon(attributes.epsilon);
        return kernel;
      });
}

KernelClass statistics_class() {
  return plain<Statistics>(
      "MPSCNNBatchNormalizationStatistics", [](const Statistics &) { return NoAttributes(); },
      [](const DevicePtr &device, const NoAttributes &) { return std::make_shared<Statistics>(device); });
}

// Without an activation they need nothing but a device.
template <class K>
KernelClass gradient_class(const char *name) {
  return plain<K>(
      name, [](const K &kernel) { return kernel.fused_neuron(); },
      [](const DevicePtr &device, const mpsnn::NNNeuronDescriptor &neuron) { return std::make_shared<K>(device, neuron); });
}

mpsnn::NNNeuronDescriptor neuron_or_none(const std::shared_ptr<mpsnn::NNNeuronDescriptor> &neuron) {
  return neuron ? *neuron : mpsnn::NNNeuronDescriptor();
}

}  // namespace

MPSNN_REGISTER_KERNEL(Forward, MPSCNNBatchNormalization, forward_class())
MPSNN_REGISTER_KERNEL(Statistics, MPSCNNBatchNormalizationStatistics, statistics_class())
MPSNN_REGISTER_KERNEL(StatisticsGradient, MPSCNNBatchNormalizationStatisticsGradient,
                      gradient_class<StatisticsGradient>("MPSCNNBatchNormalizationStatisticsGradient"))
MPSNN_REGISTER_KERNEL(Gradient, MPSCNNBatchNormalizationGradient, gradient_class<Gradient>("MPSCNNBatchNormalizationGradient"))

#define STATE(argument) MPSNN_BEHIND_AS(CNNBatchNormalizationState, argument)

@implementation MPSCNNBatchNormalization

- (instancetype)initWithDevice:(id<MTLDevice>)device dataSource:(id<MPSCNNBatchNormalizationDataSource>)dataSource {
  return [self initWithDevice:device dataSource:dataSource fusedNeuronDescriptor:nil];
}

- (instancetype)initWithDevice:(id<MTLDevice>)device
                    dataSource:(id<MPSCNNBatchNormalizationDataSource>)dataSource
         fusedNeuronDescriptor:(MPSNNNeuronDescriptor *)fusedNeuronDescriptor {
  return made_kernel_or_nil(self, _cmd, [&] {
    return std::make_shared<Forward>(device_of(MPSNN_REQUIRE(device)), data_source_of(MPSNN_REQUIRE(dataSource)),
                                     neuron_or_none(MPSNN_BEHIND_OR_NULL(fusedNeuronDescriptor)));
  });
}

MPSNN_NORMALIZATION(BatchNormalization, MPSCNNBatchNormalizationState)
MPSNN_READONLY(NSUInteger, numberOfFeatureChannels, as<Forward>(self).number_of_feature_channels())

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                  sourceImage:(MPSImage *)sourceImage
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
             destinationImage:(MPSImage *)destinationImage {
  guarded([&] {
    as<Forward>(self).encode_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_BEHIND(sourceImage),
                                               STATE(batchNormalizationState), MPSNN_BEHIND(destinationImage));
  });
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
           batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
                 destinationImages:(MPSImageBatch *)destinationImages {
  guarded([&] {
    as<Forward>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImages),
                                                     STATE(batchNormalizationState), MPSNN_IMAGES(destinationImages));
  });
}

- (void)reloadMeanAndVarianceFromDataSource {
  guarded([&] { as<Forward>(self).reload_mean_and_variance_from_data_source(); });
}

- (void)reloadMeanAndVarianceWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                          meanAndVarianceState:(MPSCNNNormalizationMeanAndVarianceState *)meanAndVarianceState {
  guarded([&] {
    as<Forward>(self).reload_mean_and_variance_with_command_buffer(
        MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_BEHIND_AS(CNNNormalizationMeanAndVarianceState, meanAndVarianceState));
  });
}

- (void)reloadDataSource:(id<MPSCNNBatchNormalizationDataSource>)dataSource {
  guarded([&] { check_same_source(self, _cmd, dataSource, as<Forward>(self)); });
  [self reloadGammaAndBetaFromDataSource];
  [self reloadMeanAndVarianceFromDataSource];
}

@end

@implementation MPSCNNBatchNormalizationStatistics

MPSNN_INHERITED_INITIALIZERS

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
           batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState {
  guarded([&] {
    as<Statistics>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImages),
                                                        STATE(batchNormalizationState));
  });
}

@end

#define GRADIENT_INITIALIZERS(CppClass)                                                                                          \
  -(instancetype)initWithDevice : (id<MTLDevice>)device fusedNeuronDescriptor : (MPSNNNeuronDescriptor *)fusedNeuronDescriptor { \
    return made_kernel(self, _cmd, [&] {                                                                                         \
      return std::make_shared<CppClass>(device_of(MPSNN_REQUIRE(device)),                                                        \
                                        neuron_or_none(MPSNN_BEHIND_OR_NULL(fusedNeuronDescriptor)));                            \
    });                                                                                                                          \
  }                                                                                                                              \
  MPSNN_INHERITED_CODER_INITIALIZER

@implementation MPSCNNBatchNormalizationStatisticsGradient

GRADIENT_INITIALIZERS(StatisticsGradient)

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                   sourceGradients:(MPSImageBatch *)sourceGradients
                      sourceImages:(MPSImageBatch *)sourceImages
           batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState {
  guarded([&] {
    as<StatisticsGradient>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer),
                                                                MPSNN_IMAGES(sourceGradients), MPSNN_IMAGES(sourceImages),
                                                                STATE(batchNormalizationState));
  });
}

@end

@implementation MPSCNNBatchNormalizationGradient

GRADIENT_INITIALIZERS(Gradient)

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
               sourceGradient:(MPSImage *)sourceGradient
                  sourceImage:(MPSImage *)sourceImage
      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
          destinationGradient:(MPSImage *)destinationGradient {
  guarded([&] {
    as<Gradient>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(sourceGradient),
                                                      MPSNN_IMAGE(sourceImage), STATE(batchNormalizationState),
                                                      MPSNN_IMAGE(destinationGradient));
  });
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                   sourceGradients:(MPSImageBatch *)sourceGradients
                      sourceImages:(MPSImageBatch *)sourceImages
           batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState
              destinationGradients:(MPSImageBatch *)destinationGradients {
  guarded([&] {
    as<Gradient>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceGradients),
                                                      MPSNN_IMAGES(sourceImages), STATE(batchNormalizationState),
                                                      MPSNN_IMAGES(destinationGradients));
  });
}

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                     sourceGradient:(MPSImage *)sourceGradient
                        sourceImage:(MPSImage *)sourceImage
            batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState {
  return guarded([&] {
    return objc(as<Gradient>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer),
                                                                  MPSNN_IMAGE(sourceGradient), MPSNN_IMAGE(sourceImage),
                                                                  STATE(batchNormalizationState))[0]);
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              sourceGradients:(MPSImageBatch *)sourceGradients
                                 sourceImages:(MPSImageBatch *)sourceImages
                      batchNormalizationState:(MPSCNNBatchNormalizationState *)batchNormalizationState {
  return guarded([&] {
    return objc_batch(as<Gradient>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer),
                                                                        MPSNN_IMAGES(sourceGradients), MPSNN_IMAGES(sourceImages),
                                                                        STATE(batchNormalizationState)));
  });
}

@end
