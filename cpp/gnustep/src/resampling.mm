#include "mpsnn/nodes/resampling.hpp"

#import "support/images.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

namespace {

class ClientTransformProvider final : public mpsnn::ImageTransformProvider, public ClientObject {
 public:
  using ClientObject::ClientObject;
  mpsnn::ScaleTransform transform_for_source_image(const mpsnn::ImagePtr &source_image,
                                                   const std::shared_ptr<mpsnn::Handle> &handle) override {
    return call_client([&] {
      return converted<mpsnn::ScaleTransform>([(id<MPSImageTransformProvider>)object() transformForSourceImage:objc(source_image)
                                                                                                        handle:objc(handle)]);
    });
  }
};

}  // namespace

@implementation MPSCNNUpsamplingNearestNode

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNUpsamplingNearestNode>(
        MPSNN_BEHIND(sourceNode),
        mpsnn::upsampling_op<mpsnn::UpsamplingNearestOp>(double(integerScaleFactorX), double(integerScaleFactorY)));
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY {
  return [[[self alloc] initWithSource:sourceNode integerScaleFactorX:integerScaleFactorX
                   integerScaleFactorY:integerScaleFactorY] autorelease];
}

MPSNN_ATTRIBUTE_READONLY(double, scaleFactorX, CNNUpsamplingNearestNode, scale_factor_x)
MPSNN_ATTRIBUTE_READONLY(double, scaleFactorY, CNNUpsamplingNearestNode, scale_factor_y)

@end

@implementation MPSCNNUpsamplingBilinearNode

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY {
  return [self initWithSource:sourceNode
          integerScaleFactorX:integerScaleFactorX
          integerScaleFactorY:integerScaleFactorY
                 alignCorners:NO];
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY {
  return [[[self alloc] initWithSource:sourceNode integerScaleFactorX:integerScaleFactorX
                   integerScaleFactorY:integerScaleFactorY] autorelease];
}

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY
                  alignCorners:(BOOL)alignCorners {
  return made_node(self, [&] {
    auto op = mpsnn::upsampling_op<mpsnn::UpsamplingBilinearOp>(double(integerScaleFactorX), double(integerScaleFactorY));
    op.align_corners = alignCorners;
    return std::make_shared<mpsnn::CNNUpsamplingBilinearNode>(MPSNN_BEHIND(sourceNode), op);
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY
                  alignCorners:(BOOL)alignCorners {
  return [[[self alloc] initWithSource:sourceNode
                   integerScaleFactorX:integerScaleFactorX
                   integerScaleFactorY:integerScaleFactorY
                          alignCorners:alignCorners] autorelease];
}

MPSNN_ATTRIBUTE_READONLY(double, scaleFactorX, CNNUpsamplingBilinearNode, scale_factor_x)
MPSNN_ATTRIBUTE_READONLY(double, scaleFactorY, CNNUpsamplingBilinearNode, scale_factor_y)
MPSNN_ATTRIBUTE_READONLY(BOOL, alignCorners, CNNUpsamplingBilinearNode, align_corners)

@end

// The two gradients differ in the node they make.
#define UPSAMPLING_GRADIENT(Node)                                                                                                \
  -(instancetype)initWithSourceGradient : (MPSNNImageNode *)sourceGradient sourceImage                                           \
      : (MPSNNImageNode *)sourceImage gradientState : (MPSNNGradientStateNode *)gradientState scaleFactorX                       \
      : (double)scaleFactorX scaleFactorY : (double)scaleFactorY {                                                               \
    return made_node(self, [&] {                                                                                                 \
      return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage), MPSNN_BEHIND(gradientState), \
                                           mpsnn::upsampling_op<mpsnn::Node::Attributes>(scaleFactorX, scaleFactorY));           \
    });                                                                                                                          \
  }                                                                                                                              \
  +(instancetype)nodeWithSourceGradient : (MPSNNImageNode *)sourceGradient sourceImage                                           \
      : (MPSNNImageNode *)sourceImage gradientState : (MPSNNGradientStateNode *)gradientState scaleFactorX                       \
      : (double)scaleFactorX scaleFactorY : (double)scaleFactorY {                                                               \
    return [[[self alloc] initWithSourceGradient:sourceGradient                                                                  \
                                     sourceImage:sourceImage                                                                     \
                                   gradientState:gradientState                                                                   \
                                    scaleFactorX:scaleFactorX                                                                    \
                                    scaleFactorY:scaleFactorY] autorelease];                                                     \
  }                                                                                                                              \
  MPSNN_ATTRIBUTE_READONLY(double, scaleFactorX, Node, scale_factor_x)                                                           \
  MPSNN_ATTRIBUTE_READONLY(double, scaleFactorY, Node, scale_factor_y)

@implementation MPSCNNUpsamplingNearestGradientNode
UPSAMPLING_GRADIENT(CNNUpsamplingNearestGradientNode)
@end

@implementation MPSCNNUpsamplingBilinearGradientNode
UPSAMPLING_GRADIENT(CNNUpsamplingBilinearGradientNode)
@end

@implementation MPSNNScaleNode

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode
             transformProvider:(id<MPSImageTransformProvider>)transformProvider
                    outputSize:(MTLSize)size {
  abstract(self, _cmd);
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode
             transformProvider:(id<MPSImageTransformProvider>)transformProvider
                    outputSize:(MTLSize)size {
  return [[[self alloc] initWithSource:sourceNode transformProvider:transformProvider outputSize:size] autorelease];
}

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode outputSize:(MTLSize)size {
  return [self initWithSource:sourceNode transformProvider:nil outputSize:size];
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode outputSize:(MTLSize)size {
  return [[[self alloc] initWithSource:sourceNode outputSize:size] autorelease];
}

@end

#define SCALE(Node)                                                                                           \
  -(instancetype)initWithSource : (MPSNNImageNode *)sourceNode transformProvider                              \
      : (id<MPSImageTransformProvider>)transformProvider outputSize : (MTLSize)size {                         \
    return made_node(self, [&] {                                                                              \
      return std::make_shared<mpsnn::Node>(                                                                   \
          MPSNN_BEHIND(sourceNode),                                                                           \
          mpsnn::scale_op<mpsnn::Node::Attributes>(converted<mpsnn::mtl::Size>(size),                         \
                                                   adapter_for<ClientTransformProvider>(transformProvider))); \
    });                                                                                                       \
  }

@implementation MPSNNBilinearScaleNode
SCALE(NNBilinearScaleNode)
@end

@implementation MPSNNLanczosScaleNode
SCALE(NNLanczosScaleNode)
@end
