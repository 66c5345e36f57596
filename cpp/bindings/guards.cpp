#include "guards.hpp"

#include <string>

namespace mpsnn {

namespace {

/// pybind11 takes memory from here when a method is called on an object that has no value yet, and leaves it as it is.
void* refuse_uninitialized(std::size_t) { throw py::type_error("the object is not initialized: its __init__ did not run"); }

/// A method without named arguments would take None, a null pointer, for the object.
void refuse_none(const py::handle& method) {
  const py::handle function = py::detail::get_function(method);
  if (!function || !PyCFunction_Check(function.ptr())) return;
  auto* record = py::detail::function_record_ptr_from_PyObject(PyCFunction_GET_SELF(function.ptr()));
  for (; record; record = record->next) {
    const bool has_object = record->is_method && !record->is_constructor && record->nargs > 0;
    if (has_object && record->args.empty()) record->args.emplace_back(nullptr, nullptr, py::handle(), true, false);
  }
}

/// For `__reduce__`, which pickle asks: the inherited one makes an object of pybind11's base class, which throws through the
/// interpreter.
py::tuple reduce(const py::object& self) {
  const py::handle object(reinterpret_cast<PyObject*>(&PyBaseObject_Type));
  const py::type cls = py::type::of(self);
  constexpr const char* kState = "__getstate__";
  if (!py::hasattr(cls, kState) || py::getattr(cls, kState).is(py::getattr(object, kState, py::none()))) {
    throw py::type_error(std::string("cannot pickle '") + Py_TYPE(self.ptr())->tp_name + "' object");
  }
  return py::make_tuple(py::module_::import("copyreg").attr("__newobj__"), py::make_tuple(cls), self.attr(kState)());
}

}  // namespace

void guard_classes(py::module_& m) {
  const auto& internals = py::detail::get_internals();
  const py::cpp_function reduce_function(&reduce, py::name("__reduce__"), py::arg("self"));
  const py::handle property(reinterpret_cast<PyObject*>(&PyProperty_Type));
  for (const auto& [name, value] : m.attr("__dict__").cast<py::dict>()) {
    if (Py_TYPE(value.ptr()) != internals.default_metaclass) continue;
    py::detail::get_type_info(reinterpret_cast<PyTypeObject*>(value.ptr()))->operator_new = &refuse_uninitialized;
    for (const auto& [member_name, member] : py::dict(value.attr("__dict__"))) {
      if (py::isinstance(member, property)) {
        refuse_none(member.attr("fget"));
        refuse_none(member.attr("fset"));
      } else {
        refuse_none(member);
      }
    }
    if (value.attr("__base__").ptr() == internals.instance_base) {
      py::setattr(value, "__reduce__", py::reinterpret_steal<py::object>(PyInstanceMethod_New(reduce_function.ptr())));
    }
  }
}

}  // namespace mpsnn
