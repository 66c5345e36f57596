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

bool Draft::is_private(int value) const { return !is_visible[value] && readers(value).size() == 1; }

}  // namespace mpsnn
