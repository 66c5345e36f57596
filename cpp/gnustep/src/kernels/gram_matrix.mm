#import <MetalPerformanceShaders/MPSNNGramMatrixCalculation.h>

#include "mpsnn/kernels/gram_matrix.hpp"
#import "support/kernel_classes.hpp"

using namespace mpsnn::gnustep;

MPSNN_PLAIN_KERNEL(MPSNNGramMatrixCalculation, NNGramMatrixCalculation)
MPSNN_PLAIN_KERNEL(MPSNNGramMatrixCalculationGradient, NNGramMatrixCalculationGradient)

#define GRAM_MATRIX(CppClass)                                                         \
  MPSNN_INHERITED_INITIALIZERS                                                        \
  -(instancetype)initWithDevice : (id<MTLDevice>)device alpha : (float)alpha {        \
    return made_kernel(self, _cmd, [&] {                                              \
      mpsnn::CppClass::Attributes op;                                                 \
      op.alpha = alpha;                                                               \
      return std::make_shared<mpsnn::CppClass>(device_of(MPSNN_REQUIRE(device)), op); \
    });                                                                               \
  }                                                                                   \
  MPSNN_KERNEL_PROPERTY(float, alpha, setAlpha, CppClass, alpha)

@implementation MPSNNGramMatrixCalculation
GRAM_MATRIX(NNGramMatrixCalculation)
@end

@implementation MPSNNGramMatrixCalculationGradient
GRAM_MATRIX(NNGramMatrixCalculationGradient)
@end
