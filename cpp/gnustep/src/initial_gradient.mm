#include "mpsnn/nodes/initial_gradient.hpp"

#import "support/nodes.hpp"

@implementation MPSNNInitialGradientNode
MPSNN_SOURCE_INITIALIZERS(NNInitialGradientNode)
@end
