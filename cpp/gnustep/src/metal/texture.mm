#import "metal/texture.hpp"

namespace mpsnn::gnustep {

MPSPortableTexture *objc(const std::shared_ptr<Texture> &texture) {
  return standing_for<MPSPortableTexture>(texture, [&] {
    MPSPortableTexture *fresh = [MPSPortableTexture alloc];
    fresh->_options = texture->descriptor().options;
    return fresh;
  });
}

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSPortableTexture

MPSNN_ROOT_IMPLEMENTATION(Texture)

MPSNN_READONLY(id<MTLResource>, rootResource, objc(portable(self)->linear_buffer()))
MPSNN_READONLY(id<MTLTexture>, parentTexture, objc(portable(self)->parent()))
MPSNN_READONLY(NSUInteger, parentRelativeLevel, 0)
MPSNN_READONLY(NSUInteger, parentRelativeSlice, portable(self)->relative_slice())
MPSNN_READONLY(id<MTLBuffer>, buffer, objc(portable(self)->linear_buffer()))
MPSNN_READONLY(NSUInteger, bufferOffset, portable(self)->linear_offset())
MPSNN_READONLY(NSUInteger, bufferBytesPerRow, portable(self)->linear_bytes_per_row())
MPSNN_READONLY(NSUInteger, iosurfacePlane, 0)
MPSNN_READONLY(MTLTextureType, textureType, portable(self)->descriptor().type)
MPSNN_READONLY(MTLPixelFormat, pixelFormat, portable(self)->descriptor().pixel_format)
MPSNN_READONLY(NSUInteger, width, portable(self)->descriptor().width)
MPSNN_READONLY(NSUInteger, height, portable(self)->descriptor().height)
MPSNN_READONLY(NSUInteger, depth, 1)
MPSNN_READONLY(NSUInteger, mipmapLevelCount, 1)
MPSNN_READONLY(NSUInteger, sampleCount, 1)
MPSNN_READONLY(NSUInteger, arrayLength, portable(self)->descriptor().array_length)
MPSNN_READONLY(MTLTextureUsage, usage, portable(self)->descriptor().usage)
MPSNN_READONLY(BOOL, isShareable, NO)
MPSNN_READONLY(BOOL, isFramebufferOnly, NO)
MPSNN_READONLY(BOOL, allowGPUOptimizedContents, portable(self)->descriptor().allow_gpu_optimized_contents)
MPSNN_READONLY(MTLTextureCompressionType, compressionType, portable(self)->descriptor().compression_type)
MPSNN_READONLY(id<MTLTexture>, remoteStorageTexture, nil)
MPSNN_READONLY(MTLTextureSparseTier, sparseTextureTier, MTLTextureSparseTierNone)
MPSNN_READONLY(NSUInteger, allocatedSize, portable(self)->length())

- (MTLResourceID)gpuResourceID {
  return guarded([&] { return MTLResourceID{(uint64_t)portable(self).get()}; });
}

MPSNN_READONLY(MTLTextureSwizzleChannels, swizzle, portable(self)->descriptor().swizzle)

- (void)getBytes:(void *)pixelBytes
      bytesPerRow:(NSUInteger)bytesPerRow
    bytesPerImage:(NSUInteger)bytesPerImage
       fromRegion:(MTLRegion)region
      mipmapLevel:(NSUInteger)level
            slice:(NSUInteger)slice {
  (void)bytesPerImage;  // of 3D textures
  guarded([&] {
    MPSNN_REQUIRE(pixelBytes);
    portable(self)->check_region("MTLTexture getBytes", region.origin, region.size, slice, level);
    portable(self)->check_rows("MTLTexture getBytes", bytesPerRow, region.size);
    portable(self)->check_cpu_access();
    portable(self)->read(static_cast<std::byte *>(pixelBytes), bytesPerRow, region.origin, region.size, slice);
  });
}

- (void)replaceRegion:(MTLRegion)region
          mipmapLevel:(NSUInteger)level
                slice:(NSUInteger)slice
            withBytes:(const void *)pixelBytes
          bytesPerRow:(NSUInteger)bytesPerRow
        bytesPerImage:(NSUInteger)bytesPerImage {
  (void)bytesPerImage;
  guarded([&] {
    MPSNN_REQUIRE(pixelBytes);
    portable(self)->check_region("MTLTexture replaceRegion", region.origin, region.size, slice, level);
    portable(self)->check_rows("MTLTexture replaceRegion", bytesPerRow, region.size);
    portable(self)->check_cpu_access();
    portable(self)->write(static_cast<const std::byte *>(pixelBytes), bytesPerRow, region.origin, region.size, slice);
  });
}

- (void)getBytes:(void *)pixelBytes
     bytesPerRow:(NSUInteger)bytesPerRow
      fromRegion:(MTLRegion)region
     mipmapLevel:(NSUInteger)level {
  [self getBytes:pixelBytes bytesPerRow:bytesPerRow bytesPerImage:0 fromRegion:region mipmapLevel:level slice:0];
}

- (void)replaceRegion:(MTLRegion)region
          mipmapLevel:(NSUInteger)level
            withBytes:(const void *)pixelBytes
          bytesPerRow:(NSUInteger)bytesPerRow {
  [self replaceRegion:region mipmapLevel:level slice:0 withBytes:pixelBytes bytesPerRow:bytesPerRow bytesPerImage:0];
}

- (id<MTLTexture>)newTextureViewWithPixelFormat:(MTLPixelFormat)pixelFormat {
  return [self newTextureViewWithPixelFormat:pixelFormat
                                 textureType:[self textureType]
                                      levels:NSMakeRange(0, 1)
                                      slices:NSMakeRange(0, [self arrayLength])];
}

- (id<MTLTexture>)newTextureViewWithPixelFormat:(MTLPixelFormat)pixelFormat
                                    textureType:(MTLTextureType)textureType
                                         levels:(NSRange)levelRange
                                         slices:(NSRange)sliceRange {
  return new_or_nil([&] {
    if (levelRange.location != 0 || levelRange.length != 1) {
      throw InvalidArgument("MTLTexture: levels (" + std::to_string(levelRange.location) + ", " +
                            std::to_string(levelRange.length) + ") of a texture with one level");
    }
    return objc(portable(self)->view(pixelFormat, textureType, {sliceRange.location, sliceRange.length}));
  });
}

- (id<MTLTexture>)newTextureViewWithPixelFormat:(MTLPixelFormat)pixelFormat
                                    textureType:(MTLTextureType)textureType
                                         levels:(NSRange)levelRange
                                         slices:(NSRange)sliceRange
                                        swizzle:(MTLTextureSwizzleChannels)swizzle {
  const MTLTextureSwizzleChannels own = [self swizzle];
  if (swizzle.red != own.red || swizzle.green != own.green || swizzle.blue != own.blue || swizzle.alpha != own.alpha) {
    NSLog(@"MTLTexture: channels keep their order in views here");
    return nil;
  }
  return [self newTextureViewWithPixelFormat:pixelFormat textureType:textureType levels:levelRange slices:sliceRange];
}

// There is one device, which has the texture already.
- (id<MTLTexture>)newRemoteTextureViewForDevice:(id<MTLDevice>)device {
  (void)device;
  return nil;
}

@end
