#pragma once

#include <exception>

#include "types.hpp"

namespace mpsnn {

class PythonException : public py::object {
  PYBIND11_OBJECT_DEFAULT(PythonException, object, PyExceptionInstance_Check)
};

/// Throws a stored failure so that Python sees it as if it had been raised here, any number of times.
[[noreturn]] void raise(const std::exception_ptr& failure);

/// The Python exception for a stored failure, None for null.
py::typing::Optional<PythonException> exception_object(const std::exception_ptr& failure);

}  // namespace mpsnn

namespace pybind11::detail {

template <>
struct handle_type_name<mpsnn::PythonException> {
  static constexpr auto name = const_name("BaseException");
};

}  // namespace pybind11::detail
