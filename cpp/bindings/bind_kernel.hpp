#pragma once

#include "bind_node.hpp"
#include "classes.hpp"
#include "mpsnn/kernel_of.hpp"

// How a kernel class is bound: bindings/kernels/<family>.cpp, after its nodes.

namespace mpsnn {

/// The Python class of a kernel; its op's `fields` become documented properties.
template <class Kernel, class Base>
auto bind_kernel_class(py::module_& m, const char* name, const char* doc) {
  py::classh<Kernel, Base> cls(m, name, doc);
  using Attributes = typename binding::AttributesOf<Kernel>::type;
  if constexpr (!std::is_void_v<Attributes>) {
    Attributes::fields([&](const char* field, auto member, const char* sentence, auto... access) {
      binding::def_attribute<Kernel>(cls, field, member, sentence, access...);
    });
  }
  return cls;
}

/// A kernel without attributes of its own: its constructor takes the device.
template <class Kernel, class Base>
auto bind_plain_kernel(py::module_& m, const char* name, const char* doc) {
  auto cls = bind_kernel_class<Kernel, Base>(m, name, doc);
  cls.def(py::init([](const DeviceArgument& device) { return std::make_shared<Kernel>(device_from(device)); }), py::kw_only(),
          "device"_a = py::none(), "On a device, the default one by default.");
  return cls;
}

}  // namespace mpsnn
