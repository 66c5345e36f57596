#include "bindings.hpp"
#include "classes.hpp"
#include "kernel_encode.hpp"

namespace mpsnn {

namespace {

using namespace kernel_encode;

void bind_binary_encodes(CNNBinaryKernelClass& cls) {
  const auto none = py::none();
  cls.def(
         "encode_to_command_buffer",
         [](CNNBinaryKernel& self, const CommandBufferPtr& command_buffer, const ImagePtr& primary, const ImagePtr& secondary,
            const ImagePtr& destination) {
           py::gil_scoped_release release;
           self.encode_batch_to_command_buffer(command_buffer, {primary}, {secondary}, {}, {destination});
         },
         "command_buffer"_a.none(false), "primary_image"_a, "secondary_image"_a, "destination_image"_a, kInto)
      .def(
          "encode_to_command_buffer",
          [](CNNBinaryKernel& self, const CommandBufferPtr& command_buffer, const ImagePtr& primary, const ImagePtr& secondary,
             const StatePtr& state, const ImagePtr& destination) {
            py::gil_scoped_release release;
            self.encode_batch_to_command_buffer(command_buffer, {primary}, {secondary}, state ? StateBatch{state} : StateBatch{},
                                                {destination});
          },
          "command_buffer"_a.none(false), "primary_image"_a, "secondary_image"_a, "destination_state"_a, "destination_image"_a,
          kInto)
      .def(
          "encode_to_command_buffer",
          [](CNNBinaryKernel& self, const CommandBufferPtr& command_buffer, const ImagePtr& primary, const ImagePtr& secondary,
             const OutStates<StatePtr>& states, std::optional<bool> is_temporary) {
            return encode_made(self, command_buffer, states, is_temporary, ImageBatch{primary}, ImageBatch{secondary})[0];
          },
          "command_buffer"_a.none(false), "primary_image"_a, "secondary_image"_a, "destination_state"_a = none,
          "destination_state_is_temporary"_a = none, kMade)
      .def(
          "encode_batch_to_command_buffer",
          [](CNNBinaryKernel& self, const CommandBufferPtr& command_buffer, const ImageBatch& primary,
             const ImageBatch& secondary, const ImageBatch& destinations) {
            require_images(destinations);
            py::gil_scoped_release release;
            self.encode_batch_to_command_buffer(command_buffer, primary, secondary, {}, destinations);
          },
          "command_buffer"_a.none(false), "primary_images"_a, "secondary_images"_a, "destination_images"_a, kBatch)
      .def(
          "encode_batch_to_command_buffer",
          [](CNNBinaryKernel& self, const CommandBufferPtr& command_buffer, const ImageBatch& primary,
             const ImageBatch& secondary, const SourceStates& states, const ImageBatch& destinations) {
            py::gil_scoped_release release;
            self.encode_batch_to_command_buffer(command_buffer, primary, secondary, states.value_or(StateBatch{}), destinations);
          },
          "command_buffer"_a.none(false), "primary_images"_a, "secondary_images"_a, "destination_states"_a,
          "destination_images"_a, kBatch)
      .def(
          "encode_batch_to_command_buffer",
          [](CNNBinaryKernel& self, const CommandBufferPtr& command_buffer, const ImageBatch& primary,
             const ImageBatch& secondary, const OutStates<StatePtr>& states, std::optional<bool> is_temporary) {
            return encode_made(self, command_buffer, states, is_temporary, primary, secondary);
          },
          "command_buffer"_a.none(false), "primary_images"_a, "secondary_images"_a, "destination_states"_a = none,
          "destination_state_is_temporary"_a = none, kBatch);

  cls.def(
         "result_state_for_primary_image",
         [](CNNBinaryKernel& self, const ImagePtr& primary, const ImagePtr& secondary, const SourceStates&,
            const ImagePtr& destination) {
           return first_or_none(
               without_gil([&] { return self.result_state_batch_for_primary_image({primary}, {secondary}, {destination}); }));
         },
         "primary_image"_a, "secondary_image"_a, "source_states"_a, "destination_image"_a, kState)
      .def(
          "result_state_batch_for_primary_image",
          [](CNNBinaryKernel& self, const ImageBatch& primary, const ImageBatch& secondary, const py::object&,
             const ImageBatch& destinations) {
            return list_or_none(
                without_gil([&] { return self.result_state_batch_for_primary_image(primary, secondary, destinations); }));
          },
          "primary_image"_a, "secondary_image"_a, "source_states"_a, "destination_image"_a, kState)
      .def(
          "temporary_result_state_for_command_buffer",
          [](CNNBinaryKernel& self, const CommandBufferPtr&, const ImagePtr& primary, const ImagePtr& secondary,
             const SourceStates&, const ImagePtr& destination) {
            return first_or_none(without_gil(
                [&] { return self.result_state_batch_for_primary_image({primary}, {secondary}, {destination}, true); }));
          },
          "command_buffer"_a.none(false), "primary_image"_a, "secondary_image"_a, "source_states"_a, "destination_image"_a,
          kState)
      .def(
          "temporary_result_state_batch_for_command_buffer",
          [](CNNBinaryKernel& self, const CommandBufferPtr&, const ImageBatch& primary, const ImageBatch& secondary,
             const py::object&, const ImageBatch& destinations) {
            return list_or_none(
                without_gil([&] { return self.result_state_batch_for_primary_image(primary, secondary, destinations, true); }));
          },
          "command_buffer"_a.none(false), "primary_image"_a, "secondary_image"_a, "source_states"_a, "destination_image"_a,
          kState)
      .def(
          "encoding_storage_size_for_primary_image",
          [](const CNNBinaryKernel&, const ImagePtr&, const ImagePtr&, const SourceStates&, const std::optional<ImagePtr>&) {
            return 0;
          },
          "primary_image"_a, "secondary_image"_a, "source_states"_a = none, "destination_image"_a = none, kStorage)
      .def(
          "batch_encoding_storage_size_for_primary_image",
          [](const CNNBinaryKernel&, const ImageBatch&, const ImageBatch&, const py::object&, const std::optional<ImageBatch>&) {
            return 0;
          },
          "primary_image"_a, "secondary_image"_a, "source_states"_a = none, "destination_image"_a = none, kStorage);
}

void bind_binary_properties(CNNBinaryKernelClass& cls) {
  using K = CNNBinaryKernel;
  cls.def_readwrite("primary_offset", &K::primary_offset, "Centre of the first window in the primary source, in pixels.")
      .def_readwrite("secondary_offset", &K::secondary_offset, "Centre of the first window in the secondary source, in pixels.")
      .def_property(
          "clip_rect", [](const K& self) { return self.clip_rect; }, [](K& self, mtl::Region region) { self.clip_rect = region; },
          "The part of the result that is written; MPSRectNoClip by default.")
      .def_readwrite("destination_feature_channel_offset", &K::destination_feature_channel_offset,
                     "First channel of the result that is written, a multiple of 4; 0 by default.")
      .def_readwrite("primary_source_feature_channel_offset", &K::primary_source_feature_channel_offset,
                     "First channel of the primary source that is read, a multiple of 4; 0 by default.")
      .def_readwrite("secondary_source_feature_channel_offset", &K::secondary_source_feature_channel_offset,
                     "First channel of the secondary source that is read, a multiple of 4; 0 by default.")
      .def_readwrite("primary_source_feature_channel_max_count", &K::primary_source_feature_channel_max_count,
                     "How many channels of the primary source are read at most.")
      .def_readwrite("secondary_source_feature_channel_max_count", &K::secondary_source_feature_channel_max_count,
                     "How many channels of the secondary source are read at most.")
      .def_readwrite("primary_edge_mode", &K::primary_edge_mode, "What is read beyond the edge of the primary source; Zero.")
      .def_readwrite("secondary_edge_mode", &K::secondary_edge_mode,
                     "What is read beyond the edge of the secondary source; Zero.")
      .def_readwrite("padding", &K::padding, "The padding policy.")
      .def_property_readonly("is_backwards", &K::is_backwards, "Whether the stride enlarges.");
  const auto window = [&](const std::string& name, Window (K::*which)() const, auto Window::*member, const char* doc) {
    cls.def_property_readonly(
        name.c_str(), [which, member](const K& self) { return (self.*which)().*member; }, doc);
  };
  const std::pair<const char*, Window (K::*)() const> sides[] = {{"primary_", &K::primary_window},
                                                                 {"secondary_", &K::secondary_window}};
  for (const auto& [side, which] : sides) {
    const std::string prefix = side;
    window(prefix + "kernel_width", which, &Window::kernel_width, "Width of the window in pixels.");
    window(prefix + "kernel_height", which, &Window::kernel_height, "Height of the window in pixels.");
    window(prefix + "stride_in_pixels_x", which, &Window::stride_x, "Horizontal step in pixels.");
    window(prefix + "stride_in_pixels_y", which, &Window::stride_y, "Vertical step in pixels.");
    window(prefix + "dilation_rate_x", which, &Window::dilation_x, "Horizontal distance of the taps in pixels.");
    window(prefix + "dilation_rate_y", which, &Window::dilation_y, "Vertical distance of the taps in pixels.");
  }
}

void bind_gradient_encodes(CNNGradientKernelClass& cls) {
  static constexpr const char* kGradient =
      "The gradient with respect to the forward source, an image of its size, which is returned unless destination_gradient is "
      "given. `gradient_state` is the result state of the forward kernel, which must have run before; gradients of parameters "
      "are "
      "written into it. Raises InvalidArgumentError for a state that no filter made, ShapeError where sizes differ from the "
      "forward kernel's.";
  const auto none = py::none();
  const auto encode = [](CNNGradientKernel& self, const CommandBufferPtr& command_buffer, const ImageBatch& gradients,
                         const ImageBatch& sources, const StateBatch& states, const ImageBatch& destinations) {
    py::gil_scoped_release release;
    return self.encode_batch_to_command_buffer(command_buffer, gradients, sources, states, destinations);
  };
  cls.def(
         "encode_to_command_buffer",
         [encode](CNNGradientKernel& self, const CommandBufferPtr& command_buffer, const ImagePtr& gradient,
                  const ImagePtr& source, const StatePtr& state,
                  const std::optional<ImagePtr>& destination) -> std::optional<ImagePtr> {
           const ImageBatch made =
               encode(self, command_buffer, {gradient}, {source}, {state}, destination ? ImageBatch{*destination} : ImageBatch{});
           return made.empty() ? std::nullopt : std::optional(made[0]);
         },
         "command_buffer"_a.none(false), "source_gradient"_a, "source_image"_a, "gradient_state"_a,
         "destination_gradient"_a = none, kGradient)
      .def(
          "encode_batch_to_command_buffer",
          [encode](CNNGradientKernel& self, const CommandBufferPtr& command_buffer, const ImageBatch& gradients,
                   const ImageBatch& sources, const StateBatch& states,
                   const std::optional<ImageBatch>& destinations) -> std::optional<ImageBatch> {
            ImageBatch made = encode(self, command_buffer, gradients, sources, states, destinations.value_or(ImageBatch{}));
            return made.empty() ? std::nullopt : std::optional(std::move(made));
          },
          "command_buffer"_a.none(false), "source_gradients"_a, "source_images"_a, "gradient_states"_a,
          "destination_gradients"_a = none, kBatch)
      .def_readwrite("kernel_offset_x", &CNNGradientKernel::kernel_offset_x,
                     "Horizontal position of the window; the gradient state's, where that has one.")
      .def_readwrite("kernel_offset_y", &CNNGradientKernel::kernel_offset_y,
                     "Vertical position of the window; the gradient state's, where that has one.");
}

}  // namespace

void bind_binary_kernel(py::module_&) {
  auto binary = declared<CNNBinaryKernelClass>();
  bind_filter(binary);
  bind_binary_encodes(binary);
  bind_binary_properties(binary);
  auto gradient = declared<CNNGradientKernelClass>();
  bind_gradient_encodes(gradient);
}

}  // namespace mpsnn
