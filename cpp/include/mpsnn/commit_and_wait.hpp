#pragma once

#include "mpsnn/device.hpp"

namespace mpsnn {

/// `commit`, then `wait_for`, true when done. Work that is next in its queue, calls nothing back, and takes no longer than
/// `seconds` by the time that the queue's last work took, runs on this thread: to wake the queue's takes as long as a small
/// network.
MPSNN_API bool commit_and_wait_for(CommandBuffer& command_buffer, double seconds);

}  // namespace mpsnn
