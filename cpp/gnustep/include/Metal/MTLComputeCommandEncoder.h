// Written by cpp/gnustep/generate_headers.py. Do not edit.
#ifndef METAL_MTLCOMPUTECOMMANDENCODER_H
#define METAL_MTLCOMPUTECOMMANDENCODER_H

#import <Metal/MTLDefines.h>
#import <Metal/MTLTypes.h>
#import <Metal/MTLCommandEncoder.h>
#import <Metal/MTLCommandBuffer.h>

NS_ASSUME_NONNULL_BEGIN

@protocol MTLBuffer;
@protocol MTLComputePipelineState;
@protocol MTLFence;
@protocol MTLHeap;
@protocol MTLResource;
@protocol MTLTexture;

@protocol MTLComputeCommandEncoder <MTLCommandEncoder>
@property (nonatomic, readonly) MTLDispatchType dispatchType;
- (void)setComputePipelineState:(id<MTLComputePipelineState>)state;
- (void)setBytes:(const void *)bytes length:(NSUInteger)length atIndex:(NSUInteger)index;
- (void)setBuffer:(id<MTLBuffer> _Nullable)buffer offset:(NSUInteger)offset atIndex:(NSUInteger)index;
- (void)setBufferOffset:(NSUInteger)offset atIndex:(NSUInteger)index;
- (void)setBuffers:(const id<MTLBuffer> _Null_unspecified * _Nonnull)buffers
           offsets:(const NSUInteger *)offsets
         withRange:(NSRange)range;
- (void)setBuffer:(id<MTLBuffer>)buffer
           offset:(NSUInteger)offset
  attributeStride:(NSUInteger)stride
          atIndex:(NSUInteger)index;
- (void)setBuffers:(const id<MTLBuffer> _Null_unspecified * _Nonnull)buffers
           offsets:(const NSUInteger *)offsets
  attributeStrides:(const NSUInteger *)strides
         withRange:(NSRange)range;
- (void)setBufferOffset:(NSUInteger)offset attributeStride:(NSUInteger)stride atIndex:(NSUInteger)index;
- (void)setBytes:(const void *)bytes
          length:(NSUInteger)length
  attributeStride:(NSUInteger)stride
         atIndex:(NSUInteger)index;
- (void)setTexture:(id<MTLTexture> _Nullable)texture atIndex:(NSUInteger)index;
- (void)setTextures:(const id<MTLTexture> _Null_unspecified * _Nonnull)textures withRange:(NSRange)range;
- (void)setThreadgroupMemoryLength:(NSUInteger)length atIndex:(NSUInteger)index;
- (void)setImageblockWidth:(NSUInteger)width height:(NSUInteger)height;
- (void)setStageInRegion:(MTLRegion)region;
- (void)setStageInRegionWithIndirectBuffer:(id<MTLBuffer>)indirectBuffer
                      indirectBufferOffset:(NSUInteger)indirectBufferOffset;
- (void)dispatchThreadgroups:(MTLSize)threadgroupsPerGrid threadsPerThreadgroup:(MTLSize)threadsPerThreadgroup;
- (void)dispatchThreadgroupsWithIndirectBuffer:(id<MTLBuffer>)indirectBuffer
                          indirectBufferOffset:(NSUInteger)indirectBufferOffset
                         threadsPerThreadgroup:(MTLSize)threadsPerThreadgroup;
- (void)dispatchThreads:(MTLSize)threadsPerGrid threadsPerThreadgroup:(MTLSize)threadsPerThreadgroup;
- (void)updateFence:(id<MTLFence>)fence;
- (void)waitForFence:(id<MTLFence>)fence;
- (void)useResource:(id<MTLResource>)resource usage:(MTLResourceUsage)usage;
- (void)useResources:(const id<MTLResource> _Null_unspecified * _Nonnull)resources
               count:(NSUInteger)count
               usage:(MTLResourceUsage)usage;
- (void)useHeap:(id<MTLHeap>)heap;
- (void)useHeaps:(const id<MTLHeap> _Null_unspecified * _Nonnull)heaps count:(NSUInteger)count;
- (void)memoryBarrierWithScope:(MTLBarrierScope)scope;
- (void)memoryBarrierWithResources:(const id<MTLResource> _Null_unspecified * _Nonnull)resources
                             count:(NSUInteger)count;
@end

NS_ASSUME_NONNULL_END

#endif
