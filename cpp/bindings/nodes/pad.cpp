#include "mpsnn/nodes/pad.hpp"

#include <utility>

#include "bind_node.hpp"

namespace mpsnn {

void bind_pad(py::module_& m) {
  bind_node<NNPadNode>(m, "MPSNNPadNode", R"(Puts pixels and channels around an image.

With b = padding_size_before and a = padding_size_after: h x w x c to (b.y + h + a.y) x (b.x + w + a.x) x
(b.channel + c + a.channel). y(j, i, k) = x(m(j - b.y, h), m(i - b.x, w), m(k - b.channel, c)), where m(p, n) is p inside 0...n-1
and outside, by edge_mode: Zero: the element is 0. Constant: it is `fill_value`. Clamp: the nearest of 0 and n-1. Mirror: reflected
at the first and last element, which are not repeated. MirrorWithEdge: reflected beyond them, so that they are. The two mirrors go
on as often as it takes. The edge mode holds for channels as well, which Apple does not document.
Raises InvalidArgumentError for sizes of 2**31 and more.)")
      .def(py::init([](ImageNodePtr source, const ImageCoordinate& padding_size_before, const ImageCoordinate& padding_size_after,
                       ImageEdgeMode edge_mode) {
             PadOp op;
             op.padding_size_before = padding_size_before;
             op.padding_size_after = padding_size_after;
             op.edge_mode = edge_mode;
             return std::make_shared<NNPadNode>(std::move(source), op);
           }),
           "source"_a.none(false), py::kw_only(), "padding_size_before"_a, "padding_size_after"_a, "edge_mode"_a,
           "Sizes are (x, y, channel), in pixels and channels, from 0 on.");
  bind_node<NNPadGradientNode, NNGradientFilterNode>(m, "MPSNNPadGradientNode",
                                                     R"(Gradient of padding: each element gets the sum over its copies.

With edge modes Zero and Constant it cuts the image out; `fill_value` has no influence. source_gradient: of the forward result's
size. source_image: the forward source (only its size matters). gradient_state: of the forward filter.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr>(), "source_gradient"_a.none(false), "source_image"_a.none(false),
           py::kw_only(), "gradient_state"_a.none(false), "What the forward filter makes itself when asked for its gradient.");
}

}  // namespace mpsnn
