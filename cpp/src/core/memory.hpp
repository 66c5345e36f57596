#pragma once

#include <cstddef>
#include <memory>

namespace mpsnn {

/// Zeros, or null where there is no memory. In large pages where the system has them: the first touch faults less often, and what
/// walks through much memory misses fewer addresses.
std::shared_ptr<void> allocate_zeros(std::size_t bytes, std::size_t alignment);

}  // namespace mpsnn
