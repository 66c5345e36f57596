#import "support/images.hpp"

namespace mpsnn::gnustep {

MPSImageDescriptor *objc(const ImageDescriptor &descriptor) {
  MPSImageDescriptor *fresh = [MPSImageDescriptor alloc];
  adopt(fresh, std::make_shared<ImageDescriptor>(descriptor));
  return [fresh autorelease];
}

ImageDescriptor descriptor_of(MPSImageDescriptor *descriptor) {
  if (![descriptor isKindOfClass:[MPSImageDescriptor class]]) {
    throw MisuseError("MPSImageDescriptor: the object is nil or of another class");
  }
  return *portable(descriptor);
}

std::vector<ImageDescriptor> descriptors_of(NSArray *descriptors) {
  return vector_of(descriptors, [](id descriptor) { return descriptor_of(descriptor); });
}

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSImageDescriptor

MPSNN_ROOT_IMPLEMENTATION(ImageDescriptor)

- (instancetype)init {
  return made(self, [] { return std::make_shared<ImageDescriptor>(); });
}

- (id)copyWithZone:(NSZone *)zone {
  return made([[self class] allocWithZone:zone], [&] { return std::make_shared<ImageDescriptor>(*portable(self)); });
}

+ (instancetype)imageDescriptorWithChannelFormat:(MPSImageFeatureChannelFormat)channelFormat
                                           width:(NSUInteger)width
                                          height:(NSUInteger)height
                                 featureChannels:(NSUInteger)featureChannels {
  return [self imageDescriptorWithChannelFormat:channelFormat
                                          width:width
                                         height:height
                                featureChannels:featureChannels
                                 numberOfImages:1
                                          usage:(MTLTextureUsage)(MTLTextureUsageShaderRead | MTLTextureUsageShaderWrite)];
}

+ (instancetype)imageDescriptorWithChannelFormat:(MPSImageFeatureChannelFormat)channelFormat
                                           width:(NSUInteger)width
                                          height:(NSUInteger)height
                                 featureChannels:(NSUInteger)featureChannels
                                  numberOfImages:(NSUInteger)numberOfImages
                                           usage:(MTLTextureUsage)usage {
  MPSImageDescriptor *made = [[[self alloc] init] autorelease];
  [made setChannelFormat:channelFormat];
  [made setWidth:width];
  [made setHeight:height];
  [made setFeatureChannels:featureChannels];
  [made setNumberOfImages:numberOfImages];
  [made setUsage:usage];
  return made;
}

MPSNN_PROPERTY(NSUInteger, width, setWidth, portable(self)->width)
MPSNN_PROPERTY(NSUInteger, height, setHeight, portable(self)->height)
MPSNN_PROPERTY(NSUInteger, featureChannels, setFeatureChannels, portable(self)->feature_channels)
MPSNN_PROPERTY(NSUInteger, numberOfImages, setNumberOfImages, portable(self)->number_of_images)
MPSNN_PROPERTY(MPSImageFeatureChannelFormat, channelFormat, setChannelFormat, portable(self)->channel_format)
MPSNN_PROPERTY(MTLCPUCacheMode, cpuCacheMode, setCpuCacheMode, portable(self)->cpu_cache_mode)
MPSNN_PROPERTY(MTLStorageMode, storageMode, setStorageMode, portable(self)->storage_mode)
MPSNN_PROPERTY(MTLTextureUsage, usage, setUsage, portable(self)->usage)
MPSNN_READONLY(MTLPixelFormat, pixelFormat, portable(self)->pixel_format())

@end
