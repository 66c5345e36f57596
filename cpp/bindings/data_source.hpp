#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "mpsnn/data_source.hpp"
#include "overrides.hpp"
#include "types.hpp"

// What the protocols of data sources share: calls of methods that Python classes define, and members with one text.

namespace mpsnn {

inline bool truth(const py::object& result) {
  const int value = PyObject_IsTrue(result.ptr());
  if (value < 0) throw py::error_already_set();
  return value != 0;
}

template <class Protocol>
bool defines(const Protocol* self, const char* method) {
  py::gil_scoped_acquire lock;
  return bool(py::get_override(self, method));
}

template <class Protocol>
std::string label_of(const Protocol* self) {
  py::gil_scoped_acquire lock;
  return cast_result<std::optional<std::string>>(self, "label", call_optional(self, "label"), "text or None").value_or("");
}

template <class Protocol>
std::shared_ptr<DataSource> copy_of(const Protocol* self, const char* expected) {
  py::gil_scoped_acquire lock;
  return cast_result<std::shared_ptr<Protocol>>(self, "copy_with_zone", call_optional(self, "copy_with_zone"), expected);
}

/// A method with a default: the C++ class's where Python has none.
template <class T, class Protocol, class Default>
T value_or(const Protocol* self, const char* method, const char* expected, const Default& otherwise) {
  py::gil_scoped_acquire lock;
  const py::function f = py::get_override(self, method);
  return f ? cast_result<T>(self, method, f(), expected) : otherwise();
}

using OptionalArray = std::optional<py::array_t<float>>;

inline OptionalArray optional_array(std::span<const float> values) {
  return values.empty() ? std::nullopt : OptionalArray(array_from(values));
}

inline constexpr const char* kLoad =
    "Data is about to be read. Returns whether that will work: False fails what was being made. Required.";
inline constexpr const char* kPurge = "Balances one `load`: the data is not read before the next. Required.";
inline constexpr const char* kLabel = "Name for messages and dumps, or None.";

/// copy_with_zone: the same for all protocols.
template <class Class>
void def_copy(Class& cls) {
  using Protocol = typename Class::type;
  cls.def(
      "copy_with_zone",
      [](const Protocol& self, const py::object&, const DeviceArgument&) {
        return or_none(std::dynamic_pointer_cast<Protocol>(self.copy()));
      },
      "zone"_a = py::none(), "device"_a = py::none(),
      "The source for a copy of a graph; None, the default, shares this one. `zone` is ignored.");
}

}  // namespace mpsnn
