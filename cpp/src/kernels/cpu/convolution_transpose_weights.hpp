#pragma once

#ifdef MPSNN_ONEDNN

#include <memory>

#include "kernels/cpu/onednn_convolution.hpp"

namespace mpsnn::cpu::onednn {

/// The weight gradient of a transposed convolution whose windows lie side by side, one for each source pixel: that of a
/// convolution of single pixels, whose result channels are a window's. Null where windows overlap or leave pixels out.
std::unique_ptr<PlanKernel> make_window_weights(KernelRequest& request, const ConvolutionAttributes& op,
                                                const ConvolutionWindow& window);

}  // namespace mpsnn::cpu::onednn

#endif  // MPSNN_ONEDNN
