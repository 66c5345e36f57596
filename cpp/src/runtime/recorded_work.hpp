#pragma once

#include <functional>

#include "mpsnn/device.hpp"

namespace mpsnn {

/// Takes what was recorded since `mark` out of the command buffer, for an engine that runs it between parts of its own work; null
/// where there is nothing. What the work writes stays pending until the command buffer has completed.
std::function<void()> take_recorded_since(const CommandBuffer::Mark& mark, CommandBuffer& command_buffer);

}  // namespace mpsnn
