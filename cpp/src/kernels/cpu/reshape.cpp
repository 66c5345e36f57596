#include "mpsnn/nodes/reshape.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include "kernels/cpu/loops.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGrain = 65536;  // numbers that are worth a thread

/// Copies the numbers of each image in their order, whatever the two sizes are.
class ReshapeLoops final : public PlanKernel {
 public:
  explicit ReshapeLoops(const KernelRequest& request) : source_(request.sources[0]), result_(*request.result) {}

  void run(const RunArguments& arguments) override {
    const float* source = arguments.sources[0];
    float* result = arguments.result;
    parallel_ranges(result_.count(), kGrain, [&](std::size_t begin, std::size_t end) {
      if (source_.is_dense() && result_.is_dense()) {
        std::memcpy(result + begin, source + begin, (end - begin) * sizeof(float));
        return;
      }
      while (begin < end) {
        const std::size_t from = begin % source_.c, to = begin % result_.c;
        const std::size_t count = std::min({source_.c - from, result_.c - to, end - begin});
        std::copy_n(source + begin / source_.c * source_.pixel_stride + from, count,
                    result + begin / result_.c * result_.pixel_stride + to);
        begin += count;
      }
    });
  }

 private:
  const TensorDescriptor source_, result_;
};

std::unique_ptr<PlanKernel> make_reshape(KernelRequest& request) { return std::make_unique<ReshapeLoops>(request); }

}  // namespace

void register_reshape(KernelTable& table) {
  table.add<ReshapeOp>("loops", make_reshape);
  table.add<ReshapeGradientOp>("loops", make_reshape);
}

}  // namespace mpsnn::cpu
