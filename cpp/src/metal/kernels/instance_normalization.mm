#include "mpsnn/nodes/instance_normalization.hpp"

#include "metal/kernels.hpp"
#include "metal/loaded_normalization.hpp"

namespace mpsnn::metal {

namespace {

template <class OpType, class Kernel>
void add_kernel(KernelMakers &makers, std::function<MPSKernel *(MPSState *)> kernel_of) {
  KernelMakers::Source source = normalization_source<Kernel>();
  source.kernel_of = std::move(kernel_of);
  makers.add_with_source<OpType>(
      std::move(source),
      [](const OpType &, id<MTLDevice> device, id source) { return [[Kernel alloc] initWithDevice:device dataSource:source]; },
      [](Kernel *kernel, const OpType &op, const KernelCall &) { kernel.epsilon = *op.epsilon; });
}

}  // namespace

void add_instance_normalization_kernels(KernelMakers &makers) {
  add_kernel<InstanceNormalizationOp, MPSCNNInstanceNormalization>(
      makers, [](MPSState *state) { return [(MPSCNNInstanceNormalizationGradientState *)state instanceNormalization]; });
  add_kernel<GroupNormalizationOp, MPSCNNGroupNormalization>(
      makers, [](MPSState *state) { return [(MPSCNNGroupNormalizationGradientState *)state groupNormalization]; });
  makers.add_plain<InstanceNormalizationGradientOp, MPSCNNInstanceNormalizationGradient>();
  makers.add_plain<GroupNormalizationGradientOp, MPSCNNGroupNormalizationGradient>();
}

}  // namespace mpsnn::metal
