#include "mpsnn/kernels/pooling.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

template <class Kernel, class Base>
void bind(py::module_& m, const char* name, const char* doc) {
  bind_kernel_class<Kernel, Base>(m, name, doc)
      .def(py::init([](std::size_t kernel_width, std::size_t kernel_height, std::size_t stride_in_pixels_x,
                       std::size_t stride_in_pixels_y, const DeviceArgument& device) {
             using OpType = typename Kernel::Attributes;
             return std::make_shared<Kernel>(
                 device_from(device), pooling_op<OpType>(kernel_width, kernel_height, stride_in_pixels_x, stride_in_pixels_y));
           }),
           "kernel_width"_a, py::kw_only(), "kernel_height"_a, "stride_in_pixels_x"_a, "stride_in_pixels_y"_a,
           "device"_a = py::none(), "Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.");
}

}  // namespace

void bind_pooling_kernels(py::module_& m) {
  py::classh<CNNPooling, CNNKernel>(m, "MPSCNNPooling", "Base of the pooling kernels. Edge mode Zero, where nodes use Clamp.");
  bind<CNNPoolingMax, CNNPooling>(m, "MPSCNNPoolingMax", "The kernel of MPSCNNPoolingMaxNode: the largest value of each window.");
  bind<CNNPoolingAverage, CNNPooling>(m, "MPSCNNPoolingAverage",
                                      "The kernel of MPSCNNPoolingAverageNode: the mean of each window.");
  py::classh<CNNPoolingGradient, CNNGradientKernel>(
      m, "MPSCNNPoolingGradient", "Base of the gradients of pooling kernels; the state says where windows lie.");
  bind<CNNPoolingMaxGradient, CNNPoolingGradient>(m, "MPSCNNPoolingMaxGradient", "The kernel of MPSCNNPoolingMaxGradientNode.");
  bind<CNNPoolingAverageGradient, CNNPoolingGradient>(m, "MPSCNNPoolingAverageGradient",
                                                      "The kernel of MPSCNNPoolingAverageGradientNode.");
}

}  // namespace mpsnn
