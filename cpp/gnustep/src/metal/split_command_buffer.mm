#import "metal/command_buffer.hpp"

namespace mpsnn::gnustep {

SplitCommandBuffer::~SplitCommandBuffer() {
  [wrapped release];
  [root release];
  [heap_provider release];
}

SplitCommandBuffer &split_of(MPSCommandBuffer *command_buffer) {
  if (!command_buffer->_impl) throw_uninitialized(command_buffer);
  return *static_cast<SplitCommandBuffer *>(command_buffer->_impl);
}

namespace {

// The command buffer of Metal for what is recorded now. It is the same object until the next split.
MPSPortableCommandBuffer *root_of(SplitCommandBuffer &split) {
  if ([(id)split.wrapped isKindOfClass:[MPSCommandBuffer class]]) return root_of(split_of((MPSCommandBuffer *)split.wrapped));
  if (!split.root || portable(split.root)->mark().submission != split.buffer->mark().submission) {
    [split.root release];
    split.root = [(MPSPortableCommandBuffer *)objc(split.buffer->root_command_buffer()) retain];
  }
  return split.root;
}

std::unique_ptr<SplitCommandBuffer> wrap(id<MTLCommandBuffer> wrapped) {
  auto split = std::make_unique<SplitCommandBuffer>();
  const auto buffer = command_buffer_of(wrapped);
  split->wrapped = [wrapped retain];
  if ([(id)wrapped isKindOfClass:[MPSCommandBuffer class]]) {
    split->buffer = CommandBuffer::with_command_buffer(buffer);
  } else {
    split->buffer = buffer->root_command_buffer();
    split->root = [(MPSPortableCommandBuffer *)wrapped retain];
  }
  split->buffer->label = buffer->label;
  return split;
}

}  // namespace

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

// What the command buffer of Metal for the work recorded now says.
#define FORWARD(Type, method)                 \
  -(Type)method {                             \
    return [[self rootCommandBuffer] method]; \
  }

@implementation MPSCommandBuffer

- (oneway void)release {
  if (_impl) {
    IdentityTable::shared().release(split_of(self).buffer.get(), self);
  } else {
    [super release];
  }
}

- (void)dealloc {
  delete static_cast<SplitCommandBuffer *>(_impl);
  [super dealloc];
}

MPSNN_NO_PLAIN_INIT

+ (instancetype)commandBufferWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer {
  return [[[self alloc] initWithCommandBuffer:commandBuffer] autorelease];
}

+ (instancetype)commandBufferFromCommandQueue:(id<MTLCommandQueue>)commandQueue {
  guarded([&] { command_queue_of(MPSNN_REQUIRE(commandQueue)); });
  return [self commandBufferWithCommandBuffer:[commandQueue commandBuffer]];
}

- (instancetype)initWithCommandBuffer:(id<MTLCommandBuffer>)commandBuffer {
  NSException *reason = nil;
  try {
    if (_impl) throw MisuseError("an object is initialized twice");
    auto split = wrap(MPSNN_REQUIRE(commandBuffer));
    IdentityTable::shared().add(split->buffer.get(), self);
    _impl = split.release();
    return self;
  } catch (...) {
    reason = current_as_ns_exception();
  }
  [self release];
  [reason raise];
  return nil;
}

MPSNN_READONLY(id<MTLCommandBuffer>, commandBuffer, split_of(self).wrapped)

- (id<MTLCommandBuffer>)rootCommandBuffer {
  return guarded([&] { return [[root_of(split_of(self)) retain] autorelease]; });
}

// Heaps are the machine's memory here; a provider is kept for whoever asks.
MPSNN_READONLY(id<MPSHeapProvider>, heapProvider, split_of(self).heap_provider)
- (void)setHeapProvider:(id<MPSHeapProvider>)provider {
  guarded([&] {
    id<MPSHeapProvider> &kept = split_of(self).heap_provider;
    [provider retain];
    [kept release];
    kept = provider;
  });
}

- (void)prefetchHeapForWorkloadSize:(size_t)size {
  (void)size;
}

- (void)commitAndContinue {
  guarded([&] {
    SplitCommandBuffer &split = split_of(self);
    MPSPortableCommandBuffer *root = root_of(split);
    check_encoder_ended(root, _cmd);
    // Its handlers find it when nobody else keeps it.
    split.buffer->retain(owning([root retain]));
    split.buffer->commit_and_continue();
  });
}

- (NSString *)label {
  return [[self rootCommandBuffer] label];
}
- (void)setLabel:(NSString *)label {
  guarded([&] { split_of(self).buffer->label = string_of(label); });
  [[self rootCommandBuffer] setLabel:label];
}

FORWARD(id<MTLDevice>, device)
FORWARD(id<MTLCommandQueue>, commandQueue)
FORWARD(BOOL, retainedReferences)
FORWARD(MTLCommandBufferErrorOption, errorOptions)
FORWARD(CFTimeInterval, kernelStartTime)
FORWARD(CFTimeInterval, kernelEndTime)
FORWARD(CFTimeInterval, GPUStartTime)
FORWARD(CFTimeInterval, GPUEndTime)
FORWARD(MTLCommandBufferStatus, status)
FORWARD(NSError *, error)
FORWARD(void, enqueue)
FORWARD(void, commit)
FORWARD(void, waitUntilScheduled)
FORWARD(void, waitUntilCompleted)
FORWARD(id<MTLBlitCommandEncoder>, blitCommandEncoder)
FORWARD(id<MTLComputeCommandEncoder>, computeCommandEncoder)
FORWARD(void, popDebugGroup)

- (void)addScheduledHandler:(MTLCommandBufferHandler)block {
  [[self rootCommandBuffer] addScheduledHandler:block];
}
- (void)addCompletedHandler:(MTLCommandBufferHandler)block {
  [[self rootCommandBuffer] addCompletedHandler:block];
}
- (void)presentDrawable:(id<MTLDrawable>)drawable {
  [[self rootCommandBuffer] presentDrawable:drawable];
}
- (void)presentDrawable:(id<MTLDrawable>)drawable atTime:(CFTimeInterval)presentationTime {
  [[self rootCommandBuffer] presentDrawable:drawable atTime:presentationTime];
}
- (void)presentDrawable:(id<MTLDrawable>)drawable afterMinimumDuration:(CFTimeInterval)duration {
  [[self rootCommandBuffer] presentDrawable:drawable afterMinimumDuration:duration];
}
- (id<MTLComputeCommandEncoder>)computeCommandEncoderWithDispatchType:(MTLDispatchType)dispatchType {
  return [[self rootCommandBuffer] computeCommandEncoderWithDispatchType:dispatchType];
}
- (void)encodeWaitForEvent:(id<MTLEvent>)event value:(uint64_t)value {
  [[self rootCommandBuffer] encodeWaitForEvent:event value:value];
}
- (void)encodeSignalEvent:(id<MTLEvent>)event value:(uint64_t)value {
  [[self rootCommandBuffer] encodeSignalEvent:event value:value];
}
- (void)pushDebugGroup:(NSString *)string {
  [[self rootCommandBuffer] pushDebugGroup:string];
}

@end
