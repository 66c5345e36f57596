#import "support/yolo_loss.hpp"

#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

namespace mpsnn::gnustep {

YOLOLossDescriptor::YOLOLossDescriptor(const CNNYOLOLossDescriptor &descriptor)
    : rest(descriptor),
      xy(std::make_shared<CNNLossDescriptor>(descriptor.xy_loss_descriptor)),
      wh(std::make_shared<CNNLossDescriptor>(descriptor.wh_loss_descriptor)),
      confidence(std::make_shared<CNNLossDescriptor>(descriptor.confidence_loss_descriptor)),
      classes(std::make_shared<CNNLossDescriptor>(descriptor.classes_loss_descriptor)) {}

CNNYOLOLossDescriptor YOLOLossDescriptor::complete() const {
  CNNYOLOLossDescriptor descriptor = rest;
  descriptor.xy_loss_descriptor = *xy;
  descriptor.wh_loss_descriptor = *wh;
  descriptor.confidence_loss_descriptor = *confidence;
  descriptor.classes_loss_descriptor = *classes;
  return descriptor;
}

}  // namespace mpsnn::gnustep

namespace {

YOLOLossDescriptor &descriptor(MPSCNNYOLOLossDescriptor *object) { return as<YOLOLossDescriptor>(object); }

}  // namespace

// One of the four losses: the object that was set, while somebody holds it.
#define LOSS(getter, setter, member)                                                                                   \
  -(MPSCNNLossDescriptor *)getter {                                                                                    \
    return guarded([&] {                                                                                               \
      return standing_for<MPSCNNLossDescriptor>(descriptor(self).member, [] { return [MPSCNNLossDescriptor alloc]; }); \
    });                                                                                                                \
  }                                                                                                                    \
  -(void)setter : (MPSCNNLossDescriptor *)getter {                                                                     \
    guarded([&] { descriptor(self).member = MPSNN_BEHIND(getter); });                                                  \
  }

@implementation MPSCNNYOLOLossDescriptor

MPSNN_ROOT_IMPLEMENTATION(mpsnn::gnustep::YOLOLossDescriptor)
MPSNN_NO_PLAIN_INIT

+ (MPSCNNYOLOLossDescriptor *)cnnLossDescriptorWithXYLossType:(MPSCNNLossType)XYLossType
                                                   WHLossType:(MPSCNNLossType)WHLossType
                                           confidenceLossType:(MPSCNNLossType)confidenceLossType
                                              classesLossType:(MPSCNNLossType)classesLossType
                                                reductionType:(MPSCNNReductionType)reductionType
                                                  anchorBoxes:(NSData *)anchorBoxes
                                          numberOfAnchorBoxes:(NSUInteger)numberOfAnchorBoxes {
  return [made([self alloc], [&] {
    const mpsnn::CNNYOLOLossDescriptor::Types types{mpsnn::CNNLossType(XYLossType), mpsnn::CNNLossType(WHLossType),
                                                    mpsnn::CNNLossType(confidenceLossType), mpsnn::CNNLossType(classesLossType),
                                                    mpsnn::CNNReductionType(reductionType)};
    return std::make_shared<YOLOLossDescriptor>(
        mpsnn::CNNYOLOLossDescriptor(types, floats_of(MPSNN_REQUIRE(anchorBoxes)), numberOfAnchorBoxes));
  }) autorelease];
}

LOSS(XYLossDescriptor, setXYLossDescriptor, xy)
LOSS(WHLossDescriptor, setWHLossDescriptor, wh)
LOSS(confidenceLossDescriptor, setConfidenceLossDescriptor, confidence)
LOSS(classesLossDescriptor, setClassesLossDescriptor, classes)
MPSNN_PROPERTY(MPSCNNReductionType, reductionType, setReductionType, descriptor(self).rest.reduction_type)
MPSNN_PROPERTY(BOOL, reduceAcrossBatch, setReduceAcrossBatch, descriptor(self).rest.reduce_across_batch)
MPSNN_PROPERTY(BOOL, rescore, setRescore, descriptor(self).rest.rescore)
MPSNN_PROPERTY(float, scaleXY, setScaleXY, descriptor(self).rest.scale_xy)
MPSNN_PROPERTY(float, scaleWH, setScaleWH, descriptor(self).rest.scale_wh)
MPSNN_PROPERTY(float, scaleNoObject, setScaleNoObject, descriptor(self).rest.scale_no_object)
MPSNN_PROPERTY(float, scaleObject, setScaleObject, descriptor(self).rest.scale_object)
MPSNN_PROPERTY(float, scaleClass, setScaleClass, descriptor(self).rest.scale_class)
MPSNN_PROPERTY(float, minIOUForObjectPresence, setMinIOUForObjectPresence, descriptor(self).rest.min_iou_for_object_presence)
MPSNN_PROPERTY(float, maxIOUForObjectAbsence, setMaxIOUForObjectAbsence, descriptor(self).rest.max_iou_for_object_absence)
MPSNN_PROPERTY(NSUInteger, numberOfAnchorBoxes, setNumberOfAnchorBoxes, descriptor(self).rest.number_of_anchor_boxes)
MPSNN_READONLY(NSData *, anchorBoxes, data_of(descriptor(self).rest.anchor_boxes))
- (void)setAnchorBoxes:(NSData *)anchorBoxes {
  guarded([&] { descriptor(self).rest.anchor_boxes = floats_of(MPSNN_REQUIRE(anchorBoxes)); });
}

- (id)copyWithZone:(NSZone *)zone {
  return made([[self class] allocWithZone:zone],
              [&] { return std::make_shared<YOLOLossDescriptor>(descriptor(self).complete()); });
}

@end

@implementation MPSCNNYOLOLossNode

- (instancetype)initWithSource:(MPSNNImageNode *)source lossDescriptor:(MPSCNNYOLOLossDescriptor *)descriptor {
  return made_node(
      self, [&] { return std::make_shared<mpsnn::CNNYOLOLossNode>(MPSNN_BEHIND(source), MPSNN_BEHIND(descriptor)->complete()); });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source lossDescriptor:(MPSCNNYOLOLossDescriptor *)descriptor {
  return [[[self alloc] initWithSource:source lossDescriptor:descriptor] autorelease];
}

- (MPSNNLabelsNode *)inputLabels {
  return guarded([&] {
    const mpsnn::StateNodePtr labels = as<mpsnn::CNNYOLOLossNode>(self).input_labels();
    return (MPSNNLabelsNode *)objc(labels);
  });
}

@end
