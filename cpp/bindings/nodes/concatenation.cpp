#include "mpsnn/nodes/concatenation.hpp"

#include "bind_node.hpp"

namespace mpsnn {

void bind_concatenation(py::module_& m) {
  bind_node<NNConcatenationNode>(m, "MPSNNConcatenationNode", R"(Joins images along their channels.

Each source of c channels takes up c rounded up to a multiple of 4; the channels that only pad are 0. So sources of 3, 4 and 2
channels make an image of 12, with the sources' first channels at 0, 4 and 8: weights that read it must be laid out for that.
sources: a list of one or more image nodes. All images must have one height and width; ShapeError, when the graph runs, otherwise.
gradient_filters_with_source makes one gradient filter for each source, in their order.)")
      .def(py::init<std::vector<ImageNodePtr>>(), "sources"_a, "A filter that reads all of `sources`, in their order.");

  bind_node<NNConcatenationGradientNode, NNGradientFilterNode>(
      m, "MPSNNConcatenationGradientNode",
      R"(Gradient of a concatenation with respect to one of its sources: that source's channels of the gradient.

source_gradient: gradient with respect to the forward result. source_image: the source of the forward filter that the gradient is
for (the first of them where one image is several sources). gradient_state: of the forward filter. Raises InvalidArgumentError for
an image that is no source of it, and for the state of another filter.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr>(), "source_gradient"_a.none(false), "source_image"_a.none(false),
           py::kw_only(), "gradient_state"_a.none(false), "Finds out which source of the forward filter `source_image` is.");
}

}  // namespace mpsnn
