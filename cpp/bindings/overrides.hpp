#pragma once

#include <string>
#include <utility>

#include "mpsnn/error.hpp"
#include "types.hpp"

// Calls from C++ to methods that a Python class may define; with the interpreter lock held.

namespace mpsnn {

/// `Class.method` of the Python object behind `self`, for messages.
template <class Protocol>
std::string method_name(const Protocol* self, const char* method) {
  const auto object = py::cast(self, py::return_value_policy::reference);
  return std::string(py::str(py::type::of(object).attr("__name__"))) + "." + method;
}

/// The result as a `T`; the message of the error names the method and what it returned.
template <class T, class Protocol>
T cast_result(const Protocol* self, const char* method, const py::object& result, const char* expected) {
  try {
    return result.cast<T>();
  } catch (const py::cast_error&) {
  } catch (const py::reference_cast_error&) {  // None where there must be a value
  }
  throw InvalidArgument(method_name(self, method) + " must return " + expected + ", got " + std::string(py::repr(result)));
}

/// Calls a method that the protocol requires.
template <class Protocol, class... Args>
py::object call_required(const Protocol* self, const char* method, Args&&... args) {
  const py::function f = py::get_override(self, method);
  if (!f) throw InvalidArgument(method_name(self, method) + " is missing: the protocol requires it");
  return f(std::forward<Args>(args)...);
}

/// Calls a method that may be left out; None then.
template <class Protocol, class... Args>
py::object call_optional(const Protocol* self, const char* method, Args&&... args) {
  const py::function f = py::get_override(self, method);
  return f ? f(std::forward<Args>(args)...) : py::none();
}

}  // namespace mpsnn
