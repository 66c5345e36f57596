#include "plan/passes.hpp"

namespace mpsnn {

namespace {

// The step that makes the image that only this one reads, if it can do without it.
int maker_of(const Draft& draft, const PlanStep& step) {
  const int image = step.sources[0], writer = draft.writer(image);
  if (writer == kNone) return kNone;
  const auto* maker = dynamic_cast<const MakesPixels*>(draft.plan.steps[writer].kernel.get());
  if (!maker || !maker->can_make_pixels()) return kNone;
  const PlanValue& value = draft.plan.values[image];
  return draft.is_private(image) && value.root == image && value.slot == kNone ? writer : kNone;
}

}  // namespace

bool makes_where_read(const PlanRequest& request) { return !request.emulate_storage && request.has("make_where_read"); }

const MakesPixels* find_maker(const Draft& draft, const PlanStep& step) {
  if (!makes_where_read(draft.plan.request) || step.sources.empty()) return nullptr;
  const int found = maker_of(draft, step);
  return found == kNone ? nullptr : dynamic_cast<const MakesPixels*>(draft.plan.steps[found].kernel.get());
}

void make_where_read(Draft& draft) {
  draft.find_steps();
  for (PlanStep& step : draft.plan.steps) {
    auto* reader = dynamic_cast<ReadsPixels*>(step.kernel.get());
    const int found = reader && !step.sources.empty() ? maker_of(draft, step) : kNone;
    if (found == kNone) continue;
    PlanStep& maker = draft.plan.steps[found];
    const auto& makes = dynamic_cast<const MakesPixels&>(*maker.kernel);
    if (!reader->can_read_from(makes)) continue;
    reader->read_from(makes);
    step.sources[0] = maker.sources[0];
    step.sources.insert(step.sources.end(), maker.sources.begin() + 1, maker.sources.end());
    maker.result = kNone;
    draft.plan.notes.push_back("the image of " + maker.node + " is made where " + step.node + " reads it");
  }
}

}  // namespace mpsnn
