#include "mpsnn/kernels/loss.hpp"

#include "loss_encode.hpp"

namespace mpsnn {

void bind_loss_kernels(py::module_& m) {
  py::classh<CNNLoss, CNNKernel> cls(m, "MPSCNNLoss", R"(The kernel of MPSCNNLossNode.

loss_descriptor: the loss; copied. Raises what MPSCNNLossNode raises.)");
  cls.def(py::init([](const CNNLossDescriptor& loss_descriptor, const DeviceArgument& device) {
            return std::make_shared<CNNLoss>(device_from(device), loss_descriptor);
          }),
          "loss_descriptor"_a.none(false), py::kw_only(), "device"_a = py::none(), "On a device, the default one by default.");
  bind_loss_encodes(cls);
  const auto property = [&](const char* name, auto member, const char* doc) {
    cls.def_property_readonly(
        name, [member](const CNNLoss& self) { return self.descriptor().*member; }, doc);
  };
  using D = CNNLossDescriptor;
  property("loss_type", &D::loss_type, "Which function.");
  property("reduction_type", &D::reduction_type, "How the elements of an image become its loss.");
  property("weight", &D::weight, "Factor of every element of loss and gradient.");
  property("label_smoothing", &D::label_smoothing, "How much of the labels is spread.");
  property("number_of_classes", &D::number_of_classes, "For the smoothing of the softmax cross entropy.");
  property("epsilon", &D::epsilon, "Keeps the logarithms of Log finite.");
  property("delta", &D::delta, "Where Huber turns from a parabola into a line.");
  property("reduce_across_batch", &D::reduce_across_batch, "Whether the first loss image gets the loss of the whole batch.");
}

}  // namespace mpsnn
