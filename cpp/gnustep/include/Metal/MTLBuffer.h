// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLBUFFER_H
#define METAL_MTLBUFFER_H

#import <Metal/MTLDefines.h>
#import <Metal/MTLGPUAddress.h>
#import <Metal/MTLResource.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLDevice;
@protocol MTLTexture;
@class MTLTextureDescriptor;

typedef NS_ENUM(NSInteger, MTLBufferSparseTier) {
  MTLBufferSparseTierNone = 0,
  MTLBufferSparseTier1 = 1,
};

@protocol MTLBuffer <MTLResource>
@property (nonatomic, readonly) NSUInteger length;
@property (nonatomic, readonly, nullable) id<MTLBuffer> remoteStorageBuffer;
@property (nonatomic, readonly) MTLGPUAddress gpuAddress;
@property (nonatomic, readonly) MTLBufferSparseTier sparseBufferTier;
- (void * _Nullable)contents;
- (void)didModifyRange:(NSRange)range;
- (id<MTLTexture> _Nullable)newTextureWithDescriptor:(MTLTextureDescriptor *)descriptor
                                              offset:(NSUInteger)offset
                                         bytesPerRow:(NSUInteger)bytesPerRow;
- (void)addDebugMarker:(NSString *)marker range:(NSRange)range;
- (void)removeAllDebugMarkers;
- (id<MTLBuffer> _Nullable)newRemoteBufferViewForDevice:(id<MTLDevice>)device;
@end

NS_ASSUME_NONNULL_END

#endif
