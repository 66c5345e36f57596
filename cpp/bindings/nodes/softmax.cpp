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

h x w x c to h x w x c: y_k = exp(v_k) / sum_j exp(v_j), computed with the largest v subtracted, so that it never overflows. -inf
gives 0; a pixel with a NaN, with +inf, or with nothing but -inf is all NaN. A softmax cross-entropy loss has its own softmax: put
none before it.)");
  bind_forward<CNNLogSoftMaxNode>(m, "MPSCNNLogSoftMaxNode", R"(The logarithm of the softmax over the channels of each pixel.

h x w x c to h x w x c: z_k = v_k - ln sum_j exp(v_j), finite also where the softmax itself would be 0 in its storage format.
Values that are not finite: as in MPSCNNSoftMaxNode, with -inf for a softmax of 0.)");
  bind_gradient<CNNSoftMaxGradientNode>(m, "MPSCNNSoftMaxGradientNode", R"(Gradient of a softmax: d_k = y_k (g_k - sum_j g_j y_j).

source_gradient: g, gradient with respect to the forward result. source_image: y, the forward filter's result image (not its
source). gradient_state: of the forward filter. All have one size; ShapeError otherwise.)");
  bind_gradient<CNNLogSoftMaxGradientNode>(m, "MPSCNNLogSoftMaxGradientNode",
                                           R"(Gradient of a log-softmax: d_k = g_k - exp(z_k) sum_j g_j.

source_gradient: g, gradient with respect to the forward result. source_image: z, the forward filter's result image (not its
source). gradient_state: of the forward filter. All have one size; ShapeError otherwise.)");
}

}  // namespace mpsnn
