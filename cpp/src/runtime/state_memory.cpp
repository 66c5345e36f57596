#include "runtime/state_memory.hpp"

#include <atomic>

namespace mpsnn {

StateMemory::StateMemory(const Plan& plan)
    : blocks_(plan.blocks), is_written_(plan.blocks.size(), false), latest_(plan.blocks.size()) {
  for (const PlanStep& step : plan.steps) {
    for (int id : step.blocks) is_written_[id] = true;
  }
}

std::shared_ptr<Buffer> StateMemory::take(int block) {
  if (!is_written_[block]) return std::make_shared<Buffer>(blocks_[block].byte_count);
  std::lock_guard lock(mutex_);
  std::shared_ptr<Buffer>& latest = latest_[block];
  if (latest && latest.use_count() == 1) {
    std::atomic_thread_fence(std::memory_order_acquire);  // after whatever its holders did
  } else {
    latest = std::make_shared<Buffer>(blocks_[block].byte_count);
  }
  return latest;
}

}  // namespace mpsnn
