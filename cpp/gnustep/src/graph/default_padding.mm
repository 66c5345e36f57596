#import "support/images.hpp"
#import "support/kernels.hpp"
#import "support/nodes.hpp"
#import "support/states.hpp"

using namespace mpsnn::gnustep;

using Padding = mpsnn::NNDefaultPadding;

namespace {

MPSNNDefaultPadding *object_for(const std::shared_ptr<Padding> &policy) {
  return standing_for<MPSNNDefaultPadding>(policy, [] { return [MPSNNDefaultPadding alloc]; });
}

}  // namespace

@implementation MPSNNDefaultPadding

MPSNN_ROOT_IMPLEMENTATION(mpsnn::NNDefaultPadding)
MPSNN_NO_PLAIN_INIT

+ (instancetype)paddingWithMethod:(MPSNNPaddingMethod)method {
  return guarded([&] { return object_for(Padding::padding_with_method(mpsnn::NNPaddingMethod(method))); });
}
+ (instancetype)paddingForTensorflowAveragePooling {
  return guarded([&] { return object_for(Padding::padding_for_tensorflow_average_pooling()); });
}
+ (instancetype)paddingForTensorflowAveragePoolingValidOnly {
  return guarded([&] { return object_for(Padding::padding_for_tensorflow_average_pooling_valid_only()); });
}

MPSNN_READONLY(MPSNNPaddingMethod, paddingMethod, as<Padding>(self).padding_method())
MPSNN_READONLY(NSString *, label, ns_string(as<Padding>(self).label()))
MPSNN_READONLY(MPSNNDefaultPadding *, inverse, object_for(std::dynamic_pointer_cast<Padding>(as<Padding>(self).inverse())))

- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray *)sourceImages
                                                     sourceStates:(NSArray *)sourceStates
                                                        forKernel:(MPSKernel *)kernel
                                              suggestedDescriptor:(MPSImageDescriptor *)inDescriptor {
  return guarded([&] {
    const auto filter = MPSNN_BEHIND_AS(CNNKernel, kernel);
    if (!filter) return inDescriptor;
    return objc(as<Padding>(self).destination_image_descriptor_for_source_images(images_of(sourceImages), states_of(sourceStates),
                                                                                 *filter, *MPSNN_BEHIND(inDescriptor)));
  });
}

+ (BOOL)supportsSecureCoding {
  return YES;
}
- (void)encodeWithCoder:(NSCoder *)coder {
  [coder encodeInt64:(int64_t)[self paddingMethod] forKey:@"paddingMethod"];
}
- (instancetype)initWithCoder:(NSCoder *)coder {
  [self release];
  return guarded([&] {
    // The Custom bit is that of the two policies for TensorFlow.
    const auto method = mpsnn::NNPaddingMethod([coder decodeInt64ForKey:@"paddingMethod"]);
    for (const auto &policy :
         {Padding::padding_for_tensorflow_average_pooling(), Padding::padding_for_tensorflow_average_pooling_valid_only()}) {
      if (policy->padding_method() == method) return [object_for(policy) retain];
    }
    return [object_for(Padding::padding_with_method(method)) retain];
  });
}

@end
