#include "mpsnn/nodes/binary_convolution.hpp"

#include "metal/data_sources.hpp"
#include "metal/nodes.hpp"

namespace mpsnn::metal {

namespace {

const float *array(const std::vector<float> &terms) { return terms.empty() ? nullptr : terms.data(); }

template <class OpType>
void add_binary(NodeMakers &makers, Class kind) {
  makers.add<OpType>([kind](const OpType &op, const NodeRequest &in) -> MPSNNFilterNode * {
    const auto type = MPSCNNBinaryConvolutionType(op.type);
    const auto flags = MPSCNNBinaryConvolutionFlags(op.flags);
    id<MPSCNNConvolutionDataSource> weights = source_for(in.graph, in.parameters<ConvolutionParameters>());
    MPSCNNBinaryConvolutionNode *node = [kind alloc];
    if (op.has_terms) {
      node = [node initWithSource:in.image()
                          weights:weights
                  outputBiasTerms:array(op.output_bias_terms)
                 outputScaleTerms:array(op.output_scale_terms)
                   inputBiasTerms:array(op.input_bias_terms)
                  inputScaleTerms:array(op.input_scale_terms)
                             type:type
                            flags:flags];
    } else {
      node = [node initWithSource:in.image() weights:weights scaleValue:op.scale_value type:type flags:flags];
    }
    node.accumulatorPrecision = MPSNNConvolutionAccumulatorPrecisionOption(op.accumulator_precision);
    return [node autorelease];
  });
}

}  // namespace

void add_binary_convolution_nodes(NodeMakers &makers) {
  add_binary<BinaryConvolutionOp>(makers, [MPSCNNBinaryConvolutionNode class]);
  add_binary<BinaryFullyConnectedOp>(makers, [MPSCNNBinaryFullyConnectedNode class]);
}

}  // namespace mpsnn::metal
