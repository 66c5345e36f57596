#include "mpsnn/nodes/reshape.hpp"

#include <utility>

#include "bind_node.hpp"

namespace mpsnn {

void bind_reshape(py::module_& m) {
  bind_node<NNReshapeNode>(m, "MPSNNReshapeNode", R"(The numbers of an image as an image of another size.

h x w x c to result_height x result_width x result_feature_channels, with as many numbers:

    y.flat[k] = x.flat[k]

In PyTorch:

    pixels = x.permute(0, 2, 3, 1).reshape(-1, result_height, result_width, result_feature_channels)
    y = pixels.permute(0, 3, 1, 2)

Open: the order of the numbers. It is rows, in them pixels, in them channels: that of a fully connected filter's weights.

result_width: width of the result in pixels. result_height: height of the result in pixels. result_feature_channels: channels of
the result. Raises InvalidArgumentError for an extent of 0; ShapeError, when the graph runs, for another number of numbers.)")
      .def(py::init(
               [](ImageNodePtr source, std::size_t result_width, std::size_t result_height, std::size_t result_feature_channels) {
                 ReshapeOp op;
                 op.result_width = result_width;
                 op.result_height = result_height;
                 op.result_feature_channels = result_feature_channels;
                 return std::make_shared<NNReshapeNode>(std::move(source), op);
               }),
           "source"_a.none(false), py::kw_only(), "result_width"_a, "result_height"_a, "result_feature_channels"_a,
           "The size of the result, in pixels and channels.");
  bind_node<NNReshapeGradientNode, NNGradientFilterNode>(m, "MPSNNReshapeGradientNode",
                                                         R"(The gradient of a reshape.

result_height x result_width x result_feature_channels to h x w x c, the forward source's size:

    d.flat[k] = g.flat[k]

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

source_gradient: of the forward result's size. source_image: the forward source (only its size matters). gradient_state: of the
forward filter.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr>(), "source_gradient"_a.none(false), "source_image"_a.none(false),
           py::kw_only(), "gradient_state"_a.none(false), "What the forward filter makes itself when asked for its gradient.");
}

}  // namespace mpsnn
