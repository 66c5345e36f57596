#include "mpsnn/nodes/forward_loss.hpp"

#include <pybind11/trampoline_self_life_support.h>

#include "bind_node.hpp"
#include "loss_properties.hpp"
#include "overrides.hpp"

namespace mpsnn {

namespace {

using Images = std::vector<ImageNodePtr>;
using OptionalImage = std::optional<ImageNodePtr>;
using OptionalState = std::optional<StateNodePtr>;

class PythonLossCallback final : public NNLossCallback, public py::trampoline_self_life_support {
 public:
  float scalar_weight_for_source_image(const ImagePtr& source_image, const ImagePtr& destination_image) override {
    py::gil_scoped_acquire lock;
    const NNLossCallback* self = this;
    return cast_result<float>(self, "scalar_weight_for_source_image",
                              call_required(self, "scalar_weight_for_source_image", source_image, destination_image), "a number");
  }
};

Images with_weights(Images sources, const OptionalImage& weights) {
  if (weights) sources.push_back(*weights);
  return sources;
}

template <class Class>
void def_call_back(Class& cls, const char* doc) {
  using Node = typename Class::type;
  cls.def_property(
      "property_call_back", [](const Node& node) { return or_none(node.attributes.property_call_back); },
      [](Node& node, const std::optional<std::shared_ptr<NNLossCallback>>& callback) {
        node.attributes.property_call_back = callback.value_or(nullptr);
      },
      doc);
}

void bind_forward(py::module_& m) {
  auto cls = bind_node<NNForwardLossNode>(m, "MPSNNForwardLossNode", R"(A loss as an image, to be combined with other losses.

source: predictions, h x w x c. labels: h x w x c or more channels; further channels have no influence. weights: None or an image
of the labels' size, factors of the elements beside the descriptor's weight. loss_descriptor: the loss; copied. The formulae are
those of MPSCNNLossDescriptor.
The result is the loss of each image, 1 x 1 x 1, with reduction None that of each element, h x w x c. With reduce_across_batch the
first image of a batch gets the loss of all, the others 0.
Gradients: `gradient_filter_with_source` makes the filter for the predictions, `gradient_filters_with_source` those for the
predictions and for the labels. To train, combine losses by arithmetic, put MPSNNInitialGradientNode behind them and call its
training_graph_with_source_gradient; labels are then ends of the training graph as well, unless their image has stop_gradient.
Raises InvalidArgumentError for a cosine distance whose reduction is not Sum, ShapeError, when a graph runs, for images that do not
fit.)");
  cls.def(py::init([](const ImageNodePtr& source, const ImageNodePtr& labels, const OptionalImage& weights,
                      const CNNLossDescriptor& loss_descriptor) {
            return std::make_shared<NNForwardLossNode>(with_weights({source, labels}, weights), loss_descriptor);
          }),
          "source"_a.none(false), "labels"_a.none(false), "weights"_a = py::none(), py::kw_only(),
          "loss_descriptor"_a.none(false), "The loss of the predictions `source`.")
      .def_static(
          "with_sources",
          [](const Images& sources, const CNNLossDescriptor& loss_descriptor) {
            return std::make_shared<NNForwardLossNode>(sources, loss_descriptor);
          },
          "sources"_a, py::kw_only(), "loss_descriptor"_a.none(false),
          "The same with the sources in a list: [predictions, labels] or [predictions, labels, weights]. Raises "
          "InvalidArgumentError for another number of them.");
  def_loss_properties(cls, [](const NNForwardLossNode& node) -> const CNNLossDescriptor& { return node.attributes.descriptor; });
  def_call_back(cls, R"(Asked for the weight in every encode of a graph, in place of `weight`; None, nobody is asked, by default.

Its answer is the weight of the gradient filters, too. Copies of a graph share it; a graph that has one cannot be saved.)");
}

void bind_gradient(py::module_& m) {
  auto cls = bind_node<NNLossGradientNode, NNGradientFilterNode>(m, "MPSNNLossGradientNode", R"(Gradient of a forward loss.

source_gradient: gradient with respect to the loss, 1 x 1 x 1, with reduction None h x w x c. source_image, labels, weights: the
sources of the forward filter. gradient_state: of the forward filter, or None; its weight, label_smoothing, epsilon and delta
replace those of the descriptor. is_labels_gradient_filter: whether the gradient is that with respect to the labels.
The result has the size of the predictions, or of the labels, and is the exact derivative of the loss, the divisor of its reduction
included: with g the incoming gradient of the image, w the weight of the element and l its loss, g * w * dl/dy for Sum,
divided by H * W * C for Mean (softmax cross entropy: H * W), by the number of weights other than 0 for SumByNonZeroWeights; with
reduce_across_batch g is that of the first image and the divisor that of the whole batch. dl/dy: see MPSCNNLossDescriptor; that of
the softmax cross entropy, p - t, is exact where g and w are the same for all channels of a pixel, whose labels sum to 1. dl/dt:

MeanAbsoluteError, MeanSquaredError, Huber: -dl/dy.
SoftMaxCrossEntropy: -(1 - s) log p, with label smoothing s.
SigmoidCrossEntropy: -(1 - s) y.
CategoricalCrossEntropy: -log y.
Hinge: -2 y where the loss is positive, else 0.
CosineDistance: -y.
Log: -log(y + q) + log(1 - y + q).
KullbackLeiblerDivergence: log t + 1 - y.

Apple says in one place that gradients do without the reduction, in another that the gradient filter has it; sums of losses with
different reductions only train as meant with the divisor, and the label gradients are not published.
Raises InvalidArgumentError like the forward filter, ShapeError, when a graph runs, for images that do not fit.)");
  cls.def(py::init([](const ImageNodePtr& source_gradient, const ImageNodePtr& source_image, const ImageNodePtr& labels,
                      const OptionalImage& weights, const OptionalState& gradient_state, const CNNLossDescriptor& loss_descriptor,
                      bool is_labels_gradient_filter) {
            return std::make_shared<NNLossGradientNode>(with_weights({source_gradient, source_image, labels}, weights),
                                                        gradient_state.value_or(nullptr), loss_descriptor,
                                                        is_labels_gradient_filter);
          }),
          "source_gradient"_a.none(false), "source_image"_a.none(false), "labels"_a.none(false), "weights"_a = py::none(),
          py::kw_only(), "gradient_state"_a = py::none(), "loss_descriptor"_a.none(false), "is_labels_gradient_filter"_a,
          "What the forward filter makes itself when asked for its gradients.")
      .def_static(
          "with_sources",
          [](const Images& sources, const OptionalState& gradient_state, const CNNLossDescriptor& loss_descriptor,
             bool is_labels_gradient_filter) {
            return std::make_shared<NNLossGradientNode>(sources, gradient_state.value_or(nullptr), loss_descriptor,
                                                        is_labels_gradient_filter);
          },
          "sources"_a, py::kw_only(), "gradient_state"_a, "loss_descriptor"_a.none(false), "is_labels_gradient_filter"_a,
          "The same with the sources in a list: [source gradient, predictions, labels] and, if there are any, weights. Raises "
          "InvalidArgumentError for another number of them.");
  def_loss_properties(cls, [](const NNLossGradientNode& node) -> const CNNLossDescriptor& { return node.attributes.descriptor; });
  def_call_back(cls, R"(Asked for the weight in every encode of a graph, with the predictions; None, nobody is asked, by default.

Its answer replaces `weight` and that of the gradient state. Copies of a graph share it; a graph that has one cannot be saved.)");
}

}  // namespace

void bind_forward_loss(py::module_& m) {
  py::classh<NNLossCallback, PythonLossCallback>(
      m, "MPSNNLossCallback", "Gives a loss its weight anew with every encode; derive from it and define its method.")
      .def(py::init<>())
      .def(
          "scalar_weight_for_source_image", &NNLossCallback::scalar_weight_for_source_image, "source_image"_a,
          "destination_image"_a,
          "Returns the weight of this encode. Called once for each encode while it is recorded, on the thread that encodes, with "
          "the first image of the batch; what the graph makes has no contents yet. What it raises, the encode raises. Required.");
  bind_forward(m);
  bind_gradient(m);
}

}  // namespace mpsnn
