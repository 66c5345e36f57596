#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plan/plan.hpp"
#include "runtime/state_memory.hpp"

namespace mpsnn {

/// The caller's memory behind one slot of a plan.
struct SlotBinding {
  std::vector<std::byte*> images;  ///< first pixel of each image; a block or direct images: one entry, everything follows it
  std::size_t pixel_stride = 0;    ///< elements
};

/// Work between the steps of a plan: after which step, and what.
using BetweenSteps = std::multimap<int, std::function<void()>>;

/// Runs one plan. Owns its arena. One run at a time.
class PlanRunner {
 public:
  /// Throws OutOfMemory.
  explicit PlanRunner(std::shared_ptr<const Plan> plan);
  const Plan& plan() const { return *plan_; }
  /// Of blocks that outlive a run; for any thread.
  StateMemory& state_memory() { return state_memory_; }
  /// A block that lies in the arena, until the run is over.
  std::shared_ptr<Buffer> block_in_arena(int block) const;
  /// `between` is only for plans whose steps take the whole batch.
  void run(const std::vector<SlotBinding>& slots, std::uint64_t encode_count, const BetweenSteps& between = {});
  /// Whether the next run may leave something to prepare for the one after it. For any thread.
  bool needs_preparation() const { return plan_->passing_bytes > 0 && !is_prepared_; }
  /// Prepares some of that, between two runs. False when nothing is left.
  bool prepare_some();

 private:
  struct Arguments {
    std::vector<const float*> sources;
    std::vector<const void*> source_blocks;
    std::vector<void*> blocks;
    float* result = nullptr;
  };
  void bind(const std::vector<SlotBinding>& slots, std::size_t first_image);
  void run_steps(const std::vector<SlotBinding>& slots, std::size_t first_image, std::uint64_t encode_count,
                 const BetweenSteps& between);
  void run_step(const PlanStep& step, Arguments& arguments, const std::vector<SlotBinding>& slots, std::size_t first_image,
                std::uint64_t encode_count);
  void compute(const PlanStep& step, Arguments& arguments, std::uint64_t encode_count);
  void import_images(const PlanStep& step, const SlotBinding& slot, std::size_t first_image);
  void export_images(const PlanStep& step, const SlotBinding& slot, std::size_t first_image);
  void export_loss(const PlanStep& step, const SlotBinding& slot);
  void round(const PlanStep& step);
  void trace(const PlanStep& step, double microseconds) const;

  std::shared_ptr<const Plan> plan_;
  StateMemory state_memory_;
  std::shared_ptr<std::byte> memory_;
  PassingMemory passing_;
  bool has_run_ = false;
  std::size_t unprepared_;  // the first step that may have something to prepare
  std::atomic<bool> is_prepared_ = false;
  std::vector<float*> values_;
  std::vector<std::byte*> blocks_;
  std::vector<Arguments> arguments_;
  std::vector<ParameterSet*> parameters_;
};

}  // namespace mpsnn
