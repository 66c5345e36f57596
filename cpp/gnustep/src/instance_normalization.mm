#include "mpsnn/nodes/instance_normalization.hpp"

#import "support/data_sources.hpp"
#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

@implementation MPSCNNInstanceNormalizationNode

- (instancetype)initWithSource:(MPSNNImageNode *)source dataSource:(id<MPSCNNInstanceNormalizationDataSource>)dataSource {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNInstanceNormalizationNode>(MPSNN_BEHIND(source), data_source_of(MPSNN_REQUIRE(dataSource)));
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source dataSource:(id<MPSCNNInstanceNormalizationDataSource>)dataSource {
  return [[[self alloc] initWithSource:source dataSource:dataSource] autorelease];
}

MPSNN_TRAINING_STYLE

@end

@implementation MPSCNNGroupNormalizationNode

- (instancetype)initWithSource:(MPSNNImageNode *)source dataSource:(id<MPSCNNGroupNormalizationDataSource>)dataSource {
  return made_node(self, [&] {
    return std::make_shared<mpsnn::CNNGroupNormalizationNode>(MPSNN_BEHIND(source), data_source_of(MPSNN_REQUIRE(dataSource)));
  });
}
+ (instancetype)nodeWithSource:(MPSNNImageNode *)source dataSource:(id<MPSCNNGroupNormalizationDataSource>)dataSource {
  return [[[self alloc] initWithSource:source dataSource:dataSource] autorelease];
}

MPSNN_TRAINING_STYLE

@end

@implementation MPSCNNInstanceNormalizationGradientNode
MPSNN_GRADIENT_INITIALIZERS(CNNInstanceNormalizationGradientNode)
MPSNN_TRAINING_STYLE
@end

@implementation MPSCNNGroupNormalizationGradientNode
MPSNN_GRADIENT_INITIALIZERS(CNNGroupNormalizationGradientNode)
MPSNN_TRAINING_STYLE
@end
