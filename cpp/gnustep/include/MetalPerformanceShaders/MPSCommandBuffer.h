// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METALPERFORMANCESHADERS_MPSCOMMANDBUFFER_H
#define METALPERFORMANCESHADERS_MPSCOMMANDBUFFER_H

#import <Metal/Metal.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MPSHeapProvider <NSObject>
@required
- (id<MTLHeap> _Nullable)newHeapWithDescriptor:(MTLHeapDescriptor *)descriptor;
@optional
- (void)retireHeap:(id<MTLHeap>)heap cacheDelay:(double)seconds;
@end

@interface MPSCommandBuffer : NSObject <MTLCommandBuffer> {
 @public
  void *_impl;
}
@property (nonatomic, readonly) id<MTLCommandBuffer> commandBuffer;
@property (nonatomic, readonly) id<MTLCommandBuffer> rootCommandBuffer;
@property (nonatomic, retain, nullable) id<MPSHeapProvider> heapProvider;
+ (instancetype)commandBufferWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer;
+ (instancetype)commandBufferFromCommandQueue:(id<MTLCommandQueue>)commandQueue;
- (instancetype)initWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer;
- (void)commitAndContinue;
- (void)prefetchHeapForWorkloadSize:(size_t)size;
- (instancetype)init MTL_UNAVAILABLE;
+ (instancetype)new MTL_UNAVAILABLE;
@end

NS_ASSUME_NONNULL_END

#endif
