#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "kernels/kernel.hpp"

// A rectifier whose source is not kept for its gradient: two bits a number tell what the gradient has to know of it, the sign and
// NaN. The planner asks for it with a block of the step and of its gradient step.

namespace mpsnn::cpu {

/// y = x < 0 ? a * x : x; `x` may be `y`. Leaves the signs, `sign_bytes` for each pixel.
void rectify(float a, const float* x, std::size_t x_stride, float* y, std::size_t y_stride, std::uint8_t* signs,
             std::size_t pixels, std::size_t channels);
std::unique_ptr<PlanKernel> make_rectifier(const KernelRequest& request);
std::unique_ptr<PlanKernel> make_rectifier_gradient(const KernelRequest& request);

}  // namespace mpsnn::cpu
