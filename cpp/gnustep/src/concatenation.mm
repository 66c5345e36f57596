#include "mpsnn/nodes/concatenation.hpp"

#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

@implementation MPSNNConcatenationNode

- (instancetype)initWithSources:(NSArray *)sourceNodes {
  return made_node(self,
                   [&] { return std::make_shared<mpsnn::NNConcatenationNode>(MPSNN_BEHIND_ALL(MPSNNImageNode, sourceNodes)); });
}
+ (instancetype)nodeWithSources:(NSArray *)sourceNodes {
  return [[[self alloc] initWithSources:sourceNodes] autorelease];
}

@end

@implementation MPSNNConcatenationGradientNode
MPSNN_GRADIENT_INITIALIZERS(NNConcatenationGradientNode)
@end
