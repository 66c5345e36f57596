#include "core/memory.hpp"

#include <algorithm>
#include <cstdlib>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace mpsnn {

namespace {

constexpr std::size_t kLargePage = std::size_t{1} << 21;

}  // namespace

std::shared_ptr<void> allocate_zeros(std::size_t bytes, std::size_t alignment) {
  const bool is_large = bytes >= 2 * kLargePage;
  if (is_large) alignment = std::max(alignment, kLargePage);
  std::size_t room = bytes + alignment;
  // Zeros that come from the system are not written once more.
  void* memory = room < bytes ? nullptr : std::calloc(room, 1);
  if (!memory) return nullptr;
  const std::shared_ptr<void> owner(memory, std::free);
  std::align(alignment, bytes, memory, room);
#ifdef __linux__
  if (is_large) madvise(memory, bytes, MADV_HUGEPAGE);  // what is asked for need not be heard
#endif
  return {owner, memory};
}

}  // namespace mpsnn
