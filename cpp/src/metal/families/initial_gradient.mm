#include "mpsnn/nodes/initial_gradient.hpp"

#include "metal/nodes.hpp"

namespace mpsnn::metal {

void add_initial_gradient_nodes(NodeMakers &makers) {
  makers.add<InitialGradientOp>(
      [](const InitialGradientOp &, const NodeRequest &in) { return [MPSNNInitialGradientNode nodeWithSource:in.image()]; });
}

}  // namespace mpsnn::metal
