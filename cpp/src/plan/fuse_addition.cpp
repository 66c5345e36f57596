#include <algorithm>
#include <typeinfo>

#include "mpsnn/nodes/arithmetic.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "plan/passes.hpp"

namespace mpsnn {

namespace {

// a + b without scales, limits or broadcasts: every attribute has its default.
bool is_plain_addition(const PlanStep& step, const Plan& plan) {
  const auto* arithmetic = dynamic_cast<const ArithmeticOp*>(step.op.get());
  if (!arithmetic) return false;
  const ArithmeticOp plain;
  bool is_plain = plan.values[step.sources[0]].shape == plan.values[step.sources[1]].shape;
  ArithmeticOp::fields([&](const char*, auto member, auto&&...) { is_plain &= arithmetic->*member == plain.*member; });
  return is_plain;
}

// The step that makes the value, when it is a convolution that can add another image before its activation.
int convolution_of(const Draft& draft, int value) {
  if (!draft.is_private(value)) return kNone;
  const int writer = draft.writer(value);
  if (writer == kNone || !draft.plan.steps[writer].blocks.empty()) return kNone;
  const Op& op = *draft.plan.steps[writer].op;
  if (typeid(op) != typeid(ConvolutionOp)) return kNone;
  const auto& convolution = static_cast<const ConvolutionOp&>(op);
  const bool is_free = !convolution.adds_source && convolution.neuron.neuron_type == CNNNeuronType::None &&
                       convolution.sub_pixel_scale_factor == 1;
  return is_free ? writer : kNone;
}

}  // namespace

// The convolution moves to where the addition was: by then the other operand is there.
void fuse_addition(Draft& draft) {
  draft.find_steps();
  auto& steps = draft.plan.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!is_plain_addition(steps[i], draft.plan) || !steps[i].blocks.empty()) continue;
    const int first = convolution_of(draft, steps[i].sources[0]), second = convolution_of(draft, steps[i].sources[1]);
    const int writer = std::max(first, second);
    if (writer == kNone) continue;
    const int other = steps[i].sources[writer == first ? 1 : 0];
    draft.note_fused(steps[i], steps[writer]);
    PlanStep fused = std::move(steps[writer]);
    auto op = static_cast<const ConvolutionOp&>(*fused.op).copy();
    op->adds_source = true;
    fused.op = std::move(op);
    fused.sources.push_back(other);
    fused.node += " + " + steps[i].node;
    fused.result = steps[i].result;
    steps[i] = std::move(fused);
    draft.remove(writer);
  }
  draft.drop_removed();
}

}  // namespace mpsnn
