#include "mpsnn/nodes/initial_gradient.hpp"

#include <utility>
#include <vector>

#include "nodes/node_table.hpp"

namespace mpsnn {

Inferred InitialGradientOp::infer(const InferRequest& request) const { return {request.sources[0], {}}; }

NNInitialGradientNode::NNInitialGradientNode(ImageNodePtr source)
    : NodeOf(InitialGradientOp(), std::vector<ImageNodePtr>{std::move(source)}, std::vector<StateNodePtr>{}) {}

void register_initial_gradient_nodes(NodeTable& table) { table.add_unary<NNInitialGradientNode>("MPSNNInitialGradientNode"); }

}  // namespace mpsnn
