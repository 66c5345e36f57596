#import "support/nodes.hpp"

#include "mpsnn/nodes/pooling.hpp"

using namespace mpsnn::gnustep;

@implementation MPSCNNPoolingNode

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY {
  abstract(self, _cmd);
}

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size stride:(NSUInteger)stride {
  return [self initWithSource:sourceNode kernelWidth:size kernelHeight:size strideInPixelsX:stride strideInPixelsY:stride];
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size stride:(NSUInteger)stride {
  return [[[self alloc] initWithSource:sourceNode filterSize:size stride:stride] autorelease];
}

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size {
  return [self initWithSource:sourceNode filterSize:size stride:size];
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size {
  return [[[self alloc] initWithSource:sourceNode filterSize:size] autorelease];
}

MPSNN_READONLY(NSUInteger, kernelWidth, as<mpsnn::CNNPoolingNode>(self).pooling().kernel_width)
MPSNN_READONLY(NSUInteger, kernelHeight, as<mpsnn::CNNPoolingNode>(self).pooling().kernel_height)
MPSNN_READONLY(NSUInteger, strideInPixelsX, as<mpsnn::CNNPoolingNode>(self).pooling().stride_in_pixels_x)
MPSNN_READONLY(NSUInteger, strideInPixelsY, as<mpsnn::CNNPoolingNode>(self).pooling().stride_in_pixels_y)

@end

@implementation MPSCNNPoolingGradientNode

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight
                       strideInPixelsX:(NSUInteger)strideInPixelsX
                       strideInPixelsY:(NSUInteger)strideInPixelsY
                         paddingPolicy:(id<MPSNNPadding>)paddingPolicy {
  abstract(self, _cmd);
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight
                       strideInPixelsX:(NSUInteger)strideInPixelsX
                       strideInPixelsY:(NSUInteger)strideInPixelsY
                         paddingPolicy:(id<MPSNNPadding>)paddingPolicy {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
                                 gradientState:gradientState
                                   kernelWidth:kernelWidth
                                  kernelHeight:kernelHeight
                               strideInPixelsX:strideInPixelsX
                               strideInPixelsY:strideInPixelsY
                                 paddingPolicy:paddingPolicy] autorelease];
}

MPSNN_READONLY(NSUInteger, kernelWidth, as<mpsnn::CNNPoolingGradientNode>(self).pooling().kernel_width)
MPSNN_READONLY(NSUInteger, kernelHeight, as<mpsnn::CNNPoolingGradientNode>(self).pooling().kernel_height)
MPSNN_READONLY(NSUInteger, strideInPixelsX, as<mpsnn::CNNPoolingGradientNode>(self).pooling().stride_in_pixels_x)
MPSNN_READONLY(NSUInteger, strideInPixelsY, as<mpsnn::CNNPoolingGradientNode>(self).pooling().stride_in_pixels_y)

@end

// The subclasses differ in the node they make.

#define POOLING(Node)                                                                                                          \
  -(instancetype)initWithSource : (MPSNNImageNode *)sourceNode kernelWidth : (NSUInteger)kernelWidth kernelHeight              \
      : (NSUInteger)kernelHeight strideInPixelsX : (NSUInteger)strideInPixelsX strideInPixelsY : (NSUInteger)strideInPixelsY { \
    return made_node(self, [&] {                                                                                               \
      return std::make_shared<mpsnn::Node>(                                                                                    \
          MPSNN_BEHIND(sourceNode),                                                                                            \
          mpsnn::pooling_op<mpsnn::Node::Attributes>(kernelWidth, kernelHeight, strideInPixelsX, strideInPixelsY));            \
    });                                                                                                                        \
  }

#define POOLING_GRADIENT(Node)                                                                                     \
  -(instancetype)initWithSourceGradient : (MPSNNImageNode *)sourceGradient sourceImage                             \
      : (MPSNNImageNode *)sourceImage gradientState : (MPSNNGradientStateNode *)gradientState kernelWidth          \
      : (NSUInteger)kernelWidth kernelHeight : (NSUInteger)kernelHeight strideInPixelsX                            \
      : (NSUInteger)strideInPixelsX strideInPixelsY : (NSUInteger)strideInPixelsY paddingPolicy                    \
      : (id<MPSNNPadding>)paddingPolicy {                                                                          \
    return made_node(self, [&] {                                                                                   \
      return std::make_shared<mpsnn::Node>(                                                                        \
          MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage), MPSNN_BEHIND(gradientState),                    \
          mpsnn::pooling_op<mpsnn::Node::Attributes>(kernelWidth, kernelHeight, strideInPixelsX, strideInPixelsY), \
          padding_of(paddingPolicy));                                                                              \
    });                                                                                                            \
  }

@implementation MPSCNNPoolingMaxNode
POOLING(CNNPoolingMaxNode)
@end

@implementation MPSCNNPoolingAverageNode
POOLING(CNNPoolingAverageNode)
@end

@implementation MPSCNNPoolingL2NormNode
POOLING(CNNPoolingL2NormNode)
@end

@implementation MPSCNNPoolingMaxGradientNode
POOLING_GRADIENT(CNNPoolingMaxGradientNode)
@end

@implementation MPSCNNPoolingAverageGradientNode
POOLING_GRADIENT(CNNPoolingAverageGradientNode)
@end

@implementation MPSCNNPoolingL2NormGradientNode
POOLING_GRADIENT(CNNPoolingL2NormGradientNode)
@end

@implementation MPSCNNDilatedPoolingMaxNode

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
                   kernelWidth:(NSUInteger)kernelWidth
                  kernelHeight:(NSUInteger)kernelHeight
               strideInPixelsX:(NSUInteger)strideInPixelsX
               strideInPixelsY:(NSUInteger)strideInPixelsY
                 dilationRateX:(NSUInteger)dilationRateX
                 dilationRateY:(NSUInteger)dilationRateY {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNDilatedPoolingMaxNode>(
        MPSNN_BEHIND(sourceNode), mpsnn::dilated_pooling_op<mpsnn::DilatedPoolingMaxOp>(
                                      kernelWidth, kernelHeight, strideInPixelsX, strideInPixelsY, dilationRateX, dilationRateY));
  });
}

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
                    filterSize:(NSUInteger)size
                        stride:(NSUInteger)stride
                  dilationRate:(NSUInteger)dilationRate {
  return [self initWithSource:sourceNode
                  kernelWidth:size
                 kernelHeight:size
              strideInPixelsX:stride
              strideInPixelsY:stride
                dilationRateX:dilationRate
                dilationRateY:dilationRate];
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
                    filterSize:(NSUInteger)size
                        stride:(NSUInteger)stride
                  dilationRate:(NSUInteger)dilationRate {
  return [[[self alloc] initWithSource:sourceNode filterSize:size stride:stride dilationRate:dilationRate] autorelease];
}

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size {
  return made_node(self, [&] { return mpsnn::CNNDilatedPoolingMaxNode::with_filter_size(MPSNN_BEHIND(sourceNode), size); });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode filterSize:(NSUInteger)size {
  return [[[self alloc] initWithSource:sourceNode filterSize:size] autorelease];
}

MPSNN_ATTRIBUTE_READONLY(NSUInteger, dilationRateX, CNNDilatedPoolingMaxNode, dilation_rate_x)
MPSNN_ATTRIBUTE_READONLY(NSUInteger, dilationRateY, CNNDilatedPoolingMaxNode, dilation_rate_y)

@end

@implementation MPSCNNDilatedPoolingMaxGradientNode

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight
                       strideInPixelsX:(NSUInteger)strideInPixelsX
                       strideInPixelsY:(NSUInteger)strideInPixelsY
                         dilationRateX:(NSUInteger)dilationRateX
                         dilationRateY:(NSUInteger)dilationRateY {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNDilatedPoolingMaxGradientNode>(
        MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage), MPSNN_BEHIND(gradientState),
        mpsnn::dilated_pooling_op<mpsnn::DilatedPoolingMaxGradientOp>(kernelWidth, kernelHeight, strideInPixelsX, strideInPixelsY,
                                                                      dilationRateX, dilationRateY));
  });
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                           kernelWidth:(NSUInteger)kernelWidth
                          kernelHeight:(NSUInteger)kernelHeight
                       strideInPixelsX:(NSUInteger)strideInPixelsX
                       strideInPixelsY:(NSUInteger)strideInPixelsY
                         dilationRateX:(NSUInteger)dilationRateX
                         dilationRateY:(NSUInteger)dilationRateY {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
                                 gradientState:gradientState
                                   kernelWidth:kernelWidth
                                  kernelHeight:kernelHeight
                               strideInPixelsX:strideInPixelsX
                               strideInPixelsY:strideInPixelsY
                                 dilationRateX:dilationRateX
                                 dilationRateY:dilationRateY] autorelease];
}

MPSNN_ATTRIBUTE_READONLY(NSUInteger, dilationRateX, CNNDilatedPoolingMaxGradientNode, dilation_rate_x)
MPSNN_ATTRIBUTE_READONLY(NSUInteger, dilationRateY, CNNDilatedPoolingMaxGradientNode, dilation_rate_y)

@end
