#include "mpsnn/nodes/neuron.hpp"

#include "bind_node.hpp"
#include "data.hpp"

namespace mpsnn {

namespace {

void bind_descriptor(py::module_& m) {
  using Constant = std::optional<float>;
  py::classh<NNNeuronDescriptor>(m, "MPSNNNeuronDescriptor", R"(An activation function and its constants.

type: which function. a, b, c: its constants; those left out have the type's documented defaults (ReLU a=0; Linear a=1, b=0;
HardSigmoid a=0.2, b=0.5; TanH and SoftPlus a=1, b=1; ELU a=1; ReLUN a=1, b=6; Power a=1, b=0, c=1; Exponential and Logarithm
a=1, b=0, c=-1, where c=-1 stands for the base e). Constants that a type does not use are ignored.
PReLU takes its slopes from `data`: see cnn_neuron_prelu_descriptor.)")
      .def(py::init([](CNNNeuronType type, Constant a, Constant b, Constant c) {
             NNNeuronDescriptor d = NNNeuronDescriptor::with_type(type);
             d.a = a.value_or(d.a);
             d.b = b.value_or(d.b);
             d.c = c.value_or(d.c);
             return d;
           }),
           "type"_a, py::kw_only(), "a"_a = py::none(), "b"_a = py::none(), "c"_a = py::none(),
           "The function `type`; a constant that is None has the type's default.")
      .def_static(
          "cnn_neuron_prelu_descriptor",
          [](const ArrayLike& data, bool) { return NNNeuronDescriptor::prelu(floats_from_data(data, "data")); }, "data"_a,
          "no_copy"_a, R"(PReLU with one slope for each feature channel.

data: an array, or bytes of packed float32; at least as many values as the source has channels. It is copied; `no_copy` has no
effect.)")
      .def_readwrite("neuron_type", &NNNeuronDescriptor::neuron_type, "Which function.")
      .def_readwrite("a", &NNNeuronDescriptor::a, "First constant.")
      .def_readwrite("b", &NNNeuronDescriptor::b, "Second constant.")
      .def_readwrite("c", &NNNeuronDescriptor::c, "Third constant.")
      .def_property(
          "data",
          [](const NNNeuronDescriptor& d) {
            return d.data.empty() ? std::nullopt : std::optional<py::array_t<float>>(array_from(d.data));
          },
          [](NNNeuronDescriptor& d, const std::optional<ArrayLike>& data) {
            d.data = data ? floats_from_data(*data, "data") : std::vector<float>();
          },
          "PReLU's slopes (a copy), None without.")
      .def(
          "__eq__", [](const NNNeuronDescriptor& a, const NNNeuronDescriptor& b) { return a == b; }, py::is_operator())
      .def("__repr__", [](const NNNeuronDescriptor& d) {
        return py::str("MPSNNNeuronDescriptor({}, a={}, b={}, c={})").format(name_of(d.neuron_type), d.a, d.b, d.c);
      });
}

/// A subclass whose constructor takes `names` as keywords with the documented defaults.
template <class Node, class... Argument>
void bind_neuron_node(py::module_& m, const char* name, const char* doc, const Argument&... arguments) {
  auto cls = bind_node<Node, CNNNeuronNode>(m, name, doc);
  if constexpr (sizeof...(Argument) == 0) {
    cls.def(py::init<ImageNodePtr>(), "source"_a.none(false), "f of every element of `source`.");
  } else {
    cls.def(py::init<ImageNodePtr, decltype((void)arguments, float())...>(), "source"_a.none(false), py::kw_only(), arguments...,
            "f of every element of `source`, with these constants.");
  }
}

}  // namespace

void bind_neuron(py::module_& m) {
  bind_descriptor(m);
  bind_node<CNNNeuronNode>(m, "MPSCNNNeuronNode", R"(Base of the activation filters: y = f(x) for every element.

The result has the source's size (H x W x C). The gradient is G * f'(x), with the one-sided derivative at a kink that the class
states; NaN in gives NaN out. No parameters are trained.)")
      .def_static(
          "with_descriptor", &CNNNeuronNode::with_descriptor, "source"_a.none(false), "descriptor"_a.none(false),
          R"(The filter of the subclass that fits the descriptor's type; for type None a linear filter that changes nothing.

Raises InvalidArgumentError for PReLU without data.)")
      .def_property_readonly("a", &CNNNeuronNode::a, "First constant; 0 where the function has none.")
      .def_property_readonly("b", &CNNNeuronNode::b, "Second constant; 0 where the function has none.")
      .def_property_readonly("c", &CNNNeuronNode::c, "Third constant; 0 where the function has none.");

  bind_neuron_node<CNNNeuronAbsoluteNode>(m, "MPSCNNNeuronAbsoluteNode", "f(x) = abs(x); f'(0) = 0.");
  bind_neuron_node<CNNNeuronELUNode>(m, "MPSCNNNeuronELUNode", "f(x) = x for x >= 0, else a * (e^x - 1).", "a"_a = 1.f);
  bind_neuron_node<CNNNeuronHardSigmoidNode>(
      m, "MPSCNNNeuronHardSigmoidNode",
      "f(x) = a * x + b kept within 0 and 1; f' = a where 0 <= a * x + b <= 1. PyTorch's hardsigmoid has a = 1 / 6.",
      "a"_a = 0.2f, "b"_a = 0.5f);
  bind_neuron_node<CNNNeuronLinearNode>(m, "MPSCNNNeuronLinearNode", "f(x) = a * x + b.", "a"_a = 1.f, "b"_a = 0.f);
  bind_node<CNNNeuronPReLUNode, CNNNeuronNode>(m, "MPSCNNNeuronPReLUNode", R"(f(x) = x for x >= 0, else a_data[channel] * x.

a_data: one slope for each feature channel, an array or bytes of packed float32; copied. There is no gradient for the slopes.
Raises InvalidArgumentError when a_data is empty, ShapeError when the source has more channels.)")
      .def(py::init([](ImageNodePtr source, const ArrayLike& a_data) {
             return std::make_shared<CNNNeuronPReLUNode>(std::move(source), floats_from_data(a_data, "a_data"));
           }),
           "source"_a.none(false), py::kw_only(), "a_data"_a.none(false), "f of every element of `source`, with these slopes.");
  bind_neuron_node<CNNNeuronReLUNNode>(
      m, "MPSCNNNeuronReLUNNode",
      "f(x) = min(x for x >= 0 else a * x, b); f' = 0 from b on. The documented default a = 1 leaves negative values alone: for "
      "ReLU6 pass a = 0.",
      "a"_a = 1.f, "b"_a = 6.f);
  bind_neuron_node<CNNNeuronReLUNode>(m, "MPSCNNNeuronReLUNode", "f(x) = x for x >= 0, else a * x; f'(0) = 1.", "a"_a = 0.f);
  bind_neuron_node<CNNNeuronSigmoidNode>(m, "MPSCNNNeuronSigmoidNode", "f(x) = 1 / (1 + e^-x).");
  bind_neuron_node<CNNNeuronSoftPlusNode>(m, "MPSCNNNeuronSoftPlusNode", "f(x) = a * ln(1 + e^(b * x)).", "a"_a = 1.f,
                                          "b"_a = 1.f);
  bind_neuron_node<CNNNeuronSoftSignNode>(m, "MPSCNNNeuronSoftSignNode", "f(x) = x / (1 + abs(x)).");
  bind_neuron_node<CNNNeuronTanHNode>(m, "MPSCNNNeuronTanHNode", "f(x) = a * tanh(b * x).", "a"_a = 1.f, "b"_a = 1.f);
  bind_neuron_node<CNNNeuronExponentialNode>(m, "MPSCNNNeuronExponentialNode",
                                             "f(x) = c^(a * x + b); c = -1 stands for the base e.", "a"_a = 1.f, "b"_a = 0.f,
                                             "c"_a = -1.f);
  bind_neuron_node<CNNNeuronLogarithmNode>(m, "MPSCNNNeuronLogarithmNode",
                                           "f(x) = logarithm of a * x + b to the base c; c = -1 stands for the base e.",
                                           "a"_a = 1.f, "b"_a = 0.f, "c"_a = -1.f);
  bind_neuron_node<CNNNeuronPowerNode>(m, "MPSCNNNeuronPowerNode", "f(x) = (a * x + b)^c, as pow in C.", "a"_a = 1.f, "b"_a = 0.f,
                                       "c"_a = 1.f);
  bind_neuron_node<CNNNeuronGeLUNode>(m, "MPSCNNNeuronGeLUNode", "f(x) = 0.5 * x * (1 + erf(x / sqrt(2))).");

  bind_node<CNNNeuronGradientNode, NNGradientFilterNode>(
      m, "MPSCNNNeuronGradientNode",
      R"(The gradient of an activation filter: result = source gradient * f'(source image).

source_image: the forward filter's source. gradient_state: the forward filter's result state. descriptor: the forward filter's
activation; copied. Raises InvalidArgumentError for PReLU without data.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr, NNNeuronDescriptor>(), "source_gradient"_a.none(false),
           "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false), "descriptor"_a.none(false),
           "The gradient filter of the forward filter that `gradient_state` is of.");
}

}  // namespace mpsnn
