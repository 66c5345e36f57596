#include "mpsnn/nodes/initial_gradient.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

void add_initial_gradient_kernels(KernelMakers &makers) { makers.add_plain<InitialGradientOp, MPSNNInitialGradient>(); }

}  // namespace mpsnn::metal
