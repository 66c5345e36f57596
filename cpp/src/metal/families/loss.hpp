#pragma once

#include "metal/objc.hpp"
#include "mpsnn/nodes/loss.hpp"

namespace mpsnn::metal {

MPSCNNLossDescriptor *loss_of(const CNNLossDescriptor &descriptor);

}  // namespace mpsnn::metal
