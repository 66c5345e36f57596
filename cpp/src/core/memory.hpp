#pragma once

#include <cstddef>
#include <memory>

namespace mpsnn {

/// Memory with undefined contents, or null where there is none. Much of it lies in large pages where the system has them: loops
/// over it find their addresses faster, and the first touch costs less.
std::shared_ptr<void> allocate(std::size_t bytes, std::size_t alignment);

}  // namespace mpsnn
