#pragma once

#include "kernels/kernel.hpp"

namespace mpsnn::cpu {

/// The CPU's implementations, made at the first call.
const KernelTable& kernel_table();
void register_all(KernelTable& table);

}  // namespace mpsnn::cpu
