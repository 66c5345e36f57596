#pragma once

#include <string>

#include "kernels/kernel.hpp"

namespace mpsnn {

/// Which implementation took the least time for such a request on this machine. Empty where there is no choice, and unless the
/// environment variable MPSNN_TUNING names a file: it keeps what was measured, for other graphs and other programs. With a full
/// file no time is taken any more, and results are the same from run to run.
/// Filters of the convolution family are measured: the others have one implementation, or one that is always the best.
/// Throws InvalidArgument where the file cannot be written.
std::string tuned_implementation(const KernelTable& table, const KernelRequest& request);

}  // namespace mpsnn
