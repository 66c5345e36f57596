#include "mpsnn/kernels/softmax.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

void bind_softmax_kernels(py::module_& m) {
  bind_plain_kernel<CNNSoftMax, CNNKernel>(m, "MPSCNNSoftMax", "The kernel of MPSCNNSoftMaxNode: softmax over the channels.");
  bind_plain_kernel<CNNLogSoftMax, CNNKernel>(m, "MPSCNNLogSoftMax",
                                              "The kernel of MPSCNNLogSoftMaxNode: the logarithm of the softmax.");
  bind_plain_kernel<CNNSoftMaxGradient, CNNGradientKernel>(
      m, "MPSCNNSoftMaxGradient",
      "The kernel of MPSCNNSoftMaxGradientNode. source_image is the result of the forward kernel, not its source.");
  bind_plain_kernel<CNNLogSoftMaxGradient, CNNGradientKernel>(
      m, "MPSCNNLogSoftMaxGradient",
      "The kernel of MPSCNNLogSoftMaxGradientNode. source_image is the result of the forward kernel, not its source.");
}

}  // namespace mpsnn
