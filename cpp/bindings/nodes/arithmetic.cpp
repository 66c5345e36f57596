#include "mpsnn/nodes/arithmetic.hpp"

#include <string>

#include "bind_node.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

py::object gradient_class(const NNBinaryArithmeticNode& node) {
  switch (node.attributes.operation) {
    case ArithmeticOperation::Addition:
      return py::type::of<NNAdditionGradientNode>();
    case ArithmeticOperation::Subtraction:
      return py::type::of<NNSubtractionGradientNode>();
    case ArithmeticOperation::Multiplication:
      return py::type::of<NNMultiplicationGradientNode>();
    default:
      return py::none();
  }
}

template <class Node>
auto bind_forward(py::module_& m, const char* name, const char* doc) {
  auto cls = bind_node<Node, NNBinaryArithmeticNode>(m, name, doc);
  cls.def(py::init<ImageNodePtr, ImageNodePtr>(), "left_source"_a.none(false), "right_source"_a.none(false),
          "With scales 1, no bias, no repetition and no limits until the properties are set.")
      .def_static(
          "with_sources",
          [name = std::string(name)](const std::vector<ImageNodePtr>& sources) {
            if (sources.size() != 2) {
              throw InvalidArgument(name + ": sources must be two images, left and right, got " + std::to_string(sources.size()));
            }
            return std::make_shared<Node>(sources[0], sources[1]);
          },
          "sources"_a,
          "The same with the sources in a list: [left, right]. Raises InvalidArgumentError for another number of them.");
  return cls;
}

template <class Node>
void bind_gradient(py::module_& m, const char* name, const char* doc) {
  bind_node<Node, NNArithmeticGradientNode>(m, name, doc)
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr, bool>(), "source_gradient"_a.none(false),
           "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false), "is_secondary_source_filter"_a,
           R"(With scales and strides 1 until the properties are set; `with_gradient_images` takes the forward filter's.

is_secondary_source_filter: whether the result is the gradient for the right source. Raises InvalidArgumentError when
gradient_state is not that of a filter of this operation.)")
      .def_static("with_gradient_images", &Node::with_gradient_images, "gradient_images"_a, py::kw_only(),
                  "forward_filter"_a.none(false), "is_secondary_source_filter"_a,
                  R"(The gradient filter of `forward_filter`, with its scales and strides, as the forward filter itself makes it.

gradient_images: [incoming gradient, forward source image]. Raises InvalidArgumentError when there are not two of them or
forward_filter is not of this operation.)");
}

}  // namespace

void bind_arithmetic(py::module_& m) {
  py::classh<NNArithmeticGradientStateNode, NNBinaryGradientStateNode>(
      m, "MPSNNArithmeticGradientStateNode",
      "The result state of an arithmetic filter: which elements of its result were clamped.");
  py::classh<CNNArithmeticGradientState, NNBinaryGradientState>(
      m, "MPSCNNArithmeticGradientState",
      "The state of one image: a byte for each element of the result, 1 where it was not clamped. No bytes with default limits.");

  bind_node<NNBinaryArithmeticNode>(m, "MPSNNBinaryArithmeticNode",
                                    R"(Base of the filters that combine two images, element by element.

With p the left and s the right source: r = ((primary_scale * p) op (secondary_scale * s)) + bias, result =
min(max(r, minimum_value), maximum_value). Along each axis (rows, columns, channels) the sources must be of the same size,
unless a stride is 0: then that source's first element serves the whole axis, and the result has the other source's size (1 if
both strides are 0). Sizes alone never make a source repeat. Gradients are two filters, for the left and the right source; a
repeated source gets the sum over the axis, and clamped elements get none.
Raises InvalidArgumentError for strides other than 0 and 1 when the graph is made, ShapeError for sources that do not fit.)")
      .def("gradient_class", &gradient_class,
           "The class of the gradient filters; None for a division and a comparison, which have none.")
      .def(
          "gradient_filter_with_sources",
          [](const NNBinaryArithmeticNode& node, const std::vector<ImageNodePtr>&) -> GradientFilterNodePtr {
            throw GraphError(node.description() + ": there are two gradient filters; call gradient_filters_with_sources");
          },
          "sources"_a, "Not available: there are two gradient filters. Raises GraphError.");
  bind_forward<NNAdditionNode>(m, "MPSNNAdditionNode", "primary_scale * left + secondary_scale * right + bias.");
  bind_forward<NNSubtractionNode>(m, "MPSNNSubtractionNode", "primary_scale * left - secondary_scale * right + bias.");
  bind_forward<NNMultiplicationNode>(m, "MPSNNMultiplicationNode", "(primary_scale * left) * (secondary_scale * right) + bias.");
  bind_forward<NNDivisionNode>(m, "MPSNNDivisionNode", R"((primary_scale * left) / (secondary_scale * right) + bias.

Division by zero follows IEEE, then the limits hold. There is no gradient: asking for one raises GraphError.)");

  bind_forward<NNComparisonNode>(m, "MPSNNComparisonNode", R"(1 where the comparison of left with right holds, else 0.

Of the base's properties only the strides count: there are no scales, bias or limits. A NaN is different from every number and
neither less nor greater. There is no gradient: asking for one raises GraphError.)")
      .def_readwrite("comparison_type", &NNComparisonNode::comparison_type,
                     "Which comparison, with left on the left side; Equal by default. Making a graph raises InvalidArgumentError "
                     "for combined members that are none.");

  bind_node<NNArithmeticGradientNode, NNGradientFilterNode>(m, "MPSNNArithmeticGradientNode",
                                                            R"(Base of the gradient filters of arithmetic.

With g the incoming gradient, 0 where the forward filter clamped: v = primary_scale * g + bias, for a multiplication
v = (primary_scale * g) * (secondary_scale * q) + bias, with q the source image. The result has the size of the operand that the
gradient is for, and is the sum of v over the axes along which that operand was repeated.
source_image: for additions and subtractions the operand that the gradient is for (only its size matters), for multiplications
the other one. gradient_state: the forward filter's. Filters made by the forward filter have its scales (with the sign of a
subtraction) and strides; those made by the constructor have 1.)");
  bind_gradient<NNAdditionGradientNode>(m, "MPSNNAdditionGradientNode", "Gradient of an addition.");
  bind_gradient<NNSubtractionGradientNode>(
      m, "MPSNNSubtractionGradientNode",
      "Gradient of a subtraction. Made by the constructor for the right source, it wants a negative primary_scale.");
  bind_gradient<NNMultiplicationGradientNode>(m, "MPSNNMultiplicationGradientNode",
                                              "Gradient of a multiplication; source_image is the other operand.");
}

}  // namespace mpsnn
