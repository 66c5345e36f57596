#include "mpsnn/nodes/concatenation.hpp"

#include "bind_node.hpp"

namespace mpsnn {

void bind_concatenation(py::module_& m) {
  bind_node<NNConcatenationNode>(m, "MPSNNConcatenationNode", R"(Joins images along their channels.

h x w x c0, h x w x c1, ... to h x w x (p0 + p1 + ...), where p is c rounded up to a multiple of 4:

    y[..., offset[i] + k] = sources[i][..., k],  offset[i] = p0 + ... + p(i - 1)

The channels that only pad are 0. So sources of 3, 4 and 2 channels make an image of 12, with the sources' first channels at 0, 4
and 8: weights that read it must be laid out for that. gradient_filters_with_source makes one gradient filter for each source, in
their order.

In PyTorch:

    y = torch.cat([F.pad(x, (0, 0, 0, 0, 0, -x.shape[1] % 4)) for x in sources], 1)

Open: whether the last source is rounded up as well. It is.

sources: a list of one or more image nodes. All images must have one height and width; ShapeError, when the graph runs,
otherwise.)")
      .def(py::init<std::vector<ImageNodePtr>>(), "sources"_a, "A filter that reads all of `sources`, in their order.");

  bind_node<NNConcatenationGradientNode, NNGradientFilterNode>(
      m, "MPSNNConcatenationGradientNode",
      R"(The gradient of a concatenation with respect to one of its sources.

h x w x (p0 + p1 + ...) to h x w x ci, that source's channels of the incoming gradient g:

    d[..., k] = g[..., offset[i] + k]

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

where x is the source that the gradient is for.

source_gradient: gradient with respect to the forward result. source_image: the source of the forward filter that the gradient is
for (the first of them where one image is several sources). gradient_state: of the forward filter. Raises InvalidArgumentError for
an image that is no source of it, and for the state of another filter.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr>(), "source_gradient"_a.none(false), "source_image"_a.none(false),
           py::kw_only(), "gradient_state"_a.none(false), "Finds out which source of the forward filter `source_image` is.");
}

}  // namespace mpsnn
