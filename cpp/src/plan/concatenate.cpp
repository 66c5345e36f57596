#include <algorithm>

#include "mpsnn/error.hpp"
#include "mpsnn/nodes/concatenation.hpp"
#include "plan/planner.hpp"

namespace mpsnn {

namespace {

// Names of the implementations of every step that touches one of the values.
std::vector<std::string> implementations_around(const Draft& draft, const std::vector<int>& values, std::size_t except) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < draft.plan.steps.size(); ++i) {
    const PlanStep& step = draft.plan.steps[i];
    if (i == except || step.kind != StepKind::compute) continue;
    const auto touches = [&](int id) { return std::find(values.begin(), values.end(), id) != values.end(); };
    if (touches(step.result) || std::any_of(step.sources.begin(), step.sources.end(), touches)) {
      names.push_back(make_kernel(draft, step).implementation);
    }
  }
  return names;
}

bool can_lie_in(const Draft& draft, int value, int result, const std::vector<int>& sources) {
  const PlanValue& v = draft.plan.values[value];
  const bool is_own = v.root == value && v.slot == kNone && value != result;
  // Channels that only pad would have to be zeroed in every run.
  const bool is_aligned = v.shape.channels % 4 == 0;
  return is_own && is_aligned && draft.writer(value) != kNone && std::count(sources.begin(), sources.end(), value) == 1;
}

}  // namespace

// Producers write straight into their channel range of the result; the copy goes away.
void concatenate_in_place(Draft& draft) {
  Plan& plan = draft.plan;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (!dynamic_cast<const ConcatenationOp*>(plan.steps[i].op.get())) continue;
    const std::vector<int> sources = plan.steps[i].sources;
    const int result = plan.steps[i].result;
    const bool possible = plan.values[result].root == result && std::all_of(sources.begin(), sources.end(), [&](int id) {
                            return can_lie_in(draft, id, result, sources);
                          });
    if (!possible) continue;
    const auto before = implementations_around(draft, sources, i);
    const auto saved = plan.values;
    std::size_t offset = 0;
    for (int id : sources) {
      for (PlanValue& value : plan.values) {
        if (value.root != id) continue;
        value.root = result;
        value.channel_offset += offset;
      }
      offset += padded_channels(plan.values[id].shape.channels);
    }
    // A kernel that is good at dense images only is worth more than the copy.
    if (implementations_around(draft, sources, i) != before) {
      plan.values = saved;
      continue;
    }
    plan.steps.erase(plan.steps.begin() + long(i--));
  }
}

}  // namespace mpsnn
