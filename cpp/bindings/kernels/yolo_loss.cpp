#include "mpsnn/kernels/yolo_loss.hpp"

#include "loss_encode.hpp"

namespace mpsnn {

void bind_yolo_loss_kernels(py::module_& m) {
  using K = CNNYOLOLoss;
  py::classh<K, CNNKernel> cls(m, "MPSCNNYOLOLoss", R"(The kernel of MPSCNNYOLOLossNode.

loss_descriptor: the loss; copied. Raises what MPSCNNYOLOLossNode raises.)");
  cls.def(py::init([](const CNNYOLOLossDescriptor& loss_descriptor, const DeviceArgument& device) {
            return std::make_shared<K>(device_from(device), loss_descriptor);
          }),
          "loss_descriptor"_a.none(false), py::kw_only(), "device"_a = py::none(), "On a device, the default one by default.");
  bind_loss_encodes(cls);
  cls.def_property_readonly("loss_xy", &K::loss_xy, "The loss of the centres, on its own.")
      .def_property_readonly("loss_wh", &K::loss_wh, "The loss of the logarithms of the sizes, on its own.")
      .def_property_readonly("loss_confidence", &K::loss_confidence, "The loss of the confidences, on its own.")
      .def_property_readonly("loss_classes", &K::loss_classes, "The loss of the class scores, on its own.")
      .def_property_readonly(
          "anchor_boxes", [](const K& self) { return array_from(self.descriptor().anchor_boxes); },
          "Width and height of each anchor box, in cells: a copy.");
  const auto property = [&](const char* name, auto member, const char* doc) {
    cls.def_property_readonly(
        name, [member](const K& self) { return self.descriptor().*member; }, doc);
  };
  using D = CNNYOLOLossDescriptor;
  property("scale_xy", &D::scale_xy, "Factor of the loss of the centres.");
  property("scale_wh", &D::scale_wh, "Factor of the loss of the sizes.");
  property("scale_no_object", &D::scale_no_object, "Factor of the confidence's loss where nothing is to be found.");
  property("scale_object", &D::scale_object, "Factor of the confidence's loss of objects.");
  property("scale_class", &D::scale_class, "Factor of the loss of the classes.");
  property("min_iou_for_object_presence", &D::min_iou_for_object_presence,
           "Above it an anchor box stands for the object of its cell.");
  property("max_iou_for_object_absence", &D::max_iou_for_object_absence, "Below it an anchor box is to find nothing.");
  property("reduction_type", &D::reduction_type, "How the elements of an image become its loss.");
  property("number_of_anchor_boxes", &D::number_of_anchor_boxes, "Anchor boxes of each cell.");
  property("reduce_across_batch", &D::reduce_across_batch, "Whether the first loss image gets the loss of the whole batch.");
}

}  // namespace mpsnn
