#include "mpsnn/nodes/initial_gradient.hpp"

#include "bind_node.hpp"

namespace mpsnn {

void bind_initial_gradient(py::module_& m) {
  bind_node<NNInitialGradientNode>(m, "MPSNNInitialGradientNode", R"(Ones: the gradient with which a training graph begins.

h x w x c to h x w x c, the gradient of the sum of the source's elements:

    y = 1

In PyTorch:

    y = torch.ones_like(x)

Put it behind the number to be made
small (losses, combined by arithmetic) and call `training_graph_with_source_gradient` on it without a gradient. The filter has no
gradient of its own.)")
      .def(py::init<ImageNodePtr>(), "source"_a.none(false), "A filter with the size of `source`.");
}

}  // namespace mpsnn
