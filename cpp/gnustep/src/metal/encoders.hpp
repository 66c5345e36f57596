#pragma once

#import <Metal/Metal.h>

#include "support/metal.hpp"

/// What encoders share. A command buffer has one at a time.
@interface MPSPortableEncoder : NSObject <MTLCommandEncoder> {
 @public
  MPSPortableCommandBuffer *_commandBuffer;
  NSString *_label;
  BOOL _hasEnded;
}
- (instancetype)initWithCommandBuffer:(MPSPortableCommandBuffer *)commandBuffer;
/// Throws InvalidArgument after `endEncoding`.
- (mpsnn::CommandBuffer &)recording:(SEL)method;
- (void)updateFence:(id<MTLFence>)fence;
- (void)waitForFence:(id<MTLFence>)fence;
@end

@interface MPSPortableBlitEncoder : MPSPortableEncoder <MTLBlitCommandEncoder>
@end

/// There are no compute pipelines on this device: arguments can be set, but nothing can be dispatched.
@interface MPSPortableComputeEncoder : MPSPortableEncoder <MTLComputeCommandEncoder> {
 @public
  MTLDispatchType _dispatchType;
}
- (instancetype)initWithCommandBuffer:(MPSPortableCommandBuffer *)commandBuffer dispatchType:(MTLDispatchType)dispatchType;
@end
