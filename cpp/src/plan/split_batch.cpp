#include <algorithm>
#include <set>

#include "mpsnn/whole_batch.hpp"
#include "plan/passes.hpp"

namespace mpsnn {

namespace {

// Images of this size together stay in the last cache of many a processor from step to step.
constexpr std::size_t kEnoughBytes = 20 << 20;

/// Whether each image could be alone.
bool are_images_apart(const Plan& plan) {
  return plan.blocks.empty() && std::none_of(plan.steps.begin(), plan.steps.end(), [](const PlanStep& step) {
           const auto* op = dynamic_cast<const SeesWholeBatch*>(step.op.get());
           return op && op->sees_whole_batch();
         });
}

/// What one image needs of the arena at the step that needs most.
std::size_t bytes_of_one(const Plan& plan) {
  const std::size_t count = plan.values.size();
  std::vector<int> first(count, kNone), last(count, kNone);  // by root
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto touch = [&](int value) {
      const int root = plan.values[value].root;
      if (first[root] == kNone) first[root] = int(i);
      last[root] = int(i);
    };
    for (int id : plan.steps[i].sources) touch(id);
    if (plan.steps[i].result != kNone) touch(plan.steps[i].result);
  }
  std::vector<std::ptrdiff_t> change(plan.steps.size() + 1, 0);
  for (std::size_t id = 0; id < count; ++id) {
    if (first[id] == kNone || plan.values[id].slot != kNone) continue;
    const auto bytes = std::ptrdiff_t(plan.values[id].shape.count() * sizeof(float));
    change[first[id]] += bytes;
    change[last[id] + 1] -= bytes;
  }
  std::ptrdiff_t now = 0, most = 0;
  for (const std::ptrdiff_t bytes : change) most = std::max(most, now += bytes);
  return std::size_t(most);
}

std::size_t bytes_of_parameters(const Plan& plan) {
  std::set<const ParameterSet*> seen;
  std::size_t count = 0;
  for (const PlanStep& step : plan.steps) {
    if (!step.parameters || !seen.insert(step.parameters.get()).second) continue;
    for (const Parameter& parameter : step.parameters->parameters) count += parameter.count;
  }
  return count * sizeof(float);
}

}  // namespace

void split_batch(Draft& draft) {
  Plan& plan = draft.plan;
  if (!are_images_apart(plan)) return;
  // Every run reads the parameters: they should be the lesser part of what it reads.
  const std::size_t enough = std::max(kEnoughBytes, bytes_of_parameters(plan) * 3 / 2);
  const std::size_t bytes = std::max(bytes_of_one(plan), std::size_t(1)), most = std::max(enough / bytes, std::size_t(1));
  if (most >= plan.batch) return;
  // No image passes twice where a number of images that is little smaller divides the batch.
  std::size_t images = most;
  while (images > most / 2 && plan.batch % images != 0) --images;
  plan.batch = images > most / 2 ? images : most;
  plan.notes.push_back("the steps take " + std::to_string(plan.batch) + " images at a time");
}

}  // namespace mpsnn
