#include "mpsnn/kernels/local_normalization.hpp"
#include "nodes/kernel_name.hpp"
#include "nodes/lowered.hpp"
#include "runtime/kernel_core.hpp"
#include "runtime/state_origin.hpp"

namespace mpsnn {

namespace {

template <class OpType>
OpType op_of_size(std::size_t OpType::*member, std::size_t size) {
  OpType op;
  op.*member = size;
  return op;
}

}  // namespace

CNNCrossChannelNormalization::CNNCrossChannelNormalization(std::shared_ptr<Device> device, std::size_t kernel_size)
    : KernelOf(std::move(device), op_of_size(&CrossChannelNormalizationOp::kernel_size_in_feature_channels, kernel_size)) {}

CNNCrossChannelNormalizationGradient::CNNCrossChannelNormalizationGradient(std::shared_ptr<Device> device,
                                                                           std::size_t kernel_size)
    : KernelOf(std::move(device), op_of_size(&CrossChannelNormalizationGradientOp::kernel_size, kernel_size)),
      forward_(std::make_shared<CNNCrossChannelNormalizationNode>(
          std::make_shared<NNImageNode>(),
          op_of_size(&CrossChannelNormalizationOp::kernel_size_in_feature_channels, kernel_size))) {
  core_->adjust = [this](KernelCall& call) { adjust(call); };
}

void CNNCrossChannelNormalizationGradient::adjust(KernelCall& call) const {
  const ForwardStep* step = call.source_states.empty() ? nullptr : forward_step_of(call.source_states[0]);
  if (!step) return;
  const NamedAsKernel named(call.name.c_str());
  call.forward = make_forward_step(forward_->lower({}).op, *step);
}

}  // namespace mpsnn
