#pragma once

#include "metal/objc.hpp"
#include "mpsnn/nodes/loss.hpp"
#include "mpsnn/nodes/yolo_loss.hpp"

namespace mpsnn::metal {

MPSCNNLossDescriptor *loss_of(const CNNLossDescriptor &descriptor);
MPSCNNYOLOLossDescriptor *loss_of(const CNNYOLOLossDescriptor &descriptor);

}  // namespace mpsnn::metal
