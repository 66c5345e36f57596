#pragma once

#include <memory>

#include "kernels/kernel.hpp"

// A rectifier whose source is not kept for its gradient: two bits a number tell what the gradient has to know of it, the sign and
// NaN. The planner asks for it with a block of the step and of its gradient step.

namespace mpsnn::cpu {

std::unique_ptr<PlanKernel> make_rectifier(const KernelRequest& request);
std::unique_ptr<PlanKernel> make_rectifier_gradient(const KernelRequest& request);

}  // namespace mpsnn::cpu
