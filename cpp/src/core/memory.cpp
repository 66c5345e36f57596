#include "core/memory.hpp"

#include <algorithm>
#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace mpsnn {

namespace {

constexpr std::size_t kLargePage = std::size_t{1} << 21;
constexpr std::size_t kMuch = 4 * kLargePage;  // less would leave large pages half empty

}  // namespace

std::shared_ptr<void> allocate(std::size_t bytes, std::size_t alignment) {
  if (bytes >= kMuch) alignment = std::max(alignment, kLargePage);
  void* memory = ::operator new(bytes, std::align_val_t(alignment), std::nothrow);
  if (!memory) return nullptr;
#if defined(__linux__)
  if (bytes >= kMuch)
    madvise(memory, bytes / kLargePage * kLargePage, MADV_HUGEPAGE);  // a wish: what comes of it does not matter
#endif
  return {memory, [alignment](void* p) { ::operator delete(p, std::align_val_t(alignment)); }};
}

}  // namespace mpsnn
