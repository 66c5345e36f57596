#import "support/nodes.hpp"

#include "mpsnn/nodes/softmax.hpp"

@implementation MPSCNNSoftMaxNode
MPSNN_SOURCE_INITIALIZERS(CNNSoftMaxNode)
@end

@implementation MPSCNNLogSoftMaxNode
MPSNN_SOURCE_INITIALIZERS(CNNLogSoftMaxNode)
@end

@implementation MPSCNNSoftMaxGradientNode
MPSNN_GRADIENT_INITIALIZERS(CNNSoftMaxGradientNode)
@end

@implementation MPSCNNLogSoftMaxGradientNode
MPSNN_GRADIENT_INITIALIZERS(CNNLogSoftMaxGradientNode)
@end
