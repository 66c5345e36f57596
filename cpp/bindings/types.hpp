#pragma once

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/typing.h>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "mpsnn/device.hpp"
#include "mpsnn/node.hpp"

namespace mpsnn {

namespace py = pybind11;
using namespace pybind11::literals;  // NOLINT: every binding file writes "name"_a

// Classes ------------------------------------------------------------------------------------------------------------

/// A class that `declare_classes` made earlier, to add members to it.
template <class Class>
Class declared() {
  return py::reinterpret_borrow<Class>(py::type::of<typename Class::type>());
}

// Text that may be absent -------------------------------------------------------------------------------------------

/// An empty label is None in Python.
inline std::optional<std::string> optional_text(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

/// The property `label` of a class with a public `label`.
template <class Class>
void def_label(Class& cls, const char* doc = "Name used in messages and dumps; None by default.") {
  using T = typename Class::type;
  cls.def_property(
      "label", [](const T& self) { return optional_text(self.label); },
      [](T& self, const std::optional<std::string>& label) { self.label = label.value_or(""); }, doc);
}

// Pointers that may be null -----------------------------------------------------------------------------------------

/// Null is None in Python, and the signature says so.
template <class T>
std::optional<std::shared_ptr<T>> or_none(std::shared_ptr<T> pointer) {
  return pointer ? std::optional(std::move(pointer)) : std::nullopt;
}

// Devices -----------------------------------------------------------------------------------------------------------

/// `device=`: a Device, its name, or None for the default one.
using DeviceArgument = std::optional<std::variant<std::shared_ptr<Device>, std::string>>;

/// Null stands for the default device. Throws InvalidArgument for a name this machine does not have.
std::shared_ptr<Device> device_from(const DeviceArgument& argument);

// Python objects inside the engine ----------------------------------------------------------------------------------

/// Owns a Python object on behalf of C++; may be released on any thread, also after the interpreter has ended.
std::shared_ptr<void> keep(py::object object);

/// Any Python object as a handle: it comes back as itself. Its label is its `label` (text, or a method that returns
/// text), or the object when it is text.
class PythonHandle final : public Handle {
 public:
  explicit PythonHandle(py::object object);
  ~PythonHandle() override;
  std::string label() const override;
  py::object object() const { return py::reinterpret_borrow<py::object>(object_); }

 private:
  PyObject* object_;
};

/// What Python sees of a handle that the library made: the placeholder for an input node without one.
struct NativeHandle {
  std::shared_ptr<Handle> handle;  ///< null for instances of Python's own subclasses
};

std::shared_ptr<Handle> handle_from(py::handle object);
py::object handle_to(const std::shared_ptr<Handle>& handle);

// Numbers -----------------------------------------------------------------------------------------------------------

/// What NumPy can make an array of.
class ArrayLike : public py::object {
  PYBIND11_OBJECT_DEFAULT(ArrayLike, object, PyObject_Type)
};

/// The values of an array of any shape and real type as float32, in C order. `what` names the argument in messages;
/// `count` is how many there must be. Throws InvalidArgument.
std::vector<float> floats_from(const py::handle& array, const std::string& what, std::optional<std::size_t> count = std::nullopt);

/// A copy as a one-dimensional NumPy array.
py::array_t<float> array_from(std::span<const float> values);

}  // namespace mpsnn

namespace pybind11::detail {

template <>
struct handle_type_name<mpsnn::ArrayLike> {
  static constexpr auto name = const_name("numpy.typing.ArrayLike");
};

template <>
struct type_caster<std::shared_ptr<mpsnn::Handle>> {
  PYBIND11_TYPE_CASTER(std::shared_ptr<mpsnn::Handle>, io_name("object | None", "typing.Any"));
  bool load(handle source, bool) {
    value = mpsnn::handle_from(source);
    return true;
  }
  static handle cast(const std::shared_ptr<mpsnn::Handle>& source, return_value_policy, handle) {
    return mpsnn::handle_to(source).release();
  }
};

}  // namespace pybind11::detail
