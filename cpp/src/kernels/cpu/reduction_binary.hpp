#pragma once

#include <memory>

#include "kernels/kernel.hpp"

// Reductions of two images.

namespace mpsnn::cpu {

std::unique_ptr<PlanKernel> make_weighted_sum(KernelRequest& request);
std::unique_ptr<PlanKernel> make_weighted_mean(KernelRequest& request);
std::unique_ptr<PlanKernel> make_local_correlation(KernelRequest& request);

}  // namespace mpsnn::cpu
