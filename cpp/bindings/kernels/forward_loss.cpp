#include "mpsnn/kernels/forward_loss.hpp"

#include "bind_kernel.hpp"
#include "kernel_encode.hpp"
#include "loss_properties.hpp"

namespace mpsnn {

namespace {

using namespace kernel_encode;
using OptionalImages = std::optional<ImageBatch>;

constexpr const char* kForward =
    "Predictions, labels of as many channels or more, weights of the labels' size, if any; the losses are written into the "
    "destination images, or into images that `destination_image_allocator` makes and that are returned: 1 x 1 x 1, with "
    "reduction "
    "None of the predictions' size. The result states, for the gradient kernel, are filled, or appended to the list "
    "`destination_states`. Raises ShapeError for images that do not fit, InvalidArgumentError for an offset or a clip_rect.";
constexpr const char* kGradient =
    "The gradient with respect to the predictions, or to the labels where `compute_label_gradients`, images of their size, which "
    "are returned unless destination_gradients are given. `source_gradients`: 1 x 1 x 1, with reduction None of the predictions' "
    "size. `source_states`: the forward kernel's result states, whose weight, label_smoothing, epsilon and delta replace this "
    "kernel's. Raises ShapeError for images that do not fit, InvalidArgumentError for the state of another kernel, an offset or "
    "a "
    "clip_rect.";

template <class Kernel, class Base>
auto bind(py::module_& m, const char* name, const char* doc) {
  py::classh<Kernel, Base> cls(m, name, doc);
  cls.def(py::init([](const CNNLossDescriptor& loss_descriptor, const DeviceArgument& device) {
            return std::make_shared<Kernel>(device_from(device), loss_descriptor);
          }),
          "loss_descriptor"_a.none(false), py::kw_only(), "device"_a = py::none(),
          "The loss, copied. Raises InvalidArgumentError for a cosine distance whose reduction is not Sum.");
  def_loss_properties(cls, [](Kernel& self) -> CNNLossDescriptor& { return self.attributes.descriptor; });
  return cls;
}

}  // namespace

void bind_forward_loss_kernels(py::module_& m) {
  const auto none = py::none();
  bind<NNForwardLoss, CNNKernel>(m, "MPSNNForwardLoss", "The kernel of MPSNNForwardLossNode. Only batches can be encoded.")
      .def(
          "encode_batch_to_command_buffer",
          [](NNForwardLoss& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const ImageBatch& labels,
             const OptionalImages& weights, const SourceStates& states, const ImageBatch& destinations) {
            require_images(destinations);
            py::gil_scoped_release release;
            self.encode_batch_to_command_buffer(command_buffer, sources, labels, weights.value_or(ImageBatch{}),
                                                states.value_or(StateBatch{}), destinations);
          },
          "command_buffer"_a.none(false), "source_images"_a, "labels"_a, "weights"_a, "destination_states"_a,
          "destination_images"_a, kForward)
      .def(
          "encode_batch_to_command_buffer",
          [](NNForwardLoss& self, const CommandBufferPtr& command_buffer, const ImageBatch& sources, const ImageBatch& labels,
             const OptionalImages& weights, const OutStates<StatePtr>& states, std::optional<bool> is_temporary) {
            return encode_made(self, command_buffer, states, is_temporary, sources, labels, weights.value_or(ImageBatch{}));
          },
          "command_buffer"_a.none(false), "source_images"_a, "labels"_a, "weights"_a, "destination_states"_a,
          "destination_state_is_temporary"_a = none, kForward);

  bind<NNLossGradient, CNNBinaryKernel>(m, "MPSNNLossGradient",
                                        "The kernel of MPSNNLossGradientNode. Only batches can be encoded.")
      .def_property(
          "compute_label_gradients", [](const NNLossGradient& self) { return self.attributes.is_labels_gradient_filter; },
          [](NNLossGradient& self, bool value) { self.attributes.is_labels_gradient_filter = value; },
          "Whether the gradient is that with respect to the labels; False by default.")
      .def(
          "encode_batch_to_command_buffer",
          [](NNLossGradient& self, const CommandBufferPtr& command_buffer, const ImageBatch& gradients, const ImageBatch& sources,
             const ImageBatch& labels, const OptionalImages& weights, const SourceStates& states,
             const OptionalImages& destinations) -> OptionalImages {
            py::gil_scoped_release release;
            ImageBatch made =
                self.encode_batch_to_command_buffer(command_buffer, gradients, sources, labels, weights.value_or(ImageBatch{}),
                                                    states.value_or(StateBatch{}), destinations.value_or(ImageBatch{}));
            return made.empty() ? std::nullopt : std::optional(std::move(made));
          },
          "command_buffer"_a.none(false), "source_gradients"_a, "source_images"_a, "labels"_a, "weights"_a = none,
          "source_states"_a = none, "destination_gradients"_a = none, kGradient);
}

}  // namespace mpsnn
