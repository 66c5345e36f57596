#include "mpsnn/nodes/reshape.hpp"

#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

@implementation MPSNNReshapeNode

- (instancetype)initWithSource:(MPSNNImageNode *)source
                   resultWidth:(NSUInteger)resultWidth
                  resultHeight:(NSUInteger)resultHeight
         resultFeatureChannels:(NSUInteger)resultFeatureChannels {
  return made_node(self, [&] {
    mpsnn::ReshapeOp op;
    op.result_width = resultWidth;
    op.result_height = resultHeight;
    op.result_feature_channels = resultFeatureChannels;
    return std::make_shared<mpsnn::NNReshapeNode>(MPSNN_BEHIND(source), op);
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source
                   resultWidth:(NSUInteger)resultWidth
                  resultHeight:(NSUInteger)resultHeight
         resultFeatureChannels:(NSUInteger)resultFeatureChannels {
  return [[[self alloc] initWithSource:source
                           resultWidth:resultWidth
                          resultHeight:resultHeight
                 resultFeatureChannels:resultFeatureChannels] autorelease];
}

@end

@implementation MPSNNReshapeGradientNode
MPSNN_GRADIENT_INITIALIZERS(NNReshapeGradientNode)
@end
