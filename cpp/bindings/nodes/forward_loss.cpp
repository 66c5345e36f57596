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

h x w x c to 1 x 1 x 1 for each image of a batch, with reduction None to h x w x c, with the loss l and the weight w of an
element and the reductions of MPSCNNLossDescriptor:

    y = reduction of w * l

With reduce_across_batch the first image of a batch gets the loss of all, the others 0. To train, combine losses by arithmetic,
put MPSNNInitialGradientNode behind them and call its training_graph_with_source_gradient. `gradient_filter_with_source` makes
the filter for the predictions, `gradient_filters_with_source` those for the predictions and for the labels: so labels are ends
of a training graph as well, unless their image has stop_gradient.

In PyTorch:

    labels, *given = (image[:, :x.shape[1]] for image in sources[1:])
    weights = given[0] if given else torch.ones_like(x)
    is_softmax = loss_type == MPSCNNLossType.SoftMaxCrossEntropy
    if is_softmax:
        spread = labels * (1 - label_smoothing) + label_smoothing / number_of_classes
        y = weights * -weight * spread * F.log_softmax(x, 1)
    else:
        y = weights * losses(loss_descriptor, x, labels)
    if reduction_type != MPSCNNReductionType.None_:
        y = y.sum((1, 2, 3), keepdim=True) + (weight if loss_type == MPSCNNLossType.CosineDistance else 0)
        counted = torch.ones_like(weights) if reduction_type == MPSCNNReductionType.Mean else weight * weights != 0
        counted = (counted.any(1, keepdim=True) if is_softmax else counted).sum((1, 2, 3), keepdim=True)
        if reduce_across_batch:
            y = torch.cat([y.sum(0, keepdim=True), torch.zeros_like(y[1:])])
            counted = counted.sum()
        y = y if reduction_type == MPSCNNReductionType.Sum else y / counted

where sources are those of `with_sources`, and losses is the function of MPSCNNLossNode.

Open: the weight of the descriptor beside a weights image. Both are multiplied.
Open: what SumByNonZeroWeights counts. The elements of the predictions, of the softmax cross entropy the pixels.
Open: Mean of the softmax cross entropy across a batch. It is divided by H * W and the number of images.

source: predictions. labels: h x w x c or more channels; further channels have no influence. weights: factors of the elements,
an image of the labels' size, or None. loss_descriptor: the loss; copied. Raises InvalidArgumentError for a cosine distance
whose reduction is not Sum, ShapeError, when a graph runs, for images that do not fit.)");
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
          "The same with a list. sources: [predictions, labels] or [predictions, labels, weights]. Raises "
          "InvalidArgumentError for another number of them.");
  def_loss_properties(cls, [](const NNForwardLossNode& node) -> const CNNLossDescriptor& { return node.attributes.descriptor; });
  def_call_back(cls, R"(Asked for the weight in every encode of a graph, in place of `weight`; None, nobody is asked, by default.

Its answer is the weight of the gradient filters, too. Copies of a graph share it; a graph that has one cannot be saved.)");
}

void bind_gradient(py::module_& m) {
  auto cls = bind_node<NNLossGradientNode, NNGradientFilterNode>(
      m, "MPSNNLossGradientNode", R"(The gradient of a forward loss with respect to its predictions or its labels.

The incoming gradient g, 1 x 1 x 1, with reduction None h x w x c, to h x w x c, or to the size of the labels, with the loss l
and the weight w of an element:

    d = g * w * dl/dy / divisor        predictions y
    d = g * w * dl/dt / divisor        labels t

The divisor is that of the loss's reduction, 1 for Sum and None. With reduce_across_batch g is that of the first image, for all.
dl/dy: see MPSCNNLossDescriptor. dl/dt, with q = epsilon and the label smoothing s:

    -dl/dy                            MeanAbsoluteError, MeanSquaredError, Huber
    -(1 - s) log p                    SoftMaxCrossEntropy
    -(1 - s) y                        SigmoidCrossEntropy
    -log y                            CategoricalCrossEntropy
    -2 y, 0 where the loss is 0       Hinge
    -y                                CosineDistance
    -log(y + q) + log(1 - y + q)      Log
    log t + 1 - y                     KullbackLeiblerDivergence

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

where x are the labels if is_labels_gradient_filter.

Open: whether the reduction divides the gradient, which Apple denies in one place. It does: sums of losses only train as meant with it.
Open: gradients with respect to labels. They are the exact derivatives.
Open: the softmax cross entropy where weights or g differ between the channels of a pixel. dl/dy stays p - t.

source_gradient: g. source_image: the forward predictions. labels, weights: those of the forward filter. gradient_state: of the
forward filter, or None; its weight, label_smoothing, epsilon and delta replace those of the descriptor. loss_descriptor: the
loss; copied. is_labels_gradient_filter: whether the gradient is that for the labels. Raises InvalidArgumentError like the
forward filter, ShapeError, when a graph runs, for images that do not fit.)");
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
          "The same with a list. sources: [source gradient, predictions, labels] and, if there are any, weights. Raises "
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
