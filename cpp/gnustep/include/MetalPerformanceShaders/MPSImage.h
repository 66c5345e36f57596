// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSIMAGE_H
#define METALPERFORMANCESHADERS_MPSIMAGE_H

#import <Metal/Metal.h>
#import <MetalPerformanceShaders/MPSCoreTypes.h>

NS_ASSUME_NONNULL_BEGIN

@class MPSImage;
@class MPSImageDescriptor;
@class MPSKernel;

typedef NSArray<MPSImage *> MPSImageBatch;

MTL_EXTERN NSUInteger MPSImageBatchIncrementReadCount(MPSImageBatch *batch, NSInteger amount);
MTL_EXTERN NSInteger MPSImageBatchIterate(MPSImageBatch *batch, NSInteger (^iteratorBlock)(MPSImage *, NSUInteger));
MTL_EXTERN NSUInteger MPSImageBatchResourceSize(MPSImageBatch *batch);
MTL_EXTERN void MPSImageBatchSynchronize(MPSImageBatch *batch, id<MTLCommandBuffer> cmdBuf);

@protocol MPSImageAllocator <NSObject, NSSecureCoding>
@required
- (MPSImage *)imageForCommandBuffer:(id<MTLCommandBuffer>)cmdBuf
                    imageDescriptor:(MPSImageDescriptor *)descriptor
                             kernel:(MPSKernel *)kernel;
@optional
- (MPSImageBatch *)imageBatchForCommandBuffer:(id<MTLCommandBuffer>)cmdBuf
                              imageDescriptor:(MPSImageDescriptor *)descriptor
                                       kernel:(MPSKernel *)kernel
                                        count:(NSUInteger)count;
@end

@interface MPSImage : NSObject {
 @public
  void *_impl;
}
@property (nonatomic, readonly) id<MTLDevice> device;
@property (nonatomic, readonly) NSUInteger width;
@property (nonatomic, readonly) NSUInteger height;
@property (nonatomic, readonly) NSUInteger featureChannels;
@property (nonatomic, readonly) NSUInteger numberOfImages;
@property (nonatomic, readonly) MTLTextureType textureType;
@property (nonatomic, readonly) MTLPixelFormat pixelFormat;
@property (nonatomic, readonly) NSUInteger precision;
@property (nonatomic, readonly) MTLTextureUsage usage;
@property (nonatomic, readonly) MPSImageFeatureChannelFormat featureChannelFormat;
@property (nonatomic, readonly) size_t pixelSize;
@property (nonatomic, readonly) id<MTLTexture> texture;
@property (nonatomic, copy, nullable) NSString *label;
@property (nonatomic, readonly, nullable) MPSImage *parent;
- (instancetype)initWithDevice:(id<MTLDevice>)device imageDescriptor:(MPSImageDescriptor *)imageDescriptor;
- (instancetype)initWithParentImage:(MPSImage *)parent
                         sliceRange:(NSRange)sliceRange
                    featureChannels:(NSUInteger)featureChannels;
- (instancetype)initWithTexture:(id<MTLTexture>)texture featureChannels:(NSUInteger)featureChannels;
+ (id<MPSImageAllocator>)defaultAllocator;
- (MPSImageBatch *)batchRepresentationWithSubRange:(NSRange)subRange;
- (MPSImageBatch *)batchRepresentation;
- (MPSImage *)subImageWithFeatureChannelRange:(NSRange)range;
- (NSUInteger)resourceSize;
- (MPSPurgeableState)setPurgeableState:(MPSPurgeableState)state;
- (void)readBytes:(void *)dataBytes
       dataLayout:(MPSDataLayout)dataLayout
      bytesPerRow:(NSUInteger)bytesPerRow
           region:(MTLRegion)region
  featureChannelInfo:(MPSImageReadWriteParams)featureChannelInfo
       imageIndex:(NSUInteger)imageIndex;
- (void)writeBytes:(const void *)dataBytes
        dataLayout:(MPSDataLayout)dataLayout
       bytesPerRow:(NSUInteger)bytesPerRow
            region:(MTLRegion)region
  featureChannelInfo:(MPSImageReadWriteParams)featureChannelInfo
        imageIndex:(NSUInteger)imageIndex;
- (void)writeBytes:(const void *)dataBytes
        dataLayout:(MPSDataLayout)dataLayout
    bytesPerColumn:(NSUInteger)bytesPerColumn
       bytesPerRow:(NSUInteger)bytesPerRow
     bytesPerImage:(NSUInteger)bytesPerImage
            region:(MTLRegion)region
  featureChannelInfo:(MPSImageReadWriteParams)featureChannelInfo
        imageIndex:(NSUInteger)imageIndex;
- (void)readBytes:(void *)dataBytes
       dataLayout:(MPSDataLayout)dataLayout
      bytesPerRow:(NSUInteger)bytesPerRow
    bytesPerImage:(NSUInteger)bytesPerImage
           region:(MTLRegion)region
  featureChannelInfo:(MPSImageReadWriteParams)featureChannelInfo
       imageIndex:(NSUInteger)imageIndex;
- (void)writeBytes:(const void *)dataBytes
        dataLayout:(MPSDataLayout)dataLayout
       bytesPerRow:(NSUInteger)bytesPerRow
     bytesPerImage:(NSUInteger)bytesPerImage
            region:(MTLRegion)region
  featureChannelInfo:(MPSImageReadWriteParams)featureChannelInfo
        imageIndex:(NSUInteger)imageIndex;
- (void)readBytes:(void *)dataBytes dataLayout:(MPSDataLayout)dataLayout imageIndex:(NSUInteger)imageIndex;
- (void)writeBytes:(const void *)dataBytes dataLayout:(MPSDataLayout)dataLayout imageIndex:(NSUInteger)imageIndex;
- (void)synchronizeOnCommandBuffer:(id<MTLCommandBuffer>)commandBuffer;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

@interface MPSImageDescriptor : NSObject <NSCopying> {
 @public
  void *_impl;
}
@property (nonatomic) NSUInteger width;
@property (nonatomic) NSUInteger height;
@property (nonatomic) NSUInteger featureChannels;
@property (nonatomic) NSUInteger numberOfImages;
@property (nonatomic, readonly) MTLPixelFormat pixelFormat;
@property (nonatomic) MPSImageFeatureChannelFormat channelFormat;
@property (nonatomic) MTLCPUCacheMode cpuCacheMode;
@property (nonatomic) MTLStorageMode storageMode;
@property (nonatomic) MTLTextureUsage usage;
+ (instancetype)imageDescriptorWithChannelFormat:(MPSImageFeatureChannelFormat)channelFormat
                                           width:(NSUInteger)width
                                          height:(NSUInteger)height
                                 featureChannels:(NSUInteger)featureChannels;
+ (instancetype)imageDescriptorWithChannelFormat:(MPSImageFeatureChannelFormat)channelFormat
                                           width:(NSUInteger)width
                                          height:(NSUInteger)height
                                 featureChannels:(NSUInteger)featureChannels
                                  numberOfImages:(NSUInteger)numberOfImages
                                           usage:(MTLTextureUsage)usage;
@end

@interface MPSTemporaryImage : MPSImage
@property (nonatomic) NSUInteger readCount;
+ (instancetype)temporaryImageWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                                imageDescriptor:(MPSImageDescriptor *)imageDescriptor;
+ (instancetype)temporaryImageWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              textureDescriptor:(MTLTextureDescriptor *)textureDescriptor;
+ (instancetype)temporaryImageWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                              textureDescriptor:(MTLTextureDescriptor *)textureDescriptor
                                featureChannels:(NSUInteger)featureChannels;
+ (id<MPSImageAllocator>)defaultAllocator;
+ (void)prefetchStorageWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer
                     imageDescriptorList:(NSArray<MPSImageDescriptor *> *)descriptorList;
- (instancetype)initWithTexture:(id<MTLTexture>)texture featureChannels:(NSUInteger)featureChannels MTL_UNAVAILABLE;
- (instancetype)initWithDevice:(id<MTLDevice>)device
               imageDescriptor:(MPSImageDescriptor *)imageDescriptor MTL_UNAVAILABLE;
@end

NS_ASSUME_NONNULL_END

#endif
