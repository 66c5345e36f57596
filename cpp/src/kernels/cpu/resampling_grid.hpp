#pragma once

#include <memory>

#include "kernels/kernel.hpp"

namespace mpsnn::cpu::resampling {

std::unique_ptr<PlanKernel> make_grid_sample(KernelRequest& request);

}  // namespace mpsnn::cpu::resampling
