#include "mpsnn/kernels/initial_gradient.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

void bind_initial_gradient_kernels(py::module_& m) {
  bind_plain_kernel<NNInitialGradient, CNNKernel>(
      m, "MPSNNInitialGradient",
      "The kernel of MPSNNInitialGradientNode: ones, an image of the source's size. It writes whole images: an encode with an "
      "offset or a clip_rect raises InvalidArgumentError.");
}

}  // namespace mpsnn
