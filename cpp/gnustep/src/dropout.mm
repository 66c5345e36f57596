#import "support/nodes.hpp"

#include "mpsnn/nodes/dropout.hpp"

using namespace mpsnn::gnustep;

namespace {

template <class OpType>
OpType dropout_op(float keep_probability, NSUInteger seed, MTLSize mask_stride_in_pixels) {
  OpType op;
  op.keep_probability = keep_probability;
  op.seed = seed;
  op.mask_stride_in_pixels = converted<mpsnn::mtl::Size>(mask_stride_in_pixels);
  return op;
}

}  // namespace

@implementation MPSCNNDropoutNode

MPSNN_SOURCE_INITIALIZERS(CNNDropoutNode)

- (instancetype)initWithSource:(MPSNNImageNode *)source keepProbability:(float)keepProbability {
  return [self initWithSource:source keepProbability:keepProbability seed:0 maskStrideInPixels:MTLSizeMake(1, 1, 1)];
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source keepProbability:(float)keepProbability {
  return [[[self alloc] initWithSource:source keepProbability:keepProbability] autorelease];
}

- (instancetype)initWithSource:(MPSNNImageNode *)source
               keepProbability:(float)keepProbability
                          seed:(NSUInteger)seed
            maskStrideInPixels:(MTLSize)maskStrideInPixels {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNDropoutNode>(MPSNN_BEHIND(source),
                                                   dropout_op<mpsnn::DropoutOp>(keepProbability, seed, maskStrideInPixels));
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
               keepProbability:(float)keepProbability
                          seed:(NSUInteger)seed
            maskStrideInPixels:(MTLSize)maskStrideInPixels {
  return [[[self alloc] initWithSource:source keepProbability:keepProbability seed:seed
                    maskStrideInPixels:maskStrideInPixels] autorelease];
}

MPSNN_ATTRIBUTE_READONLY(float, keepProbability, CNNDropoutNode, keep_probability)
MPSNN_ATTRIBUTE_READONLY(NSUInteger, seed, CNNDropoutNode, seed)
MPSNN_ATTRIBUTE_READONLY(MTLSize, maskStrideInPixels, CNNDropoutNode, mask_stride_in_pixels)

@end

@implementation MPSCNNDropoutGradientNode

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                       keepProbability:(float)keepProbability
                                  seed:(NSUInteger)seed
                    maskStrideInPixels:(MTLSize)maskStrideInPixels {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNDropoutGradientNode>(
        MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage), MPSNN_BEHIND(gradientState),
        dropout_op<mpsnn::DropoutGradientOp>(keepProbability, seed, maskStrideInPixels));
  });
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                       keepProbability:(float)keepProbability
                                  seed:(NSUInteger)seed
                    maskStrideInPixels:(MTLSize)maskStrideInPixels {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
                                 gradientState:gradientState
                               keepProbability:keepProbability
                                          seed:seed
                            maskStrideInPixels:maskStrideInPixels] autorelease];
}

MPSNN_ATTRIBUTE_READONLY(float, keepProbability, CNNDropoutGradientNode, keep_probability)
MPSNN_ATTRIBUTE_READONLY(NSUInteger, seed, CNNDropoutGradientNode, seed)
MPSNN_ATTRIBUTE_READONLY(MTLSize, maskStrideInPixels, CNNDropoutGradientNode, mask_stride_in_pixels)

@end
