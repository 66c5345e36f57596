#include "mpsnn/nodes/gram_matrix.hpp"

#include <pybind11/trampoline_self_life_support.h>

#include "bind_node.hpp"
#include "overrides.hpp"

namespace mpsnn {

namespace {

class PythonGramMatrixCallback final : public NNGramMatrixCallback, public py::trampoline_self_life_support {
 public:
  float alpha_for_source_image(const ImagePtr& source_image, const ImagePtr& destination_image) override {
    py::gil_scoped_acquire lock;
    const NNGramMatrixCallback* self = this;
    return cast_result<float>(self, "alpha_for_source_image",
                              call_required(self, "alpha_for_source_image", source_image, destination_image), "a number");
  }
};

}  // namespace

void bind_gram_matrix(py::module_& m) {
  py::classh<NNGramMatrixCallback, PythonGramMatrixCallback>(
      m, "MPSNNGramMatrixCallback",
      "Gives a Gram matrix its factor anew with every encode; derive from it and define its method.")
      .def(py::init<>())
      .def(
          "alpha_for_source_image", &NNGramMatrixCallback::alpha_for_source_image, "source_image"_a, "destination_image"_a,
          "Returns the factor of this encode. Called once for each encode while it is recorded, on the thread that encodes, with "
          "the first image of the batch; what the graph makes has no contents yet. What it raises, the encode raises. Required.");
  bind_node<NNGramMatrixCalculationNode>(m, "MPSNNGramMatrixCalculationNode",
                                         R"(The Gram matrix of the channels of an image.

h x w x c to 1 x c x c, for each image of a batch:

    y[0, i, j] = alpha * sum over all pixels of x[i] * x[j]

In PyTorch:

    y = alpha * torch.einsum("nchw,ndhw->ncd", x, x)[:, :, None]

alpha: the factor.)")
      .def(py::init<ImageNodePtr, float>(), "source"_a.none(false), py::kw_only(), "alpha"_a = 1.f,
           "A filter that reads `source`.")
      .def_property(
          "property_call_back",
          [](const NNGramMatrixCalculationNode& node) { return or_none(node.attributes.property_call_back); },
          [](NNGramMatrixCalculationNode& node, const std::optional<std::shared_ptr<NNGramMatrixCallback>>& callback) {
            node.attributes.property_call_back = callback.value_or(nullptr);
          },
          R"(Asked for the factor in every encode of a graph, in place of `alpha`; None, nobody is asked, by default.

Its answer is the factor of the gradient filters, too. Copies of a graph share it; a graph that has one cannot be saved.)");
  bind_node<NNGramMatrixCalculationGradientNode, NNGradientFilterNode>(m, "MPSNNGramMatrixCalculationGradientNode",
                                                                       R"(The gradient of a Gram matrix.

The incoming gradient g, 1 x c x c, to h x w x c, for each pixel:

    d[k] = alpha * sum over all channels j of (g[0, k, j] + g[0, j, k]) * x[j]

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

source_gradient: g, 1 x c x c. source_image: x, the forward source, h x w x c, like the result. gradient_state: of the forward
filter. alpha: the factor. Filters made by the forward filter have its alpha.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr, float>(), "source_gradient"_a.none(false),
           "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false), "alpha"_a = 1.f,
           "What the forward filter makes itself when asked for its gradient.");
}

}  // namespace mpsnn
