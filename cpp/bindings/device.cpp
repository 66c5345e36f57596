#include "mpsnn/device.hpp"

#include "bindings.hpp"
#include "classes.hpp"

namespace mpsnn {

void bind_device(py::module_& m) {
  declared<DeviceClass>()
      .def_property_readonly("name", &Device::name, "Short name, such as 'cpu': what `device=` takes.")
      .def_property_readonly("description", &Device::description, "For people: processor, threads, libraries.")
      .def("implementations", &Device::implementations, "node"_a.none(false),
           "Names of the implementations of the node's kernel on this device, best first; empty where there is none.")
      .def("__repr__", [](const Device& self) { return "<Device '" + self.name() + "'>"; });

  auto queue = declared<CommandQueueClass>();
  def_label(queue);
  queue
      .def(py::init([](const DeviceArgument& device) { return CommandQueue::make(device_from(device)); }),
           "device"_a = py::none(), "A queue of a device, the default one for None.")
      .def_property_readonly("device", &CommandQueue::device, "The device it runs on.")
      .def("command_buffer", &CommandQueue::command_buffer, "A new command buffer, to be filled and committed once.")
      .def("__repr__", [](const CommandQueue& self) {
        return "<CommandQueue" + (self.label.empty() ? "" : " \"" + self.label + "\"") + " on '" + self.device()->name() + "'>";
      });

  m.def("devices", &devices, "What this machine has, fastest first.");
  m.def(
      "implementations",
      [](const NNFilterNode& node, const DeviceArgument& device) { return implementations(node, device_from(device)); },
      "node"_a.none(false), "device"_a = py::none(),
      "Names of the implementations of the node's kernel on a device, the default one for None; best first.");
  m.def("_stop_all_queues", &stop_all_queues, py::call_guard<py::gil_scoped_release>());
  // Queue threads call Python: none may be left when the interpreter goes away.
  py::module_::import("atexit").attr("register")(m.attr("_stop_all_queues"));
}

}  // namespace mpsnn
