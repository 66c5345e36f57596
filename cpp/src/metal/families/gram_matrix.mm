#include "mpsnn/nodes/gram_matrix.hpp"

#include "metal/nodes.hpp"
#include "metal/questions.hpp"

namespace mpsnn::metal {

void add_gram_matrix_nodes(NodeMakers &makers) {
  makers.add<GramMatrixOp>([](const GramMatrixOp &op, const NodeRequest &in) {
    MPSNNGramMatrixCalculationNode *node = [MPSNNGramMatrixCalculationNode nodeWithSource:in.image() alpha:op.alpha];
    node.propertyCallBack = asker_of(in);
    return node;
  });
  makers.add<GramMatrixGradientOp>([](const GramMatrixGradientOp &op, const NodeRequest &in) {
    return [MPSNNGramMatrixCalculationGradientNode nodeWithSourceGradient:in.image(0)
                                                              sourceImage:in.image(1)
                                                            gradientState:in.gradient_state()
                                                                    alpha:op.alpha];
  });
}

}  // namespace mpsnn::metal
