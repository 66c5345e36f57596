#include "mpsnn/kernels/arithmetic.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

template <class Node>
void bind(py::module_& m, const char* name, const char* doc) {
  using Kernel = CNNArithmeticOf<Node>;
  py::classh<Kernel, CNNArithmetic>(m, name, doc)
      .def(py::init([name](const DeviceArgument& device) { return std::make_shared<Kernel>(device_from(device), name); }),
           py::kw_only(), "device"_a = py::none(), "On a device, the default one by default.");
}

template <class Node, class Forward>
void bind_gradient(py::module_& m, const char* name, const char* doc) {
  using Kernel = CNNArithmeticGradientOf<Node, Forward>;
  py::classh<Kernel, CNNArithmeticGradient>(m, name, doc)
      .def(py::init([name](bool is_secondary_source_filter, const DeviceArgument& device) {
             return std::make_shared<Kernel>(device_from(device), name, is_secondary_source_filter);
           }),
           "is_secondary_source_filter"_a, py::kw_only(), "device"_a = py::none(),
           "Whether it is the gradient with respect to the secondary source of the forward kernel.");
}

}  // namespace

void bind_arithmetic_kernels(py::module_& m) {
  bind_kernel_class<CNNArithmetic, CNNBinaryKernel>(m, "MPSCNNArithmetic", R"(Base of the kernels that combine two images.

clamp(((primary_scale * p) op (secondary_scale * s)) + bias, minimum_value, maximum_value), element by element.)");
  bind<NNAdditionNode>(m, "MPSCNNAdd", "The kernel of MPSNNAdditionNode.");
  bind<NNSubtractionNode>(m, "MPSCNNSubtract", "The kernel of MPSNNSubtractionNode.");
  bind<NNMultiplicationNode>(m, "MPSCNNMultiply", "The kernel of MPSNNMultiplicationNode.");
  bind<NNDivisionNode>(m, "MPSCNNDivide", "The kernel of MPSNNDivisionNode.");
  py::classh<NNCompare, CNNArithmetic>(m, "MPSNNCompare",
                                       R"(The kernel of MPSNNComparisonNode: 1 where a comparison holds, else 0.

Equal holds where the numbers are no further apart than `threshold`, NotEqual where they are; the other comparisons do not look at
it. (Apple leaves that open.) Of the base's properties only the strides count.)")
      .def(py::init([](const DeviceArgument& device) { return std::make_shared<NNCompare>(device_from(device)); }), py::kw_only(),
           "device"_a = py::none(), "On a device, the default one by default.")
      .def_property(
          "comparison_type", [](const NNCompare& self) { return self.comparison_type; },
          [](NNCompare& self, NNComparisonType type) { self.comparison_type = type; },
          "Which comparison, with the primary image on the left side; Equal by default. An encode raises InvalidArgumentError "
          "for "
          "combined members that are none.")
      .def_property(
          "threshold", [](const NNCompare& self) { return self.threshold; },
          [](NNCompare& self, float threshold) { self.threshold = threshold; },
          "Numbers that are no further apart are equal; 0 by default.");

  bind_kernel_class<CNNArithmeticGradient, CNNGradientKernel>(
      m, "MPSCNNArithmeticGradient", "Base of the gradients of arithmetic kernels; scales and strides are the forward kernel's.");
  bind_gradient<NNAdditionGradientNode, NNAdditionNode>(m, "MPSCNNAddGradient", "The kernel of MPSNNAdditionGradientNode.");
  bind_gradient<NNSubtractionGradientNode, NNSubtractionNode>(m, "MPSCNNSubtractGradient",
                                                              "The kernel of MPSNNSubtractionGradientNode.");
  bind_gradient<NNMultiplicationGradientNode, NNMultiplicationNode>(
      m, "MPSCNNMultiplyGradient",
      "The kernel of MPSNNMultiplicationGradientNode. source_image is the other source of the forward kernel.");
}

}  // namespace mpsnn
