#include "metal/families/loss.hpp"
#include "metal/kernels.hpp"

namespace mpsnn::metal {

namespace {

template <class OpType, class Kernel>
void add_kernel(KernelMakers &makers) {
  makers.add<OpType>([](const OpType &op, id<MTLDevice> device) {
    return [[Kernel alloc] initWithDevice:device lossDescriptor:loss_of(op.descriptor)];
  });
  makers.encode_with<OpType>(2, [](MPSKernel *kernel, const KernelArguments &in) {
    [(Kernel *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                    sourceImages:in.source(0)
                                          labels:in.states
                               destinationImages:in.destinations];
  });
}

}  // namespace

void add_loss_kernels(KernelMakers &makers) {
  add_kernel<LossOp, MPSCNNLoss>(makers);
  add_kernel<YOLOLossOp, MPSCNNYOLOLoss>(makers);
}

}  // namespace mpsnn::metal
