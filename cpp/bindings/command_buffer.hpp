#pragma once

#include "mpsnn/device.hpp"

namespace mpsnn {

/// Commit and wait as Python sees them: the lock is released, Ctrl-C ends the wait, and a Python error in the work is raised as
/// itself.
void commit_from_python(CommandBuffer& command_buffer);
void wait_from_python(CommandBuffer& command_buffer);

}  // namespace mpsnn
