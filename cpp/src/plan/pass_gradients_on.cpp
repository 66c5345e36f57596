#include <algorithm>

#include "mpsnn/nodes/arithmetic.hpp"
#include "plan/passes.hpp"

namespace mpsnn {

namespace {

// The gradient of a sum's operand that is as large as the sum: the sum's own.
bool passes_on(const PlanStep& step, const Plan& plan) {
  const auto* op = dynamic_cast<const ArithmeticGradientOp*>(step.op.get());
  if (!op || op->operation != ArithmeticOperation::Addition || op->primary_scale != 1 || op->bias != 0) return false;
  return step.result != kNone && step.source_blocks.empty() && step.blocks.empty() &&
         plan.values[step.sources[0]].shape == plan.values[step.result].shape;
}

}  // namespace

// Whoever reads the copy of a gradient reads the gradient.
void pass_gradients_on(Draft& draft) {
  draft.find_steps();
  auto& steps = draft.plan.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!passes_on(steps[i], draft.plan) || draft.is_visible[steps[i].result]) continue;
    const int gradient = steps[i].sources[0], copy = steps[i].result;
    for (int reader : draft.readers(copy)) {
      std::replace(steps[reader].sources.begin(), steps[reader].sources.end(), copy, gradient);
    }
    draft.remove(int(i));
  }
  draft.drop_removed();
}

}  // namespace mpsnn
