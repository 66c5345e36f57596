#import "support/descriptors.hpp"
#import "support/images.hpp"
#import "support/metal.hpp"
#import "support/nodes.hpp"
#import "support/states.hpp"

using namespace mpsnn::gnustep;

namespace {

mpsnn::CNNLossDescriptor &descriptor(MPSCNNLossDescriptor *object) { return as<mpsnn::CNNLossDescriptor>(object); }
mpsnn::CNNLossDataDescriptor &data(MPSCNNLossDataDescriptor *object) { return as<mpsnn::CNNLossDataDescriptor>(object); }
mpsnn::CNNLossLabels &labels(MPSCNNLossLabels *object) { return as<mpsnn::CNNLossLabels>(object); }

}  // namespace

@implementation MPSCNNLossDescriptor

MPSNN_ROOT_IMPLEMENTATION(mpsnn::CNNLossDescriptor)
MPSNN_NO_PLAIN_INIT

+ (MPSCNNLossDescriptor *)cnnLossDescriptorWithType:(MPSCNNLossType)lossType reductionType:(MPSCNNReductionType)reductionType {
  return [made([self alloc], [&] {
    auto made = std::make_shared<mpsnn::CNNLossDescriptor>();
    made->loss_type = mpsnn::CNNLossType(lossType);
    made->reduction_type = mpsnn::CNNReductionType(reductionType);
    return made;
  }) autorelease];
}

MPSNN_PROPERTY(MPSCNNLossType, lossType, setLossType, descriptor(self).loss_type)
MPSNN_PROPERTY(MPSCNNReductionType, reductionType, setReductionType, descriptor(self).reduction_type)
MPSNN_PROPERTY(BOOL, reduceAcrossBatch, setReduceAcrossBatch, descriptor(self).reduce_across_batch)
MPSNN_PROPERTY(float, weight, setWeight, descriptor(self).weight)
MPSNN_PROPERTY(float, labelSmoothing, setLabelSmoothing, descriptor(self).label_smoothing)
MPSNN_PROPERTY(NSUInteger, numberOfClasses, setNumberOfClasses, descriptor(self).number_of_classes)
MPSNN_PROPERTY(float, epsilon, setEpsilon, descriptor(self).epsilon)
MPSNN_PROPERTY(float, delta, setDelta, descriptor(self).delta)

- (id)copyWithZone:(NSZone *)zone {
  return made([[self class] allocWithZone:zone], [&] { return std::make_shared<mpsnn::CNNLossDescriptor>(descriptor(self)); });
}

@end

@implementation MPSCNNLossDataDescriptor

MPSNN_ROOT_IMPLEMENTATION(mpsnn::CNNLossDataDescriptor)
MPSNN_NO_PLAIN_INIT

+ (MPSCNNLossDataDescriptor *)cnnLossDataDescriptorWithData:(NSData *)data layout:(MPSDataLayout)layout size:(MTLSize)size {
  return [made_or_nil([self alloc], [&] {
    return std::make_shared<mpsnn::CNNLossDataDescriptor>(floats_of(MPSNN_REQUIRE(data)), mpsnn::DataLayout(layout),
                                                          converted<mpsnn::mtl::Size>(size));
  }) autorelease];
}

MPSNN_READONLY(MPSDataLayout, layout, data(self).layout)
MPSNN_READONLY(MTLSize, size, data(self).size)
MPSNN_PROPERTY(NSUInteger, bytesPerRow, setBytesPerRow, data(self).bytes_per_row)
MPSNN_PROPERTY(NSUInteger, bytesPerImage, setBytesPerImage, data(self).bytes_per_image)

- (id)copyWithZone:(NSZone *)zone {
  return made([[self class] allocWithZone:zone], [&] { return std::make_shared<mpsnn::CNNLossDataDescriptor>(data(self)); });
}

@end

MPSNN_STATE_CLASS(mpsnn::CNNLossLabels, MPSCNNLossLabels)

@implementation MPSCNNLossLabels

- (instancetype)initWithDevice:(id<MTLDevice>)device labelsDescriptor:(MPSCNNLossDataDescriptor *)labelsDescriptor {
  return [self initWithDevice:device lossImageSize:MTLSizeMake(1, 1, 1) labelsDescriptor:labelsDescriptor weightsDescriptor:nil];
}

- (instancetype)initWithDevice:(id<MTLDevice>)device
                 lossImageSize:(MTLSize)lossImageSize
              labelsDescriptor:(MPSCNNLossDataDescriptor *)labelsDescriptor
             weightsDescriptor:(MPSCNNLossDataDescriptor *)weightsDescriptor {
  return made_state(self, _cmd, [&] {
    return std::make_shared<mpsnn::CNNLossLabels>(*MPSNN_BEHIND(labelsDescriptor), MPSNN_BEHIND_OR_NULL(weightsDescriptor).get(),
                                                  converted<mpsnn::mtl::Size>(lossImageSize), device_of(device));
  });
}

- (instancetype)initWithDevice:(id<MTLDevice>)device
                 lossImageSize:(MTLSize)lossImageSize
                   labelsImage:(MPSImage *)labelsImage
                  weightsImage:(MPSImage *)weightsImage {
  return made_state(self, _cmd, [&] {
    return std::make_shared<mpsnn::CNNLossLabels>(converted<mpsnn::mtl::Size>(lossImageSize), MPSNN_BEHIND(labelsImage),
                                                  MPSNN_BEHIND_OR_NULL(weightsImage), device_of(device));
  });
}

MPSNN_READONLY(MPSImage *, lossImage, objc(labels(self).loss_image()))
MPSNN_READONLY(MPSImage *, labelsImage, objc(labels(self).labels_image()))
MPSNN_READONLY(MPSImage *, weightsImage, objc(labels(self).weights_image()))

@end

@implementation MPSNNLabelsNode
@end

@implementation MPSCNNLossNode

- (instancetype)initWithSource:(MPSNNImageNode *)source lossDescriptor:(MPSCNNLossDescriptor *)descriptor {
  return made_node(self, [&] { return std::make_shared<mpsnn::CNNLossNode>(MPSNN_BEHIND(source), *MPSNN_BEHIND(descriptor)); });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source lossDescriptor:(MPSCNNLossDescriptor *)descriptor {
  return [[[self alloc] initWithSource:source lossDescriptor:descriptor] autorelease];
}

- (MPSNNLabelsNode *)inputLabels {
  return guarded([&] {
    const mpsnn::StateNodePtr labels = as<mpsnn::CNNLossNode>(self).input_labels();
    return (MPSNNLabelsNode *)objc(labels);
  });
}

@end
