#include "mpsnn/nodes/forward_loss.hpp"

#include "metal/families/loss.hpp"
#include "metal/kernels.hpp"

namespace mpsnn::metal {

void add_forward_loss_kernels(KernelMakers &makers) {
  makers.add<ForwardLossOp>([](const ForwardLossOp &op, id<MTLDevice> device) {
    return [[MPSNNForwardLoss alloc] initWithDevice:device lossDescriptor:loss_of(op.descriptor)];
  });
  makers.encode_with<ForwardLossOp>(2, [](MPSKernel *kernel, const KernelArguments &in) {
    [(MPSNNForwardLoss *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                              sourceImages:in.source(0)
                                                    labels:in.source(1)
                                                   weights:in.source(2)
                                         destinationStates:in.states
                                         destinationImages:in.destinations];
  });
  makers.add<LossGradientOp>([](const LossGradientOp &op, id<MTLDevice> device) {
    MPSNNLossGradient *kernel = [[MPSNNLossGradient alloc] initWithDevice:device lossDescriptor:loss_of(op.descriptor)];
    kernel.computeLabelGradients = op.is_labels_gradient_filter;
    return kernel;
  });
  makers.encode_with<LossGradientOp>(3, [](MPSKernel *kernel, const KernelArguments &in) {
    [(MPSNNLossGradient *)kernel encodeBatchToCommandBuffer:in.command_buffer
                                            sourceGradients:in.source(0)
                                               sourceImages:in.source(1)
                                                     labels:in.source(2)
                                                    weights:in.source(3)
                                               sourceStates:in.states
                                       destinationGradients:in.destinations];
  });
}

}  // namespace mpsnn::metal
