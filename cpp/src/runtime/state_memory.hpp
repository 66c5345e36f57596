#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "mpsnn/buffer.hpp"
#include "plan/plan.hpp"

namespace mpsnn {

/// The memory of a plan's blocks that state objects own. What the objects of an earlier encode had is used again once they are
/// gone: fresh memory costs more than the work on it.
class StateMemory {
 public:
  explicit StateMemory(const Plan& plan);
  /// For one encode. Zeros where no step writes the block, else undefined.
  std::shared_ptr<Buffer> take(int block);

 private:
  std::mutex mutex_;
  const std::vector<PlanBlock>& blocks_;
  std::vector<bool> is_written_;                 // by a step, all of it
  std::vector<std::shared_ptr<Buffer>> latest_;  // handed out last
};

}  // namespace mpsnn
