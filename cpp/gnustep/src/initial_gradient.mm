#import "support/nodes.hpp"

#include "mpsnn/nodes/initial_gradient.hpp"

@implementation MPSNNInitialGradientNode
MPSNN_SOURCE_INITIALIZERS(NNInitialGradientNode)
@end
