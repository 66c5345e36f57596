#include "mpsnn/nodes/pad.hpp"

#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

@implementation MPSNNPadNode

- (instancetype)initWithSource:(MPSNNImageNode *)source
             paddingSizeBefore:(MPSImageCoordinate)paddingSizeBefore
              paddingSizeAfter:(MPSImageCoordinate)paddingSizeAfter
                      edgeMode:(MPSImageEdgeMode)edgeMode {
  return made_node(self, [&] {
    mpsnn::PadOp op;
    op.padding_size_before = converted<mpsnn::ImageCoordinate>(paddingSizeBefore);
    op.padding_size_after = converted<mpsnn::ImageCoordinate>(paddingSizeAfter);
    op.edge_mode = mpsnn::ImageEdgeMode(edgeMode);
    return std::make_shared<mpsnn::NNPadNode>(MPSNN_BEHIND(source), op);
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
             paddingSizeBefore:(MPSImageCoordinate)paddingSizeBefore
              paddingSizeAfter:(MPSImageCoordinate)paddingSizeAfter
                      edgeMode:(MPSImageEdgeMode)edgeMode {
  return [[[self alloc] initWithSource:source
                     paddingSizeBefore:paddingSizeBefore
                      paddingSizeAfter:paddingSizeAfter
                              edgeMode:edgeMode] autorelease];
}

MPSNN_ATTRIBUTE(float, fillValue, setFillValue, NNPadNode, fill_value)

@end

@implementation MPSNNPadGradientNode
MPSNN_GRADIENT_INITIALIZERS(NNPadGradientNode)
@end
