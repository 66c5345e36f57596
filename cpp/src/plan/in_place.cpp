#include <algorithm>

#include "plan/passes.hpp"

namespace mpsnn {

void run_in_place(Draft& draft) {
  Plan& plan = draft.plan;
  const std::size_t count = plan.values.size();
  std::vector<int> last_use(count, kNone);    // of a root's memory
  std::vector<bool> has_parts(count, false);  // images that are only a channel range of it
  const auto covers_root = [&](int value) { return plan.values[value].shape == plan.values[plan.values[value].root].shape; };
  for (std::size_t i = 0; i < count; ++i) {
    if (!covers_root(int(i))) has_parts[plan.values[i].root] = true;
  }
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    for (int id : plan.steps[i].sources) last_use[plan.values[id].root] = int(i);
  }
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const PlanStep& step = plan.steps[i];
    if (step.kind != StepKind::compute || step.result == kNone || !step.kernel->can_run_in_place()) continue;
    PlanValue& result = plan.values[step.result];
    const int source = step.sources[0], root = plan.values[source].root;
    const bool is_own = result.root == step.result && result.slot == kNone && !has_parts[step.result];
    const bool is_free = covers_root(source) && plan.values[root].slot == kNone && !has_parts[root] && last_use[root] == int(i);
    const bool reads_once =
        std::none_of(step.sources.begin() + 1, step.sources.end(), [&](int id) { return plan.values[id].root == root; });
    if (!is_own || !is_free || !reads_once || result.shape != plan.values[source].shape) continue;
    result.root = root;
    last_use[root] = last_use[step.result];
  }
}

}  // namespace mpsnn
