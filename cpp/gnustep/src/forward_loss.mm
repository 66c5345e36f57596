#include "mpsnn/nodes/forward_loss.hpp"

#import "support/descriptors.hpp"
#import "support/images.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

namespace {

class ClientLossCallback final : public mpsnn::NNLossCallback, public ClientObject {
 public:
  using ClientObject::ClientObject;
  float scalar_weight_for_source_image(const mpsnn::ImagePtr &source_image, const mpsnn::ImagePtr &destination_image) override {
    return call_client([&] {
      return [(id<MPSNNLossCallback>)object() scalarWeightForSourceImage:objc(source_image)
                                                        destinationImage:objc(destination_image)];
    });
  }
};

}  // namespace

// What the two classes have from the loss descriptor, and the callback.
#define LOSS_PROPERTIES(Node)                                                                                                  \
  MPSNN_ATTRIBUTE_READONLY(MPSCNNLossType, lossType, Node, descriptor.loss_type)                                               \
  MPSNN_ATTRIBUTE_READONLY(MPSCNNReductionType, reductionType, Node, descriptor.reduction_type)                                \
  MPSNN_ATTRIBUTE_READONLY(NSUInteger, numberOfClasses, Node, descriptor.number_of_classes)                                    \
  MPSNN_ATTRIBUTE_READONLY(BOOL, reduceAcrossBatch, Node, descriptor.reduce_across_batch)                                      \
  MPSNN_ATTRIBUTE_READONLY(float, weight, Node, descriptor.weight)                                                             \
  MPSNN_ATTRIBUTE_READONLY(float, labelSmoothing, Node, descriptor.label_smoothing)                                            \
  MPSNN_ATTRIBUTE_READONLY(float, epsilon, Node, descriptor.epsilon)                                                           \
  MPSNN_ATTRIBUTE_READONLY(float, delta, Node, descriptor.delta)                                                               \
  -(id<MPSNNLossCallback>)propertyCallBack {                                                                                   \
    return guarded([&] { return client_object(as<mpsnn::Node>(self).attributes.property_call_back); });                        \
  }                                                                                                                            \
  -(void)setPropertyCallBack : (id<MPSNNLossCallback>)propertyCallBack {                                                       \
    guarded([&] { as<mpsnn::Node>(self).attributes.property_call_back = adapter_for<ClientLossCallback>(propertyCallBack); }); \
  }

@implementation MPSNNForwardLossNode

- (instancetype)initWithSources:(NSArray *)sourceNodes lossDescriptor:(MPSCNNLossDescriptor *)descriptor {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::NNForwardLossNode>(MPSNN_BEHIND_ALL(MPSNNImageNode, sourceNodes), *MPSNN_BEHIND(descriptor));
  });
}
+ (instancetype)nodeWithSources:(NSArray *)sourceNodes lossDescriptor:(MPSCNNLossDescriptor *)descriptor {
  return [[[self alloc] initWithSources:sourceNodes lossDescriptor:descriptor] autorelease];
}

- (instancetype)initWithSource:(MPSNNImageNode *)source
                        labels:(MPSNNImageNode *)labels
                       weights:(MPSNNImageNode *)weights
                lossDescriptor:(MPSCNNLossDescriptor *)descriptor {
  return made_node(self, [&] {
    std::vector<mpsnn::ImageNodePtr> sources{MPSNN_BEHIND(source), MPSNN_BEHIND(labels)};
    if (weights) sources.push_back(MPSNN_BEHIND(weights));
    return std::make_shared<mpsnn::NNForwardLossNode>(std::move(sources), *MPSNN_BEHIND(descriptor));
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
                        labels:(MPSNNImageNode *)labels
                       weights:(MPSNNImageNode *)weights
                lossDescriptor:(MPSCNNLossDescriptor *)descriptor {
  return [[[self alloc] initWithSource:source labels:labels weights:weights lossDescriptor:descriptor] autorelease];
}

- (instancetype)initWithSource:(MPSNNImageNode *)source
                        labels:(MPSNNImageNode *)labels
                lossDescriptor:(MPSCNNLossDescriptor *)descriptor {
  return [self initWithSource:source labels:labels weights:nil lossDescriptor:descriptor];
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
                        labels:(MPSNNImageNode *)labels
                lossDescriptor:(MPSCNNLossDescriptor *)descriptor {
  return [[[self alloc] initWithSource:source labels:labels lossDescriptor:descriptor] autorelease];
}

LOSS_PROPERTIES(NNForwardLossNode)

// The interface declares them again, with the class of the results.

- (MPSNNLossGradientNode *)gradientFilterWithSource:(MPSNNImageNode *)gradientImage {
  return (MPSNNLossGradientNode *)[super gradientFilterWithSource:gradientImage];
}
- (MPSNNLossGradientNode *)gradientFilterWithSources:(NSArray *)gradientImages {
  return (MPSNNLossGradientNode *)[super gradientFilterWithSources:gradientImages];
}
- (NSArray *)gradientFiltersWithSource:(MPSNNImageNode *)gradientImage {
  return [super gradientFiltersWithSource:gradientImage];
}
- (NSArray *)gradientFiltersWithSources:(NSArray *)gradientImages {
  return [super gradientFiltersWithSources:gradientImages];
}

@end

@implementation MPSNNLossGradientNode

- (instancetype)initWithSources:(NSArray *)sourceNodes
                  gradientState:(MPSNNGradientStateNode *)gradientState
                 lossDescriptor:(MPSCNNLossDescriptor *)descriptor
         isLabelsGradientFilter:(BOOL)isLabelsGradientFilter {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::NNLossGradientNode>(MPSNN_BEHIND_ALL(MPSNNImageNode, sourceNodes),
                                                       MPSNN_BEHIND_OR_NULL(gradientState), *MPSNN_BEHIND(descriptor),
                                                       isLabelsGradientFilter);
  });
}
+ (instancetype)nodeWithSources:(NSArray *)sourceNodes
                  gradientState:(MPSNNGradientStateNode *)gradientState
                 lossDescriptor:(MPSCNNLossDescriptor *)descriptor
         isLabelsGradientFilter:(BOOL)isLabelsGradientFilter {
  return [[[self alloc] initWithSources:sourceNodes
                          gradientState:gradientState
                         lossDescriptor:descriptor
                 isLabelsGradientFilter:isLabelsGradientFilter] autorelease];
}

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                                labels:(MPSNNImageNode *)labels
                               weights:(MPSNNImageNode *)weights
                         gradientState:(MPSNNGradientStateNode *)gradientState
                        lossDescriptor:(MPSCNNLossDescriptor *)descriptor
                isLabelsGradientFilter:(BOOL)isLabelsGradientFilter {
  return made_node(self, [&] {
    std::vector<mpsnn::ImageNodePtr> sources{MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage), MPSNN_BEHIND(labels)};
    if (weights) sources.push_back(MPSNN_BEHIND(weights));
    return std::make_shared<mpsnn::NNLossGradientNode>(std::move(sources), MPSNN_BEHIND_OR_NULL(gradientState),
                                                       *MPSNN_BEHIND(descriptor), isLabelsGradientFilter);
  });
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                                labels:(MPSNNImageNode *)labels
                               weights:(MPSNNImageNode *)weights
                         gradientState:(MPSNNGradientStateNode *)gradientState
                        lossDescriptor:(MPSCNNLossDescriptor *)descriptor
                isLabelsGradientFilter:(BOOL)isLabelsGradientFilter {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
                                        labels:labels
                                       weights:weights
                                 gradientState:gradientState
                                lossDescriptor:descriptor
                        isLabelsGradientFilter:isLabelsGradientFilter] autorelease];
}

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                                labels:(MPSNNImageNode *)labels
                         gradientState:(MPSNNGradientStateNode *)gradientState
                        lossDescriptor:(MPSCNNLossDescriptor *)descriptor
                isLabelsGradientFilter:(BOOL)isLabelsGradientFilter {
  return [self initWithSourceGradient:sourceGradient
                          sourceImage:sourceImage
                               labels:labels
                              weights:nil
                        gradientState:gradientState
                       lossDescriptor:descriptor
               isLabelsGradientFilter:isLabelsGradientFilter];
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                                labels:(MPSNNImageNode *)labels
                         gradientState:(MPSNNGradientStateNode *)gradientState
                        lossDescriptor:(MPSCNNLossDescriptor *)descriptor
                isLabelsGradientFilter:(BOOL)isLabelsGradientFilter {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
                                        labels:labels
                                 gradientState:gradientState
                                lossDescriptor:descriptor
                        isLabelsGradientFilter:isLabelsGradientFilter] autorelease];
}

LOSS_PROPERTIES(NNLossGradientNode)
MPSNN_ATTRIBUTE_READONLY(BOOL, isLabelsGradientFilter, NNLossGradientNode, is_labels_gradient_filter)

@end
