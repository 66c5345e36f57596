#include "mpsnn/kernels/pooling.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

constexpr const char* kSizes = "Sizes and strides in pixels, from 1 on; InvalidArgumentError otherwise.";

template <class Kernel, class Base>
auto bind(py::module_& m, const char* name, const char* doc) {
  auto cls = bind_kernel_class<Kernel, Base>(m, name, doc);
  cls.def(py::init([](std::size_t kernel_width, std::size_t kernel_height, std::size_t stride_in_pixels_x,
                      std::size_t stride_in_pixels_y, const DeviceArgument& device) {
            using OpType = typename Kernel::Attributes;
            return std::make_shared<Kernel>(
                device_from(device), pooling_op<OpType>(kernel_width, kernel_height, stride_in_pixels_x, stride_in_pixels_y));
          }),
          "kernel_width"_a, py::kw_only(), "kernel_height"_a, "stride_in_pixels_x"_a, "stride_in_pixels_y"_a,
          "device"_a = py::none(), kSizes);
  return cls;
}

template <class Kernel, class Base>
void bind_dilated(py::module_& m, const char* name, const char* doc) {
  bind_kernel_class<Kernel, Base>(m, name, doc)
      .def(py::init([](std::size_t kernel_width, std::size_t kernel_height, std::size_t dilation_rate_x,
                       std::size_t dilation_rate_y, std::size_t stride_in_pixels_x, std::size_t stride_in_pixels_y,
                       const DeviceArgument& device) {
             using OpType = typename Kernel::Attributes;
             return std::make_shared<Kernel>(device_from(device),
                                             dilated_pooling_op<OpType>(kernel_width, kernel_height, stride_in_pixels_x,
                                                                        stride_in_pixels_y, dilation_rate_x, dilation_rate_y));
           }),
           "kernel_width"_a, py::kw_only(), "kernel_height"_a, "dilation_rate_x"_a, "dilation_rate_y"_a, "stride_in_pixels_x"_a,
           "stride_in_pixels_y"_a, "device"_a = py::none(), kSizes);
}

}  // namespace

void bind_pooling_kernels(py::module_& m) {
  py::classh<CNNPooling, CNNKernel>(m, "MPSCNNPooling", "Base of the pooling kernels. Edge mode Zero, where nodes use Clamp.");
  bind<CNNPoolingMax, CNNPooling>(m, "MPSCNNPoolingMax", "The kernel of MPSCNNPoolingMaxNode: the largest value of each window.");
  bind<CNNPoolingAverage, CNNPooling>(m, "MPSCNNPoolingAverage",
                                      "The kernel of MPSCNNPoolingAverageNode: the mean of each window.");
  bind<CNNPoolingL2Norm, CNNPooling>(m, "MPSCNNPoolingL2Norm",
                                     "The kernel of MPSCNNPoolingL2NormNode: the root of the sum of the squares of each window.");
  bind_dilated<CNNDilatedPoolingMax, CNNPooling>(
      m, "MPSCNNDilatedPoolingMax", "The kernel of MPSCNNDilatedPoolingMaxNode: the largest of the taps of each window.");
  py::classh<CNNPoolingGradient, CNNGradientKernel>(m, "MPSCNNPoolingGradient",
                                                    R"(Base of the gradients of pooling kernels.

The windows are those of the forward kernel: its offset is `secondary_offset`, its edge mode `secondary_edge_mode`, and the first
window belongs to the pixel of the source gradient at `primary_offset`, which was the origin of its clip rectangle. Encodes that make
the destination take all of these from the gradient state, as destination_image_descriptor_for_source_images does; the result then has
the size of the forward source. Encodes into a given image use the properties as they are, and begin with the first pixel of the first
window that lies in the source; what lies beyond the source is 0.)")
      .def_readwrite("source_size", &CNNPoolingGradient::source_size,
                     "How much of the source gradient is used, from `primary_offset` on; what there is by default. "
                     "InvalidArgumentError for a size of 0.");
  bind<CNNPoolingMaxGradient, CNNPoolingGradient>(m, "MPSCNNPoolingMaxGradient", "The kernel of MPSCNNPoolingMaxGradientNode.");
  bind<CNNPoolingAverageGradient, CNNPoolingGradient>(m, "MPSCNNPoolingAverageGradient",
                                                      "The kernel of MPSCNNPoolingAverageGradientNode.")
      .def_property(
          "zero_pad_size_x", [](const CNNPoolingAverageGradient& self) { return self.zero_pad_size_x; },
          [](CNNPoolingAverageGradient& self, std::size_t size) { self.zero_pad_size_x = size; },
          "The forward kernel's: columns of zeros around the source that count in an average; 0 by default.")
      .def_property(
          "zero_pad_size_y", [](const CNNPoolingAverageGradient& self) { return self.zero_pad_size_y; },
          [](CNNPoolingAverageGradient& self, std::size_t size) { self.zero_pad_size_y = size; },
          "The forward kernel's: rows of zeros around the source that count in an average; 0 by default.");
  bind<CNNPoolingL2NormGradient, CNNPoolingGradient>(m, "MPSCNNPoolingL2NormGradient",
                                                     "The kernel of MPSCNNPoolingL2NormGradientNode.");
  bind_dilated<CNNDilatedPoolingMaxGradient, CNNPoolingGradient>(m, "MPSCNNDilatedPoolingMaxGradient",
                                                                 "The kernel of MPSCNNDilatedPoolingMaxGradientNode.");
}

}  // namespace mpsnn
