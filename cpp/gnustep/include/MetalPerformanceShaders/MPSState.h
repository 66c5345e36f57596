// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSSTATE_H
#define METALPERFORMANCESHADERS_MPSSTATE_H

#import <Metal/Metal.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSImage;
@class MPSImageDescriptor;
@class MPSKernel;
@class MPSState;
@class MPSStateResourceList;

typedef NS_ENUM(NSUInteger, MPSStateResourceType) {
  MPSStateResourceTypeNone = 0,
  MPSStateResourceTypeBuffer = 1,
  MPSStateResourceTypeTexture = 2,
};

typedef struct MPSStateTextureInfo {
  NSUInteger width;
  NSUInteger height;
  NSUInteger depth;
  NSUInteger arrayLength;
  MTLPixelFormat pixelFormat;
  MTLTextureType textureType;
  MTLTextureUsage usage;
  NSUInteger _reserved[4];
} MPSStateTextureInfo;

typedef NSArray<MPSState *> MPSStateBatch;

MTL_EXTERN NSUInteger MPSStateBatchIncrementReadCount(MPSStateBatch * _Nullable batch, NSInteger amount);
MTL_EXTERN NSUInteger MPSStateBatchResourceSize(MPSStateBatch * _Nullable batch);
MTL_EXTERN void MPSStateBatchSynchronize(MPSStateBatch *batch, id<MTLCommandBuffer> cmdBuf);

@interface MPSState : NSObject {
 @public
  void *_impl;
}
@property (nonatomic, readonly) NSUInteger resourceCount;
@property (nonatomic) NSUInteger readCount;
@property (nonatomic, readonly) BOOL isTemporary;
@property (nonatomic, copy, nullable) NSString *label;
@property (nonatomic, readonly, nullable) id<MTLResource> resource MTL_DEPRECATED;
+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)cmdBuf bufferSize:(size_t)bufferSize;
+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)cmdBuf
                              textureDescriptor:(MTLTextureDescriptor *)descriptor;
+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)cmdBuf;
- (instancetype)initWithDevice:(id<MTLDevice>)device bufferSize:(size_t)bufferSize;
- (instancetype)initWithDevice:(id<MTLDevice>)device textureDescriptor:(MTLTextureDescriptor *)descriptor;
- (instancetype)initWithResource:(id<MTLResource> _Nullable)resource;
- (instancetype)initWithDevice:(id<MTLDevice>)device resourceList:(MPSStateResourceList *)resourceList;
+ (instancetype)temporaryStateWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                   resourceList:(MPSStateResourceList *)resourceList;
- (instancetype)initWithResources:(NSArray<id<MTLResource>> * _Nullable)resources;
- (id<MTLResource> _Nullable)resourceAtIndex:(NSUInteger)index allocateMemory:(BOOL)allocateMemory;
- (NSUInteger)bufferSizeAtIndex:(NSUInteger)index;
- (MPSStateTextureInfo)textureInfoAtIndex:(NSUInteger)index;
- (MPSStateResourceType)resourceTypeAtIndex:(NSUInteger)index;
- (void)synchronizeOnCommandBuffer:(id<MTLCommandBuffer>)commandBuffer;
- (NSUInteger)resourceSize;
- (MPSImageDescriptor *)destinationImageDescriptorForSourceImages:(NSArray<MPSImage *> *)sourceImages
                                                     sourceStates:(NSArray<MPSState *> * _Nullable)sourceStates
                                                        forKernel:(MPSKernel *)kernel
                                              suggestedDescriptor:(MPSImageDescriptor *)inDescriptor;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

@interface MPSStateResourceList : NSObject {
 @public
  void *_impl;
}
+ (instancetype)resourceList;
- (instancetype)init;
+ (instancetype)resourceListWithTextureDescriptors:(MTLTextureDescriptor *)d, ... NS_REQUIRES_NIL_TERMINATION;
+ (instancetype)resourceListWithBufferSizes:(NSUInteger)firstSize, ...;
- (void)appendTexture:(MTLTextureDescriptor *)descriptor;
- (void)appendBuffer:(NSUInteger)size;
@end

NS_ASSUME_NONNULL_END

#endif
