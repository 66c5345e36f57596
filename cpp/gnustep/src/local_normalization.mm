#include "mpsnn/nodes/local_normalization.hpp"

#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

namespace {

template <class OpType>
OpType window_op(NSUInteger kernel_width, NSUInteger kernel_height) {
  OpType op;
  op.kernel_width = kernel_width;
  op.kernel_height = kernel_height;
  return op;
}

}  // namespace

@implementation MPSCNNNormalizationNode

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode {
  abstract(self, _cmd);
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode {
  return [[[self alloc] initWithSource:sourceNode] autorelease];
}

MPSNN_PROPERTY(float, alpha, setAlpha, as<mpsnn::CNNNormalizationNode>(self).normalization().alpha)
MPSNN_PROPERTY(float, beta, setBeta, as<mpsnn::CNNNormalizationNode>(self).normalization().beta)
MPSNN_PROPERTY(float, delta, setDelta, as<mpsnn::CNNNormalizationNode>(self).normalization().delta)

@end

@implementation MPSCNNCrossChannelNormalizationNode

MPSNN_SOURCE_INITIALIZERS(CNNCrossChannelNormalizationNode)

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode kernelSize:(NSUInteger)kernelSize {
  return made_node(self, [&] {
    mpsnn::CrossChannelNormalizationOp op;
    op.kernel_size_in_feature_channels = kernelSize;
    return std::make_shared<mpsnn::CNNCrossChannelNormalizationNode>(MPSNN_BEHIND(sourceNode), op);
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode kernelSize:(NSUInteger)kernelSize {
  return [[[self alloc] initWithSource:sourceNode kernelSize:kernelSize] autorelease];
}

MPSNN_ATTRIBUTE(NSUInteger, kernelSizeInFeatureChannels, setKernelSizeInFeatureChannels, CNNCrossChannelNormalizationNode,
                kernel_size_in_feature_channels)

@end

// What the other two, whose windows are pixels, have.
#define WINDOW(Node)                                                                                    \
  MPSNN_SOURCE_INITIALIZERS(Node)                                                                       \
  -(instancetype)initWithSource : (MPSNNImageNode *)sourceNode kernelSize : (NSUInteger)kernelSize {    \
    return made_node(self, [&] {                                                                        \
      return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(sourceNode),                                    \
                                           window_op<mpsnn::Node::Attributes>(kernelSize, kernelSize)); \
    });                                                                                                 \
  }                                                                                                     \
  +(instancetype)nodeWithSource : (MPSNNImageNode *)sourceNode kernelSize : (NSUInteger)kernelSize {    \
    return [[[self alloc] initWithSource:sourceNode kernelSize:kernelSize] autorelease];                \
  }                                                                                                     \
  MPSNN_ATTRIBUTE(NSUInteger, kernelWidth, setKernelWidth, Node, kernel_width)                          \
  MPSNN_ATTRIBUTE(NSUInteger, kernelHeight, setKernelHeight, Node, kernel_height)

@implementation MPSCNNSpatialNormalizationNode
WINDOW(CNNSpatialNormalizationNode)
@end

@implementation MPSCNNLocalContrastNormalizationNode
WINDOW(CNNLocalContrastNormalizationNode)
MPSNN_ATTRIBUTE(float, p0, setP0, CNNLocalContrastNormalizationNode, p0)
MPSNN_ATTRIBUTE(float, pm, setPm, CNNLocalContrastNormalizationNode, pm)
MPSNN_ATTRIBUTE(float, ps, setPs, CNNLocalContrastNormalizationNode, ps)
@end

@implementation MPSCNNCrossChannelNormalizationGradientNode

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            kernelSize:(NSUInteger)kernelSize {
  return made_node(self, [&] {
    mpsnn::CrossChannelNormalizationGradientOp op;
    op.kernel_size = kernelSize;
    return std::make_shared<mpsnn::CNNCrossChannelNormalizationGradientNode>(
        MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage), MPSNN_BEHIND(gradientState), op);
  });
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            kernelSize:(NSUInteger)kernelSize {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
                                 gradientState:gradientState
                                    kernelSize:kernelSize] autorelease];
}

MPSNN_ATTRIBUTE_READONLY(NSUInteger, kernelSize, CNNCrossChannelNormalizationGradientNode, kernel_size)

@end

@implementation MPSCNNSpatialNormalizationGradientNode

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            kernelSize:(NSUInteger)kernelSize {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNSpatialNormalizationGradientNode>(
        MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage), MPSNN_BEHIND(gradientState),
        window_op<mpsnn::SpatialNormalizationGradientOp>(kernelSize, kernelSize));
  });
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            kernelSize:(NSUInteger)kernelSize {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
                                 gradientState:gradientState
                                    kernelSize:kernelSize] autorelease];
}

MPSNN_ATTRIBUTE(NSUInteger, kernelWidth, setKernelWidth, CNNSpatialNormalizationGradientNode, kernel_width)
MPSNN_ATTRIBUTE(NSUInteger, kernelHeight, setKernelHeight, CNNSpatialNormalizationGradientNode, kernel_height)
MPSNN_ATTRIBUTE(float, alpha, setAlpha, CNNSpatialNormalizationGradientNode, alpha)
MPSNN_ATTRIBUTE(float, beta, setBeta, CNNSpatialNormalizationGradientNode, beta)
MPSNN_ATTRIBUTE(float, delta, setDelta, CNNSpatialNormalizationGradientNode, delta)

@end

@implementation MPSCNNLocalContrastNormalizationGradientNode

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNLocalContrastNormalizationGradientNode>(
        MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage), MPSNN_BEHIND(gradientState),
        window_op<mpsnn::LocalContrastNormalizationGradientOp>(kernelWidth, kernelHeight));
  });
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
                                 gradientState:gradientState
                                   kernelWidth:kernelWidth
                                  kernelHeight:kernelHeight] autorelease];
}

MPSNN_ATTRIBUTE(float, alpha, setAlpha, CNNLocalContrastNormalizationGradientNode, alpha)
MPSNN_ATTRIBUTE(float, beta, setBeta, CNNLocalContrastNormalizationGradientNode, beta)
MPSNN_ATTRIBUTE(float, delta, setDelta, CNNLocalContrastNormalizationGradientNode, delta)
MPSNN_ATTRIBUTE(float, p0, setP0, CNNLocalContrastNormalizationGradientNode, p0)
MPSNN_ATTRIBUTE(float, pm, setPm, CNNLocalContrastNormalizationGradientNode, pm)
MPSNN_ATTRIBUTE(float, ps, setPs, CNNLocalContrastNormalizationGradientNode, ps)
MPSNN_ATTRIBUTE_READONLY(NSUInteger, kernelWidth, CNNLocalContrastNormalizationGradientNode, kernel_width)
MPSNN_ATTRIBUTE_READONLY(NSUInteger, kernelHeight, CNNLocalContrastNormalizationGradientNode, kernel_height)

@end
