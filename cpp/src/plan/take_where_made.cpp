#include <set>
#include <utility>
#include <vector>

#include "plan/passes.hpp"

namespace mpsnn {

void take_where_made(Draft& draft) {
  draft.find_steps();
  std::set<const GivesPixels*> givers;  // each gives to one
  for (PlanStep& step : draft.plan.steps) {
    auto* taker = dynamic_cast<TakesPixels*>(step.kernel.get());
    if (!taker || !taker->wants_pixels()) continue;
    const int image = step.sources[0], writer = draft.writer(image);
    if (writer == kNone || draft.plan.values[image].root != image) continue;
    const PlanStep& made_by = draft.plan.steps[writer];
    auto* giver = dynamic_cast<GivesPixels*>(made_by.kernel.get());
    if (!giver) continue;
    std::vector<PixelRange> parts = giver->given_parts();
    if (parts.empty() || !givers.insert(giver).second) continue;
    taker->take_from(std::move(parts));
    giver->give_to(*taker);
    draft.plan.notes.push_back(step.node + " adds up the image of " + made_by.node + " while it is made");
  }
}

}  // namespace mpsnn
