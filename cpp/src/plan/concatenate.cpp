#include <algorithm>
#include <functional>
#include <set>

#include "mpsnn/error.hpp"
#include "mpsnn/nodes/concatenation.hpp"
#include "plan/planner.hpp"

namespace mpsnn {

namespace {

// Names of the implementations of every step that touches one of the values.
std::vector<std::string> implementations_around(const Draft& draft, const std::vector<int>& values, std::size_t except) {
  std::set<int> touching;
  for (int id : values) {
    if (draft.writer(id) != kNone) touching.insert(draft.writer(id));
    touching.insert(draft.readers(id).begin(), draft.readers(id).end());
  }
  std::vector<std::string> names;
  for (int i : touching) {
    const PlanStep& step = draft.plan.steps[i];
    if (std::size_t(i) != except && step.op) names.push_back(make_kernel(draft, step).implementation);
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
  draft.find_steps();
  Plan& plan = draft.plan;
  std::vector<std::vector<int>> parts(plan.values.size());  // the values in the memory of each root
  for (std::size_t i = 0; i < plan.values.size(); ++i) parts[plan.values[i].root].push_back(int(i));
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (!dynamic_cast<const ConcatenationOp*>(plan.steps[i].op.get())) continue;
    const std::vector<int> sources = plan.steps[i].sources;
    const int result = plan.steps[i].result;
    const bool possible = plan.values[result].root == result && std::all_of(sources.begin(), sources.end(), [&](int id) {
                            return can_lie_in(draft, id, result, sources);
                          });
    if (!possible) continue;
    const auto before = implementations_around(draft, sources, i);
    std::vector<std::pair<int, PlanValue>> saved;
    std::size_t offset = 0;
    for (int id : sources) {
      for (int part : parts[id]) {
        PlanValue& value = plan.values[part];
        saved.emplace_back(part, value);
        value.root = result;
        value.channel_offset += offset;
      }
      offset += padded_channels(plan.values[id].shape.channels);
    }
    // A kernel that is good at dense images only is worth more than the copy, unless another than the plain one takes its place.
    const auto after = implementations_around(draft, sources, i);
    const auto is_lost = [](const std::string& was, const std::string& is) { return is != was && is == "loops"; };
    if (!std::equal(before.begin(), before.end(), after.begin(), std::not_fn(is_lost))) {
      for (const auto& [part, value] : saved) plan.values[part] = value;
      continue;
    }
    for (const auto& [part, value] : saved) parts[result].push_back(part);
    draft.remove(int(i));
  }
  draft.drop_removed();
}

}  // namespace mpsnn
