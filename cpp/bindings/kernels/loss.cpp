#include "mpsnn/kernels/loss.hpp"

#include "loss_encode.hpp"
#include "loss_properties.hpp"

namespace mpsnn {

void bind_loss_kernels(py::module_& m) {
  py::classh<CNNLoss, CNNKernel> cls(m, "MPSCNNLoss", R"(The kernel of MPSCNNLossNode.

loss_descriptor: the loss; copied. Raises what MPSCNNLossNode raises.)");
  cls.def(py::init([](const CNNLossDescriptor& loss_descriptor, const DeviceArgument& device) {
            return std::make_shared<CNNLoss>(device_from(device), loss_descriptor);
          }),
          "loss_descriptor"_a.none(false), py::kw_only(), "device"_a = py::none(), "On a device, the default one by default.");
  bind_loss_encodes(cls);
  def_loss_properties(cls, [](const CNNLoss& self) -> const CNNLossDescriptor& { return self.descriptor(); });
}

}  // namespace mpsnn
