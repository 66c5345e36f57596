#pragma once

#include <cstddef>
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
  /// One buffer for each block that nobody uses; what states have comes back here.
  class Idle {
   public:
    explicit Idle(std::size_t blocks) : buffers_(blocks) {}
    std::unique_ptr<Buffer> take(int block);  ///< null where there is none
    void give_back(int block, std::unique_ptr<Buffer> buffer);

   private:
    std::mutex mutex_;
    std::vector<std::unique_ptr<Buffer>> buffers_;
  };
  const std::vector<PlanBlock>& blocks_;
  std::vector<bool> is_written_;  // by a step, all of it
  std::shared_ptr<Idle> idle_;
};

}  // namespace mpsnn
