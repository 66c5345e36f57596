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

/// The docstring of a forward filter; in Python's notation `expression` is PyTorch's as well.
std::string doc_of(const char* summary, const std::string& expression, const char* more = "") {
  return std::string(summary) + R"(

h x w x c and h x w x c to h x w x c, with limits of the result:

    y = min(max()" +
         expression + R"(, minimum_value), maximum_value)

MPSNNBinaryArithmeticNode says how a source is repeated and which sizes fit.

In PyTorch:

    y = torch.clamp()" +
         expression + R"(, minimum_value, maximum_value))" + more;
}

template <class Node>
auto bind_forward(py::module_& m, const char* name, const std::string& doc) {
  auto cls = bind_node<Node, NNBinaryArithmeticNode>(m, name, doc.c_str());
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
void bind_gradient(py::module_& m, const char* name, const char* summary, const char* formula, const char* more) {
  const std::string doc = std::string(summary) + R"(

The incoming gradient g, h x w x c, to the operand's h x w x c:

    d = sum over the axes along which the operand is repeated of )" +
                          formula + "\n\n" + more + R"(

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

where x is the operand that the gradient is for.)";
  bind_node<Node, NNArithmeticGradientNode>(m, name, doc.c_str())
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr, bool>(), "source_gradient"_a.none(false),
           "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false), "is_secondary_source_filter"_a,
           R"(With scales and strides 1 until the properties are set; `with_gradient_images` takes the forward filter's.

is_secondary_source_filter: whether the result is the gradient for the right source. Raises InvalidArgumentError when
gradient_state is not that of a filter of this operation.)")
      .def_static("with_gradient_images", &Node::with_gradient_images, "gradient_images"_a, py::kw_only(),
                  "forward_filter"_a.none(false), "is_secondary_source_filter"_a,
                  R"(The gradient filter of `forward_filter`, with its scales and strides, as the forward filter itself makes it.

gradient_images: a list of the incoming gradient and the forward source image. forward_filter: the filter whose gradient it is.
Raises InvalidArgumentError when there are not two images or forward_filter is not of this operation.)");
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

h x w x c and h x w x c to h x w x c:

    r = ((primary_scale * left) op (secondary_scale * right)) + bias
    y = min(max(r, minimum_value), maximum_value)

Along each axis (rows, columns, channels) the sources must be of the same size, unless a stride is 0: then that source's first
element serves the whole axis. In PyTorch that source is cut to its first element, left[..., :1] for its columns, and broadcast.
Gradients are two filters, for the left and the right source; a repeated source gets the sum over the axis.

Open: the size of the result. Along each axis it is that of a source with stride 1, or 1 where both strides are 0. Sizes alone
never make a source repeat.
Open: whether gradients pass where the result was limited. They do not: such elements get 0.
Open: the gradient of a division. There is none.

left_source: image node whose image is the left operand. right_source: image node whose image is the right operand. sources: the
two, left first. Raises InvalidArgumentError for strides other than 0 and 1 when the graph is made, ShapeError for sources that do
not fit.)")
      .def("gradient_class", &gradient_class,
           "The class of the gradient filters; None for a division and a comparison, which have none.")
      .def(
          "gradient_filter_with_sources",
          [](const NNBinaryArithmeticNode& node, const std::vector<ImageNodePtr>&) -> GradientFilterNodePtr {
            throw GraphError(node.description() + ": there are two gradient filters; call gradient_filters_with_sources");
          },
          "sources"_a, "Not available: there are two gradient filters. Raises GraphError.");
  bind_forward<NNAdditionNode>(m, "MPSNNAdditionNode",
                               doc_of("The sum of two images.", "primary_scale * left + secondary_scale * right + bias"));
  bind_forward<NNSubtractionNode>(
      m, "MPSNNSubtractionNode",
      doc_of("The difference of two images.", "primary_scale * left - secondary_scale * right + bias"));
  bind_forward<NNMultiplicationNode>(
      m, "MPSNNMultiplicationNode",
      doc_of("The product of two images.", "(primary_scale * left) * (secondary_scale * right) + bias"));
  bind_forward<NNDivisionNode>(
      m, "MPSNNDivisionNode",
      doc_of("The quotient of two images.", "(primary_scale * left) / (secondary_scale * right) + bias",
             "\n\nDivision by zero follows IEEE, then the limits hold. There is no gradient: asking for one raises GraphError."));

  bind_forward<NNComparisonNode>(m, "MPSNNComparisonNode", R"(1 where the comparison of two images holds, else 0.

h x w x c and h x w x c to h x w x c:

    y = 1 if left op right else 0

Of the base's properties only the strides count: there are no scales, bias or limits. A NaN is different from every number and
neither less nor greater. There is no gradient: asking for one raises GraphError.

In PyTorch:

    Type = MPSNNComparisonType
    op = {Type.Equal: torch.eq, Type.NotEqual: torch.ne, Type.Less: torch.lt, Type.LessOrEqual: torch.le,
          Type.Greater: torch.gt, Type.GreaterOrEqual: torch.ge}[comparison_type]
    y = op(left, right).to(left.dtype))")
      .def_readwrite("comparison_type", &NNComparisonNode::comparison_type,
                     "Which comparison, with left on the left side; Equal by default. Making a graph raises InvalidArgumentError "
                     "for combined members that are none.");

  bind_node<NNArithmeticGradientNode, NNGradientFilterNode>(m, "MPSNNArithmeticGradientNode",
                                                            R"(Base of the gradient filters of arithmetic.

The incoming gradient g, h x w x c, 0 where the forward filter limited its result, to the operand's h x w x c: the sum, over the
axes along which that operand was repeated, of

    v = primary_scale * g + bias                              addition, subtraction
    v = (primary_scale * g) * (secondary_scale * q) + bias    multiplication, with q the source image

Filters made by the forward filter have its scales (with the sign of a subtraction) and strides; those made by the constructor
have 1.

Open: whether gradients are multiplied by the forward filter's scales. They are, as in the derivative.
Open: which image a multiplication wants. The other operand; the size of the result comes with the gradient state.

source_image: for additions and subtractions the operand that the gradient is for (only its size matters), for multiplications
the other one. gradient_state: the forward filter's.)");
  bind_gradient<NNAdditionGradientNode>(m, "MPSNNAdditionGradientNode", "The gradient of an addition.",
                                        "primary_scale * g + bias", "g counts as 0 where the forward filter limited its result.");
  bind_gradient<NNSubtractionGradientNode>(
      m, "MPSNNSubtractionGradientNode", "The gradient of a subtraction.", "primary_scale * g + bias",
      "g counts as 0 where the forward filter limited its result. Made by the constructor for the right source, the filter wants "
      "a negative primary_scale.");
  bind_gradient<NNMultiplicationGradientNode>(
      m, "MPSNNMultiplicationGradientNode", "The gradient of a multiplication.",
      "(primary_scale * g) * (secondary_scale * q) + bias",
      "q is the other operand, `source_image`; g counts as 0 where the forward filter limited its result.");
}

}  // namespace mpsnn
