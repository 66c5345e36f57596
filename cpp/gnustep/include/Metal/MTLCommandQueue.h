// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLCOMMANDQUEUE_H
#define METAL_MTLCOMMANDQUEUE_H

#import <Metal/MTLDefines.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLCommandBuffer;
@class MTLCommandBufferDescriptor;
@protocol MTLDevice;

@protocol MTLCommandQueue <NSObject>
@property (nonatomic, copy, nullable) NSString *label;
@property (nonatomic, readonly) id<MTLDevice> device;
- (id<MTLCommandBuffer> _Nullable)commandBuffer;
- (id<MTLCommandBuffer> _Nullable)commandBufferWithDescriptor:(MTLCommandBufferDescriptor *)descriptor;
- (id<MTLCommandBuffer> _Nullable)commandBufferWithUnretainedReferences;
- (void)insertDebugCaptureBoundary MTL_DEPRECATED;
@end

@interface MTLCommandQueueDescriptor : NSObject <NSCopying> {
 @public
  void *_impl;
}
@property (nonatomic) NSUInteger maxCommandBufferCount;
@end

NS_ASSUME_NONNULL_END

#endif
