#import <MetalPerformanceShaders/MPSCNNSoftMax.h>

#include "mpsnn/kernels/softmax.hpp"
#import "support/kernel_classes.hpp"

MPSNN_PLAIN_KERNEL(MPSCNNSoftMax, CNNSoftMax)
MPSNN_PLAIN_KERNEL(MPSCNNLogSoftMax, CNNLogSoftMax)
MPSNN_PLAIN_KERNEL(MPSCNNSoftMaxGradient, CNNSoftMaxGradient)
MPSNN_PLAIN_KERNEL(MPSCNNLogSoftMaxGradient, CNNLogSoftMaxGradient)

@implementation MPSCNNSoftMax
@end

@implementation MPSCNNLogSoftMax
@end

@implementation MPSCNNSoftMaxGradient
MPSNN_INHERITED_INITIALIZERS
@end

@implementation MPSCNNLogSoftMaxGradient
MPSNN_INHERITED_INITIALIZERS
@end
