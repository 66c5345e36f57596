#include "types.hpp"

#include "mpsnn/error.hpp"
#include "mpsnn/saved_graph.hpp"

namespace mpsnn {

std::shared_ptr<Device> device_from(const DeviceArgument& argument) {
  if (!argument) return nullptr;
  if (const auto* name = std::get_if<std::string>(&*argument)) return device_named(*name);
  return std::get<std::shared_ptr<Device>>(*argument);
}

namespace {

void release(PyObject* object) {
  if (!object || !Py_IsInitialized()) return;  // the interpreter is gone and its objects with it
  py::gil_scoped_acquire lock;
  Py_DECREF(object);
}

}  // namespace

std::shared_ptr<void> keep(py::object object) {
  return {object.release().ptr(), [](void* p) { release(static_cast<PyObject*>(p)); }};
}

PythonHandle::PythonHandle(py::object object) : object_(object.release().ptr()) {}
PythonHandle::~PythonHandle() { release(object_); }

std::string PythonHandle::label() const {
  py::gil_scoped_acquire lock;
  py::object label = object();
  if (!py::isinstance<py::str>(label)) {
    label = py::getattr(label, "label", py::none());
    if (PyCallable_Check(label.ptr())) label = label();
  }
  return label.is_none() ? std::string() : std::string(py::str(label));
}

std::shared_ptr<Handle> handle_from(py::handle object) {
  if (object.is_none()) return nullptr;
  if (py::isinstance<NativeHandle>(object)) {
    if (auto native = object.cast<NativeHandle>().handle) return native;
  }
  return std::make_shared<PythonHandle>(py::reinterpret_borrow<py::object>(object));
}

py::object handle_to(const std::shared_ptr<Handle>& handle) {
  if (!handle) return py::none();
  if (const auto* ours = dynamic_cast<const PythonHandle*>(handle.get())) return ours->object();
  if (const auto* named = dynamic_cast<const NamedHandle*>(handle.get())) return py::str(named->label());
  return py::cast(NativeHandle{handle});
}

std::vector<float> floats_from(const py::handle& array, const std::string& what, std::optional<std::size_t> count) {
  const auto given = py::array::ensure(array);
  if (!given || std::string("fiub").find(given.dtype().kind()) == std::string::npos) {
    throw InvalidArgument(what + ": expected an array of real numbers, got " + std::string(py::str(py::type::of(array))));
  }
  if (count && std::size_t(given.size()) != *count) {
    throw InvalidArgument(what + ": expected " + std::to_string(*count) + " values, got " + std::to_string(given.size()));
  }
  const auto floats = py::array_t<float, py::array::c_style | py::array::forcecast>::ensure(given);
  if (!floats) throw py::error_already_set();
  return {floats.data(), floats.data() + floats.size()};
}

py::array_t<float> array_from(std::span<const float> values) {
  return py::array_t<float>(py::ssize_t(values.size()), values.data());
}

}  // namespace mpsnn
