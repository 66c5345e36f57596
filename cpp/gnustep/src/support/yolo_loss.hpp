#pragma once

#import <MetalPerformanceShaders/MPSCNNLoss.h>

#include <memory>

#include "mpsnn/nodes/yolo_loss.hpp"
#include "support/descriptors.hpp"

namespace mpsnn::gnustep {

/// What is behind an MPSCNNYOLOLossDescriptor. Its four losses are objects of their own, which a client may keep and change.
struct YOLOLossDescriptor {
  explicit YOLOLossDescriptor(const CNNYOLOLossDescriptor &descriptor);
  /// With the four losses as they are now.
  CNNYOLOLossDescriptor complete() const;
  CNNYOLOLossDescriptor rest;
  std::shared_ptr<CNNLossDescriptor> xy, wh, confidence, classes;
};

MPSNN_STANDS_FOR(MPSCNNYOLOLossDescriptor, YOLOLossDescriptor)

}  // namespace mpsnn::gnustep
