// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLTEXTURE_H
#define METAL_MTLTEXTURE_H

#import <Metal/MTLDefines.h>
#import <Metal/MTLPixelFormat.h>
#import <Metal/MTLTypes.h>
#import <Metal/MTLResource.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLBuffer;
@protocol MTLDevice;

typedef NS_ENUM(NSInteger, MTLTextureCompressionType) {
  MTLTextureCompressionTypeLossless = 0,
  MTLTextureCompressionTypeLossy = 1,
};

typedef NS_ENUM(NSInteger, MTLTextureSparseTier) {
  MTLTextureSparseTierNone = 0,
  MTLTextureSparseTier1 = 1,
  MTLTextureSparseTier2 = 2,
};

typedef NS_ENUM(uint8_t, MTLTextureSwizzle) {
  MTLTextureSwizzleZero = 0,
  MTLTextureSwizzleOne = 1,
  MTLTextureSwizzleRed = 2,
  MTLTextureSwizzleGreen = 3,
  MTLTextureSwizzleBlue = 4,
  MTLTextureSwizzleAlpha = 5,
};

typedef NS_ENUM(NSUInteger, MTLTextureType) {
  MTLTextureType1D = 0,
  MTLTextureType1DArray = 1,
  MTLTextureType2D = 2,
  MTLTextureType2DArray = 3,
  MTLTextureType2DMultisample = 4,
  MTLTextureTypeCube = 5,
  MTLTextureTypeCubeArray = 6,
  MTLTextureType3D = 7,
  MTLTextureType2DMultisampleArray = 8,
  MTLTextureTypeTextureBuffer = 9,
};

typedef NS_OPTIONS(NSUInteger, MTLTextureUsage) {
  MTLTextureUsageUnknown = 0,
  MTLTextureUsageShaderRead = 1,
  MTLTextureUsageShaderWrite = 2,
  MTLTextureUsageRenderTarget = 4,
  MTLTextureUsagePixelFormatView = 16,
  MTLTextureUsageShaderAtomic = 32,
};

typedef struct MTLTextureSwizzleChannels {
  MTLTextureSwizzle red;
  MTLTextureSwizzle green;
  MTLTextureSwizzle blue;
  MTLTextureSwizzle alpha;
} MTLTextureSwizzleChannels;

@protocol MTLTexture <MTLResource>
@required
@property (nonatomic, readonly, nullable) id<MTLResource> rootResource MTL_DEPRECATED;
@property (nonatomic, readonly, nullable) id<MTLTexture> parentTexture;
@property (nonatomic, readonly) NSUInteger parentRelativeLevel;
@property (nonatomic, readonly) NSUInteger parentRelativeSlice;
@property (nonatomic, readonly, nullable) id<MTLBuffer> buffer;
@property (nonatomic, readonly) NSUInteger bufferOffset;
@property (nonatomic, readonly) NSUInteger bufferBytesPerRow;
@property (nonatomic, readonly) NSUInteger iosurfacePlane;
@property (nonatomic, readonly) MTLTextureType textureType;
@property (nonatomic, readonly) MTLPixelFormat pixelFormat;
@property (nonatomic, readonly) NSUInteger width;
@property (nonatomic, readonly) NSUInteger height;
@property (nonatomic, readonly) NSUInteger depth;
@property (nonatomic, readonly) NSUInteger mipmapLevelCount;
@property (nonatomic, readonly) NSUInteger sampleCount;
@property (nonatomic, readonly) NSUInteger arrayLength;
@property (nonatomic, readonly) MTLTextureUsage usage;
@property (nonatomic, readonly, getter=isShareable) BOOL shareable;
@property (nonatomic, readonly, getter=isFramebufferOnly) BOOL framebufferOnly;
@property (nonatomic, readonly) BOOL allowGPUOptimizedContents;
@property (nonatomic, readonly) MTLTextureCompressionType compressionType;
@property (nonatomic, readonly) MTLResourceID gpuResourceID;
@property (nonatomic, readonly, nullable) id<MTLTexture> remoteStorageTexture;
@property (nonatomic, readonly) MTLTextureSwizzleChannels swizzle;
@property (nonatomic, readonly) MTLTextureSparseTier sparseTextureTier;
- (void)getBytes:(void *)pixelBytes
     bytesPerRow:(NSUInteger)bytesPerRow
   bytesPerImage:(NSUInteger)bytesPerImage
      fromRegion:(MTLRegion)region
     mipmapLevel:(NSUInteger)level
           slice:(NSUInteger)slice;
- (void)replaceRegion:(MTLRegion)region
          mipmapLevel:(NSUInteger)level
                slice:(NSUInteger)slice
            withBytes:(const void *)pixelBytes
          bytesPerRow:(NSUInteger)bytesPerRow
        bytesPerImage:(NSUInteger)bytesPerImage;
- (void)getBytes:(void *)pixelBytes
     bytesPerRow:(NSUInteger)bytesPerRow
      fromRegion:(MTLRegion)region
     mipmapLevel:(NSUInteger)level;
- (void)replaceRegion:(MTLRegion)region
          mipmapLevel:(NSUInteger)level
            withBytes:(const void *)pixelBytes
          bytesPerRow:(NSUInteger)bytesPerRow;
- (id<MTLTexture> _Nullable)newTextureViewWithPixelFormat:(MTLPixelFormat)pixelFormat;
- (id<MTLTexture> _Nullable)newTextureViewWithPixelFormat:(MTLPixelFormat)pixelFormat
                                              textureType:(MTLTextureType)textureType
                                                   levels:(NSRange)levelRange
                                                   slices:(NSRange)sliceRange;
- (id<MTLTexture> _Nullable)newRemoteTextureViewForDevice:(id<MTLDevice>)device;
- (id<MTLTexture> _Nullable)newTextureViewWithPixelFormat:(MTLPixelFormat)pixelFormat
                                              textureType:(MTLTextureType)textureType
                                                   levels:(NSRange)levelRange
                                                   slices:(NSRange)sliceRange
                                                  swizzle:(MTLTextureSwizzleChannels)swizzle;
@optional
@property (nonatomic, readonly) NSUInteger firstMipmapInTail;
@property (nonatomic, readonly) NSUInteger tailSizeInBytes;
@property (nonatomic, readonly) BOOL isSparse;
@end

@interface MTLTextureDescriptor : NSObject <NSCopying> {
 @public
  void *_impl;
}
@property (nonatomic) MTLTextureType textureType;
@property (nonatomic) MTLPixelFormat pixelFormat;
@property (nonatomic) NSUInteger width;
@property (nonatomic) NSUInteger height;
@property (nonatomic) NSUInteger depth;
@property (nonatomic) NSUInteger mipmapLevelCount;
@property (nonatomic) NSUInteger sampleCount;
@property (nonatomic) NSUInteger arrayLength;
@property (nonatomic) MTLResourceOptions resourceOptions;
@property (nonatomic) MTLCPUCacheMode cpuCacheMode;
@property (nonatomic) MTLStorageMode storageMode;
@property (nonatomic) MTLHazardTrackingMode hazardTrackingMode;
@property (nonatomic) MTLTextureUsage usage;
@property (nonatomic) BOOL allowGPUOptimizedContents;
@property (nonatomic) MTLTextureCompressionType compressionType;
@property (nonatomic) MTLTextureSwizzleChannels swizzle;
@property (nonatomic) MTLSparsePageSize placementSparsePageSize;
+ (MTLTextureDescriptor *)texture2DDescriptorWithPixelFormat:(MTLPixelFormat)pixelFormat
                                                       width:(NSUInteger)width
                                                      height:(NSUInteger)height
                                                   mipmapped:(BOOL)mipmapped;
+ (MTLTextureDescriptor *)textureCubeDescriptorWithPixelFormat:(MTLPixelFormat)pixelFormat
                                                          size:(NSUInteger)size
                                                     mipmapped:(BOOL)mipmapped;
+ (MTLTextureDescriptor *)textureBufferDescriptorWithPixelFormat:(MTLPixelFormat)pixelFormat
                                                           width:(NSUInteger)width
                                                 resourceOptions:(MTLResourceOptions)resourceOptions
                                                           usage:(MTLTextureUsage)usage;
@end

NS_ASSUME_NONNULL_END

#endif
