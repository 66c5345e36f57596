#include "mpsnn/graph.hpp"

#import "support/images.hpp"
#import "support/kernels.hpp"
#import "support/metal.hpp"
#import "support/nodes.hpp"
#import "support/property_lists.hpp"
#import "support/states.hpp"

using namespace mpsnn::gnustep;

namespace {

mpsnn::NNGraph &graph(MPSNNGraph *object) { return as<mpsnn::NNGraph>(object); }

NSArray *handles(const std::vector<std::shared_ptr<mpsnn::Handle>> &handles) {
  return array_of(handles, [](const auto &handle) { return (id)objc(handle); });
}
NSArray *handles_or_nil(const std::vector<std::shared_ptr<mpsnn::Handle>> &given) { return given.empty() ? nil : handles(given); }

/// What an encode delivers besides its result: the client's array gets it when the encode has succeeded.
template <class Items, class Convert>
void deliver(NSMutableArray *to, const Items &items, Convert &&convert) {
  [to addObjectsFromArray:array_of(items, convert)];
}

}  // namespace

@implementation MPSNNGraph

// Construction ------------------------------------------------------------------------------------------------------

- (instancetype)initWithDevice:(id<MTLDevice>)device
                   resultImage:(MPSNNImageNode *)resultImage
           resultImageIsNeeded:(BOOL)resultIsNeeded {
  return made_or_nil(
      self, [&] { return std::make_shared<mpsnn::NNGraph>(MPSNN_BEHIND(resultImage), bool(resultIsNeeded), device_of(device)); });
}
+ (instancetype)graphWithDevice:(id<MTLDevice>)device
                    resultImage:(MPSNNImageNode *)resultImage
            resultImageIsNeeded:(BOOL)resultIsNeeded {
  return [[[self alloc] initWithDevice:device resultImage:resultImage resultImageIsNeeded:resultIsNeeded] autorelease];
}

- (instancetype)initWithDevice:(id<MTLDevice>)device
                  resultImages:(NSArray *)resultImages
              resultsAreNeeded:(BOOL *)areResultsNeeded {
  return made_or_nil(self, [&] {
    auto images = MPSNN_BEHIND_ALL(MPSNNImageNode, resultImages);
    std::vector<bool> needed(images.size(), true);
    for (std::size_t i = 0; areResultsNeeded && i < needed.size(); ++i) needed[i] = areResultsNeeded[i];
    return std::make_shared<mpsnn::NNGraph>(std::move(images), std::move(needed), device_of(device));
  });
}
+ (instancetype)graphWithDevice:(id<MTLDevice>)device
                   resultImages:(NSArray *)resultImages
               resultsAreNeeded:(BOOL *)areResultsNeeded {
  return [[[self alloc] initWithDevice:device resultImages:resultImages resultsAreNeeded:areResultsNeeded] autorelease];
}

- (instancetype)initWithDevice:(id<MTLDevice>)device resultImage:(MPSNNImageNode *)resultImage {
  return [self initWithDevice:device resultImage:resultImage resultImageIsNeeded:YES];
}
+ (instancetype)graphWithDevice:(id<MTLDevice>)device resultImage:(MPSNNImageNode *)resultImage {
  return [self graphWithDevice:device resultImage:resultImage resultImageIsNeeded:YES];
}

- (instancetype)copyWithZone:(NSZone *)zone device:(id<MTLDevice>)device {
  return guarded([&] {
    auto copy = graph(self).copy(device ? device_of(device) : nullptr);
    MPSNNGraph *object = [[self class] allocWithZone:zone];
    adopt(object, std::move(copy));
    return object;
  });
}

+ (BOOL)supportsSecureCoding {
  return YES;
}

- (void)encodeWithCoder:(NSCoder *)coder {
  saved_or_logged([&] { [coder encodeObject:property_list_of(graph(self).save()) forKey:@"MPSNNGraph"]; });
}

- (instancetype)initWithCoder:(NSCoder *)aDecoder device:(id<MTLDevice>)device {
  return made_or_nil(self, [&] {
    return std::make_shared<mpsnn::NNGraph>(
        saved_of<mpsnn::SavedGraph>([MPSNN_REQUIRE(aDecoder) decodeObjectForKey:@"MPSNNGraph"]), device_of(device));
  });
}

- (void)reloadFromDataSources {
  guarded([&] { graph(self).reload_from_data_sources(); });
}

// Properties --------------------------------------------------------------------------------------------------------

MPSNN_READONLY(NSArray *, sourceImageHandles, handles(graph(self).source_image_handles()))
MPSNN_READONLY(NSArray *, sourceStateHandles, handles_or_nil(graph(self).source_state_handles()))
MPSNN_READONLY(NSArray *, intermediateImageHandles, handles_or_nil(graph(self).intermediate_image_handles()))
MPSNN_READONLY(NSArray *, resultStateHandles, handles_or_nil(graph(self).result_state_handles()))
MPSNN_READONLY(id<MPSHandle>, resultHandle, objc(graph(self).result_handle()))
MPSNN_READONLY(BOOL, resultImageIsNeeded, graph(self).result_image_is_needed())
MPSNN_PROPERTY(BOOL, outputStateIsTemporary, setOutputStateIsTemporary, graph(self).output_state_is_temporary)
MPSNN_PROPERTY(MPSImageFeatureChannelFormat, format, setFormat, graph(self).format)

- (id<MPSImageAllocator>)destinationImageAllocator {
  return guarded([&] { return objc(graph(self).destination_image_allocator); });
}
- (void)setDestinationImageAllocator:(id<MPSImageAllocator>)destinationImageAllocator {
  guarded([&] { graph(self).destination_image_allocator = allocator_of(MPSNN_REQUIRE(destinationImageAllocator)); });
}

- (NSUInteger)readCountForSourceImageAtIndex:(NSUInteger)index {
  return guarded([&] { return graph(self).read_count_for_source_image_at_index(index); });
}
- (NSUInteger)readCountForSourceStateAtIndex:(NSUInteger)index {
  return guarded([&] { return graph(self).read_count_for_source_state_at_index(index); });
}

- (NSString *)debugDescription {
  return guarded([&] { return ns_string(graph(self).debug_description()); });
}

// Encoding ----------------------------------------------------------------------------------------------------------

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer sourceImages:(NSArray *)sourceImages {
  return [self encodeToCommandBuffer:commandBuffer
                        sourceImages:sourceImages
                        sourceStates:nil
                  intermediateImages:nil
                   destinationStates:nil];
}

- (MPSImage *)encodeToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                       sourceImages:(NSArray *)sourceImages
                       sourceStates:(NSArray *)sourceStates
                 intermediateImages:(NSMutableArray *)intermediateImages
                  destinationStates:(NSMutableArray *)destinationStates {
  return guarded([&] {
    mpsnn::ImageBatch intermediates;
    mpsnn::StateBatch states;
    const auto result = graph(self).encode_to_command_buffer(
        command_buffer_of(commandBuffer), MPSNN_BEHIND_ALL(MPSImage, sourceImages),
        sourceStates ? MPSNN_BEHIND_ALL(MPSState, sourceStates) : mpsnn::StateBatch(),
        intermediateImages ? &intermediates : nullptr, destinationStates ? &states : nullptr);
    deliver(intermediateImages, intermediates, [](const auto &image) { return objc(image); });
    deliver(destinationStates, states, [](const auto &state) { return objc(state); });
    return objc(result);
  });
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(NSArray *)sourceImages
                                 sourceStates:(NSArray *)sourceStates {
  return [self encodeBatchToCommandBuffer:commandBuffer
                             sourceImages:sourceImages
                             sourceStates:sourceStates
                       intermediateImages:nil
                        destinationStates:nil];
}

- (MPSImageBatch *)encodeBatchToCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                 sourceImages:(NSArray *)sourceImages
                                 sourceStates:(NSArray *)sourceStates
                           intermediateImages:(NSMutableArray *)intermediateImages
                            destinationStates:(NSMutableArray *)destinationStates {
  return guarded([&]() -> MPSImageBatch * {
    std::vector<mpsnn::ImageBatch> intermediates;
    std::vector<mpsnn::StateBatch> states;
    const auto result = graph(self).encode_batch_to_command_buffer(
        command_buffer_of(commandBuffer), MPSNN_BEHIND_BATCHES(MPSImage, sourceImages),
        sourceStates ? MPSNN_BEHIND_BATCHES(MPSState, sourceStates) : std::vector<mpsnn::StateBatch>(),
        intermediateImages ? &intermediates : nullptr, destinationStates ? &states : nullptr);
    deliver(intermediateImages, intermediates, [](const auto &batch) { return objc_batch(batch); });
    deliver(destinationStates, states, [](const auto &batch) { return objc_state_batch(batch); });
    return result.empty() ? nil : objc_batch(result);
  });
}

- (MPSImage *)executeAsyncWithSourceImages:(NSArray *)sourceImages
                         completionHandler:(MPSNNGraphCompletionHandler)completionHandler {
  return guarded([&] {
    const std::shared_ptr<void> kept = copied((const void *)MPSNN_REQUIRE(completionHandler));
    return objc(graph(self).execute_async_with_source_images(
        MPSNN_BEHIND_ALL(MPSImage, sourceImages), [kept](const mpsnn::ImagePtr &result, const std::exception_ptr &error) {
          call_handler(^{
            ((MPSNNGraphCompletionHandler)kept.get())(objc(result), as_ns_error(error));
          });
        }));
  });
}

@end
