#include <algorithm>

#include "mpsnn/nodes/normalization.hpp"
#include "plan/passes.hpp"

namespace mpsnn {

namespace {

// A forward filter with another op, which lives as long as it.
std::shared_ptr<const ForwardStep> with_op(const ForwardStep& forward, std::shared_ptr<const Op> op) {
  struct Kept {
    ForwardStep step;
    std::shared_ptr<const Op> op;
  };
  auto kept = std::make_shared<Kept>(Kept{forward, std::move(op)});
  kept->step.op = kept->op.get();
  return {kept, &kept->step};
}

// The steps around an activation in training.
struct Surroundings {
  int normalization = kNone, gradient = kNone, normalization_gradient = kNone;
};

Surroundings around(const Draft& draft, int neuron) {
  const auto& steps = draft.plan.steps;
  const int image = steps[neuron].sources[0], writer = draft.writer(image);
  if (writer == kNone || !dynamic_cast<const BatchNormalizationOp*>(steps[writer].op.get())) return {};
  if (steps[writer].sources.size() != 1) return {};  // another image was added
  // Only the activation and its gradient read the normalized image.
  const std::vector<int>& readers = draft.readers(image);
  if (draft.is_visible[image] || readers.size() != 2) return {};
  const int gradient = readers[0] == neuron ? readers[1] : readers[0];
  if (!dynamic_cast<const NeuronGradientOp*>(steps[gradient].op.get()) || steps[gradient].sources[1] != image) return {};
  const int given = steps[gradient].result;
  if (!draft.is_private(given)) return {};
  const int reader = draft.readers(given)[0];
  const PlanStep& last = steps[reader];
  const bool is_its_gradient = dynamic_cast<const BatchNormalizationGradientOp*>(last.op.get()) && last.sources[0] == given &&
                               last.source_blocks == steps[writer].blocks && last.sources[1] == steps[writer].sources[0];
  if (!is_its_gradient || !is_aligned(steps[neuron]) || !is_aligned(steps[gradient])) return {};
  return {writer, gradient, reader};
}

}  // namespace

bool is_cheap(const NNNeuronDescriptor& neuron) {
  return neuron.neuron_type == CNNNeuronType::ReLU || neuron.neuron_type == CNNNeuronType::ReLUN;
}

// The gradient filter of a batch normalization has the statistics and the source, so that it can compute again what the
// activation was given: that image need not exist, nor its gradient.
void fuse_neuron_gradient(Draft& draft) {
  draft.find_steps();
  auto& steps = draft.plan.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto* neuron = dynamic_cast<const NeuronOp*>(steps[i].op.get());
    if (!neuron || !is_cheap(neuron->neuron)) continue;
    const Surroundings found = around(draft, int(i));
    if (found.normalization == kNone) continue;
    PlanStep &normalization = steps[found.normalization], &last = steps[found.normalization_gradient];
    const auto& op = static_cast<const BatchNormalizationOp&>(*normalization.op);
    if (op.neuron.neuron_type != CNNNeuronType::None) continue;
    const PlanStep& gradient = steps[found.gradient];
    draft.note_fused(gradient, last);
    auto fused = std::make_shared<BatchNormalizationOp>(op);
    fused->neuron = neuron->neuron;
    last.forward = with_op(*last.forward, fused);
    last.sources[0] = gradient.sources[0];
    last.node = gradient.node + " + " + last.node;
    normalization.op = std::move(fused);
    draft.remove(found.gradient);
    draft.merge(int(i), found.normalization);
  }
  draft.drop_removed();
}

}  // namespace mpsnn
