#import <MetalPerformanceShaders/MPSNNSlice.h>

#include "mpsnn/kernels/concatenation.hpp"
#import "support/kernel_classes.hpp"

MPSNN_PLAIN_KERNEL(MPSNNSlice, NNSlice)

@implementation MPSNNSlice
MPSNN_INHERITED_INITIALIZERS
@end
