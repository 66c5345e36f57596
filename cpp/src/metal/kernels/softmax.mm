#include "mpsnn/nodes/softmax.hpp"

#include "metal/kernels.hpp"

namespace mpsnn::metal {

void add_softmax_kernels(KernelMakers &makers) {
  makers.add_plain<SoftMaxOp, MPSCNNSoftMax>();
  makers.add_plain<LogSoftMaxOp, MPSCNNLogSoftMax>();
  makers.add_plain<SoftMaxGradientOp, MPSCNNSoftMaxGradient>();
  makers.add_plain<LogSoftMaxGradientOp, MPSCNNLogSoftMaxGradient>();
}

}  // namespace mpsnn::metal
