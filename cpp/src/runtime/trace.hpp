#pragma once

namespace mpsnn {

/// MPSNN_TRACE=plan: the kernels of each new plan; MPSNN_TRACE=run: the time of each step. To stderr.
bool traces_plans();
bool traces_runs();

}  // namespace mpsnn
