#import <MetalPerformanceShaders/MPSNNPad.h>

#include "mpsnn/kernels/pad.hpp"
#import "support/descriptors.hpp"
#import "support/kernel_classes.hpp"

using namespace mpsnn::gnustep;

MPSNN_PLAIN_KERNEL(MPSNNPad, NNPad)
MPSNN_PLAIN_KERNEL(MPSNNPadGradient, NNPadGradient)

@implementation MPSNNPad

MPSNN_INHERITED_INITIALIZERS

- (instancetype)initWithDevice:(id<MTLDevice>)device
             paddingSizeBefore:(MPSImageCoordinate)paddingSizeBefore
              paddingSizeAfter:(MPSImageCoordinate)paddingSizeAfter {
  return [self initWithDevice:device paddingSizeBefore:paddingSizeBefore paddingSizeAfter:paddingSizeAfter fillValueArray:nil];
}

- (instancetype)initWithDevice:(id<MTLDevice>)device
             paddingSizeBefore:(MPSImageCoordinate)paddingSizeBefore
              paddingSizeAfter:(MPSImageCoordinate)paddingSizeAfter
                fillValueArray:(NSData *)fillValueArray {
  return made_kernel(self, _cmd, [&] {
    mpsnn::PadOp op;
    op.padding_size_before = converted<mpsnn::ImageCoordinate>(paddingSizeBefore);
    op.padding_size_after = converted<mpsnn::ImageCoordinate>(paddingSizeAfter);
    op.fill_value_array = floats_of(fillValueArray);
    return std::make_shared<mpsnn::NNPad>(device_of(MPSNN_REQUIRE(device)), op);
  });
}

MPSNN_KERNEL_PROPERTY(MPSImageCoordinate, paddingSizeBefore, setPaddingSizeBefore, NNPad, padding_size_before)
MPSNN_KERNEL_PROPERTY(MPSImageCoordinate, paddingSizeAfter, setPaddingSizeAfter, NNPad, padding_size_after)
MPSNN_KERNEL_PROPERTY(float, fillValue, setFillValue, NNPad, fill_value)

@end

@implementation MPSNNPadGradient
MPSNN_INHERITED_INITIALIZERS
@end
