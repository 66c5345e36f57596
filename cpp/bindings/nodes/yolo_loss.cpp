#include "mpsnn/nodes/yolo_loss.hpp"

#include <utility>

#include "bind_node.hpp"
#include "data.hpp"

namespace mpsnn {

namespace {

void bind_descriptor(py::module_& m) {
  using D = CNNYOLOLossDescriptor;
  py::classh<D>(m, "MPSCNNYOLOLossDescriptor",
                R"(The loss of a detector that predicts boxes in the cells of a grid, as YOLO version 2 does.

Source and labels have A * (5 + K) feature channels for A anchor boxes and K classes: for each anchor box, one after the other,
x, y, width, height, confidence and the classes. Labels: x, y: the object's centre in its cell, 0 to 1; width, height in cells;
confidence 1, and one class 1, the others 0, in the cell of the centre, the same for all its anchor boxes. In cells without an
object the first five are 0 and the classes 1 / K each. Predictions, raw: x, y and the confidence before a sigmoid, width and height
as logarithm of size / anchor size, class scores before a softmax.

With IoU the intersection over union of an anchor box and the object, both centred, an anchor box of a cell with an object stands
for it when its IoU is the largest of the cell, ties included, or above min_iou_for_object_presence. One that does not is to find
nothing when its IoU is below max_iou_for_object_absence; the others have no loss. For every anchor box:

scale_xy * (l_xy(sigmoid(x), t_x) + l_xy(sigmoid(y), t_y)), of objects,
scale_wh * (l_wh(width, log(t_width / anchor width + 1e-5)) + the same of the height), of objects,
l_confidence(confidence, c) * scale_object for objects, with c = 1, or with `rescore` the IoU of predicted box and object, which
is a constant for the gradient; * scale_no_object for those that are to find nothing, with c = 0,
scale_class * l_classes(scores, t_classes), of objects.

l_xy, ... are the losses of the four descriptors, which have weight, delta, epsilon and label smoothing of their own; their
reductions do not count. A weights image in the labels is a factor of every element. reduction_type: None (the elements, each in the
channel of its prediction), Sum, Mean (over H * W * C), SumByNonZeroWeights (each of the four sums over the number of its
elements whose factors are not 0; softmax cross entropy: of such anchor boxes). The gradient is not divided.

The masks, the 1e-5 and the constant c are those of the objective that Turi Create trains beside Apple's kernel, which publishes no
formula. Nothing is divided by the number of objects: put such divisors into the scales.)")
      .def(
          py::init([](CNNLossType xy_loss_type, CNNLossType wh_loss_type, CNNLossType confidence_loss_type,
                      CNNLossType classes_loss_type, CNNReductionType reduction_type, const ArrayLike& anchor_boxes,
                      std::size_t number_of_anchor_boxes) {
            const D::Types types{xy_loss_type, wh_loss_type, confidence_loss_type, classes_loss_type, reduction_type};
            return D(types, floats_from_data(anchor_boxes, "anchor_boxes"), number_of_anchor_boxes);
          }),
          "xy_loss_type"_a, py::kw_only(), "wh_loss_type"_a, "confidence_loss_type"_a, "classes_loss_type"_a, "reduction_type"_a,
          "anchor_boxes"_a.none(false), "number_of_anchor_boxes"_a,
          R"(The four losses; everything else has its default. anchor_boxes: width and height of each box, in cells, as an array or
bytes of packed float32. Raises InvalidArgumentError when they are not as many, or not positive, and for a cosine distance.)")
      .def_readwrite("xy_loss_descriptor", &D::xy_loss_descriptor, "The loss of the centres.")
      .def_readwrite("wh_loss_descriptor", &D::wh_loss_descriptor, "The loss of the logarithms of the sizes.")
      .def_readwrite("confidence_loss_descriptor", &D::confidence_loss_descriptor, "The loss of the confidences.")
      .def_readwrite("classes_loss_descriptor", &D::classes_loss_descriptor, "The loss of the class scores.")
      .def_readwrite("reduction_type", &D::reduction_type, "How the elements of an image become its loss, for all four losses.")
      .def_readwrite("reduce_across_batch", &D::reduce_across_batch,
                     "Whether the first loss image gets the loss of the whole batch and the others 0; False by default.")
      .def_readwrite("rescore", &D::rescore,
                     "Whether the confidence of an object is to be the IoU of its predicted box, not 1; True by default.")
      .def_readwrite("scale_xy", &D::scale_xy, "Factor of the loss of the centres; 10 by default.")
      .def_readwrite("scale_wh", &D::scale_wh, "Factor of the loss of the sizes; 10 by default.")
      .def_readwrite("scale_no_object", &D::scale_no_object,
                     "Factor of the confidence's loss where nothing is to be found; 5 by default.")
      .def_readwrite("scale_object", &D::scale_object, "Factor of the confidence's loss of objects; 100 by default.")
      .def_readwrite("scale_class", &D::scale_class, "Factor of the loss of the classes; 2 by default.")
      .def_readwrite("min_iou_for_object_presence", &D::min_iou_for_object_presence,
                     "Above it an anchor box stands for the object of its cell, even if another fits better; 0.7 by default.")
      .def_readwrite("max_iou_for_object_absence", &D::max_iou_for_object_absence,
                     "Below it an anchor box is to find nothing; 0.3 by default.")
      .def_readwrite("number_of_anchor_boxes", &D::number_of_anchor_boxes, "Anchor boxes of each cell.")
      .def_property(
          "anchor_boxes", [](const D& self) { return array_from(self.anchor_boxes); },
          [](D& self, const ArrayLike& values) { self.anchor_boxes = floats_from_data(values, "anchor_boxes"); },
          "Width and height of each anchor box, in cells: a copy.")
      .def("__copy__", [](const D& self) { return self; })
      .def(
          "__eq__", [](const D& a, const D& b) { return a == b; }, py::is_operator());
}

}  // namespace

void bind_yolo_loss(py::module_& m) {
  bind_descriptor(m);
  bind_node<CNNYOLOLossNode>(m, "MPSCNNYOLOLossNode",
                             R"(The YOLO loss and, as result image, its gradient with respect to the source.

H x W x A * (5 + K), the predictions of A anchor boxes and K classes in the cells of a grid, to H x W x A * (5 + K), with the loss l
of MPSCNNYOLOLossDescriptor, which has the formulae and the layout of the channels:

    y = dl/dx

The labels come in through `input_labels`: when encoding, source_states holds a list with one MPSCNNLossLabels for each image, whose
labels have the source's size. The loss is written into their loss images, in float32. The backward part of a network starts here:
training_graph_with_source_gradient() of this filter.

In PyTorch:

    def boxes(image):
        return image.unflatten(1, (number_of_anchor_boxes, -1)).transpose(1, 2)

    def intersection_over_union(both, one, other):
        return both / (one.prod(1) + other.prod(1) - both)

    anchors = torch.tensor(anchor_boxes, dtype=x.dtype).view(1, -1, 2, 1, 1).transpose(1, 2)
    p, t = boxes(x), boxes(labels)
    place, size = t[:, :2], t[:, 2:4]
    iou = intersection_over_union(torch.minimum(size, anchors).prod(1), size, anchors)
    fits = (iou == iou.amax(1, keepdim=True)) | (iou > min_iou_for_object_presence)
    is_object = (t[:, 4] == 1) & fits
    finds_nothing = (iou < max_iou_for_object_absence) & ~is_object

    centre, extent = torch.sigmoid(p[:, :2]), torch.exp(p[:, 2:4]) * anchors
    low = torch.maximum(centre - extent / 2, place - size / 2)
    high = torch.minimum(centre + extent / 2, place + size / 2)
    found = intersection_over_union((high - low).clamp(min=0).prod(1), extent, size) if rescore else torch.ones_like(iou)
    confidence = torch.where(is_object, found, 0).detach()[:, None]

    is_object, finds_nothing = is_object[:, None], finds_nothing[:, None]
    l = torch.cat([
        scale_xy * is_object * losses(xy_loss_descriptor, centre, place),
        scale_wh * is_object * losses(wh_loss_descriptor, p[:, 2:4], torch.log(size / anchors + 1e-5)),
        (scale_object * is_object + scale_no_object * finds_nothing)
        * losses(confidence_loss_descriptor, p[:, 4:5], confidence),
        scale_class * is_object * losses(classes_loss_descriptor, p[:, 5:], t[:, 5:]),
    ], 1)
    y, = torch.autograd.grad((boxes(weights) * l).sum(), x)

where losses is the function of MPSCNNLossNode; labels, and weights or 1, have the size of x.

Open: the formula, of which only the structure is published. It is that of the objective that Turi Create trains beside Apple's kernel.
Open: whether the number of objects divides the loss. It does not: put such divisors into the scales.
Open: a weights image in the labels. It is a factor of every element.

loss_descriptor: the loss; copied. Raises InvalidArgumentError for a descriptor that does not fit together, and when encoding
ShapeError for a number of channels that is not A * (5 + K) with a K of 1 or more.)")
      .def(py::init<ImageNodePtr, const CNNYOLOLossDescriptor&>(), "source"_a.none(false), py::kw_only(),
           "loss_descriptor"_a.none(false), "The loss of the predictions `source`.")
      .def_property_readonly("input_labels", &CNNYOLOLossNode::input_labels, "The place of the labels in the graph.");
}

}  // namespace mpsnn
