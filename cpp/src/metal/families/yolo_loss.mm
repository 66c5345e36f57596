#include "metal/families/loss.hpp"
#include "metal/nodes.hpp"

namespace mpsnn::metal {

MPSCNNYOLOLossDescriptor *loss_of(const CNNYOLOLossDescriptor &d) {
  NSData *boxes = [NSData dataWithBytes:d.anchor_boxes.data() length:d.anchor_boxes.size() * sizeof(float)];
  MPSCNNYOLOLossDescriptor *descriptor =
      [MPSCNNYOLOLossDescriptor cnnLossDescriptorWithXYLossType:MPSCNNLossType(d.xy_loss_descriptor.loss_type)
                                                     WHLossType:MPSCNNLossType(d.wh_loss_descriptor.loss_type)
                                             confidenceLossType:MPSCNNLossType(d.confidence_loss_descriptor.loss_type)
                                                classesLossType:MPSCNNLossType(d.classes_loss_descriptor.loss_type)
                                                  reductionType:MPSCNNReductionType(d.reduction_type)
                                                    anchorBoxes:boxes
                                            numberOfAnchorBoxes:d.number_of_anchor_boxes];
  descriptor.XYLossDescriptor = loss_of(d.xy_loss_descriptor);
  descriptor.WHLossDescriptor = loss_of(d.wh_loss_descriptor);
  descriptor.confidenceLossDescriptor = loss_of(d.confidence_loss_descriptor);
  descriptor.classesLossDescriptor = loss_of(d.classes_loss_descriptor);
  descriptor.reduceAcrossBatch = d.reduce_across_batch;
  descriptor.rescore = d.rescore;
  descriptor.scaleXY = d.scale_xy;
  descriptor.scaleWH = d.scale_wh;
  descriptor.scaleNoObject = d.scale_no_object;
  descriptor.scaleObject = d.scale_object;
  descriptor.scaleClass = d.scale_class;
  descriptor.minIOUForObjectPresence = d.min_iou_for_object_presence;
  descriptor.maxIOUForObjectAbsence = d.max_iou_for_object_absence;
  return descriptor;
}

void add_yolo_loss_nodes(NodeMakers &makers) {
  makers.add<YOLOLossOp>([](const YOLOLossOp &op, const NodeRequest &in) {
    return [MPSCNNYOLOLossNode nodeWithSource:in.image() lossDescriptor:loss_of(op.descriptor)];
  });
}

}  // namespace mpsnn::metal
