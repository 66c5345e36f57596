#import "support/nodes.hpp"

#import "support/images.hpp"

using namespace mpsnn::gnustep;

@implementation MPSNNImageNode

MPSNN_ROOT_IMPLEMENTATION(mpsnn::NNImageNode)
MPSNN_NO_PLAIN_INIT

- (instancetype)initWithHandle:(NSObject<MPSHandle> *)handle {
  return made(self, [&] { return std::make_shared<mpsnn::NNImageNode>(handle_of(handle)); });
}

+ (instancetype)nodeWithHandle:(NSObject<MPSHandle> *)handle {
  return [[[self alloc] initWithHandle:handle] autorelease];
}

+ (instancetype)exportedNodeWithHandle:(NSObject<MPSHandle> *)handle {
  MPSNNImageNode *node = [self nodeWithHandle:handle];
  [node setExportFromGraph:YES];
  return node;
}

- (id<MPSHandle>)handle {
  return guarded([&] { return objc(as<mpsnn::NNImageNode>(self).handle); });
}
- (void)setHandle:(id<MPSHandle>)handle {
  guarded([&] { as<mpsnn::NNImageNode>(self).handle = handle_of(handle); });
}

- (id<MPSImageAllocator>)imageAllocator {
  return guarded([&] { return objc(as<mpsnn::NNImageNode>(self).image_allocator); });
}
- (void)setImageAllocator:(id<MPSImageAllocator>)imageAllocator {
  guarded([&] { as<mpsnn::NNImageNode>(self).image_allocator = allocator_of(MPSNN_REQUIRE(imageAllocator)); });
}

MPSNN_PROPERTY(MPSImageFeatureChannelFormat, format, setFormat, as<mpsnn::NNImageNode>(self).format)
MPSNN_PROPERTY(BOOL, exportFromGraph, setExportFromGraph, as<mpsnn::NNImageNode>(self).export_from_graph)
MPSNN_PROPERTY(BOOL, synchronizeResource, setSynchronizeResource, as<mpsnn::NNImageNode>(self).synchronize_resource)
MPSNN_PROPERTY(BOOL, stopGradient, setStopGradient, as<mpsnn::NNImageNode>(self).stop_gradient)

- (NSString *)description {
  if (!_impl) return [super description];
  return guarded([&] {
    const auto node = portable(self);
    const std::string label = node->handle ? node->handle->label() : std::string();
    return ns_string("<MPSNNImageNode" + (label.empty() ? label : " \"" + label + "\"") +
                     (node->producer() ? ", result of " + node->producer()->description() : std::string(", an input")) + ">");
  });
}

@end
