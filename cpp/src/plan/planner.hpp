#pragma once

#include "plan/passes.hpp"

namespace mpsnn {

TensorDescriptor tensor_of(const Plan& plan, int value);
ChosenKernel make_kernel(const Draft& draft, const PlanStep& step);
/// A kernel for every step that computes.
void make_kernels(Draft& draft);

}  // namespace mpsnn
