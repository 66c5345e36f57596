#import <MetalPerformanceShaders/MPSCNNUpsampling.h>
#import <MetalPerformanceShaders/MPSNNGridSample.h>
#import <MetalPerformanceShaders/MPSNNResize.h>

#include "mpsnn/kernels/resampling.hpp"
#import "support/kernel_classes.hpp"

using namespace mpsnn::gnustep;

MPSNN_ABSTRACT_KERNEL(MPSCNNUpsampling, CNNUpsampling)
MPSNN_KERNEL(MPSCNNUpsamplingNearest, CNNUpsamplingNearest)
MPSNN_KERNEL(MPSCNNUpsamplingBilinear, CNNUpsamplingBilinear)
MPSNN_ABSTRACT_KERNEL(MPSCNNUpsamplingGradient, CNNUpsamplingGradient)
MPSNN_KERNEL(MPSCNNUpsamplingNearestGradient, CNNUpsamplingNearestGradient)
MPSNN_KERNEL(MPSCNNUpsamplingBilinearGradient, CNNUpsamplingBilinearGradient)
MPSNN_KERNEL(MPSNNResizeBilinear, NNResizeBilinear)
MPSNN_KERNEL(MPSNNCropAndResizeBilinear, NNCropAndResizeBilinear)
MPSNN_PLAIN_KERNEL(MPSNNGridSample, NNGridSample)

@implementation MPSCNNUpsampling
MPSNN_READONLY(double, scaleFactorX, as<mpsnn::CNNUpsampling>(self).scale_factor_x())
MPSNN_READONLY(double, scaleFactorY, as<mpsnn::CNNUpsampling>(self).scale_factor_y())
MPSNN_READONLY(BOOL, alignCorners, as<mpsnn::CNNUpsampling>(self).align_corners())
@end

@implementation MPSCNNUpsamplingGradient
MPSNN_READONLY(double, scaleFactorX, as<mpsnn::CNNUpsamplingGradient>(self).scale_factor_x())
MPSNN_READONLY(double, scaleFactorY, as<mpsnn::CNNUpsamplingGradient>(self).scale_factor_y())
@end

#define FACTORS_INITIALIZER(CppClass)                                                              \
  -(instancetype)initWithDevice : (id<MTLDevice>)device integerScaleFactorX                        \
      : (NSUInteger)integerScaleFactorX integerScaleFactorY : (NSUInteger)integerScaleFactorY {    \
    return made_kernel(self, _cmd, [&] {                                                           \
      using OpType = mpsnn::CppClass::Attributes;                                                  \
      return std::make_shared<mpsnn::CppClass>(                                                    \
          device_of(MPSNN_REQUIRE(device)),                                                        \
          mpsnn::upsampling_op<OpType>(double(integerScaleFactorX), double(integerScaleFactorY))); \
    });                                                                                            \
  }

@implementation MPSCNNUpsamplingNearest
FACTORS_INITIALIZER(CNNUpsamplingNearest)
@end

@implementation MPSCNNUpsamplingBilinear

FACTORS_INITIALIZER(CNNUpsamplingBilinear)

- (instancetype)initWithDevice:(id<MTLDevice>)device
           integerScaleFactorX:(NSUInteger)integerScaleFactorX
           integerScaleFactorY:(NSUInteger)integerScaleFactorY
                  alignCorners:(BOOL)alignCorners {
  return made_kernel(self, _cmd, [&] {
    auto op = mpsnn::upsampling_op<mpsnn::UpsamplingBilinearOp>(double(integerScaleFactorX), double(integerScaleFactorY));
    op.align_corners = alignCorners;
    return std::make_shared<mpsnn::CNNUpsamplingBilinear>(device_of(MPSNN_REQUIRE(device)), op);
  });
}

@end

@implementation MPSCNNUpsamplingNearestGradient
FACTORS_INITIALIZER(CNNUpsamplingNearestGradient)
@end

@implementation MPSCNNUpsamplingBilinearGradient
FACTORS_INITIALIZER(CNNUpsamplingBilinearGradient)
@end

@implementation MPSNNResizeBilinear

MPSNN_INHERITED_CODER_INITIALIZER

- (instancetype)initWithDevice:(id<MTLDevice>)device
                   resizeWidth:(NSUInteger)resizeWidth
                  resizeHeight:(NSUInteger)resizeHeight
                  alignCorners:(BOOL)alignCorners {
  return made_kernel(self, _cmd, [&] {
    mpsnn::ResizeBilinearOp op;
    op.resize_width = resizeWidth;
    op.resize_height = resizeHeight;
    op.align_corners = alignCorners;
    return std::make_shared<mpsnn::NNResizeBilinear>(device_of(MPSNN_REQUIRE(device)), op);
  });
}

MPSNN_KERNEL_READONLY(NSUInteger, resizeWidth, NNResizeBilinear, resize_width)
MPSNN_KERNEL_READONLY(NSUInteger, resizeHeight, NNResizeBilinear, resize_height)
MPSNN_KERNEL_READONLY(BOOL, alignCorners, NNResizeBilinear, align_corners)

@end

@implementation MPSNNCropAndResizeBilinear

MPSNN_INHERITED_CODER_INITIALIZER

- (instancetype)initWithDevice:(id<MTLDevice>)device
                   resizeWidth:(NSUInteger)resizeWidth
                  resizeHeight:(NSUInteger)resizeHeight
               numberOfRegions:(NSUInteger)numberOfRegions
                       regions:(const MPSRegion *)regions {
  return made_kernel(self, _cmd, [&] {
    MPSNN_REQUIRE(regions);
    mpsnn::CropAndResizeBilinearOp op;
    op.resize_width = resizeWidth;
    op.resize_height = resizeHeight;
    op.regions.clear();
    for (NSUInteger i = 0; i < numberOfRegions; ++i) op.regions.push_back(converted<mpsnn::Region>(regions[i]));
    return std::make_shared<mpsnn::NNCropAndResizeBilinear>(device_of(MPSNN_REQUIRE(device)), op);
  });
}

MPSNN_KERNEL_READONLY(NSUInteger, resizeWidth, NNCropAndResizeBilinear, resize_width)
MPSNN_KERNEL_READONLY(NSUInteger, resizeHeight, NNCropAndResizeBilinear, resize_height)
MPSNN_KERNEL_READONLY(NSUInteger, numberOfRegions, NNCropAndResizeBilinear, regions.size())

- (const MPSRegion *)regions {
  static_assert(sizeof(MPSRegion) == sizeof(mpsnn::Region));
  return guarded(
      [&] { return reinterpret_cast<const MPSRegion *>(as<mpsnn::NNCropAndResizeBilinear>(self).attributes.regions.data()); });
}

@end

@implementation MPSNNGridSample
MPSNN_INHERITED_INITIALIZERS
MPSNN_KERNEL_PROPERTY(BOOL, useGridValueAsInputCoordinate, setUseGridValueAsInputCoordinate, NNGridSample,
                      use_grid_value_as_input_coordinate)
@end
