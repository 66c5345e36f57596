#include "mpsnn/nodes/convolution.hpp"
#include "mpsnn/nodes/neuron.hpp"
#include "mpsnn/nodes/normalization.hpp"
#include "nodes/signs.hpp"
#include "plan/passes.hpp"

namespace mpsnn {

namespace {

// The op with the activation built in, or null where it cannot take it.
std::shared_ptr<const Op> with_neuron(const Op& op, const NNNeuronDescriptor& neuron) {
  if (const auto* convolution = dynamic_cast<const ConvolutionOp*>(&op)) {
    // PReLU counts the channels before the pixels are rearranged.
    const bool is_rearranged = convolution->sub_pixel_scale_factor != 1 && neuron.neuron_type == CNNNeuronType::PReLU;
    if (convolution->neuron.neuron_type != CNNNeuronType::None || is_rearranged) return nullptr;
    auto copy = convolution->copy();
    copy->neuron = neuron;
    return copy;
  }
  if (const auto* normalization = dynamic_cast<const BatchNormalizationOp*>(&op)) {
    if (normalization->neuron.neuron_type != CNNNeuronType::None) return nullptr;
    auto copy = std::make_shared<BatchNormalizationOp>(*normalization);
    copy->neuron = neuron;
    return copy;
  }
  return nullptr;
}

// Why a step cannot leave what the activation after it leaves, or empty. Only a batch normalization that leaves its own state
// leaves an activation's signs after it, where those of each pixel fill whole bytes.
std::string why_not_left(const Plan& plan, const PlanStep& writer, const PlanStep& neuron) {
  const bool is_normalization = dynamic_cast<const BatchNormalizationOp*>(writer.op.get());
  if (neuron.blocks.empty()) return is_normalization || writer.blocks.empty() ? "" : "its state is needed";
  if (!is_normalization || writer.blocks.empty()) return "its state is needed";
  return begin_with_bytes(plan.values[neuron.result].shape.channels) ? "" : "the signs of its pixels do not begin with bytes";
}

}  // namespace

void fuse_neuron(Draft& draft) {
  draft.find_steps();
  auto& steps = draft.plan.steps;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto* neuron = dynamic_cast<const NeuronOp*>(steps[i].op.get());
    if (!neuron) continue;
    const int writer = draft.writer(steps[i].sources[0]);
    if (writer == kNone) continue;
    auto fused = with_neuron(*steps[writer].op, neuron->neuron);
    if (!fused) continue;
    std::string why = draft.why_not_private(steps[i].sources[0]);
    if (why.empty()) why = why_not_left(draft.plan, steps[writer], steps[i]);
    if (!why.empty()) {
      draft.note_refused(steps[i], steps[writer], why);
      continue;
    }
    steps[writer].op = std::move(fused);
    steps[writer].blocks.insert(steps[writer].blocks.end(), steps[i].blocks.begin(), steps[i].blocks.end());
    draft.merge(int(i), writer);
  }
  draft.drop_removed();
}

}  // namespace mpsnn
