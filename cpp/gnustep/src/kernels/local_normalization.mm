#import <MetalPerformanceShaders/MPSCNNNormalization.h>

#include "mpsnn/kernels/local_normalization.hpp"
#import "support/kernel_classes.hpp"

using namespace mpsnn::gnustep;

namespace {

using CrossChannelGradient = mpsnn::CNNCrossChannelNormalizationGradient;

KernelClass cross_channel_class() {
  using K = mpsnn::CNNCrossChannelNormalization;
  return remade<K>("MPSCNNCrossChannelNormalization", own_attributes<K>,
                   [](const DevicePtr &device, const mpsnn::CrossChannelNormalizationOp &attributes) {
                     const auto kernel = std::make_shared<K>(device, attributes.kernel_size_in_feature_channels);
                     kernel->attributes = attributes;
                     return kernel;
                   });
}

// The constants of the gradient kernel are those of a forward filter of its own.
KernelClass cross_channel_gradient_class() {
  return remade<CrossChannelGradient>(
      "MPSCNNCrossChannelNormalizationGradient",
      [](const CrossChannelGradient &kernel) {
        mpsnn::CrossChannelNormalizationOp op;
        static_cast<mpsnn::LocalNormalizationOp &>(op) = kernel.normalization();
        op.kernel_size_in_feature_channels = kernel.kernel_size();
        return op;
      },
      [](const DevicePtr &device, const mpsnn::CrossChannelNormalizationOp &attributes) {
        const auto kernel = std::make_shared<CrossChannelGradient>(device, attributes.kernel_size_in_feature_channels);
        kernel->normalization() = attributes;
        return kernel;
      });
}

template <class K>
KernelClass window_class(const char *name) {
  return remade<K>(name, own_attributes<K>, [](const DevicePtr &device, const typename K::Attributes &attributes) {
    const auto kernel = std::make_shared<K>(device, attributes.kernel_width, attributes.kernel_height);
    kernel->attributes = attributes;
    return kernel;
  });
}

}  // namespace

MPSNN_REGISTER_KERNEL(mpsnn::CNNCrossChannelNormalization, MPSCNNCrossChannelNormalization, cross_channel_class())
MPSNN_REGISTER_KERNEL(CrossChannelGradient, MPSCNNCrossChannelNormalizationGradient, cross_channel_gradient_class())

#define CONSTANT(getter, setter, member, place) MPSNN_PROPERTY(float, getter, setter, (place).member)
#define CONSTANTS(place)                  \
  CONSTANT(alpha, setAlpha, alpha, place) \
  CONSTANT(beta, setBeta, beta, place)    \
  CONSTANT(delta, setDelta, delta, place)
#define CONTRAST_CONSTANTS(place) \
  CONSTANTS(place)                \
  CONSTANT(p0, setP0, p0, place)  \
  CONSTANT(pm, setPm, pm, place)  \
  CONSTANT(ps, setPs, ps, place)

#define CROSS_CHANNEL(CppClass)                                                                                               \
  -(instancetype)initWithDevice : (id<MTLDevice>)device kernelSize : (NSUInteger)kernelSize {                                 \
    return made_kernel(self, _cmd, [&] { return std::make_shared<CppClass>(device_of(MPSNN_REQUIRE(device)), kernelSize); }); \
  }                                                                                                                           \
  MPSNN_INHERITED_CODER_INITIALIZER                                                                                           \
  MPSNN_READONLY(NSUInteger, kernelSize, as<CppClass>(self).kernel_size())

#define WINDOWS(Name)                                                                                              \
  MPSNN_REGISTER_KERNEL(mpsnn::CNN##Name, MPSCNN##Name, window_class<mpsnn::CNN##Name>("MPSCNN" #Name))            \
  @implementation MPSCNN                                                                                           \
  ##Name - (instancetype)initWithDevice : (id<MTLDevice>)device kernelWidth : (NSUInteger)kernelWidth kernelHeight \
      : (NSUInteger)kernelHeight {                                                                                 \
    return made_kernel(self, _cmd, [&] {                                                                           \
      return std::make_shared<mpsnn::CNN##Name>(device_of(MPSNN_REQUIRE(device)), kernelWidth, kernelHeight);      \
    });                                                                                                            \
  }                                                                                                                \
  MPSNN_INHERITED_CODER_INITIALIZER

@implementation MPSCNNCrossChannelNormalization
CROSS_CHANNEL(mpsnn::CNNCrossChannelNormalization)
CONSTANTS(as<mpsnn::CNNCrossChannelNormalization>(self).attributes)
@end

@implementation MPSCNNCrossChannelNormalizationGradient
CROSS_CHANNEL(CrossChannelGradient)
CONSTANTS(as<CrossChannelGradient>(self).normalization())
@end

WINDOWS(SpatialNormalization)
CONSTANTS(as<mpsnn::CNNSpatialNormalization>(self).attributes)
@end WINDOWS(SpatialNormalizationGradient) CONSTANTS(as<mpsnn::CNNSpatialNormalizationGradient>(self).attributes)
    @end WINDOWS(LocalContrastNormalization) CONTRAST_CONSTANTS(as<mpsnn::CNNLocalContrastNormalization>(self).attributes)
        @end WINDOWS(LocalContrastNormalizationGradient)
            CONTRAST_CONSTANTS(as<mpsnn::CNNLocalContrastNormalizationGradient>(self).attributes) @end
