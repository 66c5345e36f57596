#include "mpsnn/kernels/neuron.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

template <class Class>
void bind_constants(Class& cls) {
  using Kernel = typename Class::type;
  cls.def_property_readonly(
         "neuron_type", [](const Kernel& k) { return k.descriptor().neuron_type; }, "Which function.")
      .def_property_readonly(
          "a", [](const Kernel& k) { return k.descriptor().a; }, "First constant.")
      .def_property_readonly(
          "b", [](const Kernel& k) { return k.descriptor().b; }, "Second constant.")
      .def_property_readonly(
          "c", [](const Kernel& k) { return k.descriptor().c; }, "Third constant.")
      .def_property_readonly(
          "data",
          [](const Kernel& k) -> std::optional<py::array_t<float>> {
            if (k.descriptor().data.empty()) return std::nullopt;
            return array_from(k.descriptor().data);
          },
          "PReLU's slope of each channel (a copy), else None.");
}

template <CNNNeuronType type>
void bind(py::module_& m, const char* name) {
  using Kernel = CNNNeuronOf<type>;
  static const std::string doc = std::string("MPSCNNNeuron for descriptors of type ") + name_of(type) + ".";
  py::classh<Kernel, CNNNeuron>(m, name, doc.c_str())
      .def(py::init([name](const NNNeuronDescriptor& descriptor, const DeviceArgument& device) {
             return std::make_shared<Kernel>(device_from(device), descriptor, name);
           }),
           "neuron_descriptor"_a, py::kw_only(), "device"_a = py::none(),
           "Raises InvalidArgumentError for a descriptor of another type.");
}

}  // namespace

void bind_neuron_kernels(py::module_& m) {
  py::classh<CNNNeuron, CNNKernel> neuron(
      m, "MPSCNNNeuron", "The kernel of the neuron nodes: y = f(x) for each element; see MPSNNNeuronDescriptor.");
  neuron.def(py::init([](const NNNeuronDescriptor& descriptor, const DeviceArgument& device) {
               return std::make_shared<CNNNeuron>(device_from(device), descriptor);
             }),
             "neuron_descriptor"_a, py::kw_only(), "device"_a = py::none(), "The descriptor is copied.");
  bind_constants(neuron);
  using Type = CNNNeuronType;
  bind<Type::Absolute>(m, "MPSCNNNeuronAbsolute");
  bind<Type::ELU>(m, "MPSCNNNeuronELU");
  bind<Type::Exponential>(m, "MPSCNNNeuronExponential");
  bind<Type::HardSigmoid>(m, "MPSCNNNeuronHardSigmoid");
  bind<Type::Linear>(m, "MPSCNNNeuronLinear");
  bind<Type::Logarithm>(m, "MPSCNNNeuronLogarithm");
  bind<Type::PReLU>(m, "MPSCNNNeuronPReLU");
  bind<Type::Power>(m, "MPSCNNNeuronPower");
  bind<Type::ReLU>(m, "MPSCNNNeuronReLU");
  bind<Type::ReLUN>(m, "MPSCNNNeuronReLUN");
  bind<Type::Sigmoid>(m, "MPSCNNNeuronSigmoid");
  bind<Type::SoftPlus>(m, "MPSCNNNeuronSoftPlus");
  bind<Type::SoftSign>(m, "MPSCNNNeuronSoftSign");
  bind<Type::TanH>(m, "MPSCNNNeuronTanH");

  py::classh<CNNNeuronGradient, CNNGradientKernel> gradient(m, "MPSCNNNeuronGradient",
                                                            "The kernel of MPSCNNNeuronGradientNode: g * f'(x).");
  gradient.def(py::init([](const NNNeuronDescriptor& descriptor, const DeviceArgument& device) {
                 return std::make_shared<CNNNeuronGradient>(device_from(device), descriptor);
               }),
               "neuron_descriptor"_a, py::kw_only(), "device"_a = py::none(), "The forward kernel's descriptor; it is copied.");
  bind_constants(gradient);
}

}  // namespace mpsnn
