#include <set>

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
    PlanStep& made_by = draft.plan.steps[writer];
    auto* giver = dynamic_cast<GivesPixels*>(made_by.kernel.get());
    if (!giver || giver->given_parts().empty() || !givers.insert(giver).second) continue;
    taker->take_from(giver->given_parts());
    giver->give_to(*taker);
    draft.plan.notes.push_back(step.node + " adds up the image of " + made_by.node + " while it is made");
  }
}

}  // namespace mpsnn
