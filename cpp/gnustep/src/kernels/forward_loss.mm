#import <MetalPerformanceShaders/MPSCNNLoss.h>

#include "mpsnn/kernels/forward_loss.hpp"
#import "support/descriptors.hpp"
#import "support/kernel_encode.hpp"

using namespace mpsnn::gnustep;

namespace {

KernelClass forward_class() {
  using K = mpsnn::NNForwardLoss;
  return remade<K>(
      "MPSNNForwardLoss", [](const K &kernel) { return kernel.attributes.descriptor; },
      [](const DevicePtr &device, const mpsnn::CNNLossDescriptor &descriptor) {
        return std::make_shared<K>(device, descriptor);
      });
}

KernelClass gradient_class() {
  using K = mpsnn::NNLossGradient;
  return remade<K>("MPSNNLossGradient", own_attributes<K>, [](const DevicePtr &device, const mpsnn::LossGradientOp &attributes) {
    const auto kernel = std::make_shared<K>(device, attributes.descriptor);
    kernel->attributes = attributes;
    return kernel;
  });
}

}  // namespace

MPSNN_REGISTER_KERNEL(mpsnn::NNForwardLoss, MPSNNForwardLoss, forward_class())
MPSNN_REGISTER_KERNEL(mpsnn::NNLossGradient, MPSNNLossGradient, gradient_class())

// What the two share.
#define LOSS(CppClass)                                                                                            \
  -(instancetype)initWithDevice : (id<MTLDevice>)device lossDescriptor : (MPSCNNLossDescriptor *)lossDescriptor { \
    return made_kernel(self, _cmd, [&] {                                                                          \
      return std::make_shared<mpsnn::CppClass>(device_of(MPSNN_REQUIRE(device)), *MPSNN_BEHIND(lossDescriptor));  \
    });                                                                                                           \
  }                                                                                                               \
  MPSNN_INHERITED_CODER_INITIALIZER                                                                               \
  MPSNN_KERNEL_READONLY(MPSCNNLossType, lossType, CppClass, descriptor.loss_type)                                 \
  MPSNN_KERNEL_READONLY(MPSCNNReductionType, reductionType, CppClass, descriptor.reduction_type)                  \
  MPSNN_KERNEL_READONLY(BOOL, reduceAcrossBatch, CppClass, descriptor.reduce_across_batch)                        \
  MPSNN_KERNEL_READONLY(NSUInteger, numberOfClasses, CppClass, descriptor.number_of_classes)                      \
  MPSNN_KERNEL_PROPERTY(float, weight, setWeight, CppClass, descriptor.weight)                                    \
  MPSNN_KERNEL_PROPERTY(float, labelSmoothing, setLabelSmoothing, CppClass, descriptor.label_smoothing)           \
  MPSNN_KERNEL_PROPERTY(float, epsilon, setEpsilon, CppClass, descriptor.epsilon)                                 \
  MPSNN_KERNEL_PROPERTY(float, delta, setDelta, CppClass, descriptor.delta)

@implementation MPSNNForwardLoss

LOSS(NNForwardLoss)

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                      sourceImages:(MPSImageBatch *)sourceImages
                            labels:(MPSImageBatch *)labels
                           weights:(MPSImageBatch *)weights
                 destinationStates:(MPSStateBatch *)destinationStates
                 destinationImages:(MPSImageBatch *)destinationImages {
  guarded([&] {
    as<mpsnn::NNForwardLoss>(self).encode_batch_to_command_buffer(
        MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImages), MPSNN_IMAGES(labels), MPSNN_IMAGES_OR_NONE(weights),
        MPSNN_STATES_OR_NONE(destinationStates), MPSNN_IMAGES(destinationImages));
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(MPSImageBatch *)sourceImages
                                       labels:(MPSImageBatch *)labels
                                      weights:(MPSImageBatch *)weights
                            destinationStates:(MPSStateBatch **)outStates
                  destinationStateIsTemporary:(BOOL)isTemporary {
  return guarded([&] {
    return objc_batch(encode_with_states(outStates, [&](mpsnn::StateBatch *states) {
      return as<mpsnn::NNForwardLoss>(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer),
                                                                           MPSNN_IMAGES(sourceImages), MPSNN_IMAGES(labels),
                                                                           MPSNN_IMAGES_OR_NONE(weights), states, isTemporary);
    }));
  });
}

@end

@implementation MPSNNLossGradient

LOSS(NNLossGradient)
MPSNN_KERNEL_PROPERTY(BOOL, computeLabelGradients, setComputeLabelGradients, NNLossGradient, is_labels_gradient_filter)

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              sourceGradients:(MPSImageBatch *)sourceGradients
                                 sourceImages:(MPSImageBatch *)sourceImages
                                       labels:(MPSImageBatch *)labels
                                      weights:(MPSImageBatch *)weights
                                 sourceStates:(MPSStateBatch *)sourceStates {
  return guarded([&] {
    return objc_batch(as<mpsnn::NNLossGradient>(self).encode_batch_to_command_buffer(
        MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceGradients), MPSNN_IMAGES(sourceImages), MPSNN_IMAGES(labels),
        MPSNN_IMAGES_OR_NONE(weights), MPSNN_STATES_OR_NONE(sourceStates)));
  });
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                   sourceGradients:(MPSImageBatch *)sourceGradients
                      sourceImages:(MPSImageBatch *)sourceImages
                            labels:(MPSImageBatch *)labels
                           weights:(MPSImageBatch *)weights
                      sourceStates:(MPSStateBatch *)sourceStates
              destinationGradients:(MPSImageBatch *)destinationGradients {
  guarded([&] {
    as<mpsnn::NNLossGradient>(self).encode_batch_to_command_buffer(
        MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceGradients), MPSNN_IMAGES(sourceImages), MPSNN_IMAGES(labels),
        MPSNN_IMAGES_OR_NONE(weights), MPSNN_STATES_OR_NONE(sourceStates), MPSNN_IMAGES(destinationGradients));
  });
}

@end
