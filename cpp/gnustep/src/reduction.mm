#include "mpsnn/nodes/reduction.hpp"

#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

@implementation MPSNNUnaryReductionNode

- (instancetype)initWithSource:(MPSNNImageNode *)sourceNode {
  abstract(self, _cmd);
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)sourceNode {
  return [[[self alloc] initWithSource:sourceNode] autorelease];
}

MPSNN_ATTRIBUTE(MTLRegion, clipRectSource, setClipRectSource, NNUnaryReductionNode, clip_rect_source)

@end

@implementation MPSNNReductionRowMinNode
MPSNN_SOURCE_INITIALIZERS(NNReductionRowMinNode)
@end

@implementation MPSNNReductionRowMaxNode
MPSNN_SOURCE_INITIALIZERS(NNReductionRowMaxNode)
@end

@implementation MPSNNReductionRowMeanNode
MPSNN_SOURCE_INITIALIZERS(NNReductionRowMeanNode)
@end

@implementation MPSNNReductionRowSumNode
MPSNN_SOURCE_INITIALIZERS(NNReductionRowSumNode)
@end

@implementation MPSNNReductionColumnMinNode
MPSNN_SOURCE_INITIALIZERS(NNReductionColumnMinNode)
@end

@implementation MPSNNReductionColumnMaxNode
MPSNN_SOURCE_INITIALIZERS(NNReductionColumnMaxNode)
@end

@implementation MPSNNReductionColumnMeanNode
MPSNN_SOURCE_INITIALIZERS(NNReductionColumnMeanNode)
@end

@implementation MPSNNReductionColumnSumNode
MPSNN_SOURCE_INITIALIZERS(NNReductionColumnSumNode)
@end

@implementation MPSNNReductionFeatureChannelsMinNode
MPSNN_SOURCE_INITIALIZERS(NNReductionFeatureChannelsMinNode)
@end

@implementation MPSNNReductionFeatureChannelsMaxNode
MPSNN_SOURCE_INITIALIZERS(NNReductionFeatureChannelsMaxNode)
@end

@implementation MPSNNReductionFeatureChannelsMeanNode
MPSNN_SOURCE_INITIALIZERS(NNReductionFeatureChannelsMeanNode)
@end

@implementation MPSNNReductionFeatureChannelsArgumentMinNode
MPSNN_SOURCE_INITIALIZERS(NNReductionFeatureChannelsArgumentMinNode)
@end

@implementation MPSNNReductionFeatureChannelsArgumentMaxNode
MPSNN_SOURCE_INITIALIZERS(NNReductionFeatureChannelsArgumentMaxNode)
@end

@implementation MPSNNReductionFeatureChannelsSumNode
MPSNN_SOURCE_INITIALIZERS(NNReductionFeatureChannelsSumNode)
MPSNN_ATTRIBUTE(float, weight, setWeight, NNUnaryReductionNode, weight)
@end

@implementation MPSNNReductionSpatialMeanNode
MPSNN_SOURCE_INITIALIZERS(NNReductionSpatialMeanNode)
@end

@implementation MPSNNReductionSpatialMeanGradientNode
MPSNN_GRADIENT_INITIALIZERS(NNReductionSpatialMeanGradientNode)
@end
