#include "mpsnn/nodes/pooling.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "kernels/cpu/loops.hpp"
#include "kernels/cpu/pooling_strips.hpp"
#include "kernels/cpu/pooling_windows.hpp"
#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

using namespace pooling;

namespace {

/// A kernel that is `Strips` and nothing else.
template <class Join>
class StripLoops final : public PlanKernel {
 public:
  explicit StripLoops(Strips strips) : strips_(std::move(strips)) {}
  void run(const RunArguments& arguments) override { strips_.run<Join>(arguments.sources[0], arguments.result); }

 private:
  Strips strips_;
};

// Forward ---------------------------------------------------------------------------------------------------------------

Axes forward_axes(const KernelRequest& request) {
  return axes_of(request.op.window(), request.geometry, request.sources[0], *request.result);
}

std::unique_ptr<PlanKernel> make_max(KernelRequest& request) {
  if (!is_forward(request)) return nullptr;
  const Axes axes = forward_axes(request);
  const auto reads = [](const Axis& axis) { return table(axis.result, [&](std::ptrdiff_t i) { return axis.with_edges(i); }); };
  Strips strips(request.sources[0], *request.result, reads(axes.x), reads(axes.y));
  if (request.geometry.edge_mode == ImageEdgeMode::Zero) {
    const auto least = [](const Axis& axis) {
      return table(axis.result, [&](std::ptrdiff_t i) { return axis.inside(i).is_cut ? 0.f : Largest::kNoLast; });
    };
    strips.x_last = least(axes.x);
    strips.y_last = least(axes.y);
  }
  return std::make_unique<StripLoops<Largest>>(std::move(strips));
}

std::unique_ptr<PlanKernel> make_average(KernelRequest& request) {
  if (!is_forward(request)) return nullptr;
  const Axes axes = forward_axes(request);
  const auto reads = [](const Axis& axis) { return table(axis.result, [&](std::ptrdiff_t i) { return axis.inside(i); }); };
  Strips strips(request.sources[0], *request.result, reads(axes.x), reads(axes.y));
  strips.x_last = divisors(axes.x);
  strips.y_last = divisors(axes.y);
  return std::make_unique<StripLoops<Mean>>(std::move(strips));
}

/// The norms of the windows, with the edge pixels that Clamp repeats.
Strips norms(const Axes& axes, const TensorDescriptor& source, const TensorDescriptor& result) {
  const auto reads = [](const Axis& axis) {
    return table(axis.result, [&](std::ptrdiff_t i) { return axis.with_repeated_edges(i); });
  };
  Strips strips(source, result, reads(axes.x), reads(axes.y));
  strips.x_last.resize(result.w);  // the last step, the square root, takes no number
  strips.y_last.resize(result.h);
  return strips;
}

std::unique_ptr<PlanKernel> make_l2_norm(KernelRequest& request) {
  if (!is_forward(request)) return nullptr;
  return std::make_unique<StripLoops<Norm>>(norms(forward_axes(request), request.sources[0], *request.result));
}

// Gradients -------------------------------------------------------------------------------------------------------------

/// Each source pixel gathers from the windows that read it.
Strips gathers(const Axes& axes, const TensorDescriptor& gradient, const TensorDescriptor& result) {
  const auto windows = [](const Axis& axis) { return table(axis.source, [&](std::ptrdiff_t u) { return axis.windows_of(u); }); };
  return Strips(gradient, result, windows(axes.x), windows(axes.y));
}

std::unique_ptr<PlanKernel> make_average_gradient(KernelRequest& request) {
  if (!is_gradient(request)) return nullptr;
  const Axes axes = gradient_axes(request);
  Strips strips = gathers(axes, request.sources[0], *request.result);
  const auto weights = [](const Axis& axis) {
    std::vector<float> values = divisors(axis);
    for (float& value : values) value = 1.f / value;
    return values;
  };
  strips.x_weights = weights(axes.x);
  strips.y_weights = weights(axes.y);
  return std::make_unique<StripLoops<WeightedSum>>(std::move(strips));
}

/// in(u, v) times the sum of gradient / norm over the windows that read the pixel. The norms are computed again, in the scratch
/// memory.
class NormGradientLoops final : public PlanKernel {
 public:
  NormGradientLoops(const KernelRequest& request, const Axes& axes)
      : gradient_(request.sources[0]),
        source_(request.sources[1]),
        result_(*request.result),
        quotients_(dense(gradient_)),
        norms_(norms(axes, source_, quotients_)),
        gathers_(gathers(axes, quotients_, result_)) {}

  std::size_t scratch_bytes() const override { return quotients_.count() * sizeof(float); }

  void run(const RunArguments& arguments) override {
    auto* quotients = reinterpret_cast<float*>(arguments.scratch);
    norms_.run<Norm>(arguments.sources[1], quotients);
    for_each_pixel(quotients_, [&](std::size_t p) {
      divide(arguments.sources[0] + p * gradient_.pixel_stride, quotients + p * quotients_.c, quotients_.c);
    });
    gathers_.run<WeightedSum>(quotients, arguments.result);
    for_each_pixel(result_, [&](std::size_t p) {
      multiply(arguments.sources[1] + p * source_.pixel_stride, arguments.result + p * result_.pixel_stride, result_.c);
    });
  }

 private:
  static TensorDescriptor dense(TensorDescriptor t) {
    t.pixel_stride = t.c;
    return t;
  }

  template <class Body>
  static void for_each_pixel(const TensorDescriptor& t, const Body& body) {
    parallel_ranges(t.pixels(), 32768 / t.c + 1, [&](std::size_t begin, std::size_t end) {
      for (std::size_t p = begin; p < end; ++p) body(p);
    });
  }

  /// A window of zeros has no direction: its gradient is 0.
  static void divide(const float* __restrict gradient, float* __restrict norm, std::size_t channels) {
    for (std::size_t c = 0; c < channels; ++c) {
      const float quotient = gradient[c] / norm[c];
      norm[c] = norm[c] == 0.f ? 0.f : quotient;
    }
  }

  static void multiply(const float* __restrict source, float* __restrict result, std::size_t channels) {
    for (std::size_t c = 0; c < channels; ++c) result[c] *= source[c];
  }

  TensorDescriptor gradient_, source_, result_, quotients_;
  Strips norms_, gathers_;
};

std::unique_ptr<PlanKernel> make_l2_norm_gradient(KernelRequest& request) {
  if (!is_gradient(request)) return nullptr;
  return std::make_unique<NormGradientLoops>(request, gradient_axes(request));
}

}  // namespace

void register_pooling(KernelTable& table) {
  table.add<PoolingMaxOp>("loops", make_max);
  table.add<PoolingAverageOp>("loops", make_average);
  table.add<PoolingL2NormOp>("loops", make_l2_norm);
  table.add<DilatedPoolingMaxOp>("loops", make_max);
  table.add<PoolingMaxGradientOp>("loops", make_max_pooling_gradient);
  table.add<PoolingAverageGradientOp>("loops", make_average_gradient);
  table.add<PoolingL2NormGradientOp>("loops", make_l2_norm_gradient);
  table.add<DilatedPoolingMaxGradientOp>("loops", make_max_pooling_gradient);
}

}  // namespace mpsnn::cpu
