#pragma once

#include <memory>

#include "mpsnn/kernels/loss.hpp"
#include "mpsnn/nodes/yolo_loss.hpp"

namespace mpsnn {

/// MPSCNNYOLOLoss.
class MPSNN_API CNNYOLOLoss final : public CNNLossKernel {
 public:
  CNNYOLOLoss(std::shared_ptr<Device> device, const CNNYOLOLossDescriptor& loss_descriptor);
  const CNNYOLOLossDescriptor& descriptor() const { return static_cast<CNNYOLOLossNode&>(node()).attributes.descriptor; }
  /// The four losses on their own, with this kernel's reduction.
  const std::shared_ptr<CNNLoss>& loss_xy() const { return loss_xy_; }
  const std::shared_ptr<CNNLoss>& loss_wh() const { return loss_wh_; }
  const std::shared_ptr<CNNLoss>& loss_confidence() const { return loss_confidence_; }
  const std::shared_ptr<CNNLoss>& loss_classes() const { return loss_classes_; }

 private:
  std::shared_ptr<CNNLoss> loss_xy_, loss_wh_, loss_confidence_, loss_classes_;
};

}  // namespace mpsnn
