#include "mpsnn/nodes/concatenation.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

void add_concatenation_kernels(KernelMakers &makers) { makers.add_plain<SliceOp, MPSNNSlice>(); }

}  // namespace mpsnn::metal
