#include "mpsnn/nodes/convolution.hpp"

#import "support/data_sources.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

@implementation MPSCNNConvolutionGradientStateNode
@end

@implementation MPSCNNConvolutionTransposeGradientStateNode
@end

// What convolutions and fully connected filters have alike.

#define INITIALIZERS(Node)                                                                                                      \
  -(instancetype)initWithSource : (MPSNNImageNode *)sourceNode weights : (id<MPSCNNConvolutionDataSource>)weights {             \
    return made_node(                                                                                                           \
        self, [&] { return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(sourceNode), data_source_of(MPSNN_REQUIRE(weights))); }); \
  }                                                                                                                             \
  +(instancetype)nodeWithSource : (MPSNNImageNode *)sourceNode weights : (id<MPSCNNConvolutionDataSource>)weights {             \
    return [[[self alloc] initWithSource:sourceNode weights:weights] autorelease];                                              \
  }

#define GRADIENT_INITIALIZERS(Node)                                                                                          \
  -(instancetype)initWithSourceGradient : (MPSNNImageNode *)sourceGradient sourceImage                                       \
      : (MPSNNImageNode *)sourceImage convolutionGradientState : (MPSCNNConvolutionGradientStateNode *)gradientState weights \
      : (id<MPSCNNConvolutionDataSource>)weights {                                                                           \
    return made_node(self, [&] {                                                                                             \
      return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage),                          \
                                           MPSNN_BEHIND_AS(CNNConvolutionGradientStateNode, gradientState),                  \
                                           data_source_of(weights));                                                         \
    });                                                                                                                      \
  }                                                                                                                          \
  +(instancetype)nodeWithSourceGradient : (MPSNNImageNode *)sourceGradient sourceImage                                       \
      : (MPSNNImageNode *)sourceImage convolutionGradientState : (MPSCNNConvolutionGradientStateNode *)gradientState weights \
      : (id<MPSCNNConvolutionDataSource>)weights {                                                                           \
    return [[[self alloc] initWithSourceGradient:sourceGradient                                                              \
                                     sourceImage:sourceImage                                                                 \
                        convolutionGradientState:gradientState                                                               \
                                         weights:weights] autorelease];                                                      \
  }

@implementation MPSCNNConvolutionNode

INITIALIZERS(CNNConvolutionNode)
MPSNN_TRAINING_STYLE
MPSNN_PROPERTY(MPSNNConvolutionAccumulatorPrecisionOption, accumulatorPrecision, setAccumulatorPrecision,
               as<mpsnn::CNNConvolutionNode>(self).accumulator_precision)
- (MPSCNNConvolutionGradientStateNode *)convolutionGradientState {
  return guarded([&] {
    const mpsnn::StateNodePtr state = as<mpsnn::CNNConvolutionNode>(self).convolution_gradient_state();
    return (MPSCNNConvolutionGradientStateNode *)objc(state);
  });
}

@end

@implementation MPSCNNFullyConnectedNode
INITIALIZERS(CNNFullyConnectedNode)
@end

@implementation MPSCNNConvolutionTransposeNode

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode weights:(id<MPSCNNConvolutionDataSource>)weights {
  return [self initWithSource:sourceNode convolutionGradientState:nil weights:weights];
}

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
      convolutionGradientState:(MPSCNNConvolutionGradientStateNode *)convolutionGradientState
                       weights:(id<MPSCNNConvolutionDataSource>)weights {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNConvolutionTransposeNode>(
        MPSNN_BEHIND(sourceNode), MPSNN_BEHIND_OR_NULL_AS(CNNConvolutionGradientStateNode, convolutionGradientState),
        data_source_of(MPSNN_REQUIRE(weights)));
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
      convolutionGradientState:(MPSCNNConvolutionGradientStateNode *)convolutionGradientState
                       weights:(id<MPSCNNConvolutionDataSource>)weights {
  return [[[self alloc] initWithSource:sourceNode convolutionGradientState:convolutionGradientState weights:weights] autorelease];
}

@end

@implementation MPSCNNConvolutionGradientNode
GRADIENT_INITIALIZERS(CNNConvolutionGradientNode)
MPSNN_TRAINING_STYLE
@end

@implementation MPSCNNFullyConnectedGradientNode
GRADIENT_INITIALIZERS(CNNFullyConnectedGradientNode)
@end

@implementation MPSCNNConvolutionTransposeGradientNode

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
     convolutionTransposeGradientState:(MPSCNNConvolutionTransposeGradientStateNode *)gradientState
                               weights:(id<MPSCNNConvolutionDataSource>)weights {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNConvolutionTransposeGradientNode>(
        MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage),
        MPSNN_BEHIND_AS(CNNConvolutionTransposeGradientStateNode, gradientState), data_source_of(weights));
  });
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
     convolutionTransposeGradientState:(MPSCNNConvolutionTransposeGradientStateNode *)gradientState
                               weights:(id<MPSCNNConvolutionDataSource>)weights {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
             convolutionTransposeGradientState:gradientState
                                       weights:weights] autorelease];
}

@end
