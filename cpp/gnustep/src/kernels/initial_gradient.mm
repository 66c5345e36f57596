#import <MetalPerformanceShaders/MPSCNNLoss.h>

#include "mpsnn/kernels/initial_gradient.hpp"
#import "support/kernel_classes.hpp"

MPSNN_PLAIN_KERNEL(MPSNNInitialGradient, NNInitialGradient)

@implementation MPSNNInitialGradient
MPSNN_INHERITED_DEVICE_INITIALIZER
@end
