#import "support/nodes.hpp"

using namespace mpsnn::gnustep;

@implementation MPSNNStateNode

MPSNN_ROOT_IMPLEMENTATION(mpsnn::NNStateNode)
MPSNN_NO_PLAIN_INIT

- (id<MPSHandle>)handle {
  return guarded([&] { return objc(as<mpsnn::NNStateNode>(self).handle); });
}
- (void)setHandle:(id<MPSHandle>)handle {
  guarded([&] { as<mpsnn::NNStateNode>(self).handle = handle_of(handle); });
}

MPSNN_PROPERTY(BOOL, exportFromGraph, setExportFromGraph, as<mpsnn::NNStateNode>(self).export_from_graph)
MPSNN_PROPERTY(BOOL, synchronizeResource, setSynchronizeResource, as<mpsnn::NNStateNode>(self).synchronize_resource)

@end

@implementation MPSNNGradientStateNode
@end

@implementation MPSNNBinaryGradientStateNode
@end

@implementation MPSNNMultiaryGradientStateNode
@end
