#include "mpsnn/nodes/gram_matrix.hpp"

#import "support/images.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

namespace {

class ClientGramMatrixCallback final : public mpsnn::NNGramMatrixCallback, public ClientObject {
 public:
  using ClientObject::ClientObject;
  float alpha_for_source_image(const mpsnn::ImagePtr &source_image, const mpsnn::ImagePtr &destination_image) override {
    return call_client([&] {
      return [(id<MPSNNGramMatrixCallback>)object() alphaForSourceImage:objc(source_image)
                                                       destinationImage:objc(destination_image)];
    });
  }
};

}  // namespace

@implementation MPSNNGramMatrixCalculationNode

MPSNN_SOURCE_INITIALIZERS(NNGramMatrixCalculationNode)

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode alpha:(float)alpha {
  return made_node(self, [&] { return std::make_shared<mpsnn::NNGramMatrixCalculationNode>(MPSNN_BEHIND(sourceNode), alpha); });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode alpha:(float)alpha {
  return [[[self alloc] initWithSource:sourceNode alpha:alpha] autorelease];
}

MPSNN_ATTRIBUTE_READONLY(float, alpha, NNGramMatrixCalculationNode, alpha)

- (id<MPSNNGramMatrixCallback>)propertyCallBack {
  return guarded([&] { return client_object(as<mpsnn::NNGramMatrixCalculationNode>(self).attributes.property_call_back); });
}
- (void)setPropertyCallBack:(id<MPSNNGramMatrixCallback>)propertyCallBack {
  guarded([&] {
    as<mpsnn::NNGramMatrixCalculationNode>(self).attributes.property_call_back =
        adapter_for<ClientGramMatrixCallback>(propertyCallBack);
  });
}

@end

@implementation MPSNNGramMatrixCalculationGradientNode

MPSNN_GRADIENT_INITIALIZERS(NNGramMatrixCalculationGradientNode)

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                                 alpha:(float)alpha {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::NNGramMatrixCalculationGradientNode>(MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage),
                                                                        MPSNN_BEHIND(gradientState), alpha);
  });
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                                 alpha:(float)alpha {
  return [[[self alloc] initWithSourceGradient:sourceGradient sourceImage:sourceImage gradientState:gradientState
                                         alpha:alpha] autorelease];
}

MPSNN_ATTRIBUTE_READONLY(float, alpha, NNGramMatrixCalculationGradientNode, alpha)

@end
