#include "mpsnn/kernels/normalization.hpp"

#include "bind_kernel.hpp"
#include "kernel_encode.hpp"

namespace mpsnn {

namespace {

using kernel_encode::CommandBufferPtr;
using StatePtr = BatchNormalizationStatePtr;
using FusedNeuron = std::optional<NNNeuronDescriptor>;

constexpr const char* kWithState =
    "With the statistics of the state instead of the data source's. A temporary state loses a read count; the next encode of "
    "statistics into the state starts anew.";

void bind_forward_encodes(py::classh<CNNBatchNormalization, CNNKernel>& cls) {
  using K = CNNBatchNormalization;
  cls.def(
         "encode_to_command_buffer",
         [](K& self, const CommandBufferPtr& command_buffer, const ImagePtr& source, const ImagePtr& destination) {
           py::gil_scoped_release release;
           self.encode_to_command_buffer(command_buffer, source, mpsnn::StatePtr(), destination);
         },
         "command_buffer"_a.none(false), "source_image"_a.none(false), "destination_image"_a.none(false), kernel_encode::kInto)
      .def(
          "encode_to_command_buffer",
          [](K& self, const CommandBufferPtr& command_buffer, const ImagePtr& source, const StatePtr& state,
             const ImagePtr& destination) {
            py::gil_scoped_release release;
            self.encode_to_command_buffer(command_buffer, source, state, destination);
          },
          "command_buffer"_a.none(false), "source_image"_a.none(false), "batch_normalization_state"_a.none(false),
          "destination_image"_a.none(false), kWithState)
      .def(
          "encode_to_command_buffer",
          [](K& self, const CommandBufferPtr& command_buffer, const ImagePtr& source) {
            return kernel_encode::encode_made(self, command_buffer, std::nullopt, std::nullopt, ImageBatch{source})[0];
          },
          "command_buffer"_a.none(false), "source_image"_a.none(false),
          "Into an image that `destination_image_allocator` makes, with the data source's statistics.")
      .def(
          "encode_batch_to_command_buffer",
          [](K& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const ImageBatch& destinations) {
            py::gil_scoped_release release;
            self.encode_batch_to_command_buffer(command_buffer, sources, StateBatch{}, destinations);
          },
          "command_buffer"_a.none(false), "source_images"_a, "destination_images"_a, kernel_encode::kBatch)
      .def(
          "encode_batch_to_command_buffer",
          [](K& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const StatePtr& state,
             const ImageBatch& destinations) {
            py::gil_scoped_release release;
            self.encode_batch_to_command_buffer(command_buffer, sources, state, destinations);
          },
          "command_buffer"_a.none(false), "source_images"_a, "batch_normalization_state"_a.none(false), "destination_images"_a,
          kernel_encode::kBatch)
      .def(
          "encode_batch_to_command_buffer",
          [](K& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources) {
            return kernel_encode::encode_made(self, command_buffer, std::nullopt, std::nullopt, sources);
          },
          "command_buffer"_a.none(false), "source_images"_a, kernel_encode::kBatch);
}

void bind_forward(py::module_& m) {
  using K = CNNBatchNormalization;
  py::classh<K, CNNKernel> cls(m, "MPSCNNBatchNormalization",
                               R"(The kernel of MPSCNNBatchNormalizationNode, its activation fused.

It normalises with the data source's statistics, or with those of a state. A batch that is to be trained with goes through
MPSCNNBatchNormalizationStatistics into a state of `result_state_for_source_image` first, in one encode or in several, then through
this kernel with that state; its gradient through MPSCNNBatchNormalizationStatisticsGradient, in one encode or in several, then
through MPSCNNBatchNormalizationGradient. A new state holds the data source's statistics.)");
  cls.def(py::init([](std::shared_ptr<CNNBatchNormalizationDataSource> data_source, const FusedNeuron& fused_neuron_descriptor,
                      const DeviceArgument& device) {
            return std::make_shared<K>(device_from(device), std::move(data_source),
                                       fused_neuron_descriptor.value_or(NNNeuronDescriptor()));
          }),
          "data_source"_a.none(false), py::kw_only(), "fused_neuron_descriptor"_a = py::none(), "device"_a = py::none(),
          "Reads the data source; InvalidArgumentError where its arrays do not have number_of_feature_channels elements. The "
          "descriptor is copied; None stands for no activation.")
      .def("reload_gamma_and_beta_from_data_source", &K::reload_gamma_and_beta_from_data_source,
           "Reads gamma and beta of the data source again.", py::call_guard<py::gil_scoped_release>())
      .def("reload_mean_and_variance_from_data_source", &K::reload_mean_and_variance_from_data_source,
           "Reads mean and variance of the data source again.", py::call_guard<py::gil_scoped_release>())
      .def("reload_gamma_and_beta_with_command_buffer", &K::reload_gamma_and_beta_with_command_buffer,
           "command_buffer"_a.none(false), "gamma_and_beta_state"_a.none(false),
           "Takes gamma and beta of a state when the command buffer gets there. Raises InvalidArgumentError where sizes differ.")
      .def("reload_mean_and_variance_with_command_buffer", &K::reload_mean_and_variance_with_command_buffer,
           "command_buffer"_a.none(false), "mean_and_variance_state"_a.none(false),
           "Takes mean and variance of a state when the command buffer gets there. Raises InvalidArgumentError where sizes "
           "differ.")
      .def_property_readonly("number_of_feature_channels", &K::number_of_feature_channels, "Channels of the data source.")
      .def_property("epsilon", &K::epsilon, &K::set_epsilon,
                    "Added to variances; the data source's by default. Encodes and states keep the one that they were made with. "
                    "InvalidArgumentError for negative ones.")
      .def_property_readonly(
          "data_source", [](const K& self) { return self.data_source(); }, "As given.");
  bind_forward_encodes(cls);
}

void bind_statistics(py::module_& m) {
  using K = CNNBatchNormalizationStatistics;
  py::classh<K, CNNKernel>(m, "MPSCNNBatchNormalizationStatistics",
                           R"(Mean and variance of each feature channel over batches of images.

Both go into a state of MPSCNNBatchNormalization. The encodes into one state add up, as if all their images were one batch, until
MPSCNNBatchNormalization has read the state or `reset` was called: the next encode starts anew. The variance is divided by the
number of pixels. Offsets and clip_rect are not looked at, and there is no result image.)")
      .def(py::init([](const DeviceArgument& device) { return std::make_shared<K>(device_from(device)); }), py::kw_only(),
           "device"_a = py::none(), "On a device, the default one by default.")
      .def(
          "encode_batch_to_command_buffer",
          [](K& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const StatePtr& state) {
            py::gil_scoped_release release;
            self.encode_batch_to_command_buffer(command_buffer, sources, state);
          },
          "command_buffer"_a.none(false), "source_images"_a, "batch_normalization_state"_a.none(false),
          "The images may differ in size from those of other encodes. Raises ShapeError where the state is for another number of "
          "feature channels.");
}

template <class Kernel>
auto bind_gradient_class(py::module_& m, const char* name, const char* doc) {
  py::classh<Kernel, CNNGradientKernel> cls(m, name, doc);
  cls.def(py::init([](const FusedNeuron& fused_neuron_descriptor, const DeviceArgument& device) {
            return std::make_shared<Kernel>(device_from(device), fused_neuron_descriptor.value_or(NNNeuronDescriptor()));
          }),
          "fused_neuron_descriptor"_a = py::none(), py::kw_only(), "device"_a = py::none(),
          "The activation of the forward kernel, None for none; the result means nothing with another one.");
  return cls;
}

void bind_gradients(py::module_& m) {
  using Statistics = CNNBatchNormalizationStatisticsGradient;
  bind_gradient_class<Statistics>(m, "MPSCNNBatchNormalizationStatisticsGradient",
                                  R"(The gradients for gamma and beta, summed over batches of images.

They go into the state. The encodes with one state add up until MPSCNNBatchNormalizationGradient has read them or `reset` was called:
the next encode starts anew. There is no result image.)")
      .def(
          "encode_batch_to_command_buffer",
          [](Statistics& self, const CommandBufferPtr& command_buffer, const ImageBatch& gradients, const ImageBatch& sources,
             const StatePtr& state) {
            py::gil_scoped_release release;
            self.encode_batch_to_command_buffer(command_buffer, gradients, sources, state);
          },
          "command_buffer"_a.none(false), "source_gradients"_a, "source_images"_a, "batch_normalization_state"_a.none(false),
          "The forward kernel must have used the state. A temporary state loses a read count.");

  static constexpr const char* kGradient =
      "The gradient with respect to the forward source, which is returned unless destinations are given. A temporary state loses "
      "a "
      "read count. Raises InvalidArgumentError where MPSCNNBatchNormalizationStatisticsGradient was not encoded before.";
  using Gradient = CNNBatchNormalizationGradient;
  const auto encode = [](Gradient& self, const CommandBufferPtr& command_buffer, const ImageBatch& gradients,
                         const ImageBatch& sources, const StatePtr& state, const ImageBatch& destinations) {
    py::gil_scoped_release release;
    return self.encode_batch_to_command_buffer(command_buffer, gradients, sources, state, destinations);
  };
  bind_gradient_class<Gradient>(
      m, "MPSCNNBatchNormalizationGradient",
      "The kernel of MPSCNNBatchNormalizationGradientNode, for what "
      "MPSCNNBatchNormalizationStatisticsGradient has summed. Where the state's statistics are the data "
      "source's they count as constants.")
      .def(
          "encode_to_command_buffer",
          [encode](Gradient& self, const CommandBufferPtr& command_buffer, const ImagePtr& gradient, const ImagePtr& source,
                   const StatePtr& state, const std::optional<ImagePtr>& destination) -> std::optional<ImagePtr> {
            const ImageBatch made =
                encode(self, command_buffer, {gradient}, {source}, state, destination ? ImageBatch{*destination} : ImageBatch{});
            return made.empty() ? std::nullopt : std::optional(made[0]);
          },
          "command_buffer"_a.none(false), "source_gradient"_a, "source_image"_a, "batch_normalization_state"_a.none(false),
          "destination_gradient"_a = py::none(), kGradient)
      .def(
          "encode_batch_to_command_buffer",
          [encode](Gradient& self, const CommandBufferPtr& command_buffer, const ImageBatch& gradients, const ImageBatch& sources,
                   const StatePtr& state, const std::optional<ImageBatch>& destinations) -> std::optional<ImageBatch> {
            ImageBatch made = encode(self, command_buffer, gradients, sources, state, destinations.value_or(ImageBatch{}));
            return made.empty() ? std::nullopt : std::optional(std::move(made));
          },
          "command_buffer"_a.none(false), "source_gradients"_a, "source_images"_a, "batch_normalization_state"_a.none(false),
          "destination_gradients"_a = py::none(), kGradient);
}

}  // namespace

void bind_normalization_kernels(py::module_& m) {
  bind_forward(m);
  bind_statistics(m);
  bind_gradients(m);
  declared<py::classh<CNNBatchNormalizationState, NNGradientState>>().def_property_readonly(
      "batch_normalization", &CNNBatchNormalizationState::batch_normalization,
      "The kernel that made the state; for a graph's state one that shares its filter's parameters.");
}

}  // namespace mpsnn
