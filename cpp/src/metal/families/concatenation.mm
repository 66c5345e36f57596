#include "mpsnn/nodes/concatenation.hpp"

#include "metal/graph.hpp"
#include "metal/nodes.hpp"

namespace mpsnn::metal {

namespace {

// Apple's node finds its slice by its source image. An image that was concatenated twice has several: the forward filter tells
// them apart.
bool is_first_of_its_image(const ConcatenationGradientOp &op, const ProgramStep &forward, int image) {
  const auto &sources = forward.sources;
  return std::find(sources.begin(), sources.end(), image) == sources.begin() + std::ptrdiff_t(op.source_index);
}

}  // namespace

void add_concatenation_nodes(NodeMakers &makers) {
  makers.add<ConcatenationOp>(
      [](const ConcatenationOp &, const NodeRequest &in) { return [MPSNNConcatenationNode nodeWithSources:in.all_images()]; });
  makers.add<ConcatenationGradientOp>([](const ConcatenationGradientOp &op, const NodeRequest &in) -> MPSNNFilterNode * {
    const ProgramStep &forward = in.graph.program().steps[in.step.forward];
    if (is_first_of_its_image(op, forward, in.step.sources[1])) {
      return [MPSNNConcatenationGradientNode nodeWithSourceGradient:in.image(0)
                                                        sourceImage:in.image(1)
                                                      gradientState:in.gradient_state()];
    }
    NSArray *all = [in.graph.filter(in.step.forward) gradientFiltersWithSource:in.image(0)];
    return [all objectAtIndex:op.source_index];
  });
}

}  // namespace mpsnn::metal
