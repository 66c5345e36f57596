#pragma once

#include "mpsnn/kernel_of.hpp"
#include "mpsnn/nodes/initial_gradient.hpp"

namespace mpsnn {

using NNInitialGradient = KernelOf<NNInitialGradientNode>;

}  // namespace mpsnn
