#include "mpsnn/nodes/loss.hpp"

#include <string>

#include "bind_node.hpp"
#include "data.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

using Values = py::array_t<float, py::array::c_style | py::array::forcecast>;

/// N x H x W x C numbers as float32, without a copy where they already are.
Values batch_values(const ArrayLike& array, const std::string& what) {
  const auto given = py::array::ensure(array);
  if (!given || std::string("fiub").find(given.dtype().kind()) == std::string::npos) {
    throw InvalidArgument("MPSCNNLossLabels.batch: " + what + " must be an array of real numbers, got " +
                          std::string(py::str(py::type::of(array))));
  }
  if (given.ndim() != 4) {
    throw ShapeError("MPSCNNLossLabels.batch: " + what + " must be N x H x W x C, got " + std::to_string(given.ndim()) +
                     " dimensions");
  }
  auto values = Values::ensure(given);
  if (!values) throw py::error_already_set();
  return values;
}

std::vector<std::shared_ptr<CNNLossLabels>> make_batch(const ArrayLike& labels, const std::optional<ArrayLike>& weights,
                                                       const std::optional<mtl::Size>& loss_image_size,
                                                       const DeviceArgument& device) {
  const Values t = batch_values(labels, "labels");
  std::optional<Values> w;
  if (weights) {
    w = batch_values(*weights, "weights");
    for (int axis = 0; axis < 4; ++axis) {
      if (w->shape(axis) == t.shape(axis)) continue;
      throw ShapeError("MPSCNNLossLabels.batch: weights must have the shape of the labels; along axis " + std::to_string(axis) +
                       " they have " + std::to_string(w->shape(axis)) + " and " + std::to_string(t.shape(axis)));
    }
  }
  const mtl::Size size{std::size_t(t.shape(2)), std::size_t(t.shape(1)), std::size_t(t.shape(3))};
  std::span<const float> weight_values;
  if (w) weight_values = {w->data(), std::size_t(w->size())};
  return CNNLossLabels::batch(std::size_t(t.shape(0)), size, {t.data(), std::size_t(t.size())}, weight_values,
                              loss_image_size.value_or(mtl::Size{1, 1, 1}), device_from(device));
}

void bind_descriptors(py::module_& m) {
  using D = CNNLossDescriptor;
  py::classh<D>(m, "MPSCNNLossDescriptor",
                R"(A loss: which function of predictions y and labels t, and how its elements become one number.

With w the element's weight (`weight` times the weights image, where there is one) an element of the loss is w * l and of the
gradient w * dl/dy. Formulae of l and dl/dy, natural logarithms, p = softmax of y over the channels of a pixel:

MeanAbsoluteError: abs(y - t); sign(y - t), 0 at 0.
MeanSquaredError: (y - t)^2; 2 (y - t).
SoftMaxCrossEntropy: -t log p, y raw scores; p - t.
SigmoidCrossEntropy: max(y, 0) - y t + log(1 + e^-abs(y)); sigmoid(y) - t.
CategoricalCrossEntropy: -t log y, y probabilities; -t / y. Both 0 where t = 0.
Hinge: max(1 - h y, 0) with h = 2 t - 1, t 0 or 1; -h where the loss is positive.
Huber: e^2 / 2 for abs(e) <= delta with e = y - t, else delta^2 / 2 + delta (abs(e) - delta); e within -delta and delta.
CosineDistance: weight * (1 - sum of y t) for the image, reduction_type Sum only; -t.
Log: -t log(y + q) - (1 - t) log(1 - y + q), q = epsilon; (-2 q t - t + y + q) / (y (1 - y) + q (q + 1)).
KullbackLeiblerDivergence: t (log t - y), y log-probabilities, 0 where t = 0; -t.

Label smoothing s: the softmax cross entropy takes t (1 - s) + s / number_of_classes for t, the sigmoid one t (1 - s) + s / 2.
Reductions of an image's elements: None (all of them), Sum, Mean (over H * W * C; softmax cross entropy: over H * W),
SumByNonZeroWeights (sum over the number of elements with a weight other than 0; softmax cross entropy: of such pixels).)")
      .def(py::init([](CNNLossType type, CNNReductionType reduction_type) {
             D d;
             d.loss_type = type;
             d.reduction_type = reduction_type;
             return d;
           }),
           "type"_a, py::kw_only(), "reduction_type"_a, "The loss `type`; everything else has its default.")
      .def_readwrite("loss_type", &D::loss_type, "Which function.")
      .def_readwrite("reduction_type", &D::reduction_type, "How the elements of an image become its loss.")
      .def_readwrite(
          "reduce_across_batch", &D::reduce_across_batch,
          "Whether the first loss image gets the loss of the whole batch and the others 0; False by default. Mean then "
          "also divides by the number of images. No effect with reduction None.")
      .def_readwrite("weight", &D::weight, "Factor of every element of loss and gradient; 1 by default.")
      .def_readwrite("label_smoothing", &D::label_smoothing,
                     "How much of the labels is spread; 0 by default. Cross entropies only.")
      .def_readwrite("number_of_classes", &D::number_of_classes, "For the smoothing of the softmax cross entropy; 1 by default.")
      .def_readwrite("epsilon", &D::epsilon, "Keeps the logarithms of Log finite; 1e-7 by default.")
      .def_readwrite("delta", &D::delta, "Where Huber turns from a parabola into a line; 1 by default.")
      .def("__copy__", [](const D& self) { return self; })
      .def(
          "__eq__", [](const D& a, const D& b) { return a == b; }, py::is_operator());

  using Data = CNNLossDataDescriptor;
  py::classh<Data>(m, "MPSCNNLossDataDescriptor", R"(Labels or weights of one image, float32.

data: an array in the layout's order, or bytes of packed float32; copied. layout: H x W x C or C x H x W. size: MTLSize(width,
height, depth), where depth is the number of feature channels. Raises InvalidArgumentError when data is shorter than that.)")
      .def(py::init([](const ArrayLike& data, DataLayout layout, const mtl::Size& size) {
             return Data(floats_from_data(data, "data"), layout, size);
           }),
           "data"_a.none(false), py::kw_only(), "layout"_a, "size"_a, "A copy of dense data.")
      .def_readonly("layout", &Data::layout, "The order of the values.")
      .def_readonly("size", &Data::size, "Width, height and, as depth, feature channels.")
      .def_readwrite("bytes_per_row", &Data::bytes_per_row, "Bytes from a row to the next; dense by default.")
      .def_readwrite("bytes_per_image", &Data::bytes_per_image,
                     "C x H x W: bytes from the plane of a channel to the next; dense by default. H x W x C: not used.");
}

void bind_labels(py::module_& m) {
  constexpr mtl::Size kOne{1, 1, 1};
  py::classh<CNNLossLabels, State>(
      m, "MPSCNNLossLabels", R"(What a loss compares one image with, and where it writes the loss: a source state of the graph.

loss_image_size: MTLSize(1, 1, 1), the default, or for reduction None the source's (width, height, feature channels).
labels_descriptor, weights_descriptor: the data, copied; weights are optional and of the labels' size. Labels have the source's
height and width and at least its channels; further channels are ignored. A batch takes one of these for each image; see `batch`.
Raises ShapeError when weights and labels differ; an encode raises it where the sizes do not fit the source.)")
      .def(py::init([](const mtl::Size& loss_image_size, const CNNLossDataDescriptor& labels,
                       const CNNLossDataDescriptor* weights, const DeviceArgument& device) {
             return std::make_shared<CNNLossLabels>(labels, weights, loss_image_size, device_from(device));
           }),
           "loss_image_size"_a = kOne, py::kw_only(), "labels_descriptor"_a, "weights_descriptor"_a = py::none(),
           "device"_a = py::none(), "Labels, and weights if any, copied into images of their own.")
      .def_static(
          "with_labels_image",
          [](const mtl::Size& loss_image_size, ImagePtr labels_image, ImagePtr weights_image, const DeviceArgument& device) {
            return std::make_shared<CNNLossLabels>(loss_image_size, std::move(labels_image), std::move(weights_image),
                                                   device_from(device));
          },
          "loss_image_size"_a, "labels_image"_a.none(false), "weights_image"_a = py::none(), py::kw_only(),
          "device"_a = py::none(),
          "The same with images of the caller's, which are kept, not copied: they must hold the data when the graph runs.")
      .def_static("batch", &make_batch, "labels"_a, "weights"_a = py::none(), py::kw_only(), "loss_image_size"_a = py::none(),
                  "device"_a = py::none(),
                  R"(Labels for a batch: one for each image, in one piece of memory, which is the fastest form.

labels: an N x H x W x C array of numbers, copied as float32. weights: None or an array of the same shape. loss_image_size:
MTLSize(1, 1, 1) when None. Raises ShapeError for arrays of another form.)")
      .def("loss_image", &CNNLossLabels::loss_image,
           "The loss, float32. Read it when the command buffer that ran the graph has completed.")
      .def("labels_image", &CNNLossLabels::labels_image, "The labels.")
      .def("weights_image", &CNNLossLabels::weights_image, "The weights, None without.");
}

}  // namespace

void bind_loss(py::module_& m) {
  bind_descriptors(m);
  bind_labels(m);
  py::classh<NNLabelsNode, NNStateNode>(
      m, "MPSNNLabelsNode",
      "The place of a loss filter's labels in a graph: its value, a list of MPSCNNLossLabels, is passed as a source state.");
  bind_node<CNNLossNode>(m, "MPSCNNLossNode", R"(A loss and, as result image, its gradient with respect to the source.

H x W x C to H x W x C, with the loss l and the weight w of an element, as in MPSCNNLossDescriptor:

    y = w * dl/dx

The labels come in through `input_labels`: when encoding, source_states holds a list with one MPSCNNLossLabels for each image. The
loss is written into their loss images. The backward part of a network starts here: training_graph_with_source_gradient() of this
filter.

In PyTorch:

    def losses(descriptor, x, t):
        Type, s = MPSCNNLossType, descriptor.label_smoothing
        spread = t * (1 - s) + s / (descriptor.number_of_classes if descriptor.loss_type == Type.SoftMaxCrossEntropy else 2)
        return descriptor.weight * {
            Type.MeanAbsoluteError: lambda: F.l1_loss(x, t, reduction="none"),
            Type.MeanSquaredError: lambda: F.mse_loss(x, t, reduction="none"),
            # Has the gradient of -spread * F.log_softmax(x, 1), also for weights that differ between the channels.
            Type.SoftMaxCrossEntropy: lambda: (F.softmax(x, 1).detach() - spread) * x,
            Type.SigmoidCrossEntropy: lambda: F.binary_cross_entropy_with_logits(x, spread, reduction="none"),
            Type.CategoricalCrossEntropy: lambda: -t * torch.log(x),
            Type.Hinge: lambda: F.relu(1 - (2 * t - 1) * x),
            Type.Huber: lambda: F.huber_loss(x, t, reduction="none", delta=descriptor.delta),
            Type.CosineDistance: lambda: -x * t,
            Type.Log: lambda: -t * torch.log(x + descriptor.epsilon) - (1 - t) * torch.log(1 - x + descriptor.epsilon),
            Type.KullbackLeiblerDivergence: lambda: F.kl_div(x, t, reduction="none"),
        }[descriptor.loss_type]()

    y, = torch.autograd.grad((weights * losses(loss_descriptor, x, labels)).sum(), x)

where labels, and weights or 1, have the size of x.

Open: whether the reduction divides the result as well. It does not: pass the weight 1 / batch size to train with the mean.
Open: the weight of the descriptor beside a weights image. Both are multiplied.
Open: Hinge, Huber and Kullback-Leibler, whose documented formulae are misprinted. MPSCNNLossDescriptor has those that are used.
Open: MeanAbsoluteError where x = t, CategoricalCrossEntropy and KullbackLeiblerDivergence where t = 0. They give 0.
Open: the format of the loss image. It is Float32.

loss_descriptor: the loss; copied. Raises InvalidArgumentError for a cosine distance whose reduction is not Sum.)")
      .def(py::init<ImageNodePtr, const CNNLossDescriptor&>(), "source"_a.none(false), py::kw_only(),
           "loss_descriptor"_a.none(false), "The loss of the predictions `source`.")
      .def_property_readonly("input_labels", &CNNLossNode::input_labels, "The place of the labels in the graph.");
}

}  // namespace mpsnn
