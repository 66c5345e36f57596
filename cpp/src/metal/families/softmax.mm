#include "mpsnn/nodes/softmax.hpp"
#include "metal/nodes.hpp"

namespace mpsnn::metal {

void add_softmax_nodes(NodeMakers &makers) {
  makers.add<SoftMaxOp>([](const SoftMaxOp &, const NodeRequest &in) { return [MPSCNNSoftMaxNode nodeWithSource:in.image()]; });
  makers.add<LogSoftMaxOp>(
      [](const LogSoftMaxOp &, const NodeRequest &in) { return [MPSCNNLogSoftMaxNode nodeWithSource:in.image()]; });
  makers.add<SoftMaxGradientOp>([](const SoftMaxGradientOp &, const NodeRequest &in) {
    return [MPSCNNSoftMaxGradientNode nodeWithSourceGradient:in.image(0)
                                                 sourceImage:in.image(1)
                                               gradientState:in.gradient_state()];
  });
  makers.add<LogSoftMaxGradientOp>([](const LogSoftMaxGradientOp &, const NodeRequest &in) {
    return [MPSCNNLogSoftMaxGradientNode nodeWithSourceGradient:in.image(0)
                                                    sourceImage:in.image(1)
                                                  gradientState:in.gradient_state()];
  });
}

}  // namespace mpsnn::metal
