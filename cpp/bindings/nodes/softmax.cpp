#include "mpsnn/nodes/softmax.hpp"

#include "bind_node.hpp"

namespace mpsnn {

namespace {

template <class Node>
void bind_forward(py::module_& m, const char* name, const char* doc) {
  bind_node<Node>(m, name, doc).def(py::init<ImageNodePtr>(), "source"_a.none(false), "A filter that reads `source`.");
}

template <class Node>
void bind_gradient(py::module_& m, const char* name, const char* doc) {
  bind_node<Node, NNGradientFilterNode>(m, name, doc)
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr>(), "source_gradient"_a.none(false), "source_image"_a.none(false),
           py::kw_only(), "gradient_state"_a.none(false),
           "`source_image` is the forward filter's result image, `gradient_state` its result state.");
}

}  // namespace

void bind_softmax(py::module_& m) {
  bind_forward<CNNSoftMaxNode>(m, "MPSCNNSoftMaxNode", R"(The normalised exponential over the channels of each pixel.

h x w x c to h x w x c, for each pixel:

    y[k] = exp(x[k]) / sum over j of exp(x[j])

A softmax cross-entropy loss has its own softmax: put none before it.

In PyTorch:

    y = F.softmax(x, 1)

Open: whether large values overflow. They do not: the largest x of the pixel is subtracted first.
Open: values that are not finite. -inf gives 0; a pixel with a NaN, with +inf, or with nothing but -inf is all NaN.)");
  bind_forward<CNNLogSoftMaxNode>(m, "MPSCNNLogSoftMaxNode", R"(The logarithm of the softmax over the channels of each pixel.

h x w x c to h x w x c, for each pixel:

    y[k] = x[k] - ln(sum over j of exp(x[j]))

finite also where the softmax itself would be 0 in its storage format.

In PyTorch:

    y = F.log_softmax(x, 1)

Open: values that are not finite. As in MPSCNNSoftMaxNode, with -inf for a softmax of 0.)");
  bind_gradient<CNNSoftMaxGradientNode>(m, "MPSCNNSoftMaxGradientNode", R"(The gradient of a softmax.

h x w x c to h x w x c, for each pixel:

    d[k] = y[k] * (g[k] - sum over j of g[j] * y[j])

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

Open: which image `source_image` is. It is the forward filter's result, in which the formula is written.

source_gradient: g, gradient with respect to the forward result. source_image: y, the forward filter's result image (not its
source). gradient_state: of the forward filter. All have one size; ShapeError otherwise.)");
  bind_gradient<CNNLogSoftMaxGradientNode>(m, "MPSCNNLogSoftMaxGradientNode",
                                           R"(The gradient of a log-softmax.

h x w x c to h x w x c, for each pixel:

    d[k] = g[k] - exp(y[k]) * sum over j of g[j]

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

Open: which image `source_image` is. It is the forward filter's result, in which the formula is written.

source_gradient: g, gradient with respect to the forward result. source_image: y, the forward filter's result image (not its
source). gradient_state: of the forward filter. All have one size; ShapeError otherwise.)");
}

}  // namespace mpsnn
