#pragma once

#include "bindings.hpp"

namespace mpsnn {

/// Makes the classes of a module refuse what ends the process in pybind11: methods of None, objects whose `__init__` did not run,
/// and pickle's protocols 0 and 1.
void guard_classes(py::module_& m);

}  // namespace mpsnn
