#import "metal/command_buffer.hpp"

#import "metal/encoders.hpp"
#import "metal/events.hpp"

namespace mpsnn::gnustep {

CommandBufferRecord::CommandBufferRecord(CommandBuffer &command_buffer) {
  if (command_buffer.status() >= CommandBufferStatus::Committed) return;
  command_buffer.add_scheduled_handler([times = times](const auto &) { times->start = seconds_now(); });
  command_buffer.add_completed_handler([times = times](const auto &) { times->end = seconds_now(); });
}

CommandBufferRecord &record_of(MPSPortableCommandBuffer *command_buffer) {
  if (!command_buffer->_record) throw_uninitialized(command_buffer);
  return *command_buffer->_record;
}

CommandBuffer::Handler handler_of(MTLCommandBufferHandler block, const std::shared_ptr<CommandBuffer> &command_buffer) {
  auto copy = copied((const void *)block);
  return [copy, weak = std::weak_ptr(command_buffer)](const std::shared_ptr<CommandBuffer> &committed) {
    const auto recorded = weak.lock();
    const auto &shown = recorded ? recorded : committed;
    call_handler(^{
      ((MTLCommandBufferHandler)copy.get())(objc(shown));
    });
  };
}

void check_encoder_ended(MPSPortableCommandBuffer *command_buffer, SEL method) {
  if (*record_of(command_buffer).has_encoder) {
    throw InvalidArgument(std::string("MTLCommandBuffer ") + sel_getName(method) +
                          ": the encoder before has not ended; send it endEncoding");
  }
}

}  // namespace mpsnn::gnustep

using namespace mpsnn;
using namespace mpsnn::gnustep;

NSErrorDomain const MTLCommandBufferErrorDomain = @"MTLCommandBufferErrorDomain";

@implementation MPSPortableRecorded
- (void)dealloc {
  delete _record;
  [super dealloc];
}
@end

@implementation MPSPortableCommandBuffer

MPSNN_ROOT_IMPLEMENTATION(CommandBuffer)

MPSNN_READONLY(id<MTLDevice>, device, objc(portable(self)->device()))
MPSNN_READONLY(id<MTLCommandQueue>, commandQueue, objc(portable(self)->command_queue()))
MPSNN_READONLY(BOOL, retainedReferences, record_of(self).retained_references)
MPSNN_READONLY(MTLCommandBufferErrorOption, errorOptions, record_of(self).error_options)
MPSNN_READONLY(CFTimeInterval, kernelStartTime, record_of(self).times->start)
MPSNN_READONLY(CFTimeInterval, kernelEndTime, record_of(self).times->end)
MPSNN_READONLY(CFTimeInterval, GPUStartTime, record_of(self).times->start)
MPSNN_READONLY(CFTimeInterval, GPUEndTime, record_of(self).times->end)
MPSNN_READONLY(MTLCommandBufferStatus, status, portable(self)->status())
MPSNN_READONLY(NSError *, error, as_ns_error(portable(self)->exception()))

MPSNN_LABEL(portable(self)->label)

- (void)enqueue {
  guarded([&] { portable(self)->enqueue(); });
}

- (void)commit {
  guarded([&] {
    check_encoder_ended(self, _cmd);
    // Handlers find this object, with its times, when nobody else keeps it.
    portable(self)->retain(owning([self retain]));
    portable(self)->commit();
  });
}

- (void)addScheduledHandler:(MTLCommandBufferHandler)block {
  guarded([&] { portable(self)->add_scheduled_handler(handler_of(MPSNN_REQUIRE(block), portable(self))); });
}

- (void)addCompletedHandler:(MTLCommandBufferHandler)block {
  guarded([&] { portable(self)->add_completed_handler(handler_of(MPSNN_REQUIRE(block), portable(self))); });
}

- (void)waitUntilScheduled {
  guarded([&] { portable(self)->wait_until_scheduled(); });
}

// What failed in the work is `error`; only a wait that would never end raises.
- (void)waitUntilCompleted {
  guarded([&] {
    while (!portable(self)->wait_for(3600)) {
    }
  });
}

- (void)presentDrawable:(id<MTLDrawable>)drawable {
  [self addScheduledHandler:^(id<MTLCommandBuffer>) {
    [drawable present];
  }];
}

- (void)presentDrawable:(id<MTLDrawable>)drawable atTime:(CFTimeInterval)presentationTime {
  [self addScheduledHandler:^(id<MTLCommandBuffer>) {
    [drawable presentAtTime:presentationTime];
  }];
}

- (void)presentDrawable:(id<MTLDrawable>)drawable afterMinimumDuration:(CFTimeInterval)duration {
  [self addScheduledHandler:^(id<MTLCommandBuffer>) {
    [drawable presentAfterMinimumDuration:duration];
  }];
}

- (id<MTLBlitCommandEncoder>)blitCommandEncoder {
  return guarded([&]() -> id<MTLBlitCommandEncoder> {
    check_encoder_ended(self, _cmd);
    return [[[MPSPortableBlitEncoder alloc] initWithCommandBuffer:self] autorelease];
  });
}

- (id<MTLComputeCommandEncoder>)computeCommandEncoder {
  return [self computeCommandEncoderWithDispatchType:MTLDispatchTypeSerial];
}

- (id<MTLComputeCommandEncoder>)computeCommandEncoderWithDispatchType:(MTLDispatchType)dispatchType {
  return guarded([&]() -> id<MTLComputeCommandEncoder> {
    check_encoder_ended(self, _cmd);
    return [[[MPSPortableComputeEncoder alloc] initWithCommandBuffer:self dispatchType:dispatchType] autorelease];
  });
}

- (void)encodeWaitForEvent:(id<MTLEvent>)event value:(uint64_t)value {
  guarded([&] {
    check_encoder_ended(self, _cmd);
    portable(self)->record([counter = event_of(MPSNN_REQUIRE(event)), value] { counter->wait(value); });
  });
}

- (void)encodeSignalEvent:(id<MTLEvent>)event value:(uint64_t)value {
  guarded([&] {
    check_encoder_ended(self, _cmd);
    portable(self)->record([counter = event_of(MPSNN_REQUIRE(event)), value] { counter->signal(value); });
  });
}

// Debug groups are for tools that capture a GPU's work; there are none here.
- (void)pushDebugGroup:(NSString *)string {
  guarded([&] { MPSNN_REQUIRE(string); });
}
- (void)popDebugGroup {
}

@end
