#include "mpsnn/nodes/reshape.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

void add_reshape_kernels(KernelMakers &makers) {
  makers.add_plain<ReshapeOp, MPSNNReshape>();  // the size is the destination's
  makers.add_plain<ReshapeGradientOp, MPSNNReshapeGradient>();
}

}  // namespace mpsnn::metal
