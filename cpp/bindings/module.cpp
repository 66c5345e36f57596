#include "bindings.hpp"
#include "families.hpp"
#include "guards.hpp"

namespace mpsnn {

#define MPSNN_DECLARE(family) void bind_##family(py::module_& m);
MPSNN_FOR_EACH_FAMILY(MPSNN_DECLARE)
#undef MPSNN_DECLARE
#define MPSNN_DECLARE(family) void bind_##family##_kernels(py::module_& m);
MPSNN_FOR_EACH_KERNEL_FAMILY(MPSNN_DECLARE)
#undef MPSNN_DECLARE

}  // namespace mpsnn

PYBIND11_MODULE(_core, m) {
  using namespace mpsnn;
  m.doc() = "The compiled part of mpsnn; `import mpsnn` instead.";
  bind_errors(m);
  bind_enums(m);
  bind_structs(m);

  declare_classes(m);
  bind_device(m);
  bind_command_buffer(m);
  bind_buffer(m);
  bind_image(m);
  bind_state(m);
  bind_kernel(m);
  bind_binary_kernel(m);
  bind_padding(m);
  bind_node_classes(m);
  bind_graph(m);
  bind_saved_graph(m);
  bind_functions(m);

#define MPSNN_BIND(family) bind_##family(m);
  MPSNN_FOR_EACH_FAMILY(MPSNN_BIND)
#undef MPSNN_BIND
#define MPSNN_BIND(family) bind_##family##_kernels(m);
  MPSNN_FOR_EACH_KERNEL_FAMILY(MPSNN_BIND)
#undef MPSNN_BIND

  bind_optimizer(m);
  bind_convolution_weights(m);
  bind_batch_normalization_weights(m);
  bind_normalization_weights(m);
  bind_data_source(m);

  guard_classes(m);
  py::list names;
  for (const auto& [name, value] : m.attr("__dict__").cast<py::dict>()) {
    if (!name.cast<std::string>().starts_with('_')) names.append(name);
  }
  m.attr("__all__") = names;
}
