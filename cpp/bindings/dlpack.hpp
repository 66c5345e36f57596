#pragma once

#include "types.hpp"

namespace mpsnn {

/// An array over the memory of an object with `__dlpack__`, which it keeps alive. Throws InvalidArgument for memory of
/// another device than the CPU and for types that NumPy does not have.
py::array array_from_dlpack(const py::object& source, const std::string& what);

}  // namespace mpsnn
