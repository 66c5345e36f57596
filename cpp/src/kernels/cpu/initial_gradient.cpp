#include "mpsnn/nodes/initial_gradient.hpp"

#include <algorithm>
#include <memory>

#include "kernels/cpu/loops.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGrain = 65536;  // numbers that are worth a thread

class InitialGradientLoops final : public PlanKernel {
 public:
  explicit InitialGradientLoops(const TensorDescriptor& result) : result_(result) {}
  bool can_run_in_place() const override { return true; }
  void run(const RunArguments& arguments) override {
    parallel_ranges(result_.pixels(), kGrain / result_.c + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t p = begin; p < end; ++p) std::fill_n(arguments.result + p * result_.pixel_stride, result_.c, 1.f);
    });
  }

 private:
  const TensorDescriptor result_;
};

std::unique_ptr<PlanKernel> make_initial_gradient(KernelRequest& request) {
  return std::make_unique<InitialGradientLoops>(*request.result);
}

}  // namespace

void register_initial_gradient(KernelTable& table) { table.add<InitialGradientOp>("loops", make_initial_gradient); }

}  // namespace mpsnn::cpu
