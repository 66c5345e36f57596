#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mpsnn/nodes/loss.hpp"

namespace mpsnn {

/// MPSCNNYOLOLossDescriptor: the four losses of a grid of anchor boxes, and their factors.
struct MPSNN_API CNNYOLOLossDescriptor {
  /// Which losses, and how their elements become one number.
  struct Types {
    CNNLossType xy, wh, confidence, classes;
    CNNReductionType reduction;
  };
  CNNYOLOLossDescriptor() = default;
  /// `anchor_boxes`: width and height of each, in cells. Throws InvalidArgument where `problem` finds something.
  CNNYOLOLossDescriptor(const Types& types, std::vector<float> anchor_boxes, std::size_t number_of_anchor_boxes);
  /// Their own reductions do not count.
  CNNLossDescriptor xy_loss_descriptor, wh_loss_descriptor, confidence_loss_descriptor, classes_loss_descriptor;
  CNNReductionType reduction_type = CNNReductionType::None;
  bool reduce_across_batch = false;
  bool rescore = true;  ///< the confidence of an object is to be the overlap of its box, not 1
  float scale_xy = 10, scale_wh = 10, scale_no_object = 5, scale_object = 100, scale_class = 2;
  float min_iou_for_object_presence = 0.7f, max_iou_for_object_absence = 0.3f;
  std::size_t number_of_anchor_boxes = 0;
  std::vector<float> anchor_boxes;
  void visit(AttributeVisitor& visitor);
  /// What makes it unusable; empty where nothing does.
  std::string problem() const;
  bool operator==(const CNNYOLOLossDescriptor&) const = default;
};

/// Channels of source and labels: for each anchor box x, y, width, height, confidence and the classes.
struct MPSNN_API YOLOLossOp final : LossBaseOp {
  static constexpr const char* kKernelName = "MPSCNNYOLOLoss";
  static constexpr std::size_t kEntries = 5;  ///< before the classes
  CNNYOLOLossDescriptor descriptor;
  YOLOLossOp() = default;
  explicit YOLOLossOp(const CNNYOLOLossDescriptor& descriptor) : descriptor(descriptor) {}
  template <class V>
  static void fields(V&&) {}
  const char* kernel_name() const override { return kKernelName; }
  void visit(AttributeVisitor& visitor) override { descriptor.visit(visitor); }
  CNNReductionType reduction() const override { return descriptor.reduction_type; }
  Inferred infer(const InferRequest& request) const override;
};

/// MPSCNNYOLOLossNode: the loss, written into the labels, and its gradient with respect to the source, which is the result image.
class MPSNN_API CNNYOLOLossNode final : public LossNodeOf<YOLOLossOp> {
 public:
  CNNYOLOLossNode(ImageNodePtr source, const CNNYOLOLossDescriptor& loss_descriptor);
  const char* class_name() const override { return "MPSCNNYOLOLossNode"; }
};

}  // namespace mpsnn
