#include <typeinfo>

#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/normalization.hpp"
#include "plan/folded_parameters.hpp"
#include "plan/passes.hpp"

namespace mpsnn {

namespace {

bool uses_own_statistics(const BatchNormalizationOp& op, const PlanStep& step) {
  return op.flags != CNNBatchNormalizationFlags::CalculateStatisticsAlways && step.blocks.empty();
}

// A convolution that nothing follows inside its own kernel yet.
bool can_take_factors(const PlanStep& step) {
  const Op& op = *step.op;
  if (typeid(op) != typeid(ConvolutionOp) && typeid(op) != typeid(FullyConnectedOp)) return false;
  const auto& convolution = static_cast<const ConvolutionOp&>(op);
  return step.blocks.empty() && !convolution.adds_source && convolution.neuron.neuron_type == CNNNeuronType::None &&
         convolution.sub_pixel_scale_factor == 1;
}

}  // namespace

void fold_batch_normalization(Draft& draft) {
  draft.find_steps();
  auto& steps = draft.plan.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto* op = dynamic_cast<const BatchNormalizationOp*>(steps[i].op.get());
    if (!op || !uses_own_statistics(*op, steps[i])) continue;
    const int writer = draft.writer(steps[i].sources[0]);
    if (writer == kNone || !can_take_factors(steps[writer])) continue;
    if (const std::string why = draft.why_not_private(steps[i].sources[0]); !why.empty()) {
      draft.note_refused(steps[i], steps[writer], why);
      continue;
    }
    PlanStep& convolution = steps[writer];
    auto normalization = std::dynamic_pointer_cast<BatchNormalizationParameters>(steps[i].parameters);
    if (!normalization || !FoldedConvolutionParameters::can_fold(*convolution.parameters, *normalization)) continue;
    convolution.parameters = std::make_shared<FoldedConvolutionParameters>(convolution.parameters, std::move(normalization));
    if (op->neuron.neuron_type != CNNNeuronType::None) {
      auto with_neuron = static_cast<const ConvolutionOp&>(*convolution.op).copy();
      with_neuron->neuron = op->neuron;
      convolution.op = std::move(with_neuron);
    }
    draft.merge(int(i), writer);
  }
  draft.drop_removed();
}

}  // namespace mpsnn
