#import <MetalPerformanceShaders/MPSCNNMath.h>

#include "mpsnn/kernels/arithmetic.hpp"
#import "support/kernel_encode.hpp"

using namespace mpsnn::gnustep;

namespace {

mpsnn::CNNArithmetic &kernel(MPSCNNArithmetic *object) { return as<mpsnn::CNNArithmetic>(object); }

using Add = mpsnn::CNNArithmeticOf<mpsnn::NNAdditionNode>;
using Subtract = mpsnn::CNNArithmeticOf<mpsnn::NNSubtractionNode>;
using Multiply = mpsnn::CNNArithmeticOf<mpsnn::NNMultiplicationNode>;
using Divide = mpsnn::CNNArithmeticOf<mpsnn::NNDivisionNode>;
using AddGradient = mpsnn::CNNArithmeticGradientOf<mpsnn::NNAdditionGradientNode, mpsnn::NNAdditionNode>;
using SubtractGradient = mpsnn::CNNArithmeticGradientOf<mpsnn::NNSubtractionGradientNode, mpsnn::NNSubtractionNode>;
using MultiplyGradient = mpsnn::CNNArithmeticGradientOf<mpsnn::NNMultiplicationGradientNode, mpsnn::NNMultiplicationNode>;

// Which operation it is, is known to the constructor.
template <class K>
KernelClass arithmetic_class(const char *name) {
  return plain<K>(name, own_attributes<K>, [name](const DevicePtr &device, const mpsnn::ArithmeticOp &attributes) {
    const auto kernel = std::make_shared<K>(device, name);
    const auto operation = kernel->attributes.operation;
    kernel->attributes = attributes;
    kernel->attributes.operation = operation;
    return kernel;
  });
}

template <class K>
KernelClass gradient_class(const char *name) {
  return remade<K>(name, own_attributes<K>, [name](const DevicePtr &device, const mpsnn::ArithmeticGradientOp &attributes) {
    const auto kernel = std::make_shared<K>(device, name, attributes.is_secondary_source_filter);
    kernel->attributes = attributes;
    return kernel;
  });
}

KernelClass compare_class() {
  return plain<mpsnn::NNCompare>(
      "MPSNNCompare",
      [](const mpsnn::NNCompare &kernel) {
        mpsnn::ComparisonOp op;
        static_cast<mpsnn::ArithmeticOp &>(op) = kernel.attributes;
        op.comparison_type = kernel.comparison_type;
        op.threshold = kernel.threshold;
        return op;
      },
      [](const DevicePtr &device, const mpsnn::ComparisonOp &attributes) {
        const auto kernel = std::make_shared<mpsnn::NNCompare>(device);
        const auto operation = kernel->attributes.operation;
        kernel->attributes = attributes;
        kernel->attributes.operation = operation;
        kernel->comparison_type = attributes.comparison_type;
        kernel->threshold = attributes.threshold;
        return kernel;
      });
}

}  // namespace

MPSNN_ABSTRACT_KERNEL(MPSCNNArithmetic, CNNArithmetic)
MPSNN_ABSTRACT_KERNEL(MPSCNNArithmeticGradient, CNNArithmeticGradient)
MPSNN_REGISTER_KERNEL(mpsnn::NNCompare, MPSNNCompare, compare_class())

@implementation MPSCNNArithmetic

MPSNN_PROPERTY(float, primaryScale, setPrimaryScale, kernel(self).attributes.primary_scale)
MPSNN_PROPERTY(float, secondaryScale, setSecondaryScale, kernel(self).attributes.secondary_scale)
MPSNN_PROPERTY(float, bias, setBias, kernel(self).attributes.bias)
MPSNN_PROPERTY(float, minimumValue, setMinimumValue, kernel(self).attributes.minimum_value)
MPSNN_PROPERTY(float, maximumValue, setMaximumValue, kernel(self).attributes.maximum_value)
MPSNN_PROPERTY(NSUInteger, primaryStrideInPixelsX, setPrimaryStrideInPixelsX, kernel(self).attributes.primary_stride_in_pixels_x)
MPSNN_PROPERTY(NSUInteger, primaryStrideInPixelsY, setPrimaryStrideInPixelsY, kernel(self).attributes.primary_stride_in_pixels_y)
MPSNN_PROPERTY(NSUInteger, primaryStrideInFeatureChannels, setPrimaryStrideInFeatureChannels,
               kernel(self).attributes.primary_stride_in_feature_channels)
MPSNN_PROPERTY(NSUInteger, secondaryStrideInPixelsX, setSecondaryStrideInPixelsX,
               kernel(self).attributes.secondary_stride_in_pixels_x)
MPSNN_PROPERTY(NSUInteger, secondaryStrideInPixelsY, setSecondaryStrideInPixelsY,
               kernel(self).attributes.secondary_stride_in_pixels_y)
MPSNN_PROPERTY(NSUInteger, secondaryStrideInFeatureChannels, setSecondaryStrideInFeatureChannels,
               kernel(self).attributes.secondary_stride_in_feature_channels)

- (void)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                 primaryImage:(MPSImage *)primaryImage
               secondaryImage:(MPSImage *)secondaryImage
             destinationState:(MPSCNNArithmeticGradientState *)destinationState
             destinationImage:(MPSImage *)destinationImage {
  guarded([&] {
    kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGE(primaryImage),
                                                MPSNN_IMAGE(secondaryImage), batch_of_one(MPSNN_BEHIND(destinationState)),
                                                MPSNN_IMAGE(destinationImage));
  });
}

- (void)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                     primaryImages:(MPSImageBatch *)primaryImages
                   secondaryImages:(MPSImageBatch *)secondaryImages
                 destinationStates:(MPSCNNArithmeticGradientStateBatch *)destinationStates
                 destinationImages:(MPSImageBatch *)destinationImages {
  guarded([&] {
    kernel(self).encode_batch_to_command_buffer(MPSNN_COMMAND_BUFFER(commandBuffer), MPSNN_IMAGES(primaryImages),
                                                MPSNN_IMAGES(secondaryImages), MPSNN_BEHIND_ALL(MPSState, destinationStates),
                                                MPSNN_IMAGES(destinationImages));
  });
}

@end

@implementation MPSCNNArithmeticGradient
MPSNN_KERNEL_PROPERTY(float, primaryScale, setPrimaryScale, CNNArithmeticGradient, primary_scale)
MPSNN_KERNEL_PROPERTY(float, secondaryScale, setSecondaryScale, CNNArithmeticGradient, secondary_scale)
MPSNN_KERNEL_PROPERTY(float, bias, setBias, CNNArithmeticGradient, bias)
MPSNN_KERNEL_PROPERTY(float, minimumValue, setMinimumValue, CNNArithmeticGradient, minimum_value)
MPSNN_KERNEL_PROPERTY(float, maximumValue, setMaximumValue, CNNArithmeticGradient, maximum_value)
MPSNN_KERNEL_PROPERTY(NSUInteger, secondaryStrideInPixelsX, setSecondaryStrideInPixelsX, CNNArithmeticGradient,
                      secondary_stride_in_pixels_x)
MPSNN_KERNEL_PROPERTY(NSUInteger, secondaryStrideInPixelsY, setSecondaryStrideInPixelsY, CNNArithmeticGradient,
                      secondary_stride_in_pixels_y)
MPSNN_KERNEL_PROPERTY(NSUInteger, secondaryStrideInFeatureChannels, setSecondaryStrideInFeatureChannels, CNNArithmeticGradient,
                      secondary_stride_in_feature_channels)
MPSNN_KERNEL_READONLY(BOOL, isSecondarySourceFilter, CNNArithmeticGradient, is_secondary_source_filter)
@end

#define ARITHMETIC(Name)                                                            \
  MPSNN_REGISTER_KERNEL(Name, MPSCNN##Name, arithmetic_class<Name>("MPSCNN" #Name)) \
  @implementation MPSCNN                                                            \
  ##Name MPSNN_INHERITED_DEVICE_INITIALIZER @end
#define ARITHMETIC_GRADIENT(Name)                                                                                         \
  MPSNN_REGISTER_KERNEL(Name, MPSCNN##Name, gradient_class<Name>("MPSCNN" #Name))                                         \
  @implementation MPSCNN                                                                                                  \
  ##Name - (instancetype)initWithDevice : (id<MTLDevice>)device isSecondarySourceFilter : (BOOL)isSecondarySourceFilter { \
    return made_kernel(self, _cmd, [&] {                                                                                  \
      return std::make_shared<Name>(device_of(MPSNN_REQUIRE(device)), "MPSCNN" #Name, isSecondarySourceFilter);           \
    });                                                                                                                   \
  }                                                                                                                       \
  @end

ARITHMETIC(Add)
ARITHMETIC(Subtract)
ARITHMETIC(Multiply)
ARITHMETIC(Divide)
ARITHMETIC_GRADIENT(AddGradient)
ARITHMETIC_GRADIENT(SubtractGradient)
ARITHMETIC_GRADIENT(MultiplyGradient)

@implementation MPSNNCompare
MPSNN_INHERITED_DEVICE_INITIALIZER
MPSNN_PROPERTY(MPSNNComparisonType, comparisonType, setComparisonType, as<mpsnn::NNCompare>(self).comparison_type)
MPSNN_PROPERTY(float, threshold, setThreshold, as<mpsnn::NNCompare>(self).threshold)
@end
