#include <algorithm>
#include <typeinfo>

#include "mpsnn/nodes/arithmetic.hpp"
#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/neuron.hpp"
#include "mpsnn/nodes/normalization.hpp"
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

bool can_add(const ConvolutionOp& op, const PlanStep& step) {
  return !op.adds_source && op.neuron.neuron_type == CNNNeuronType::None && op.sub_pixel_scale_factor == 1 && step.blocks.empty();
}

bool can_add(const BatchNormalizationOp& op, const PlanStep& step) {
  return op.neuron.neuron_type == CNNNeuronType::None && step.sources.size() == 1;
}

// The step that makes the value, when it can add another image before its activation.
int adder_of(const Draft& draft, int value) {
  if (!draft.is_private(value)) return kNone;
  const int writer = draft.writer(value);
  if (writer == kNone) return kNone;
  const PlanStep& step = draft.plan.steps[writer];
  const Op& op = *step.op;
  bool can = false;
  if (typeid(op) == typeid(ConvolutionOp)) can = can_add(static_cast<const ConvolutionOp&>(op), step);
  if (typeid(op) == typeid(BatchNormalizationOp)) can = can_add(static_cast<const BatchNormalizationOp&>(op), step);
  return can ? writer : kNone;
}

// The rectifier's gradient that reads a sum alone, and signs: it can add by itself.
int gradient_adder_of(const Draft& draft, int sum) {
  if (!draft.is_private(sum)) return kNone;
  const int reader = draft.readers(sum)[0];
  const PlanStep& step = draft.plan.steps[reader];
  const bool reads_signs = dynamic_cast<const NeuronGradientOp*>(step.op.get()) && !step.source_blocks.empty();
  return reads_signs && step.sources.size() == 1 ? reader : kNone;
}

}  // namespace

// The gradients of an image that several filters read are added where their sum is read.
void fuse_gradient_sum(Draft& draft) {
  draft.find_steps();
  auto& steps = draft.plan.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!is_plain_addition(steps[i], draft.plan) || !steps[i].blocks.empty()) continue;
    const int reader = gradient_adder_of(draft, steps[i].result);
    if (reader == kNone) continue;
    draft.note_fused(steps[i], steps[reader]);
    steps[reader].sources = steps[i].sources;
    steps[reader].node = steps[i].node + " + " + steps[reader].node;
    draft.remove(int(i));
  }
  draft.drop_removed();
}

// The step moves to where the addition was: by then the other operand is there.
void fuse_addition(Draft& draft) {
  draft.find_steps();
  auto& steps = draft.plan.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!is_plain_addition(steps[i], draft.plan) || !steps[i].blocks.empty()) continue;
    const int first = adder_of(draft, steps[i].sources[0]), second = adder_of(draft, steps[i].sources[1]);
    const int writer = std::max(first, second);
    if (writer == kNone) continue;
    const int other = steps[i].sources[writer == first ? 1 : 0];
    draft.note_fused(steps[i], steps[writer]);
    PlanStep fused = std::move(steps[writer]);
    if (const auto* convolution = dynamic_cast<const ConvolutionOp*>(fused.op.get())) {
      auto op = convolution->copy();
      op->adds_source = true;
      fused.op = std::move(op);
    }
    fused.sources.push_back(other);
    fused.node += " + " + steps[i].node;
    fused.result = steps[i].result;
    steps[i] = std::move(fused);
    draft.remove(writer);
  }
  draft.drop_removed();
}

}  // namespace mpsnn
