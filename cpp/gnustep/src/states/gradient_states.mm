#import <MetalPerformanceShaders/MetalPerformanceShaders.h>

#include "mpsnn/nodes/arithmetic.hpp"
#include "mpsnn/nodes/dropout.hpp"
#import "support/states.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

MPSNN_STATE_CLASS(NNGradientState, MPSNNGradientState)
MPSNN_STATE_CLASS(NNBinaryGradientState, MPSNNBinaryGradientState)
MPSNN_STATE_CLASS(NNMultiaryGradientState, MPSNNMultiaryGradientState)
MPSNN_STATE_CLASS(CNNArithmeticGradientState, MPSCNNArithmeticGradientState)
MPSNN_STATE_CLASS(CNNDropoutGradientState, MPSCNNDropoutGradientState)

@implementation MPSNNGradientState
@end

@implementation MPSNNBinaryGradientState
@end

@implementation MPSNNMultiaryGradientState
@end

@implementation MPSCNNArithmeticGradientState
@end

@implementation MPSCNNDropoutGradientState

- (NSData *)maskData {
  return guarded([&] {
    const auto mask = as<CNNDropoutGradientState>(self).mask_data();
    return [NSData dataWithBytes:mask.data() length:mask.size()];
  });
}

@end
