#include <algorithm>

#include "plan/passes.hpp"

namespace mpsnn {

std::vector<int> Draft::readers(int value) const {
  std::vector<int> found;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    for (int id : plan.steps[i].sources) {
      if (id == value) found.push_back(int(i));
    }
  }
  return found;
}

int Draft::writer(int value) const {
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    if (plan.steps[i].kind == StepKind::compute && plan.steps[i].result == value) return int(i);
  }
  return kNone;
}

std::string Draft::why_not_private(int value) const {
  if (is_visible[value]) {
    const Program& program = planner.program;
    if (program.values[value].is_exported) return "its image is exported";
    const bool is_result = std::find(program.results.begin(), program.results.end(), value) != program.results.end();
    return is_result ? "its image is a result" : "its image was made under a custom padding policy";
  }
  const std::size_t count = readers(value).size();
  return count == 1 ? "" : "its image has " + std::to_string(count) + " readers";
}

void Draft::note_fused(const PlanStep& step, const PlanStep& into) {
  plan.notes.push_back("fused " + step.node + " into " + into.node);
}

void Draft::note_refused(const PlanStep& step, const PlanStep& into, const std::string& why) {
  plan.notes.push_back("not fused " + step.node + " into " + into.node + ": " + why);
}

}  // namespace mpsnn
