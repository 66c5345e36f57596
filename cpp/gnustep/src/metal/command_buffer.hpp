#pragma once

#import <MetalPerformanceShaders/MPSCommandBuffer.h>

#include <atomic>
#include <memory>

#include "support/metal.hpp"

namespace mpsnn::gnustep {

/// What is known of a command buffer besides its work.
struct CommandBufferRecord {
  /// Asks for the times, while `command_buffer` still takes handlers.
  explicit CommandBufferRecord(CommandBuffer &command_buffer);
  struct Times {
    std::atomic<double> start{0}, end{0};
  };
  std::shared_ptr<Times> times = std::make_shared<Times>();
  std::shared_ptr<bool> has_encoder = std::make_shared<bool>(false);
  bool retained_references = true;
  MTLCommandBufferErrorOption error_options = MTLCommandBufferErrorOptionNone;
};

/// Throws a MisuseError for a command buffer that no queue has made.
CommandBufferRecord &record_of(MPSPortableCommandBuffer *command_buffer);

/// What is behind an MPSCommandBuffer. The application's command buffer stays with its own work when this one goes on to the
/// next.
struct SplitCommandBuffer {
  ~SplitCommandBuffer();
  std::shared_ptr<CommandBuffer> buffer;  ///< what the engine records into
  id<MTLCommandBuffer> wrapped = nil;     ///< as given; retained
  MPSPortableCommandBuffer *root = nil;   ///< for the work that is recorded now; retained
  id<MPSHeapProvider> heap_provider = nil;
};
SplitCommandBuffer &split_of(MPSCommandBuffer *command_buffer);

/// Throws InvalidArgument, for `method`, while an encoder of the command buffer is open.
void check_encoder_ended(MPSPortableCommandBuffer *command_buffer, SEL method);
/// Runs `block`, copied, with the object that stands for `command_buffer`.
CommandBuffer::Handler handler_of(MTLCommandBufferHandler block, const std::shared_ptr<CommandBuffer> &command_buffer);

}  // namespace mpsnn::gnustep
