#include "mpsnn/kernels/convolution.hpp"

#include "bind_kernel.hpp"

namespace mpsnn {

namespace {

using CommandBufferPtr = std::shared_ptr<CommandBuffer>;
using WeightsPtr = std::shared_ptr<CNNConvolutionWeightsAndBiasesState>;
using DataSource = CNNConvolutionDataSource;

constexpr const char* kReload = "Reads weights and biases of the data source again.";
constexpr const char* kReloadState =
    "Takes weights and biases of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.";

template <class Kernel, class Base>
auto bind(py::module_& m, const char* name, const char* doc) {
  py::classh<Kernel, Base> cls(m, name, doc);
  cls.def(py::init([](const ConvolutionSourcePtr& weights, const DeviceArgument& device) {
            return std::make_shared<Kernel>(device_from(device), weights);
          }),
          "weights"_a.none(false), py::kw_only(), "device"_a = py::none(),
          "Reads the data source; raises what reading a convolution node's raises.");
  return cls;
}

template <class Class>
void bind_reload(Class& cls) {
  using Kernel = typename Class::type;
  cls.def("reload_weights_and_biases_from_data_source", &Kernel::reload_weights_and_biases_from_data_source, kReload)
      .def(
          "reload_weights_and_biases_with_command_buffer",
          [](Kernel& self, const CommandBufferPtr& command_buffer, const WeightsPtr& state) {
            self.reload_weights_and_biases_with_command_buffer(command_buffer, state);
          },
          "command_buffer"_a.none(false), "state"_a.none(false), kReloadState)
      .def_property_readonly(
          "data_source", [](const Kernel& self) -> std::shared_ptr<DataSource> { return self.data_source(); }, "As given.");
}

void bind_forward_properties(py::classh<CNNConvolution, CNNKernel>& cls) {
  using K = CNNConvolution;
  const auto number = [&](const char* name, auto member, const char* doc) {
    cls.def_property_readonly(
        name, [member](const K& self) { return (*self.attributes()).*member; }, doc);
  };
  number("input_feature_channels", &ConvolutionOp::input_feature_channels, "Channels of the source that are read.");
  number("output_feature_channels", &ConvolutionOp::output_feature_channels, "Filters.");
  number("groups", &ConvolutionOp::groups, "Groups of channels that do not see one another.");
  number("sub_pixel_scale_factor", &ConvolutionOp::sub_pixel_scale_factor, "Sub-pixels along each axis; 1 without.");
  number("channel_multiplier", &ConvolutionOp::channel_multiplier, "Depthwise: results for each source channel; 0 otherwise.");
  cls.def_property_readonly(
         "fused_neuron_descriptor", [](const K& self) { return self.attributes()->neuron; }, "Activation of the result (a copy).")
      .def_readwrite("accumulator_precision_option", &K::accumulator_precision_option,
                     "Precision of the sums; they are float32 here whatever it says.")
      .def(
          "export_weights_and_biases_with_command_buffer",
          [](K& self, const CommandBufferPtr& command_buffer, bool result_state_can_be_temporary) {
            return self.export_weights_and_biases_with_command_buffer(command_buffer, result_state_can_be_temporary);
          },
          "command_buffer"_a.none(false), "result_state_can_be_temporary"_a,
          "A state with a copy of the values in use, float32, there when the command buffer has completed.");
}

void bind_gradient_properties(py::classh<CNNConvolutionGradient, CNNGradientKernel>& cls) {
  using K = CNNConvolutionGradient;
  using Op = ConvolutionGradientOp;
  const auto number = [&](const char* name, auto member, const char* doc) {
    cls.def_property_readonly(
        name, [member](const K& self) { return (*self.attributes()).*member; }, doc);
  };
  number("source_gradient_feature_channels", &Op::output_feature_channels, "Channels of the incoming gradient: filters.");
  number("source_image_feature_channels", &Op::input_feature_channels, "Channels of the forward source that are read.");
  number("groups", &Op::groups, "Groups of channels that do not see one another.");
  number("channel_multiplier", &Op::channel_multiplier, "Depthwise: results for each source channel; 0 otherwise.");
  cls.def_property(
      "gradient_option", &K::gradient_option, &K::set_gradient_option,
      "Which gradients are computed; All by default. Without GradientWithData the destination is not written, without "
      "GradientWithWeightsAndBias the state is not.");
}

}  // namespace

void bind_convolution_kernels(py::module_& m) {
  auto forward = bind<CNNConvolution, CNNKernel>(m, "MPSCNNConvolution", "The kernel of MPSCNNConvolutionNode.");
  bind_reload(forward);
  bind_forward_properties(forward);
  bind<CNNFullyConnected, CNNConvolution>(m, "MPSCNNFullyConnected", "The kernel of MPSCNNFullyConnectedNode.");
  bind<CNNConvolutionTranspose, CNNConvolution>(m, "MPSCNNConvolutionTranspose", "The kernel of MPSCNNConvolutionTransposeNode.");
  auto gradient = bind<CNNConvolutionGradient, CNNGradientKernel>(
      m, "MPSCNNConvolutionGradient",
      "The kernel of MPSCNNConvolutionGradientNode. The gradients of weights and biases go into the gradient state.");
  bind_reload(gradient);
  bind_gradient_properties(gradient);
  bind<CNNFullyConnectedGradient, CNNConvolutionGradient>(m, "MPSCNNFullyConnectedGradient",
                                                          "The kernel of MPSCNNFullyConnectedGradientNode.");
  bind<CNNConvolutionTransposeGradient, CNNConvolutionGradient>(m, "MPSCNNConvolutionTransposeGradient",
                                                                "The kernel of MPSCNNConvolutionTransposeGradientNode.");
}

}  // namespace mpsnn
