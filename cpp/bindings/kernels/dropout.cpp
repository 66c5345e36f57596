#include "mpsnn/kernels/dropout.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

template <class Kernel, class Base>
void bind(py::module_& m, const char* name, const char* doc) {
  bind_kernel_class<Kernel, Base>(m, name, doc)
      .def(py::init([](float keep_probability, std::size_t seed, const mtl::Size& mask_stride_in_pixels,
                       const DeviceArgument& device) {
             typename Kernel::Attributes op;
             op.keep_probability = keep_probability;
             op.seed = seed;
             op.mask_stride_in_pixels = mask_stride_in_pixels;
             return std::make_shared<Kernel>(device_from(device), op);
           }),
           "keep_probability"_a, py::kw_only(), "seed"_a, "mask_stride_in_pixels"_a, "device"_a = py::none(),
           "keep_probability lies between 0 and 1, strides are 0 or 1; InvalidArgumentError otherwise.");
}

}  // namespace

void bind_dropout_kernels(py::module_& m) {
  bind<CNNDropout, CNNKernel>(m, "MPSCNNDropout",
                              "The kernel of MPSCNNDropoutNode. Every encode and every image draws a mask of its own.");
  bind<CNNDropoutGradient, CNNGradientKernel>(m, "MPSCNNDropoutGradient",
                                              "The kernel of MPSCNNDropoutGradientNode; the mask is in the gradient state.");
}

}  // namespace mpsnn
