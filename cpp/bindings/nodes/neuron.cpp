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

/// What the documentation of an activation filter consists of.
struct Function {
  const char* summary;
  const char* formula;    // of f(x)
  const char* pytorch;    // lines of Python that end with y
  const char* more = "";  // about f', limits and the like
  const char* open = "";  // what Apple leaves open
};

std::string doc_of(const Function& f) {
  std::string text = std::string(f.summary) + "\n\nh x w x c to h x w x c, for every element:\n\n    f(x) = " + f.formula;
  if (*f.more) text += std::string("\n\n") + f.more;
  text += std::string("\n\nIn PyTorch:\n\n    ") + f.pytorch;
  if (*f.open) text += std::string("\n\n") + f.open;
  return text;
}

/// A subclass whose constructor takes `names` as keywords with the documented defaults.
template <class Node, class... Argument>
void bind_neuron_node(py::module_& m, const char* name, const Function& function, const Argument&... arguments) {
  auto cls = bind_node<Node, CNNNeuronNode>(m, name, doc_of(function).c_str());
  if constexpr (sizeof...(Argument) == 0) {
    cls.def(py::init<ImageNodePtr>(), "source"_a.none(false), "f of every element of `source`.");
  } else {
    cls.def(py::init<ImageNodePtr, decltype((void)arguments, float())...>(), "source"_a.none(false), py::kw_only(), arguments...,
            "f of every element of `source`, with these constants.");
  }
}

constexpr const char* kOpenConstants = "Open: the constants that are left out. They are those of the signature.";

}  // namespace

void bind_neuron(py::module_& m) {
  bind_descriptor(m);
  bind_node<CNNNeuronNode>(m, "MPSCNNNeuronNode", R"(Base of the activation filters: a function of every element.

h x w x c to h x w x c:

    y = f(x)

The gradient is g * f'(x), with the one-sided derivative at a kink that the class states. No parameters are trained.

Open: NaN. NaN in gives NaN out, also where f has limits.)")
      .def_static("with_descriptor", &CNNNeuronNode::with_descriptor, "source"_a.none(false), "descriptor"_a.none(false),
                  R"(The filter of the subclass that fits the descriptor's type.

descriptor: type and constants; copied. Raises InvalidArgumentError for PReLU without data.
Open: the type None. It makes a linear filter that changes nothing.)")
      .def_property_readonly("a", &CNNNeuronNode::a, "First constant of f; 0 where f has none.")
      .def_property_readonly("b", &CNNNeuronNode::b, "Second constant of f; 0 where f has none.")
      .def_property_readonly("c", &CNNNeuronNode::c, "Third constant of f; 0 where f has none.");

  bind_neuron_node<CNNNeuronAbsoluteNode>(m, "MPSCNNNeuronAbsoluteNode",
                                          {"The absolute value.", "abs(x)", "y = torch.abs(x)", "f'(0) = 0."});
  bind_neuron_node<CNNNeuronELUNode>(m, "MPSCNNNeuronELUNode",
                                     {"The exponential linear unit.", "x for x >= 0, else a * (e^x - 1)", "y = F.elu(x, a)"},
                                     "a"_a = 1.f);
  bind_neuron_node<CNNNeuronHardSigmoidNode>(
      m, "MPSCNNNeuronHardSigmoidNode",
      {"A line kept within 0 and 1.", "min(max(a * x + b, 0), 1)", "y = torch.clamp(a * x + b, 0, 1)",
       "f' = a where 0 <= a * x + b <= 1, else 0. F.hardsigmoid has a = 1 / 6."},
      "a"_a = 0.2f, "b"_a = 0.5f);
  bind_neuron_node<CNNNeuronLinearNode>(m, "MPSCNNNeuronLinearNode", {"A line.", "a * x + b", "y = a * x + b"}, "a"_a = 1.f,
                                        "b"_a = 0.f);
  bind_node<CNNNeuronPReLUNode, CNNNeuronNode>(m, "MPSCNNNeuronPReLUNode",
                                               R"(The rectified linear unit with a slope for each feature channel.

h x w x c to h x w x c, for every element:

    f(x) = x for x >= 0, else a_data[channel] * x

f'(0) = 1. There is no gradient for the slopes.

In PyTorch:

    y = F.prelu(x, a_data)

a_data: one slope for each feature channel, an array or bytes of packed float32; copied. Raises InvalidArgumentError when it is
empty, ShapeError when the source has more channels.)")
      .def(py::init([](ImageNodePtr source, const ArrayLike& a_data) {
             return std::make_shared<CNNNeuronPReLUNode>(std::move(source), floats_from_data(a_data, "a_data"));
           }),
           "source"_a.none(false), py::kw_only(), "a_data"_a.none(false), "f of every element of `source`, with these slopes.");
  bind_neuron_node<CNNNeuronReLUNNode>(
      m, "MPSCNNNeuronReLUNNode",
      {"The rectified linear unit with an upper limit.", "min(x for x >= 0 else a * x, b)",
       "y = torch.clamp(F.leaky_relu(x, a), max=b)", "The documented a = 1 leaves negative values alone: F.relu6 is a = 0.",
       "Open: f' from the limit on. It is 0, the derivative; the documentation prints b."},
      "a"_a = 1.f, "b"_a = 6.f);
  bind_neuron_node<CNNNeuronReLUNode>(
      m, "MPSCNNNeuronReLUNode",
      {"The rectified linear unit, leaky where a is not 0.", "x for x >= 0, else a * x", "y = F.leaky_relu(x, a)",
       "f'(0) = 1. F.relu is a = 0, but has f'(0) = 0.", "Open: x = -inf with a = 0. It gives 0."},
      "a"_a = 0.f);
  bind_neuron_node<CNNNeuronSigmoidNode>(m, "MPSCNNNeuronSigmoidNode",
                                         {"The logistic function.", "1 / (1 + e^-x)", "y = torch.sigmoid(x)"});
  bind_neuron_node<CNNNeuronSoftPlusNode>(m, "MPSCNNNeuronSoftPlusNode",
                                          {"A smooth rectified linear unit.", "a * ln(1 + e^(b * x))",
                                           "y = a * F.softplus(b * x)", "F.softplus(x, beta) is a = 1 / beta, b = beta."},
                                          "a"_a = 1.f, "b"_a = 1.f);
  bind_neuron_node<CNNNeuronSoftSignNode>(m, "MPSCNNNeuronSoftSignNode",
                                          {"A sigmoid of fractions.", "x / (1 + abs(x))", "y = F.softsign(x)"});
  bind_neuron_node<CNNNeuronTanHNode>(m, "MPSCNNNeuronTanHNode",
                                      {"The hyperbolic tangent.", "a * tanh(b * x)", "y = a * torch.tanh(b * x)"}, "a"_a = 1.f,
                                      "b"_a = 1.f);
  bind_neuron_node<CNNNeuronExponentialNode>(
      m, "MPSCNNNeuronExponentialNode",
      {"The exponential function.", "c^(a * x + b)", "y = torch.exp(a * x + b) if c == -1 else torch.pow(c, a * x + b)",
       "c = -1 stands for the base e.", kOpenConstants},
      "a"_a = 1.f, "b"_a = 0.f, "c"_a = -1.f);
  bind_neuron_node<CNNNeuronLogarithmNode>(
      m, "MPSCNNNeuronLogarithmNode",
      {"The logarithm.", "ln(a * x + b) / ln(c)", "y = torch.log(a * x + b) / (1 if c == -1 else math.log(c))",
       "c = -1 stands for the base e.", kOpenConstants},
      "a"_a = 1.f, "b"_a = 0.f, "c"_a = -1.f);
  bind_neuron_node<CNNNeuronPowerNode>(
      m, "MPSCNNNeuronPowerNode",
      {"A power.", "(a * x + b)^c", "y = torch.pow(a * x + b, c)", "As pow in C. f' = 0 where c = 0.", kOpenConstants},
      "a"_a = 1.f, "b"_a = 0.f, "c"_a = 1.f);
  bind_neuron_node<CNNNeuronGeLUNode>(m, "MPSCNNNeuronGeLUNode",
                                      {"The Gaussian error linear unit.", "0.5 * x * (1 + erf(x / sqrt(2)))", "y = F.gelu(x)", "",
                                       "Open: f', whose documented formula is misprinted. It is the derivative."});

  bind_node<CNNNeuronGradientNode, NNGradientFilterNode>(m, "MPSCNNNeuronGradientNode",
                                                         R"(The gradient of an activation filter.

h x w x c to h x w x c, for every element of the incoming gradient g:

    d = g * f'(x)

In PyTorch:

    d, = torch.autograd.grad(y, x, g)

source_image: x, the forward filter's source. gradient_state: the forward filter's result state. descriptor: the forward filter's
activation; copied. Raises InvalidArgumentError for PReLU without data.)")
      .def(py::init<ImageNodePtr, ImageNodePtr, StateNodePtr, NNNeuronDescriptor>(), "source_gradient"_a.none(false),
           "source_image"_a.none(false), py::kw_only(), "gradient_state"_a.none(false), "descriptor"_a.none(false),
           "The gradient filter of the forward filter that `gradient_state` is of.");
}

}  // namespace mpsnn
