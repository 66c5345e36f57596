#include "mpsnn/nodes/pad.hpp"

#include <utility>

#include "bind_node.hpp"

namespace mpsnn {

void bind_pad(py::module_& m) {
  bind_node<NNPadNode>(m, "MPSNNPadNode", R"(Puts pixels and channels around an image.

h x w x c to (b.y + h + a.y) x (b.x + w + a.x) x (b.channel + c + a.channel), with b = padding_size_before and
a = padding_size_after:

    y[j, i, k] = x[m(j - b.y, h), m(i - b.x, w), m(k - b.channel, c)]

where m(p, n) is p inside 0...n-1. Outside, the edge mode Zero makes the element 0, and Constant makes it `fill_value`; Clamp takes
the nearest of 0 and n-1, Mirror reflects at the first and last element, which are not repeated, and MirrorWithEdge beyond them, so
that they are. The two mirrors go on as often as it takes.

    Zero, Constant   0 0 0 a b c 0 0 0         Mirror           c b a b c b a
    Clamp            a a a a b c c c c         MirrorWithEdge   c b a a b c c b a

In PyTorch:

    before, after, Mode = padding_size_before, padding_size_after, MPSImageEdgeMode

    def places(before, size, after):
        k = torch.arange(-before, size + after)
        period = {Mode.Mirror: 2 * max(size - 1, 1), Mode.MirrorWithEdge: 2 * size}.get(edge_mode)
        if period is None:
            return k.clamp(0, size - 1)
        k = k % period if size > 1 or edge_mode != Mode.Mirror else k * 0
        return torch.minimum(k, period - k - int(edge_mode == Mode.MirrorWithEdge))

    if edge_mode in (Mode.Zero, Mode.Constant):
        sizes = (before.x, after.x, before.y, after.y, before.channel, after.channel)
        y = F.pad(x, sizes, value=fill_value if edge_mode == Mode.Constant else 0)
    else:
        y = x[:, places(before.channel, x.shape[1], after.channel)]
        y = y[:, :, places(before.y, x.shape[2], after.y)][:, :, :, places(before.x, x.shape[3], after.x)]

F.pad with the modes replicate and reflect is Clamp and Mirror, without channels and for a reflection smaller than the image.

Open: whether the edge mode holds for channels as well. It does.

padding_size_before: pixels on the left and the top, and channels in front, (x, y, channel), from 0 on. padding_size_after: pixels on
the right and the bottom, and channels behind, (x, y, channel), from 0 on. edge_mode: what stands there: Zero, Constant, Clamp, Mirror or
MirrorWithEdge. Raises
InvalidArgumentError for sizes of 2**31 and more.)")
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
                                                     R"(The gradient of padding.

The padded image's gradient g, H x W x C, to h x w x c:

    d = sum of g over the element's copies

With edge modes Zero and Constant it cuts the image out; `fill_value` has no influence.

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

source_gradient: of the forward result's
size. source_image: the forward source (only its size matters). gradient_state: of the forward filter.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr>(), "source_gradient"_a.none(false), "source_image"_a.none(false),
           py::kw_only(), "gradient_state"_a.none(false), "What the forward filter makes itself when asked for its gradient.");
}

}  // namespace mpsnn
