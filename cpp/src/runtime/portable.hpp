#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "kernels/kernel.hpp"
#include "plan/plan.hpp"
#include "runtime/executable.hpp"
#include "runtime/runner.hpp"

namespace mpsnn {

/// The portable engine's executable: plans for the shapes it meets, kernels from a table.
class PortableExecutable final : public Executable {
 public:
  PortableExecutable(std::shared_ptr<Device> device, const KernelTable& table, int threads, const GraphSource& source);
  const Program& program() const override { return core_->program; }
  EncodeResult encode(const EncodeRequest& request) override;
  void reload_from_data_sources() override;
  void read_parameters(const std::function<void()>& read) override;
  std::uint64_t encode_count() const override { return encode_count_; }
  void set_encode_count(std::uint64_t count) override { encode_count_ = count; }

 private:
  // What encoded work needs, also after the graph is gone.
  struct Core {
    Program program;
    /// Of kernels and parameters: one run, reload or update at a time. States have it too, for kernels with the same parameters.
    const std::shared_ptr<std::mutex> run_mutex = std::make_shared<std::mutex>();
  };
  struct Encoding;
  PlanRequest plan_request(const EncodeRequest& request, std::size_t batch) const;
  std::shared_ptr<PlanRunner> runner_for(const PlanRequest& request, NNGraph& graph);

  std::shared_ptr<Device> device_;
  const KernelTable& table_;
  const int threads_;
  std::shared_ptr<Core> core_;
  std::mutex plans_mutex_;
  std::deque<std::shared_ptr<PlanRunner>> plans_;  // most recently used first
  bool has_own_policies_ = false;
  PolicyKernels policy_kernels_;
  std::uint64_t encode_count_ = 0;
};

}  // namespace mpsnn
