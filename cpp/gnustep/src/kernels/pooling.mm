#import <MetalPerformanceShaders/MPSCNNPooling.h>

#include "mpsnn/kernels/pooling.hpp"
#import "support/kernel_classes.hpp"

using namespace mpsnn::gnustep;

namespace {

// What a gradient kernel has besides its window.
template <class K>
struct GradientAttributes {
  typename K::Attributes op;
  mpsnn::mtl::Size source_size{mpsnn::kUIntegerMax, mpsnn::kUIntegerMax, mpsnn::kUIntegerMax};
  std::size_t zero_pad_size_x = 0, zero_pad_size_y = 0;  // of averages
  void visit(mpsnn::AttributeVisitor &visitor) {
    op.visit(visitor);
    visitor("source_size", source_size);
    visitor("zero_pad_size_x", zero_pad_size_x);
    visitor("zero_pad_size_y", zero_pad_size_y);
  }
};

template <class K>
KernelClass gradient_class(const char *name) {
  constexpr bool is_average = std::is_same_v<K, mpsnn::CNNPoolingAverageGradient>;
  return remade<K>(
      name,
      [](const K &kernel) {
        GradientAttributes<K> attributes{kernel.attributes, kernel.source_size};
        if constexpr (is_average) {
          attributes.zero_pad_size_x = kernel.zero_pad_size_x;
          attributes.zero_pad_size_y = kernel.zero_pad_size_y;
        }
        return attributes;
      },
      [](const DevicePtr &device, const GradientAttributes<K> &attributes) {
        const auto kernel = std::make_shared<K>(device, attributes.op);
        kernel->source_size = attributes.source_size;
        if constexpr (is_average) {
          kernel->zero_pad_size_x = attributes.zero_pad_size_x;
          kernel->zero_pad_size_y = attributes.zero_pad_size_y;
        }
        return kernel;
      });
}

template <class K>
std::shared_ptr<K> make(id<MTLDevice> device, NSUInteger width, NSUInteger height, NSUInteger stride_x, NSUInteger stride_y) {
  return std::make_shared<K>(device_of(device), mpsnn::pooling_op<typename K::Attributes>(width, height, stride_x, stride_y));
}

template <class K>
std::shared_ptr<K> make_dilated(id<MTLDevice> device, NSUInteger width, NSUInteger height, NSUInteger dilation_x,
                                NSUInteger dilation_y, NSUInteger stride_x, NSUInteger stride_y) {
  return std::make_shared<K>(device_of(device), mpsnn::dilated_pooling_op<typename K::Attributes>(
                                                    width, height, stride_x, stride_y, dilation_x, dilation_y));
}

}  // namespace

#define GRADIENT_KERNEL(ObjCClass, CppClass) \
  MPSNN_REGISTER_KERNEL(mpsnn::CppClass, ObjCClass, gradient_class<mpsnn::CppClass>(#ObjCClass))

MPSNN_ABSTRACT_KERNEL(MPSCNNPooling, CNNPooling)
MPSNN_KERNEL(MPSCNNPoolingMax, CNNPoolingMax)
MPSNN_KERNEL(MPSCNNPoolingAverage, CNNPoolingAverage)
MPSNN_KERNEL(MPSCNNPoolingL2Norm, CNNPoolingL2Norm)
MPSNN_KERNEL(MPSCNNDilatedPoolingMax, CNNDilatedPoolingMax)
MPSNN_ABSTRACT_KERNEL(MPSCNNPoolingGradient, CNNPoolingGradient)
GRADIENT_KERNEL(MPSCNNPoolingMaxGradient, CNNPoolingMaxGradient)
GRADIENT_KERNEL(MPSCNNPoolingAverageGradient, CNNPoolingAverageGradient)
GRADIENT_KERNEL(MPSCNNPoolingL2NormGradient, CNNPoolingL2NormGradient)
GRADIENT_KERNEL(MPSCNNDilatedPoolingMaxGradient, CNNDilatedPoolingMaxGradient)

// The initializer with all arguments: bases have none, and what inherits theirs makes them raise.
#define INITIALIZER(...)                                                                                                       \
  -(instancetype)initWithDevice : (id<MTLDevice>)device kernelWidth : (NSUInteger)kernelWidth kernelHeight                     \
      : (NSUInteger)kernelHeight strideInPixelsX : (NSUInteger)strideInPixelsX strideInPixelsY : (NSUInteger)strideInPixelsY { \
    __VA_ARGS__                                                                                                                \
  }
#define INITIALIZERS_OF_BASE                                                                                                   \
  INITIALIZER(return made_plain(self, _cmd, device);)                                                                          \
  -(instancetype)initWithDevice : (id<MTLDevice>)device kernelWidth : (NSUInteger)kernelWidth kernelHeight                     \
      : (NSUInteger)kernelHeight {                                                                                             \
    return [self initWithDevice:device kernelWidth:kernelWidth kernelHeight:kernelHeight strideInPixelsX:1 strideInPixelsY:1]; \
  }                                                                                                                            \
  MPSNN_INHERITED_CODER_INITIALIZER
#define INITIALIZERS(CppClass)                                                                                         \
  INITIALIZER(return made_kernel(self, _cmd, [&] {                                                                     \
                       return make<mpsnn::CppClass>(MPSNN_REQUIRE(device), kernelWidth, kernelHeight, strideInPixelsX, \
                                                    strideInPixelsY);                                                  \
                     });)                                                                                              \
  MPSNN_INHERITED_CODER_INITIALIZER
#define DILATED_INITIALIZERS(CppClass)                                                                                          \
  -(instancetype)initWithDevice : (id<MTLDevice>)device kernelWidth : (NSUInteger)kernelWidth kernelHeight                      \
      : (NSUInteger)kernelHeight dilationRateX : (NSUInteger)dilationRateX dilationRateY                                        \
      : (NSUInteger)dilationRateY strideInPixelsX : (NSUInteger)strideInPixelsX strideInPixelsY : (NSUInteger)strideInPixelsY { \
    return made_kernel(self, _cmd, [&] {                                                                                        \
      return make_dilated<mpsnn::CppClass>(MPSNN_REQUIRE(device), kernelWidth, kernelHeight, dilationRateX, dilationRateY,      \
                                           strideInPixelsX, strideInPixelsY);                                                   \
    });                                                                                                                         \
  }                                                                                                                             \
  MPSNN_INHERITED_CODER_INITIALIZER

@implementation MPSCNNPooling
INITIALIZERS_OF_BASE
@end

@implementation MPSCNNPoolingMax
INITIALIZERS(CNNPoolingMax)
@end

@implementation MPSCNNPoolingAverage
INITIALIZERS(CNNPoolingAverage)
MPSNN_PROPERTY(NSUInteger, zeroPadSizeX, setZeroPadSizeX, as<mpsnn::CNNPoolingAverage>(self).zero_pad_size_x)
MPSNN_PROPERTY(NSUInteger, zeroPadSizeY, setZeroPadSizeY, as<mpsnn::CNNPoolingAverage>(self).zero_pad_size_y)
@end

@implementation MPSCNNPoolingL2Norm
INITIALIZERS(CNNPoolingL2Norm)
@end

@implementation MPSCNNDilatedPoolingMax
DILATED_INITIALIZERS(CNNDilatedPoolingMax)
MPSNN_KERNEL_READONLY(NSUInteger, dilationRateX, CNNDilatedPoolingMax, dilation_rate_x)
MPSNN_KERNEL_READONLY(NSUInteger, dilationRateY, CNNDilatedPoolingMax, dilation_rate_y)
@end

@implementation MPSCNNPoolingGradient
INITIALIZERS_OF_BASE
MPSNN_PROPERTY(MTLSize, sourceSize, setSourceSize, as<mpsnn::CNNPoolingGradient>(self).source_size)
@end

@implementation MPSCNNPoolingMaxGradient
INITIALIZERS(CNNPoolingMaxGradient)
@end

@implementation MPSCNNPoolingAverageGradient
INITIALIZERS(CNNPoolingAverageGradient)
MPSNN_PROPERTY(NSUInteger, zeroPadSizeX, setZeroPadSizeX, as<mpsnn::CNNPoolingAverageGradient>(self).zero_pad_size_x)
MPSNN_PROPERTY(NSUInteger, zeroPadSizeY, setZeroPadSizeY, as<mpsnn::CNNPoolingAverageGradient>(self).zero_pad_size_y)
@end

@implementation MPSCNNPoolingL2NormGradient
INITIALIZERS(CNNPoolingL2NormGradient)
@end

@implementation MPSCNNDilatedPoolingMaxGradient
DILATED_INITIALIZERS(CNNDilatedPoolingMaxGradient)
@end
