#import <MetalPerformanceShaders/MPSCNNLoss.h>

#include "mpsnn/kernels/yolo_loss.hpp"
#import "support/descriptors.hpp"
#import "support/kernel_encode.hpp"
#import "support/yolo_loss.hpp"

using namespace mpsnn::gnustep;

namespace {

mpsnn::CNNLossKernel &kernel(MPSCNNKernel *object) { return as<mpsnn::CNNLossKernel>(object); }
const mpsnn::CNNLossDescriptor &loss(MPSCNNLoss *object) { return as<mpsnn::CNNLoss>(object).descriptor(); }
const mpsnn::CNNYOLOLossDescriptor &loss(MPSCNNYOLOLoss *object) { return as<mpsnn::CNNYOLOLoss>(object).descriptor(); }

// Kernels of losses are their descriptors.
template <class K>
auto descriptor_of_kernel(const K &kernel) {
  return kernel.descriptor();
}
template <class K, class Descriptor>
std::shared_ptr<K> from_descriptor(const DevicePtr &device, const Descriptor &descriptor) {
  return std::make_shared<K>(device, descriptor);
}

template <class K, class Descriptor>
KernelClass loss_class(const char *name) {
  return remade<K>(name, descriptor_of_kernel<K>, from_descriptor<K, Descriptor>);
}

const auto one_loss_class = loss_class<mpsnn::CNNLoss, mpsnn::CNNLossDescriptor>;
const auto yolo_loss_class = loss_class<mpsnn::CNNYOLOLoss, mpsnn::CNNYOLOLossDescriptor>;

}  // namespace

MPSNN_REGISTER_KERNEL(mpsnn::CNNLoss, MPSCNNLoss, one_loss_class("MPSCNNLoss"))
MPSNN_REGISTER_KERNEL(mpsnn::CNNYOLOLoss, MPSCNNYOLOLoss, yolo_loss_class("MPSCNNYOLOLoss"))

#define LABELS(argument) std::dynamic_pointer_cast<mpsnn::CNNLossLabels>(MPSNN_BEHIND(argument))
#define BATCH_OF_LABELS(argument)                                                                                       \
  vector_of(array_argument(self, _cmd, argument, #argument), [&](id element) {                                          \
    return std::dynamic_pointer_cast<mpsnn::CNNLossLabels>(behind(self, _cmd, (MPSCNNLossLabels *)element, #argument)); \
  })

// The encodes of both.
#define LOSS_ENCODES                                                                                                         \
  -(void)encodeToCommandBuffer : (id<MTLCommandBuffer>)commandBuffer sourceImage : (MPSImage *)sourceImage labels            \
      : (MPSCNNLossLabels *)labels destinationImage : (MPSImage *)destinationImage {                                         \
    guarded([&] {                                                                                                            \
      kernel(self).encode_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_BEHIND(sourceImage), LABELS(labels),  \
                                            MPSNN_BEHIND(destinationImage));                                                 \
    });                                                                                                                      \
  }                                                                                                                          \
  -(MPSImage *)encodeToCommandBuffer : (id<MTLCommandBuffer>)commandBuffer sourceImage : (MPSImage *)sourceImage labels      \
      : (MPSCNNLossLabels *)labels {                                                                                         \
    return guarded([&] {                                                                                                     \
      return objc(kernel(self).encode_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_BEHIND(sourceImage),      \
                                                        LABELS(labels)));                                                    \
    });                                                                                                                      \
  }                                                                                                                          \
  -(void)encodeBatchToCommandBuffer : (id<MTLCommandBuffer>)commandBuffer sourceImages : (MPSImageBatch *)sourceImage labels \
      : (MPSCNNLossLabelsBatch *)labels destinationImages : (MPSImageBatch *)destinationImage {                              \
    guarded([&] {                                                                                                            \
      kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(sourceImage),            \
                                                  BATCH_OF_LABELS(labels), MPSNN_IMAGES(destinationImage));                  \
    });                                                                                                                      \
  }                                                                                                                          \
  -(MPSImageBatch *)encodeBatchToCommandBuffer : (id<MTLCommandBuffer>)commandBuffer sourceImages                            \
      : (MPSImageBatch *)sourceImage labels : (MPSCNNLossLabelsBatch *)labels {                                              \
    return guarded([&] {                                                                                                     \
      return objc_batch(kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer),                     \
                                                                    MPSNN_IMAGES(sourceImage), BATCH_OF_LABELS(labels)));    \
    });                                                                                                                      \
  }

@implementation MPSCNNLoss

- (instancetype)initWithDevice:(id<MTLDevice>)device lossDescriptor:(MPSCNNLossDescriptor *)lossDescriptor {
  return made_kernel(self, _cmd, [&] {
    return std::make_shared<mpsnn::CNNLoss>(device_of(MPSNN_REQUIRE(device)), *MPSNN_BEHIND(lossDescriptor));
  });
}

MPSNN_INHERITED_CODER_INITIALIZER
LOSS_ENCODES
MPSNN_READONLY(MPSCNNLossType, lossType, loss(self).loss_type)
MPSNN_READONLY(MPSCNNReductionType, reductionType, loss(self).reduction_type)
MPSNN_READONLY(float, weight, loss(self).weight)
MPSNN_READONLY(float, labelSmoothing, loss(self).label_smoothing)
MPSNN_READONLY(NSUInteger, numberOfClasses, loss(self).number_of_classes)
MPSNN_READONLY(float, epsilon, loss(self).epsilon)
MPSNN_READONLY(float, delta, loss(self).delta)
MPSNN_READONLY(BOOL, reduceAcrossBatch, loss(self).reduce_across_batch)

@end

@implementation MPSCNNYOLOLoss

- (instancetype)initWithDevice:(id<MTLDevice>)device lossDescriptor:(MPSCNNYOLOLossDescriptor *)lossDescriptor {
  return made_kernel(self, _cmd, [&] {
    return std::make_shared<mpsnn::CNNYOLOLoss>(device_of(MPSNN_REQUIRE(device)), MPSNN_BEHIND(lossDescriptor)->complete());
  });
}

MPSNN_INHERITED_CODER_INITIALIZER
LOSS_ENCODES
MPSNN_READONLY(MPSCNNLoss *, lossXY, objc(KernelPtr(as<mpsnn::CNNYOLOLoss>(self).loss_xy())))
MPSNN_READONLY(MPSCNNLoss *, lossWH, objc(KernelPtr(as<mpsnn::CNNYOLOLoss>(self).loss_wh())))
MPSNN_READONLY(MPSCNNLoss *, lossConfidence, objc(KernelPtr(as<mpsnn::CNNYOLOLoss>(self).loss_confidence())))
MPSNN_READONLY(MPSCNNLoss *, lossClasses, objc(KernelPtr(as<mpsnn::CNNYOLOLoss>(self).loss_classes())))
MPSNN_READONLY(float, scaleXY, loss(self).scale_xy)
MPSNN_READONLY(float, scaleWH, loss(self).scale_wh)
MPSNN_READONLY(float, scaleNoObject, loss(self).scale_no_object)
MPSNN_READONLY(float, scaleObject, loss(self).scale_object)
MPSNN_READONLY(float, scaleClass, loss(self).scale_class)
MPSNN_READONLY(float, minIOUForObjectPresence, loss(self).min_iou_for_object_presence)
MPSNN_READONLY(float, maxIOUForObjectAbsence, loss(self).max_iou_for_object_absence)
MPSNN_READONLY(MPSCNNReductionType, reductionType, loss(self).reduction_type)
MPSNN_READONLY(NSUInteger, numberOfAnchorBoxes, loss(self).number_of_anchor_boxes)
MPSNN_READONLY(NSData *, anchorBoxes, data_of(loss(self).anchor_boxes))
MPSNN_READONLY(BOOL, reduceAcrossBatch, loss(self).reduce_across_batch)

@end
