#include <algorithm>

#include "plan/passes.hpp"

namespace mpsnn {

void Draft::find_steps() {
  writers_.assign(plan.values.size(), kNone);
  readers_.assign(plan.values.size(), {});
  shared_.clear();
  std::set<const ParameterSet*> seen;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const PlanStep& step = plan.steps[i];
    if (step.parameters && !seen.insert(step.parameters.get()).second) shared_.insert(step.parameters.get());
    if (step.kind == StepKind::compute && step.result != kNone) writers_[step.result] = int(i);
    for (int id : step.sources) readers_[id].push_back(int(i));
  }
}

int Draft::add_value(const ImageShape& shape) {
  const int id = int(plan.values.size());
  PlanValue value;
  value.shape = shape;
  value.root = id;
  plan.values.push_back(value);
  is_visible.push_back(false);
  return id;
}

void Draft::merge(int step, int into) {
  PlanStep &from = plan.steps[step], &to = plan.steps[into];
  note_fused(from, to);
  to.node += " + " + from.node;
  to.result = from.result;
  writers_[to.result] = into;
  remove(step);
}

void Draft::remove(int step) {
  const int result = plan.steps[step].result;
  if (result != kNone && writers_[result] == step) writers_[result] = kNone;
  plan.steps[step] = {};
}

void Draft::drop_removed() {
  std::erase_if(plan.steps, [](const PlanStep& step) { return step.kind == StepKind::compute && !step.op; });
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
