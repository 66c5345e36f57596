#include <algorithm>

#include "plan/passes.hpp"

namespace mpsnn {

namespace {

// Whether all the step reads besides its first source is there before another step.
bool is_ready_before(const Draft& draft, const PlanStep& step, int other) {
  const auto& steps = draft.plan.steps;
  const bool are_images = std::all_of(step.sources.begin() + 1, step.sources.end(),
                                      [&](int image) { return image != step.sources[0] && draft.writer(image) < other; });
  return are_images && std::all_of(step.source_blocks.begin(), step.source_blocks.end(), [&](int block) {
           return std::any_of(steps.begin(), steps.begin() + other, [&](const PlanStep& earlier) {
             return std::find(earlier.blocks.begin(), earlier.blocks.end(), block) != earlier.blocks.end();
           });
         });
}

}  // namespace

void watch_while_written(Draft& draft) {
  draft.find_steps();
  auto& steps = draft.plan.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    auto* watched = dynamic_cast<IsWatched*>(steps[i].kernel.get());
    if (!watched || steps[i].result == kNone) continue;
    std::size_t parts = 0;
    for (int reader : draft.readers(steps[i].result)) {
      const PlanStep& step = steps[reader];
      auto* watcher = dynamic_cast<WatchesPixels*>(step.kernel.get());
      if (!watcher || step.sources[0] != steps[i].result || !watcher->can_watch()) continue;
      if ((parts > 0 && watcher->watched_parts() != parts) || !is_ready_before(draft, step, int(i))) continue;
      parts = watcher->watched_parts();
      watched->add_watcher(*watcher);
      steps[i].watchers.push_back(reader);
      draft.plan.notes.push_back(step.node + " adds up while " + steps[i].node + " writes");
    }
  }
}

}  // namespace mpsnn
