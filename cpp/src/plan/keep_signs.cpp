#include "mpsnn/nodes/neuron.hpp"
#include "nodes/signs.hpp"
#include "plan/passes.hpp"
#include "plan/planner.hpp"

namespace mpsnn {

namespace {

bool is_rectifier(const PlanStep& step) {
  const auto* op = dynamic_cast<const NeuronOp*>(step.op.get());
  return op && op->neuron.neuron_type == CNNNeuronType::ReLU && is_aligned(step);
}

// The rectifier's gradient step, when only the two read the image.
int gradient_of(const Draft& draft, int rectifier) {
  const auto& steps = draft.plan.steps;
  const int image = steps[rectifier].sources[0];
  const std::vector<int>& readers = draft.readers(image);
  if (draft.is_visible[image] || readers.size() != 2) return kNone;
  const int gradient = readers[0] == rectifier ? readers[1] : readers[0];
  const PlanStep& step = steps[gradient];
  const auto* op = dynamic_cast<const NeuronGradientOp*>(step.op.get());
  const bool fits = op && op->descriptor == static_cast<const NeuronOp&>(*steps[rectifier].op).neuron &&
                    step.sources[1] == image && is_aligned(step) && step.result != kNone &&
                    draft.plan.values[step.sources[0]].shape == draft.plan.values[image].shape;
  return fits ? gradient : kNone;
}

}  // namespace

// The gradient of a rectifier reads the signs of its source, so that the source itself need not be kept.
void keep_signs(Draft& draft) {
  draft.find_steps();
  Plan& plan = draft.plan;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (!is_rectifier(plan.steps[i])) continue;
    const int gradient = gradient_of(draft, int(i));
    if (gradient == kNone) continue;
    const ImageShape& shape = plan.values[plan.steps[i].sources[0]].shape;
    PlanBlock signs;
    signs.descriptor = {"signs", DataType::UInt8, sign_bytes(shape.height * shape.width * shape.channels), true};
    signs.byte_count = byte_count(signs.descriptor, plan.request.batch, plan.steps[i].node);
    const int id = int(plan.blocks.size());
    plan.blocks.push_back(std::move(signs));
    plan.steps[i].blocks = {id};
    plan.steps[gradient].source_blocks = {id};
    plan.steps[gradient].sources.pop_back();
  }
}

}  // namespace mpsnn
