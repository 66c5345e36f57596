#include "mpsnn/nodes/normalization.hpp"

#import "support/data_sources.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

@implementation MPSCNNBatchNormalizationNode

- (instancetype)initWithSource:(MPSNNImageNode *)source dataSource:(id<MPSCNNBatchNormalizationDataSource>)dataSource {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNBatchNormalizationNode>(MPSNN_BEHIND(source), data_source_of(MPSNN_REQUIRE(dataSource)));
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source dataSource:(id<MPSCNNBatchNormalizationDataSource>)dataSource {
  return [[[self alloc] initWithSource:source dataSource:dataSource] autorelease];
}

MPSNN_ATTRIBUTE(MPSCNNBatchNormalizationFlags, flags, setFlags, CNNBatchNormalizationNode, flags)
MPSNN_TRAINING_STYLE

@end

@implementation MPSCNNBatchNormalizationGradientNode
MPSNN_GRADIENT_INITIALIZERS(CNNBatchNormalizationGradientNode)
MPSNN_TRAINING_STYLE
@end
