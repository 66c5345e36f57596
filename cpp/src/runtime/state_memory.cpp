#include "runtime/state_memory.hpp"

#include <utility>

namespace mpsnn {

StateMemory::StateMemory(const Plan& plan)
    : blocks_(plan.blocks), is_written_(plan.blocks.size(), false), idle_(std::make_shared<Idle>(plan.blocks.size())) {
  for (const PlanStep& step : plan.steps) {
    for (int id : step.blocks) is_written_[id] = true;
  }
}

std::shared_ptr<Buffer> StateMemory::take(int block) {
  if (!is_written_[block]) return std::make_shared<Buffer>(blocks_[block].byte_count);
  std::unique_ptr<Buffer> buffer = idle_->take(block);
  if (!buffer) buffer = std::make_unique<Buffer>(blocks_[block].byte_count);
  return {buffer.release(), [idle = std::weak_ptr<Idle>(idle_), block](Buffer* given_back) {
            std::unique_ptr<Buffer> owned(given_back);
            if (const auto home = idle.lock()) home->give_back(block, std::move(owned));
          }};
}

std::unique_ptr<Buffer> StateMemory::Idle::take(int block) {
  std::lock_guard lock(mutex_);
  return std::move(buffers_[block]);
}

void StateMemory::Idle::give_back(int block, std::unique_ptr<Buffer> buffer) {
  std::lock_guard lock(mutex_);
  buffers_[block].swap(buffer);
}

}  // namespace mpsnn
