#import "support/descriptors.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

namespace {

mpsnn::NNNeuronDescriptor &neuron(MPSNNNeuronDescriptor *descriptor) { return as<mpsnn::NNNeuronDescriptor>(descriptor); }

}  // namespace

@implementation MPSNNNeuronDescriptor

MPSNN_ROOT_IMPLEMENTATION(mpsnn::NNNeuronDescriptor)
MPSNN_NO_PLAIN_INIT

+ (MPSNNNeuronDescriptor *)cnnNeuronDescriptorWithType:(MPSCNNNeuronType)neuronType {
  return guarded([&] {
    return objc(
        std::make_shared<mpsnn::NNNeuronDescriptor>(mpsnn::NNNeuronDescriptor::with_type(mpsnn::CNNNeuronType(neuronType))));
  });
}
+ (MPSNNNeuronDescriptor *)cnnNeuronDescriptorWithType:(MPSCNNNeuronType)neuronType a:(float)a {
  MPSNNNeuronDescriptor *descriptor = [self cnnNeuronDescriptorWithType:neuronType];
  [descriptor setA:a];
  return descriptor;
}
+ (MPSNNNeuronDescriptor *)cnnNeuronDescriptorWithType:(MPSCNNNeuronType)neuronType a:(float)a b:(float)b {
  MPSNNNeuronDescriptor *descriptor = [self cnnNeuronDescriptorWithType:neuronType a:a];
  [descriptor setB:b];
  return descriptor;
}
+ (MPSNNNeuronDescriptor *)cnnNeuronDescriptorWithType:(MPSCNNNeuronType)neuronType a:(float)a b:(float)b c:(float)c {
  MPSNNNeuronDescriptor *descriptor = [self cnnNeuronDescriptorWithType:neuronType a:a b:b];
  [descriptor setC:c];
  return descriptor;
}
+ (MPSNNNeuronDescriptor *)cnnNeuronPReLUDescriptorWithData:(NSData *)data noCopy:(BOOL)noCopy {
  return guarded([&] {
    return objc(std::make_shared<mpsnn::NNNeuronDescriptor>(mpsnn::NNNeuronDescriptor::prelu(floats_of(MPSNN_REQUIRE(data)))));
  });
}

MPSNN_PROPERTY(MPSCNNNeuronType, neuronType, setNeuronType, neuron(self).neuron_type)
MPSNN_PROPERTY(float, a, setA, neuron(self).a)
MPSNN_PROPERTY(float, b, setB, neuron(self).b)
MPSNN_PROPERTY(float, c, setC, neuron(self).c)
MPSNN_READONLY(NSData *, data, data_of(neuron(self).data))
- (void)setData:(NSData *)data {
  guarded([&] { neuron(self).data = floats_of(data); });
}

- (id)copyWithZone:(NSZone *)zone {
  return guarded([&] { return [objc(std::make_shared<mpsnn::NNNeuronDescriptor>(neuron(self))) retain]; });
}

+ (BOOL)supportsSecureCoding {
  return YES;
}
- (void)encodeWithCoder:(NSCoder *)coder {
  [coder encodeInt:[self neuronType] forKey:@"neuronType"];
  [coder encodeFloat:[self a] forKey:@"a"];
  [coder encodeFloat:[self b] forKey:@"b"];
  [coder encodeFloat:[self c] forKey:@"c"];
  [coder encodeObject:[self data] forKey:@"data"];
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  return made_or_nil(self, [&] {
    auto descriptor = std::make_shared<mpsnn::NNNeuronDescriptor>();
    descriptor->neuron_type = mpsnn::CNNNeuronType([coder decodeIntForKey:@"neuronType"]);
    descriptor->a = [coder decodeFloatForKey:@"a"];
    descriptor->b = [coder decodeFloatForKey:@"b"];
    descriptor->c = [coder decodeFloatForKey:@"c"];
    descriptor->data = floats_of([coder decodeObjectForKey:@"data"]);
    return descriptor;
  });
}

@end

@implementation MPSCNNNeuronNode

+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode descriptor:(MPSNNNeuronDescriptor *)descriptor {
  return guarded([&] {
    mpsnn::FilterNodePtr node = mpsnn::CNNNeuronNode::with_descriptor(MPSNN_BEHIND(sourceNode), *MPSNN_BEHIND(descriptor));
    return (MPSCNNNeuronNode *)objc(node);
  });
}

MPSNN_READONLY(float, a, as<mpsnn::CNNNeuronNode>(self).a())
MPSNN_READONLY(float, b, as<mpsnn::CNNNeuronNode>(self).b())
MPSNN_READONLY(float, c, as<mpsnn::CNNNeuronNode>(self).c())

@end

// What the classes with one, two and three constants have besides the initializers with the source alone.

#define ONE_CONSTANT(Node)                                                                          \
  MPSNN_SOURCE_INITIALIZERS(Node)                                                                   \
  -(instancetype)initWithSource : (MPSNNImageNode *)source a : (float)a {                           \
    return made_node(self, [&] { return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(source), a); }); \
  }                                                                                                 \
  +(instancetype)nodeWithSource : (MPSNNImageNode *)source a : (float)a {                           \
    return [[[self alloc] initWithSource:source a:a] autorelease];                                  \
  }

#define TWO_CONSTANTS(Node)                                                                            \
  MPSNN_SOURCE_INITIALIZERS(Node)                                                                      \
  -(instancetype)initWithSource : (MPSNNImageNode *)source a : (float)a b : (float)b {                 \
    return made_node(self, [&] { return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(source), a, b); }); \
  }                                                                                                    \
  +(instancetype)nodeWithSource : (MPSNNImageNode *)source a : (float)a b : (float)b {                 \
    return [[[self alloc] initWithSource:source a:a b:b] autorelease];                                 \
  }

#define THREE_CONSTANTS(Node)                                                                             \
  MPSNN_SOURCE_INITIALIZERS(Node)                                                                         \
  -(instancetype)initWithSource : (MPSNNImageNode *)source a : (float)a b : (float)b c : (float)c {       \
    return made_node(self, [&] { return std::make_shared<mpsnn::Node>(MPSNN_BEHIND(source), a, b, c); }); \
  }                                                                                                       \
  +(instancetype)nodeWithSource : (MPSNNImageNode *)source a : (float)a b : (float)b c : (float)c {       \
    return [[[self alloc] initWithSource:source a:a b:b c:c] autorelease];                                \
  }

@implementation MPSCNNNeuronAbsoluteNode
MPSNN_SOURCE_INITIALIZERS(CNNNeuronAbsoluteNode)
@end

@implementation MPSCNNNeuronSigmoidNode
MPSNN_SOURCE_INITIALIZERS(CNNNeuronSigmoidNode)
@end

@implementation MPSCNNNeuronSoftSignNode
MPSNN_SOURCE_INITIALIZERS(CNNNeuronSoftSignNode)
@end

@implementation MPSCNNNeuronGeLUNode
MPSNN_SOURCE_INITIALIZERS(CNNNeuronGeLUNode)
@end

@implementation MPSCNNNeuronELUNode
ONE_CONSTANT(CNNNeuronELUNode)
@end

@implementation MPSCNNNeuronReLUNode
ONE_CONSTANT(CNNNeuronReLUNode)
@end

@implementation MPSCNNNeuronHardSigmoidNode
TWO_CONSTANTS(CNNNeuronHardSigmoidNode)
@end

@implementation MPSCNNNeuronLinearNode
TWO_CONSTANTS(CNNNeuronLinearNode)
@end

@implementation MPSCNNNeuronReLUNNode
TWO_CONSTANTS(CNNNeuronReLUNNode)
@end

@implementation MPSCNNNeuronSoftPlusNode
TWO_CONSTANTS(CNNNeuronSoftPlusNode)
@end

@implementation MPSCNNNeuronTanHNode
TWO_CONSTANTS(CNNNeuronTanHNode)
@end

@implementation MPSCNNNeuronExponentialNode
THREE_CONSTANTS(CNNNeuronExponentialNode)
@end

@implementation MPSCNNNeuronLogarithmNode
THREE_CONSTANTS(CNNNeuronLogarithmNode)
@end

@implementation MPSCNNNeuronPowerNode
THREE_CONSTANTS(CNNNeuronPowerNode)
@end

@implementation MPSCNNNeuronPReLUNode

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode aData:(NSData *)aData {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNNeuronPReLUNode>(MPSNN_BEHIND(sourceNode), floats_of(MPSNN_REQUIRE(aData)));
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode aData:(NSData *)aData {
  return [[[self alloc] initWithSource:sourceNode aData:aData] autorelease];
}

@end

@implementation MPSCNNNeuronGradientNode

- (instancetype)initWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            descriptor:(MPSNNNeuronDescriptor *)descriptor {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNNeuronGradientNode>(MPSNN_BEHIND(sourceGradient), MPSNN_BEHIND(sourceImage),
                                                          MPSNN_BEHIND(gradientState), *MPSNN_BEHIND(descriptor));
  });
}
+ (instancetype)nodeWithSourceGradient:(MPSNNImageNode *)sourceGradient
                           sourceImage:(MPSNNImageNode *)sourceImage
                         gradientState:(MPSNNGradientStateNode *)gradientState
                            descriptor:(MPSNNNeuronDescriptor *)descriptor {
  return [[[self alloc] initWithSourceGradient:sourceGradient
                                   sourceImage:sourceImage
                                 gradientState:gradientState
                                    descriptor:descriptor] autorelease];
}

- (MPSNNNeuronDescriptor *)descriptor {
  return guarded([&] {
    return objc(std::make_shared<mpsnn::NNNeuronDescriptor>(as<mpsnn::CNNNeuronGradientNode>(self).attributes.descriptor));
  });
}

@end
