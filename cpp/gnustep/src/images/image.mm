#import "metal/texture.hpp"
#import "support/images.hpp"

namespace mpsnn::gnustep {

MPSImage *objc(const ImagePtr &image) {
  return standing_for<MPSImage>(
      image, [&]() -> MPSImage * { return image->is_temporary() ? [MPSTemporaryImage alloc] : [MPSImage alloc]; });
}

ImageBatch images_of(NSArray *images) {
  return vector_of(images, [](id image) {
    if (![image isKindOfClass:[MPSImage class]]) throw MisuseError("MPSImageBatch: an element is not an MPSImage");
    return handed_over((MPSImage *)image);
  });
}

NSArray *objc_batch(const ImageBatch &images) {
  return array_of(images, [](const ImagePtr &image) { return objc(image); });
}

namespace {

// The strides are the caller's, 0 for the default; how much memory there is nobody says.
Image::Transfer transfer(MPSDataLayout layout, NSUInteger image_index) {
  Image::Transfer t;
  t.layout = DataLayout(layout);
  t.image_index = image_index;
  return t;
}

Image::Transfer transfer(MPSDataLayout layout, NSUInteger bytes_per_column, NSUInteger bytes_per_row, NSUInteger bytes_per_image,
                         const MTLRegion &region, const MPSImageReadWriteParams &channels, NSUInteger image_index) {
  Image::Transfer t = transfer(layout, image_index);
  t.bytes_per_column = bytes_per_column;
  t.bytes_per_row = bytes_per_row;
  t.bytes_per_image = bytes_per_image;
  t.region = {{region.origin.x, region.origin.y, region.origin.z}, {region.size.width, region.size.height, region.size.depth}};
  t.feature_channel_info = {channels.featureChannelOffset, channels.numberOfFeatureChannelsToReadWrite};
  return t;
}

// The body of an initializer. Temporary images are made by factories: an inherited initializer, which would make another image,
// raises.
template <class Make>
MPSImage *made_image(MPSImage *object, SEL initializer, Make &&make) {
  return made(object, [&]() -> ImagePtr {
    const ImagePtr image = make();
    if (image->is_temporary() || ![object isKindOfClass:[MPSTemporaryImage class]]) return image;
    throw MisuseError(method_name(object, initializer) + ": this initializer is not available");
  });
}

}  // namespace

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSImage

MPSNN_ROOT_IMPLEMENTATION(Image)
MPSNN_NO_PLAIN_INIT
MPSNN_LABEL(portable(self)->label)

- (instancetype)initWithDevice:(id<MTLDevice>)device imageDescriptor:(MPSImageDescriptor *)imageDescriptor {
  return made_image(self, _cmd,
                    [&] { return std::make_shared<Image>(device_of(MPSNN_REQUIRE(device)), *MPSNN_BEHIND(imageDescriptor)); });
}

- (instancetype)initWithParentImage:(MPSImage *)parent
                         sliceRange:(NSRange)sliceRange
                    featureChannels:(NSUInteger)featureChannels {
  return made_image(self, _cmd, [&] {
    return Image::with_parent_image(MPSNN_BEHIND(parent), {sliceRange.location, sliceRange.length}, featureChannels);
  });
}

- (instancetype)initWithTexture:(id<MTLTexture>)texture featureChannels:(NSUInteger)featureChannels {
  return made_image(self, _cmd, [&] { return texture_of(MPSNN_REQUIRE(texture))->as_image(featureChannels); });
}

+ (id<MPSImageAllocator>)defaultAllocator {
  return objc(Image::default_allocator());
}

MPSNN_READONLY(id<MTLDevice>, device, objc(portable(self)->device()))
MPSNN_READONLY(NSUInteger, width, portable(self)->width())
MPSNN_READONLY(NSUInteger, height, portable(self)->height())
MPSNN_READONLY(NSUInteger, featureChannels, portable(self)->feature_channels())
MPSNN_READONLY(NSUInteger, numberOfImages, portable(self)->number_of_images())
MPSNN_READONLY(MTLTextureType, textureType, portable(self)->texture_type())
MPSNN_READONLY(MTLPixelFormat, pixelFormat, portable(self)->pixel_format())
MPSNN_READONLY(NSUInteger, precision, portable(self)->precision())
MPSNN_READONLY(MTLTextureUsage, usage, portable(self)->usage())
MPSNN_READONLY(MPSImageFeatureChannelFormat, featureChannelFormat, portable(self)->feature_channel_format())
MPSNN_READONLY(size_t, pixelSize, portable(self)->pixel_size())
MPSNN_READONLY(id<MTLTexture>, texture, objc(Texture::of_image(portable(self))))
MPSNN_READONLY(MPSImage *, parent, Texture::holds(portable(self)->parent()) ? nil : objc(portable(self)->parent()))
MPSNN_READONLY(NSUInteger, resourceSize, portable(self)->resource_size())

- (MPSImageBatch *)batchRepresentationWithSubRange:(NSRange)subRange {
  return guarded([&] { return objc_batch(portable(self)->batch_representation({subRange.location, subRange.length})); });
}

- (MPSImageBatch *)batchRepresentation {
  return guarded([&] { return objc_batch(portable(self)->batch_representation()); });
}

- (MPSImage *)subImageWithFeatureChannelRange:(NSRange)range {
  return guarded([&] { return objc(portable(self)->sub_image_with_feature_channel_range({range.location, range.length})); });
}

- (MPSPurgeableState)setPurgeableState:(MPSPurgeableState)state {
  return guarded([&] { return (MPSPurgeableState)portable(self)->set_purgeable_state(PurgeableState(state)); });
}

- (void)synchronizeOnCommandBuffer:(id<MTLCommandBuffer>)commandBuffer {
  guarded([&] { portable(self)->synchronize_on_command_buffer(command_buffer_of(MPSNN_REQUIRE(commandBuffer))); });
}

// Reading and writing -----------------------------------------------------------------------------------------------

- (void)readBytes:(void *)dataBytes dataLayout:(MPSDataLayout)dataLayout imageIndex:(NSUInteger)imageIndex {
  guarded([&] { portable(self)->read_bytes(MPSNN_REQUIRE(dataBytes), kUIntegerMax, transfer(dataLayout, imageIndex)); });
}

- (void)readBytes:(void *)dataBytes
            dataLayout:(MPSDataLayout)dataLayout
           bytesPerRow:(NSUInteger)bytesPerRow
                region:(MTLRegion)region
    featureChannelInfo:(MPSImageReadWriteParams)featureChannelInfo
            imageIndex:(NSUInteger)imageIndex {
  [self readBytes:dataBytes
              dataLayout:dataLayout
             bytesPerRow:bytesPerRow
           bytesPerImage:0
                  region:region
      featureChannelInfo:featureChannelInfo
              imageIndex:imageIndex];
}

- (void)readBytes:(void *)dataBytes
            dataLayout:(MPSDataLayout)dataLayout
           bytesPerRow:(NSUInteger)bytesPerRow
         bytesPerImage:(NSUInteger)bytesPerImage
                region:(MTLRegion)region
    featureChannelInfo:(MPSImageReadWriteParams)featureChannelInfo
            imageIndex:(NSUInteger)imageIndex {
  guarded([&] {
    portable(self)->read_bytes(MPSNN_REQUIRE(dataBytes), kUIntegerMax,
                               transfer(dataLayout, 0, bytesPerRow, bytesPerImage, region, featureChannelInfo, imageIndex));
  });
}

- (void)writeBytes:(const void *)dataBytes dataLayout:(MPSDataLayout)dataLayout imageIndex:(NSUInteger)imageIndex {
  guarded([&] { portable(self)->write_bytes(MPSNN_REQUIRE(dataBytes), kUIntegerMax, transfer(dataLayout, imageIndex)); });
}

- (void)writeBytes:(const void *)dataBytes
            dataLayout:(MPSDataLayout)dataLayout
           bytesPerRow:(NSUInteger)bytesPerRow
                region:(MTLRegion)region
    featureChannelInfo:(MPSImageReadWriteParams)featureChannelInfo
            imageIndex:(NSUInteger)imageIndex {
  [self writeBytes:dataBytes
              dataLayout:dataLayout
          bytesPerColumn:0
             bytesPerRow:bytesPerRow
           bytesPerImage:0
                  region:region
      featureChannelInfo:featureChannelInfo
              imageIndex:imageIndex];
}

- (void)writeBytes:(const void *)dataBytes
            dataLayout:(MPSDataLayout)dataLayout
           bytesPerRow:(NSUInteger)bytesPerRow
         bytesPerImage:(NSUInteger)bytesPerImage
                region:(MTLRegion)region
    featureChannelInfo:(MPSImageReadWriteParams)featureChannelInfo
            imageIndex:(NSUInteger)imageIndex {
  [self writeBytes:dataBytes
              dataLayout:dataLayout
          bytesPerColumn:0
             bytesPerRow:bytesPerRow
           bytesPerImage:bytesPerImage
                  region:region
      featureChannelInfo:featureChannelInfo
              imageIndex:imageIndex];
}

- (void)writeBytes:(const void *)dataBytes
            dataLayout:(MPSDataLayout)dataLayout
        bytesPerColumn:(NSUInteger)bytesPerColumn
           bytesPerRow:(NSUInteger)bytesPerRow
         bytesPerImage:(NSUInteger)bytesPerImage
                region:(MTLRegion)region
    featureChannelInfo:(MPSImageReadWriteParams)featureChannelInfo
            imageIndex:(NSUInteger)imageIndex {
  guarded([&] {
    portable(self)->write_bytes(
        MPSNN_REQUIRE(dataBytes), kUIntegerMax,
        transfer(dataLayout, bytesPerColumn, bytesPerRow, bytesPerImage, region, featureChannelInfo, imageIndex));
  });
}

@end
