#pragma once

#include <exception>

#include "types.hpp"

namespace mpsnn {

/// Throws a stored failure so that Python sees it as if it had been raised here, any number of times.
[[noreturn]] void raise(const std::exception_ptr& failure);

/// The Python exception for a stored failure, None for null.
py::object exception_object(const std::exception_ptr& failure);

}  // namespace mpsnn
