#pragma once

#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include <memory>

#include "mpsnn/node.hpp"
#include "mpsnn/padding.hpp"
#include "support/behind.hpp"
#include "support/objects.hpp"

/// The handle of a node that no client named: inputs without a handle, handles of graphs that were read from an archive.
@interface MPSNNOwnHandle : NSObject <MPSHandle> {
 @public
  void *_impl;
}
@end

namespace mpsnn::gnustep {

MPSNN_STANDS_FOR(MPSNNOwnHandle, Handle)
MPSNN_STANDS_FOR(MPSNNImageNode, NNImageNode)
MPSNN_STANDS_FOR(MPSNNStateNode, NNStateNode)
MPSNN_STANDS_FOR(MPSNNFilterNode, NNFilterNode)
MPSNN_STANDS_FOR(MPSNNDefaultPadding, NNDefaultPadding)

/// A client's object as a handle of C++ and back: the same object. Null is nil.
std::shared_ptr<Handle> handle_of(id<MPSHandle> handle);
id<MPSHandle> objc(const std::shared_ptr<Handle> &handle);

/// The object that stands for a node, of the class that the node names.
MPSNNImageNode *objc(const ImageNodePtr &node);
MPSNNStateNode *objc(const StateNodePtr &node);
MPSNNFilterNode *objc(const FilterNodePtr &node);

/// A client's policy, or one of MPSNNDefaultPadding, and back. Null is nil.
std::shared_ptr<NNPadding> padding_of(id<MPSNNPadding> policy);
id<MPSNNPadding> objc(const std::shared_ptr<NNPadding> &policy);

/// Throws where `object`, whose initializer is running, is not of the class that the node names: an inherited initializer made
/// the node of the superclass.
void check_class(id object, const NNFilterNode &node);

/// The body of an initializer that only subclasses have: releases the object and raises.
[[noreturn]] void abstract(id object, SEL method);

/// The body of a filter node's initializer: `make` gives the C++ node.
template <class ObjCClass, class Make>
ObjCClass *made_node(ObjCClass *object, Make &&make) {
  return made(object, [&] {
    std::shared_ptr<NNFilterNode> node = make();
    check_class(object, *node);
    return node;
  });
}

}  // namespace mpsnn::gnustep

// In the @implementation of a node class; Node is its C++ class, without namespace ------------------------------------

/// `initWithSource:` and `nodeWithSource:`, of nodes whose C++ constructor can do with the source.
#define MPSNN_SOURCE_INITIALIZERS(Node)                                                                          \
  -(instancetype)initWithSource : (MPSNNImageNode *)source {                                                     \
    return mpsnn::gnustep::made_node(self, [&] { return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(source)); }); \
  }                                                                                                              \
  +(instancetype)nodeWithSource : (MPSNNImageNode *)source {                                                     \
    return [[[self alloc] initWithSource:source] autorelease];                                                   \
  }

/// `initWithSourceGradient:sourceImage:gradientState:` and the same with `node`, of gradient nodes without attributes.
#define MPSNN_GRADIENT_INITIALIZERS(Node)                                                                                       \
  -(instancetype)initWithSourceGradient : (MPSNNImageNode *)sourceGradient sourceImage                                          \
      : (MPSNNImageNode *)sourceImage gradientState : (MPSNNGradientStateNode *)gradientState {                                 \
    return mpsnn::gnustep::made_node(self, [&] {                                                                                \
      return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage),                             \
                                           MPSNN_BEHIND(gradientState));                                                        \
    });                                                                                                                         \
  }                                                                                                                             \
  +(instancetype)nodeWithSourceGradient : (MPSNNImageNode *)sourceGradient sourceImage                                          \
      : (MPSNNImageNode *)sourceImage gradientState : (MPSNNGradientStateNode *)gradientState {                                 \
    return                                                                                                                      \
        [[[self alloc] initWithSourceGradient:sourceGradient sourceImage:sourceImage gradientState:gradientState] autorelease]; \
  }

/// An attribute that may be read, and one that may also be set.
#define MPSNN_ATTRIBUTE_READONLY(Type, getter, Node, field) \
  MPSNN_READONLY(Type, getter, mpsnn::gnustep::as<mpsnn::Node>(self).attributes.field)
#define MPSNN_ATTRIBUTE(Type, getter, setter, Node, field) \
  MPSNN_PROPERTY(Type, getter, setter, mpsnn::gnustep::as<mpsnn::Node>(self).attributes.field)

/// The property of MPSNNTrainableNode.
#define MPSNN_TRAINING_STYLE                                          \
  MPSNN_PROPERTY(MPSNNTrainingStyle, trainingStyle, setTrainingStyle, \
                 mpsnn::gnustep::as<mpsnn::NNTrainableNode>(self).training_style)
