#include <algorithm>
#include <map>
#include <set>

#include "mpsnn/nodes/normalization.hpp"
#include "plan/passes.hpp"

namespace mpsnn {

namespace {

// What a cache holds from the step that makes it to the one that reads it.
constexpr std::size_t kMostBytes = std::size_t(1) << 20;
constexpr std::size_t kBlocks = 3;  // of the state: without signs, which would have to be left once more

bool is_gradient(const Draft& draft, int step) {
  const int id = draft.plan.steps[step].program_step;
  return id != kNone && draft.planner.program.steps[id].is_gradient;
}

bool costs_little(const PlanStep& step) {
  const auto* op = dynamic_cast<const BatchNormalizationOp*>(step.op.get());
  if (!op || step.sources.size() != 1 || step.blocks.size() != kBlocks) return false;
  return op->neuron.neuron_type == CNNNeuronType::None || is_cheap(op->neuron);
}

// The first of the gradient steps that read the image after all others, if it is small and its source is kept as long as they
// need it.
int first_late_reader(const Draft& draft, const PlanStep& writer) {
  const Plan& plan = draft.plan;
  const int image = writer.result;
  if (!costs_little(writer) || image == kNone || draft.is_visible[image]) return kNone;
  if (plan.values[image].shape.count() * plan.batch * sizeof(float) > kMostBytes) return kNone;
  const std::vector<int>&readers = draft.readers(image), &of_source = draft.readers(writer.sources[0]);
  const auto is_late = [&](int reader) { return is_gradient(draft, reader); };
  const auto first = std::find_if(readers.begin(), readers.end(), is_late);
  const bool is_between = first != readers.begin() && first != readers.end() && std::all_of(first, readers.end(), is_late);
  return is_between && of_source.back() >= readers.back() ? *first : kNone;
}

}  // namespace

// The gradient filter of a batch normalization needs its source: what was made of that need not be kept for the gradient filters
// that read it, where to make it once more takes next to no time.
void compute_again(Draft& draft) {
  draft.find_steps();
  Plan& plan = draft.plan;
  std::multimap<int, PlanStep> before;  // by the step that reads it first
  std::set<int> let_go;                 // images that those steps do not read any more
  for (PlanStep& writer : plan.steps) {
    const int reader = first_late_reader(draft, writer);
    if (reader == kNone || let_go.count(writer.sources[0]) > 0) continue;
    let_go.insert(writer.result);
    PlanStep again = writer;
    again.node += " again";
    auto op = std::make_shared<BatchNormalizationOp>(static_cast<const BatchNormalizationOp&>(*writer.op));
    op->is_again = true;
    again.op = std::move(op);
    again.source_blocks = std::move(again.blocks);
    again.blocks = {};
    again.result = draft.add_value(plan.values[writer.result].shape);
    for (int late : draft.readers(writer.result)) {
      std::vector<int>& sources = plan.steps[late].sources;
      if (late >= reader) std::replace(sources.begin(), sources.end(), writer.result, again.result);
    }
    plan.notes.push_back("the image of " + writer.node + " is computed again for " + plan.steps[reader].node);
    before.emplace(reader, std::move(again));
  }
  std::vector<PlanStep> steps;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto [first, last] = before.equal_range(int(i));
    for (auto at = first; at != last; ++at) steps.push_back(std::move(at->second));
    steps.push_back(std::move(plan.steps[i]));
  }
  plan.steps = std::move(steps);
}

}  // namespace mpsnn
