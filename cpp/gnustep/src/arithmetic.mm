#include "mpsnn/nodes/arithmetic.hpp"

#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

@implementation MPSNNArithmeticGradientStateNode
@end

@implementation MPSNNBinaryArithmeticNode

- (instancetype)initWithLeftSource:(MPSNNImageNode *)left rightSource:(MPSNNImageNode *)right {
  abstract(self, _cmd);
}
+ (instancetype)nodeWithLeftSource:(MPSNNImageNode *)left rightSource:(MPSNNImageNode *)right {
  return [[[self alloc] initWithLeftSource:left rightSource:right] autorelease];
}

- (instancetype)initWithSources:(NSArray *)sourceNodes {
  if ([sourceNodes count] == 2) {
    return [self initWithLeftSource:[sourceNodes objectAtIndex:0] rightSource:[sourceNodes objectAtIndex:1]];
  }
  return made_node(self, [&]() -> std::shared_ptr<mpsnn::NNFilterNode> {
    throw mpsnn::InvalidArgument(method_name(self, _cmd) + ": sourceNodes are a left and a right one, got " +
                                 std::to_string([MPSNN_REQUIRE(sourceNodes) count]) + " images");
  });
}
+ (instancetype)nodeWithSources:(NSArray *)sourceNodes {
  return [[[self alloc] initWithSources:sourceNodes] autorelease];
}

- (Class)gradientClass {
  return guarded([&]() -> Class {
    const char *name = as<mpsnn::NNBinaryArithmeticNode>(self).gradient_class();
    return name ? NSClassFromString(ns_string(name)) : Nil;
  });
}

- (NSArray *)gradientFiltersWithSources:(NSArray *)gradientImages {
  return [super gradientFiltersWithSources:gradientImages];
}
- (MPSNNGradientFilterNode *)gradientFilterWithSources:(NSArray *)gradientImages {
  return guarded([&]() -> MPSNNGradientFilterNode * {
    throw MisuseError(method_name(self, _cmd) + ": there are two gradients, ask for gradientFiltersWithSources:");
  });
}

MPSNN_ATTRIBUTE(float, primaryScale, setPrimaryScale, NNBinaryArithmeticNode, primary_scale)
MPSNN_ATTRIBUTE(float, secondaryScale, setSecondaryScale, NNBinaryArithmeticNode, secondary_scale)
MPSNN_ATTRIBUTE(float, bias, setBias, NNBinaryArithmeticNode, bias)
MPSNN_ATTRIBUTE(NSUInteger, primaryStrideInPixelsX, setPrimaryStrideInPixelsX, NNBinaryArithmeticNode, primary_stride_in_pixels_x)
MPSNN_ATTRIBUTE(NSUInteger, primaryStrideInPixelsY, setPrimaryStrideInPixelsY, NNBinaryArithmeticNode, primary_stride_in_pixels_y)
MPSNN_ATTRIBUTE(NSUInteger, primaryStrideInFeatureChannels, setPrimaryStrideInFeatureChannels, NNBinaryArithmeticNode,
                primary_stride_in_feature_channels)
MPSNN_ATTRIBUTE(NSUInteger, secondaryStrideInPixelsX, setSecondaryStrideInPixelsX, NNBinaryArithmeticNode,
                secondary_stride_in_pixels_x)
MPSNN_ATTRIBUTE(NSUInteger, secondaryStrideInPixelsY, setSecondaryStrideInPixelsY, NNBinaryArithmeticNode,
                secondary_stride_in_pixels_y)
MPSNN_ATTRIBUTE(NSUInteger, secondaryStrideInFeatureChannels, setSecondaryStrideInFeatureChannels, NNBinaryArithmeticNode,
                secondary_stride_in_feature_channels)
MPSNN_ATTRIBUTE(float, minimumValue, setMinimumValue, NNBinaryArithmeticNode, minimum_value)
MPSNN_ATTRIBUTE(float, maximumValue, setMaximumValue, NNBinaryArithmeticNode, maximum_value)

@end

@implementation MPSNNArithmeticGradientNode

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNBinaryGradientStateNode *)gradientState
               isSecondarySourceFilter:(BOOL)isSecondarySourceFilter {
  abstract(self, _cmd);
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNBinaryGradientStateNode *)gradientState
               isSecondarySourceFilter:(BOOL)isSecondarySourceFilter {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
                                 gradientState:gradientState
                       isSecondarySourceFilter:isSecondarySourceFilter] autorelease];
}

- (instancetype)initWithGradientImages:(NSArray *)gradientImages
                         forwardFilter:(MPSNNFilterNode *)filter
               isSecondarySourceFilter:(BOOL)isSecondarySourceFilter {
  abstract(self, _cmd);
}

MPSNN_ATTRIBUTE(float, primaryScale, setPrimaryScale, NNArithmeticGradientNode, primary_scale)
MPSNN_ATTRIBUTE(float, secondaryScale, setSecondaryScale, NNArithmeticGradientNode, secondary_scale)
MPSNN_ATTRIBUTE(float, bias, setBias, NNArithmeticGradientNode, bias)
MPSNN_ATTRIBUTE(NSUInteger, secondaryStrideInPixelsX, setSecondaryStrideInPixelsX, NNArithmeticGradientNode,
                secondary_stride_in_pixels_x)
MPSNN_ATTRIBUTE(NSUInteger, secondaryStrideInPixelsY, setSecondaryStrideInPixelsY, NNArithmeticGradientNode,
                secondary_stride_in_pixels_y)
MPSNN_ATTRIBUTE(NSUInteger, secondaryStrideInFeatureChannels, setSecondaryStrideInFeatureChannels, NNArithmeticGradientNode,
                secondary_stride_in_feature_channels)
MPSNN_ATTRIBUTE(float, minimumValue, setMinimumValue, NNArithmeticGradientNode, minimum_value)
MPSNN_ATTRIBUTE(float, maximumValue, setMaximumValue, NNArithmeticGradientNode, maximum_value)
MPSNN_ATTRIBUTE_READONLY(BOOL, isSecondarySourceFilter, NNArithmeticGradientNode, is_secondary_source_filter)

@end

// The subclasses differ in the node they make.

#define ARITHMETIC(Node)                                                                                            \
  -(instancetype)initWithLeftSource : (MPSNNImageNode *)left rightSource : (MPSNNImageNode *)right {                \
    return made_node(self, [&] { return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(left), MPSNN_BEHIND(right)); }); \
  }

#define ARITHMETIC_GRADIENT(Node)                                                                                                \
  -(instancetype)initWithSourceGradient : (MPSNNImageNode *)sourceGradient sourceImage                                           \
      : (MPSNNImageNode *)sourceImage gradientState : (MPSNNBinaryGradientStateNode *)gradientState isSecondarySourceFilter      \
      : (BOOL)isSecondarySourceFilter {                                                                                          \
    return made_node(self, [&] {                                                                                                 \
      return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage), MPSNN_BEHIND(gradientState), \
                                           isSecondarySourceFilter);                                                             \
    });                                                                                                                          \
  }                                                                                                                              \
  -(instancetype)initWithGradientImages : (NSArray *)gradientImages forwardFilter                                                \
      : (MPSNNFilterNode *)filter isSecondarySourceFilter : (BOOL)isSecondarySourceFilter {                                      \
    return made_node(self, [&] {                                                                                                 \
      return mpsnn::Node::with_gradient_images(MPSNN_BEHIND_ALL(MPSNNImageNode, gradientImages), MPSNN_BEHIND(filter),           \
                                               isSecondarySourceFilter);                                                         \
    });                                                                                                                          \
  }

@implementation MPSNNAdditionNode
ARITHMETIC(NNAdditionNode)
@end

@implementation MPSNNSubtractionNode
ARITHMETIC(NNSubtractionNode)
@end

@implementation MPSNNMultiplicationNode
ARITHMETIC(NNMultiplicationNode)
@end

@implementation MPSNNDivisionNode
ARITHMETIC(NNDivisionNode)
@end

@implementation MPSNNComparisonNode
ARITHMETIC(NNComparisonNode)
MPSNN_PROPERTY(MPSNNComparisonType, comparisonType, setComparisonType, as<mpsnn::NNComparisonNode>(self).comparison_type)
@end

@implementation MPSNNAdditionGradientNode
ARITHMETIC_GRADIENT(NNAdditionGradientNode)
@end

@implementation MPSNNSubtractionGradientNode
ARITHMETIC_GRADIENT(NNSubtractionGradientNode)
@end

@implementation MPSNNMultiplicationGradientNode
ARITHMETIC_GRADIENT(NNMultiplicationGradientNode)
@end
