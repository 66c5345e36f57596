#pragma once

namespace mpsnn {

/// MPSNN_TRACE=plan: the kernels of each new plan; MPSNN_TRACE=run: the time of each step; MPSNN_TRACE=steps: the same for
/// programs, one line a step, separated by tabs: "mpsnn step", microseconds, node, kernel, shapes (N x H x W x C) of the sources
/// and of the result, numbers of weights, bytes of the states that it leaves. To stderr.
bool traces_plans();
bool traces_runs();
bool traces_steps();

}  // namespace mpsnn
