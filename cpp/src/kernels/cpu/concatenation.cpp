#include "mpsnn/nodes/concatenation.hpp"

#include <cstring>
#include <memory>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/same_pixels.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

namespace {

constexpr std::size_t kGrain = 32768;  // values worth a thread

class ConcatenationLoops final : public PlanKernel {
 public:
  explicit ConcatenationLoops(const KernelRequest& request)
      : sources_(request.sources.begin(), request.sources.end()), result_(*request.result) {}

  void run(const RunArguments& arguments) override {
    parallel_ranges(result_.pixels(), kGrain / result_.c + 1, [&](std::size_t begin, std::size_t end) {
      std::size_t offset = 0;
      for (std::size_t s = 0; s < sources_.size(); ++s) {
        copy(arguments.sources[s], sources_[s], arguments.result + offset, begin, end);
        offset += padded_channels(sources_[s].c);
      }
    });
  }

 private:
  void copy(const float* from, const TensorDescriptor& source, float* to, std::size_t begin, std::size_t end) const {
    const std::size_t padding = padded_channels(source.c) - source.c;
    for (std::size_t i = begin; i < end; ++i) {
      float* pixel = to + i * result_.pixel_stride;
      std::memcpy(pixel, from + i * source.pixel_stride, source.c * sizeof(float));
      for (std::size_t k = 0; k < padding; ++k) pixel[source.c + k] = 0.f;
    }
  }

  std::vector<TensorDescriptor> sources_;
  TensorDescriptor result_;
};

std::unique_ptr<PlanKernel> make_concatenation(KernelRequest& request) {
  if (!has_same_pixels(request)) return nullptr;
  return std::make_unique<ConcatenationLoops>(request);
}

class SliceLoops final : public PlanKernel {
 public:
  /// Channels from `offset` on.
  SliceLoops(const KernelRequest& request, std::size_t offset)
      : source_(request.sources[0]), result_(*request.result), offset_(offset) {}

  void run(const RunArguments& arguments) override {
    parallel_ranges(result_.pixels(), kGrain / result_.c + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t i = begin; i < end; ++i) {
        std::memcpy(arguments.result + i * result_.pixel_stride, arguments.sources[0] + i * source_.pixel_stride + offset_,
                    result_.c * sizeof(float));
      }
    });
  }

 private:
  TensorDescriptor source_, result_;
  std::size_t offset_;
};

std::unique_ptr<PlanKernel> make_concatenation_gradient(KernelRequest& request) {
  if (!has_same_pixels(request)) return nullptr;
  const std::size_t source = static_cast<const ConcatenationGradientOp&>(request.op).source_index;
  return std::make_unique<SliceLoops>(request, concatenation_offset(request.forward->sources, source));
}

// The kernel's channel range is cut out before.
std::unique_ptr<PlanKernel> make_slice(KernelRequest& request) { return std::make_unique<SliceLoops>(request, 0); }

}  // namespace

void register_concatenation(KernelTable& table) {
  table.add<ConcatenationOp>("loops", make_concatenation);
  table.add<ConcatenationGradientOp>("loops", make_concatenation_gradient);
  table.add<SliceOp>("loops", make_slice);
}

}  // namespace mpsnn::cpu
