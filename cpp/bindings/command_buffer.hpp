#pragma once

#include "mpsnn/device.hpp"

namespace mpsnn {

/// Commits and waits as Python sees it: the lock is released, Ctrl-C ends the wait, and a Python error in the work is raised as
/// itself.
void commit_and_wait_from_python(CommandBuffer& command_buffer);

}  // namespace mpsnn
