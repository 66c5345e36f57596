#include <unordered_map>

#include "plan/passes.hpp"

namespace mpsnn {

void update_at_once(Draft& draft) {
  Plan& plan = draft.plan;
  const Program& program = draft.planner.program;
  // The last step that reads the values of a data source.
  std::unordered_map<const void*, int> last;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (const auto& set = plan.steps[i].parameters) last[set->source_identity()] = int(i);
  }
  int count = 0;
  for (PlanState& made : plan.states) {
    const ProgramState& state = program.states[made.state];
    if (state.is_exported || state.gradient_step == kNone) continue;
    const ProgramStep& gradient = program.steps[state.gradient_step];
    if (gradient.training_style != NNTrainingStyle::UpdateDeviceGPU || !gradient.lowered.parameters->updates_at_once()) continue;
    made.updated_after = last.at(gradient.lowered.parameters->source_identity());
    for (std::size_t i = 0; i < made.gradient_blocks.size(); ++i) {
      PlanBlock& block = plan.blocks[made.gradient_blocks[i]];
      block.slot = kNone;
      block.last = made.updated_after;
      block.descriptor.is_read = gradient.lowered.parameters->takes_gradient(i);
    }
    ++count;
  }
  if (count > 0) plan.notes.push_back("the data sources of " + std::to_string(count) + " filters take the gradients at once");
}

}  // namespace mpsnn
