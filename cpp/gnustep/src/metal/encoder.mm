#import "metal/command_buffer.hpp"
#import "metal/encoders.hpp"
#import "metal/events.hpp"

using namespace mpsnn;
using namespace mpsnn::gnustep;

@implementation MPSPortableEncoder

- (instancetype)initWithCommandBuffer:(MPSPortableCommandBuffer *)commandBuffer {
  if ((self = [super init])) {
    _commandBuffer = [commandBuffer retain];
    *commandBuffer->_record->has_encoder = true;
  }
  return self;
}

- (void)dealloc {
  [self endEncoding];
  [_commandBuffer release];
  [_label release];
  [super dealloc];
}

- (CommandBuffer &)recording:(SEL)method {
  const std::string name = std::string(class_getName([self class])) + " " + sel_getName(method);
  if (!_commandBuffer) throw_uninitialized(self);
  if (_hasEnded) throw InvalidArgument(name + ": the encoder has ended");
  portable(_commandBuffer)->check_recordable(name);
  return *portable(_commandBuffer);
}

- (id<MTLDevice>)device {
  return objc(the_device());
}

- (NSString *)label {
  return _label;
}
- (void)setLabel:(NSString *)label {
  NSString *copy = [label copy];
  [_label release];
  _label = copy;
}

- (void)endEncoding {
  if (_commandBuffer && !_hasEnded) *_commandBuffer->_record->has_encoder = false;
  _hasEnded = YES;
}

// All work of a queue runs in order.
- (void)barrierAfterQueueStages:(MTLStages)afterQueueStages beforeStages:(MTLStages)beforeStages {
  (void)afterQueueStages;
  (void)beforeStages;
}
- (void)updateFence:(id<MTLFence>)fence {
  guarded([&] {
    [self recording:_cmd];
    check_fence(MPSNN_REQUIRE(fence));
  });
}
- (void)waitForFence:(id<MTLFence>)fence {
  guarded([&] {
    [self recording:_cmd];
    check_fence(MPSNN_REQUIRE(fence));
  });
}

// Marks for tools that capture a GPU's work; there are none here.
- (void)insertDebugSignpost:(NSString *)string {
  (void)string;
}
- (void)pushDebugGroup:(NSString *)string {
  (void)string;
}
- (void)popDebugGroup {
}

@end
