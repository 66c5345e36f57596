#include "mpsnn/nodes/binary_convolution.hpp"

#import "support/data_sources.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

namespace {

mpsnn::BinaryConvolutionOp op_with(MPSCNNBinaryConvolutionType type, MPSCNNBinaryConvolutionFlags flags) {
  mpsnn::BinaryConvolutionOp op;
  op.type = mpsnn::CNNBinaryConvolutionType(type);
  op.flags = mpsnn::CNNBinaryConvolutionFlags(flags);
  return op;
}

std::vector<float> terms(const float *values, std::size_t count) {
  return values ? std::vector<float>(values, values + count) : std::vector<float>();
}

}  // namespace

// The classes differ in the node they make.

#define BINARY(Node)                                                                                                           \
  -(instancetype)initWithSource : (MPSNNImageNode *)sourceNode weights : (id<MPSCNNConvolutionDataSource>)weights scaleValue   \
      : (float)scaleValue type : (MPSCNNBinaryConvolutionType)type flags : (MPSCNNBinaryConvolutionFlags)flags {               \
    return made_node(self, [&] {                                                                                               \
      mpsnn::BinaryConvolutionOp op = op_with(type, flags);                                                                    \
      op.has_terms = false;                                                                                                    \
      op.scale_value = scaleValue;                                                                                             \
      return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(sourceNode), data_source_of(MPSNN_REQUIRE(weights)), std::move(op));   \
    });                                                                                                                        \
  }                                                                                                                            \
  +(instancetype)nodeWithSource : (MPSNNImageNode *)sourceNode weights : (id<MPSCNNConvolutionDataSource>)weights scaleValue   \
      : (float)scaleValue type : (MPSCNNBinaryConvolutionType)type flags : (MPSCNNBinaryConvolutionFlags)flags {               \
    return [[[self alloc] initWithSource:sourceNode weights:weights scaleValue:scaleValue type:type flags:flags] autorelease]; \
  }                                                                                                                            \
  -(instancetype)initWithSource : (MPSNNImageNode *)sourceNode weights                                                         \
      : (id<MPSCNNConvolutionDataSource>)weights outputBiasTerms : (const float *)outputBiasTerms outputScaleTerms             \
      : (const float *)outputScaleTerms inputBiasTerms : (const float *)inputBiasTerms inputScaleTerms                         \
      : (const float *)inputScaleTerms type : (MPSCNNBinaryConvolutionType)type flags : (MPSCNNBinaryConvolutionFlags)flags {  \
    return made_node(self, [&] {                                                                                               \
      const auto source = data_source_of(MPSNN_REQUIRE(weights));                                                              \
      const auto descriptor = source->descriptor(); /* says how long the arrays are */                                         \
      mpsnn::BinaryConvolutionOp op = op_with(type, flags);                                                                    \
      op.output_bias_terms = terms(outputBiasTerms, descriptor->output_feature_channels);                                      \
      op.output_scale_terms = terms(outputScaleTerms, descriptor->output_feature_channels);                                    \
      op.input_bias_terms = terms(inputBiasTerms, descriptor->input_feature_channels);                                         \
      op.input_scale_terms = terms(inputScaleTerms, descriptor->input_feature_channels);                                       \
      return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(sourceNode), source, std::move(op));                                   \
    });                                                                                                                        \
  }                                                                                                                            \
  +(instancetype)nodeWithSource : (MPSNNImageNode *)sourceNode weights                                                         \
      : (id<MPSCNNConvolutionDataSource>)weights outputBiasTerms : (const float *)outputBiasTerms outputScaleTerms             \
      : (const float *)outputScaleTerms inputBiasTerms : (const float *)inputBiasTerms inputScaleTerms                         \
      : (const float *)inputScaleTerms type : (MPSCNNBinaryConvolutionType)type flags : (MPSCNNBinaryConvolutionFlags)flags {  \
    return [[[self alloc] initWithSource:sourceNode                                                                            \
                                 weights:weights                                                                               \
                         outputBiasTerms:outputBiasTerms                                                                       \
                        outputScaleTerms:outputScaleTerms                                                                      \
                          inputBiasTerms:inputBiasTerms                                                                        \
                         inputScaleTerms:inputScaleTerms                                                                       \
                                    type:type                                                                                  \
                                   flags:flags] autorelease];                                                                  \
  }

@implementation MPSCNNBinaryConvolutionNode
BINARY(CNNBinaryConvolutionNode)
@end

@implementation MPSCNNBinaryFullyConnectedNode
BINARY(CNNBinaryFullyConnectedNode)
@end
