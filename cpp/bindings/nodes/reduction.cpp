#include "mpsnn/nodes/reduction.hpp"

#include <string>

#include "bind_node.hpp"

namespace mpsnn {

namespace {

std::string doc_of(ReductionAxis axis, ReductionOperation operation) {
  static constexpr const char* kWhat[] = {"smallest value",
                                          "largest value",
                                          "mean",
                                          "sum",
                                          "index of the smallest channel, the first of equal ones, counted from 0",
                                          "index of the largest channel, the first of equal ones, counted from 0"};
  static constexpr const char* kOf[] = {
      "of each row, in each channel: h x w x c to h x 1 x c.", "of each column, in each channel: h x w x c to 1 x w x c.",
      "of each pixel's channels: h x w x c to h x w x 1.", "of all pixels, in each channel: h x w x c to 1 x 1 x c."};
  std::string text = std::string("The ") + kWhat[int(operation)];
  const bool is_argument = operation == ReductionOperation::ArgumentMin || operation == ReductionOperation::ArgumentMax;
  text += is_argument ? ": h x w x c to h x w x 1. Stored as Float16, indices up to 2048 are exact."
                      : std::string(" ") + kOf[int(axis)];
  if (axis == ReductionAxis::FeatureChannels && operation == ReductionOperation::Sum) {
    text += "\n\nThe sum is multiplied by `weight`.";
  }
  if (axis == ReductionAxis::Spatial) text += "\n\nThe only reduction with a gradient: MPSNNReductionSpatialMeanGradientNode.";
  return text;
}

}  // namespace

void bind_reduction(py::module_& m) {
  bind_node<NNUnaryReductionNode>(m, "MPSNNUnaryReductionNode",
                                  R"(Base of the reductions: filters that make one number of many.

A reduction over rows makes each row one pixel, one over columns each column, one over feature channels each pixel one number;
the size shrinks to 1 along the axis over which it runs. (Apple's documentation says "for each row", which is read this way.) Only
the pixels of `clip_rect_source` are read, and the other axes have its extent. Sums are accumulated in double precision. A NaN
makes the smallest and the largest value NaN; its index is that of the first NaN.
There is no gradient, except of the spatial mean: asking for one raises GraphError. Raises ShapeError, when the graph runs, for a
clip_rect_source that holds nothing of the image.)");
  for_each_reduction_node([&]<class Node>(std::type_identity<Node>) {
    auto cls = bind_node<Node, NNUnaryReductionNode>(m, reduction_class_name(Node::kAxis, Node::kOperation),
                                                     doc_of(Node::kAxis, Node::kOperation).c_str());
    cls.def(py::init<ImageNodePtr>(), "source"_a.none(false), "A filter that reads `source`.");
    if (Node::kAxis == ReductionAxis::FeatureChannels && Node::kOperation == ReductionOperation::Sum) {
      binding::def_attribute<Node>(cls, "weight", &ReductionOp::weight, "Factor of the sum; 1 by default.", Access::ReadWrite);
    }
  });
  bind_node<NNReductionSpatialMeanGradientNode, NNGradientFilterNode>(
      m, "MPSNNReductionSpatialMeanGradientNode", R"(Gradient of the spatial mean: d(y, x, c) = g(c) / number of pixels.

source_gradient: g, 1 x 1 x c. source_image: the forward source; the result has its size. gradient_state: of the forward filter,
whose clip_rect_source counts: pixels outside it get 0.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr>(), "source_gradient"_a.none(false), "source_image"_a.none(false),
           py::kw_only(), "gradient_state"_a.none(false), "What the forward filter makes itself when asked for its gradient.");
}

}  // namespace mpsnn
