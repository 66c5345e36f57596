#pragma once

#include "types.hpp"

// The parts of the module, in the order in which `module.cpp` calls them.

namespace mpsnn {

void bind_errors(py::module_& m);
void bind_enums(py::module_& m);
void bind_structs(py::module_& m);

/// All classes of the core, empty: the signatures of their members name one another.
void declare_classes(py::module_& m);
void bind_device(py::module_& m);
void bind_command_buffer(py::module_& m);
void bind_buffer(py::module_& m);
void bind_image(py::module_& m);
void bind_state(py::module_& m);
void bind_kernel(py::module_& m);
void bind_binary_kernel(py::module_& m);
void bind_padding(py::module_& m);
void bind_node_classes(py::module_& m);
void bind_graph(py::module_& m);
void bind_saved_graph(py::module_& m);
void bind_functions(py::module_& m);

// After the families, whose states and descriptors they name.
void bind_optimizer(py::module_& m);
void bind_convolution_weights(py::module_& m);
void bind_batch_normalization_weights(py::module_& m);
void bind_normalization_weights(py::module_& m);
void bind_data_source(py::module_& m);
void bind_normalization_data_sources();

}  // namespace mpsnn
