#import "support/binary_convolution.hpp"
#import "support/data_sources.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

// The classes differ in the node they make.

#define BINARY(Node)                                                                                                           \
  -(instancetype)initWithSource : (MPSNNImageNode *)sourceNode weights : (id<MPSCNNConvolutionDataSource>)weights scaleValue   \
      : (float)scaleValue type : (MPSCNNBinaryConvolutionType)type flags : (MPSCNNBinaryConvolutionFlags)flags {               \
    return made_node(self, [&] {                                                                                               \
      return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(sourceNode), data_source_of(MPSNN_REQUIRE(weights)),                   \
                                           binary_op(scaleValue, type, flags));                                                \
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
      return std::make_shared<mpsnn::Node>(                                                                                    \
          MPSNN_BEHIND(sourceNode), source,                                                                                    \
          binary_op(*source->descriptor(), outputBiasTerms, outputScaleTerms, inputBiasTerms, inputScaleTerms, type, flags));  \
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
