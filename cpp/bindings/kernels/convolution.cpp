#include "mpsnn/kernels/convolution.hpp"

#include "bind_kernel.hpp"
#include "kernel_encode.hpp"

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
  cls.def("reload_weights_and_biases_from_data_source", &Kernel::reload_weights_and_biases_from_data_source, kReload,
          py::call_guard<py::gil_scoped_release>())
      .def(
          "reload_weights_and_biases_with_command_buffer",
          [](Kernel& self, const CommandBufferPtr& command_buffer, const WeightsPtr& state) {
            self.reload_weights_and_biases_with_command_buffer(command_buffer, state);
          },
          "command_buffer"_a.none(false), "state"_a.none(false), kReloadState)
      .def_property_readonly(
          "data_source", [](const Kernel& self) -> std::shared_ptr<DataSource> { return self.data_source(); }, "As given.");
}

template <class Class>
void bind_forward_properties(Class& cls) {
  using K = typename Class::type;
  const auto number = [&](const char* name, auto member, const char* doc) {
    cls.def_property_readonly(
        name, [member](const K& self) { return (*self.attributes()).*member; }, doc);
  };
  number("input_feature_channels", &ConvolutionOp::input_feature_channels, "Channels of the source that are read.");
  number("output_feature_channels", &ConvolutionOp::output_feature_channels, "Filters.");
  number("groups", &ConvolutionOp::groups, "Groups of channels that do not see one another.");
  if constexpr (std::is_same_v<K, CNNConvolution>) {
    number("sub_pixel_scale_factor", &ConvolutionOp::sub_pixel_scale_factor, "Sub-pixels along each axis; 1 without.");
    number("channel_multiplier", &ConvolutionOp::channel_multiplier, "Depthwise: results for each source channel; 0 otherwise.");
    cls.def_property_readonly(
        "fused_neuron_descriptor", [](const K& self) { return self.attributes()->neuron; }, "Activation of the result (a copy).");
  }
  cls.def_readwrite("accumulator_precision_option", &K::accumulator_precision_option,
                    "Precision of the sums; they are float32 here whatever it says.")
      .def(
          "export_weights_and_biases_with_command_buffer",
          [](K& self, const CommandBufferPtr& command_buffer, bool result_state_can_be_temporary) {
            return self.export_weights_and_biases_with_command_buffer(command_buffer, result_state_can_be_temporary);
          },
          "command_buffer"_a.none(false), "result_state_can_be_temporary"_a,
          "A state with a copy of the values in use, float32, there when the command buffer has completed.");
}

template <class Class>
void bind_gradient_properties(Class& cls) {
  using K = typename Class::type;
  using Op = ConvolutionGradientOp;
  const auto number = [&](const char* name, auto member, const char* doc) {
    cls.def_property_readonly(
        name, [member](const K& self) { return (*self.attributes()).*member; }, doc);
  };
  number("source_gradient_feature_channels", &Op::output_feature_channels, "Channels of the incoming gradient: filters.");
  number("source_image_feature_channels", &Op::input_feature_channels, "Channels of the forward source that are read.");
  number("groups", &Op::groups, "Groups of channels that do not see one another.");
  if constexpr (std::is_same_v<K, CNNConvolutionGradient>) {
    number("channel_multiplier", &Op::channel_multiplier, "Depthwise: results for each source channel; 0 otherwise.");
  }
  cls.def_property(
      "gradient_option", &K::gradient_option, &K::set_gradient_option,
      "Which gradients are computed; All by default. Without GradientWithData the destination is not written, without "
      "GradientWithWeightsAndBias the state is not.");
}

// Besides the encodes of MPSCNNKernel those with the state of a convolution.
void bind_mirroring_encodes(py::classh<CNNConvolutionTranspose, CNNKernel>& cls) {
  using K = CNNConvolutionTranspose;
  using namespace kernel_encode;
  using MirroredPtr = std::optional<std::shared_ptr<CNNConvolutionGradientState>>;
  using Mirrored = std::optional<ConvolutionGradientStateBatch>;
  static constexpr const char* kMirror =
      "With `convolution_gradient_state` it is the mirror image of the convolution that made the state: the result has the size "
      "of "
      "that convolution's source, the windows lie where it read. Apple gives the formula for the gradient of the convolution "
      "only.";
  const auto none = py::none();
  const auto batch_of = [](const MirroredPtr& state) {
    return state ? ConvolutionGradientStateBatch{*state} : ConvolutionGradientStateBatch{};
  };
  const auto into = [](K& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources,
                       const ConvolutionGradientStateBatch& mirrored, const StateBatch& states, const ImageBatch& destinations) {
    py::gil_scoped_release release;
    self.encode_batch_to_command_buffer(command_buffer, sources, mirrored, states, destinations);
  };
  const auto made = [](K& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources,
                       const ConvolutionGradientStateBatch& mirrored, const OutStates<StatePtr>& states,
                       std::optional<bool> is_temporary) {
    StateBatch filled;
    ImageBatch result = [&] {
      py::gil_scoped_release release;
      return self.encode_batch_to_command_buffer(command_buffer, sources, mirrored, states ? &filled : nullptr,
                                                 is_temporary.value_or(false));
    }();
    deliver(states, filled);
    return result;
  };
  cls.def(
         "encode_to_command_buffer",
         [into](K& self, const CommandBufferPtr& command_buffer, const ImagePtr& source, const ImagePtr& destination) {
           into(self, command_buffer, {source}, {}, {}, {destination});
         },
         "command_buffer"_a.none(false), "source_image"_a.none(false), "destination_image"_a.none(false), kInto)
      .def(
          "encode_to_command_buffer",
          [into, batch_of](K& self, const CommandBufferPtr& command_buffer, const ImagePtr& source, const MirroredPtr& mirrored,
                           const ImagePtr& destination) {
            into(self, command_buffer, {source}, batch_of(mirrored), {}, {destination});
          },
          "command_buffer"_a.none(false), "source_image"_a.none(false), "convolution_gradient_state"_a,
          "destination_image"_a.none(false), kMirror)
      .def(
          "encode_to_command_buffer",
          [into](K& self, const CommandBufferPtr& command_buffer, const ImagePtr& source, const StatePtr& state,
                 const ImagePtr& destination) {
            into(self, command_buffer, {source}, {}, state ? StateBatch{state} : StateBatch{}, {destination});
          },
          "command_buffer"_a.none(false), "source_image"_a.none(false), "destination_state"_a, "destination_image"_a.none(false),
          kInto)
      .def(
          "encode_to_command_buffer",
          [made, batch_of](K& self, const CommandBufferPtr& command_buffer, const ImagePtr& source, const MirroredPtr& mirrored,
                           const OutStates<StatePtr>& states, std::optional<bool> is_temporary) {
            return made(self, command_buffer, {source}, batch_of(mirrored), states, is_temporary)[0];
          },
          "command_buffer"_a.none(false), "source_image"_a.none(false), "convolution_gradient_state"_a = none,
          "destination_state"_a = none, "destination_state_is_temporary"_a = none, kMirror)
      .def(
          "encode_batch_to_command_buffer",
          [into](K& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const ImageBatch& destinations) {
            require_images(destinations);
            into(self, command_buffer, sources, {}, {}, destinations);
          },
          "command_buffer"_a.none(false), "source_images"_a, "destination_images"_a, kBatch)
      .def(
          "encode_batch_to_command_buffer",
          [into](K& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const Mirrored& mirrored,
                 const ImageBatch& destinations) {
            into(self, command_buffer, sources, mirrored.value_or(ConvolutionGradientStateBatch{}), {}, destinations);
          },
          "command_buffer"_a.none(false), "source_images"_a, "convolution_gradient_states"_a, "destination_images"_a, kBatch)
      .def(
          "encode_batch_to_command_buffer",
          [into](K& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const SourceStates& states,
                 const ImageBatch& destinations) {
            into(self, command_buffer, sources, {}, states.value_or(StateBatch{}), destinations);
          },
          "command_buffer"_a.none(false), "source_images"_a, "destination_states"_a, "destination_images"_a, kBatch)
      .def(
          "encode_batch_to_command_buffer",
          [made](K& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const Mirrored& mirrored,
                 const OutStates<StatePtr>& states, std::optional<bool> is_temporary) {
            return made(self, command_buffer, sources, mirrored.value_or(ConvolutionGradientStateBatch{}), states, is_temporary);
          },
          "command_buffer"_a.none(false), "source_images"_a, "convolution_gradient_states"_a = none,
          "destination_states"_a = none, "destination_state_is_temporary"_a = none, kBatch);
}

}  // namespace

void bind_convolution_kernels(py::module_& m) {
  auto forward = bind<CNNConvolution, CNNKernel>(m, "MPSCNNConvolution", "The kernel of MPSCNNConvolutionNode.");
  bind_reload(forward);
  bind_forward_properties(forward);
  bind<CNNFullyConnected, CNNConvolution>(m, "MPSCNNFullyConnected", "The kernel of MPSCNNFullyConnectedNode.");
  auto transpose =
      bind<CNNConvolutionTranspose, CNNKernel>(m, "MPSCNNConvolutionTranspose", "The kernel of MPSCNNConvolutionTransposeNode.");
  bind_reload(transpose);
  bind_forward_properties(transpose);
  bind_mirroring_encodes(transpose);
  auto gradient = bind<CNNConvolutionGradient, CNNGradientKernel>(
      m, "MPSCNNConvolutionGradient",
      "The kernel of MPSCNNConvolutionGradientNode. The gradients of weights and biases go into the gradient state.");
  bind_reload(gradient);
  bind_gradient_properties(gradient);
  bind<CNNFullyConnectedGradient, CNNConvolutionGradient>(m, "MPSCNNFullyConnectedGradient",
                                                          "The kernel of MPSCNNFullyConnectedGradientNode.");
  auto transpose_gradient = bind<CNNConvolutionTransposeGradient, CNNGradientKernel>(
      m, "MPSCNNConvolutionTransposeGradient",
      "The kernel of MPSCNNConvolutionTransposeGradientNode. The gradients of weights and biases go into the gradient state.");
  bind_reload(transpose_gradient);
  bind_gradient_properties(transpose_gradient);
}

}  // namespace mpsnn
