// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLHEAP_H
#define METAL_MTLHEAP_H

#import <Metal/MTLDefines.h>
#import <Metal/MTLAllocation.h>
#import <Metal/MTLResource.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLBuffer;
@protocol MTLDevice;
@protocol MTLTexture;
@class MTLTextureDescriptor;

typedef NS_ENUM(NSInteger, MTLHeapType) {
  MTLHeapTypeAutomatic = 0,
  MTLHeapTypePlacement = 1,
  MTLHeapTypeSparse = 2,
};

@protocol MTLHeap <MTLAllocation>
@property (nonatomic, copy, nullable) NSString *label;
@property (nonatomic, readonly) id<MTLDevice> device;
@property (nonatomic, readonly) MTLStorageMode storageMode;
@property (nonatomic, readonly) MTLCPUCacheMode cpuCacheMode;
@property (nonatomic, readonly) MTLHazardTrackingMode hazardTrackingMode;
@property (nonatomic, readonly) MTLResourceOptions resourceOptions;
@property (nonatomic, readonly) NSUInteger size;
@property (nonatomic, readonly) NSUInteger usedSize;
@property (nonatomic, readonly) NSUInteger currentAllocatedSize;
@property (nonatomic, readonly) MTLHeapType type;
- (NSUInteger)maxAvailableSizeWithAlignment:(NSUInteger)alignment;
- (id<MTLBuffer> _Nullable)newBufferWithLength:(NSUInteger)length options:(MTLResourceOptions)options;
- (id<MTLTexture> _Nullable)newTextureWithDescriptor:(MTLTextureDescriptor *)descriptor;
- (MTLPurgeableState)setPurgeableState:(MTLPurgeableState)state;
- (id<MTLBuffer> _Nullable)newBufferWithLength:(NSUInteger)length
                                       options:(MTLResourceOptions)options
                                        offset:(NSUInteger)offset;
- (id<MTLTexture> _Nullable)newTextureWithDescriptor:(MTLTextureDescriptor *)descriptor offset:(NSUInteger)offset;
@end

@interface MTLHeapDescriptor : NSObject <NSCopying> {
 @public
  void *_impl;
}
@property (nonatomic) NSUInteger size;
@property (nonatomic) MTLStorageMode storageMode;
@property (nonatomic) MTLCPUCacheMode cpuCacheMode;
@property (nonatomic) MTLSparsePageSize sparsePageSize;
@property (nonatomic) MTLHazardTrackingMode hazardTrackingMode;
@property (nonatomic) MTLResourceOptions resourceOptions;
@property (nonatomic) MTLHeapType type;
@property (nonatomic) MTLSparsePageSize maxCompatiblePlacementSparsePageSize;
@end

NS_ASSUME_NONNULL_END

#endif
