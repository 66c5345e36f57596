#include "mpsnn/nodes/reduction.hpp"

#include <string>

#include "bind_node.hpp"

namespace mpsnn {

namespace {

std::string doc_of(ReductionAxis axis, ReductionOperation operation) {
  // What it is, its formula, its PyTorch function.
  static constexpr const char* kOperations[][3] = {{"smallest value", "min", "amin"},
                                                   {"largest value", "max", "amax"},
                                                   {"mean", "mean", "mean"},
                                                   {"sum", "sum", "sum"},
                                                   {"index of the smallest value", "argmin", "argmin"},
                                                   {"index of the largest value", "argmax", "argmax"}};
  // Of what, the result's size, what the formula runs over, PyTorch's dimensions.
  static constexpr const char* kAxes[][4] = {{"of each row, in each channel", "h x 1 x c", "the row", "3"},
                                             {"of each column, in each channel", "1 x w x c", "the column", "2"},
                                             {"of each pixel's channels", "h x w x 1", "the channels", "1"},
                                             {"of all pixels, in each channel", "1 x 1 x c", "the pixels", "(2, 3)"}};
  const auto& [what, formula, function] = kOperations[int(operation)];
  const auto& [whose, size, over, dimensions] = kAxes[int(axis)];
  const bool is_weighted = axis == ReductionAxis::FeatureChannels && operation == ReductionOperation::Sum;
  const bool is_argument = operation == ReductionOperation::ArgumentMin || operation == ReductionOperation::ArgumentMax;
  const std::string factor = is_weighted ? "weight * " : "";
  std::string text = std::string("The ") + what + " " + whose + ".\n\nh x w x c to " + size + ":\n\n    y = " + factor + formula +
                     " over " + over + " of x\n\n";
  if (is_argument) text += "Stored as Float16, indices up to 2048 are exact.\n\n";
  if (axis == ReductionAxis::Spatial) text += "The only reduction with a gradient: MPSNNReductionSpatialMeanGradientNode.\n\n";
  text += "In PyTorch:\n\n    y = " + factor + "x." + function + "(" + dimensions + ", keepdim=True)";
  if (is_argument)
    text += "\n\nOpen: equal values, and the first index. The first of equal values counts; the first channel is 0.";
  return text;
}

}  // namespace

void bind_reduction(py::module_& m) {
  bind_node<NNUnaryReductionNode>(m, "MPSNNUnaryReductionNode",
                                  R"(Base of the reductions: filters that make one number of many.

h x w x c to a size that is 1 along the axes over which the reduction runs. Only the pixels of `clip_rect_source` are read, and the
other axes have its extent: where the PyTorch terms say x, that part is meant. Sums are accumulated in double precision. A NaN makes
the smallest and the largest value NaN; its index is that of the first NaN. There is no gradient, except of the spatial mean: asking
for one raises GraphError.

Open: rows and columns. A reduction of rows makes each row one pixel, one of columns each column.
Open: the gradient of the other reductions. There is none.

Raises ShapeError, when the graph runs, for a
clip_rect_source that holds nothing of the image.)");
  for_each_reduction_node([&]<class Node>(std::type_identity<Node>) {
    auto cls = bind_node<Node, NNUnaryReductionNode>(m, reduction_class_name(Node::kAxis, Node::kOperation),
                                                     doc_of(Node::kAxis, Node::kOperation).c_str());
    cls.def(py::init<ImageNodePtr>(), "source"_a.none(false), "A filter that reads `source`.");
    if (Node::kAxis == ReductionAxis::FeatureChannels && Node::kOperation == ReductionOperation::Sum) {
      binding::def_attribute<Node>(cls, "weight", &ReductionOp::weight, "Factor of the sum; 1 by default.", Access::ReadWrite);
    }
  });
  bind_node<NNReductionSpatialMeanGradientNode, NNGradientFilterNode>(m, "MPSNNReductionSpatialMeanGradientNode",
                                                                      R"(The gradient of the spatial mean.

1 x 1 x c to h x w x c:

    d[j, i, k] = g[k] / number of pixels

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

source_gradient: g, 1 x 1 x c. source_image: the forward source; the result has its size. gradient_state: of the forward filter,
whose clip_rect_source counts: pixels outside it get 0.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr>(), "source_gradient"_a.none(false), "source_image"_a.none(false),
           py::kw_only(), "gradient_state"_a.none(false), "What the forward filter makes itself when asked for its gradient.");
}

}  // namespace mpsnn
