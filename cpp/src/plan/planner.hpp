#pragma once

#include "plan/passes.hpp"

namespace mpsnn {

/// Of a state's block for a batch.
std::size_t byte_count(const StateDescriptor& descriptor, std::size_t batch, const std::string& node);
TensorDescriptor tensor_of(const Plan& plan, int value);
ChosenKernel make_kernel(const Draft& draft, const PlanStep& step);
/// A kernel for every step that computes.
void make_kernels(Draft& draft);

}  // namespace mpsnn
