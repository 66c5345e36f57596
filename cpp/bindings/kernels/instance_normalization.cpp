#include "mpsnn/kernels/instance_normalization.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

template <class Kernel, class Source>
void bind(py::module_& m, const char* name, const char* doc) {
  using K = Kernel;
  py::classh<K, CNNKernel>(m, name, doc)
      .def(py::init([](std::shared_ptr<Source> data_source, const DeviceArgument& device) {
             return std::make_shared<K>(device_from(device), std::move(data_source));
           }),
           "data_source"_a.none(false), py::kw_only(), "device"_a = py::none(),
           "Reads the data source; raises what making a graph with it raises.")
      .def("reload_gamma_and_beta_from_data_source", &K::reload_gamma_and_beta_from_data_source,
           "Reads gamma and beta of the data source again.", py::call_guard<py::gil_scoped_release>())
      .def("reload_gamma_and_beta_with_command_buffer", &K::reload_gamma_and_beta_with_command_buffer,
           "command_buffer"_a.none(false), "gamma_and_beta_state"_a.none(false),
           "Takes gamma and beta of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.")
      .def_property("epsilon", &K::epsilon, &K::set_epsilon,
                    "Added to variances; the data source's by default. Encodes and states keep the one that they were made with. "
                    "InvalidArgumentError for negative ones.")
      .def_property_readonly(
          "data_source", [](const K& self) { return self.data_source(); }, "As given.");
}

}  // namespace

void bind_instance_normalization_kernels(py::module_& m) {
  bind<CNNInstanceNormalization, CNNInstanceNormalizationDataSource>(m, "MPSCNNInstanceNormalization",
                                                                     "The kernel of MPSCNNInstanceNormalizationNode.");
  bind<CNNGroupNormalization, CNNGroupNormalizationDataSource>(m, "MPSCNNGroupNormalization",
                                                               "The kernel of MPSCNNGroupNormalizationNode.");
  bind_plain_kernel<CNNInstanceNormalizationGradient, CNNGradientKernel>(
      m, "MPSCNNInstanceNormalizationGradient",
      "The kernel of MPSCNNInstanceNormalizationGradientNode. The states, one for each image, know the forward kernel's "
      "parameters; "
      "the gradients of gamma and beta go into them.");
  bind_plain_kernel<CNNGroupNormalizationGradient, CNNGradientKernel>(
      m, "MPSCNNGroupNormalizationGradient",
      "The kernel of MPSCNNGroupNormalizationGradientNode. The states, one for each image, know the forward kernel's parameters; "
      "the "
      "gradients of gamma and beta go into them.");

  static constexpr const char* kMaker =
      "The kernel that made the state; for a graph's state one that shares its filter's parameters.";
  declared<py::classh<CNNInstanceNormalizationGradientState, NNGradientState>>().def_property_readonly(
      "instance_normalization", &CNNInstanceNormalizationGradientState::instance_normalization, kMaker);
  declared<py::classh<CNNGroupNormalizationGradientState, NNGradientState>>().def_property_readonly(
      "group_normalization", &CNNGroupNormalizationGradientState::group_normalization, kMaker);
}

}  // namespace mpsnn
