#import <MetalPerformanceShaders/MPSCNNDropout.h>

#include "mpsnn/kernels/dropout.hpp"
#import "support/kernel_classes.hpp"

using namespace mpsnn::gnustep;

MPSNN_KERNEL(MPSCNNDropout, CNNDropout)
MPSNN_KERNEL(MPSCNNDropoutGradient, CNNDropoutGradient)

// What the two share.
#define DROPOUT(CppClass)                                                                             \
  -(instancetype)initWithDevice : (id<MTLDevice>)device keepProbability : (float)keepProbability seed \
      : (NSUInteger)seed maskStrideInPixels : (MTLSize)maskStrideInPixels {                           \
    return made_kernel(self, _cmd, [&] {                                                              \
      mpsnn::CppClass::Attributes op;                                                                 \
      op.keep_probability = keepProbability;                                                          \
      op.seed = seed;                                                                                 \
      op.mask_stride_in_pixels = converted<mpsnn::mtl::Size>(maskStrideInPixels);                     \
      return std::make_shared<mpsnn::CppClass>(device_of(MPSNN_REQUIRE(device)), op);                 \
    });                                                                                               \
  }                                                                                                   \
  MPSNN_INHERITED_CODER_INITIALIZER                                                                   \
  MPSNN_KERNEL_READONLY(float, keepProbability, CppClass, keep_probability)                           \
  MPSNN_KERNEL_READONLY(NSUInteger, seed, CppClass, seed)                                             \
  MPSNN_KERNEL_READONLY(MTLSize, maskStrideInPixels, CppClass, mask_stride_in_pixels)

@implementation MPSCNNDropout
DROPOUT(CNNDropout)
MPSNN_RESULT_STATE(MPSCNNDropoutGradientState)
// The interface declares the class of one state for what is a batch.
MPSNN_RESULT_STATE_BATCHES(MPSCNNDropoutGradientState, MPSCNNDropoutGradientStateBatch)
@end

@implementation MPSCNNDropoutGradient
DROPOUT(CNNDropoutGradient)
@end
