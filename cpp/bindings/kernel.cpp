#include "mpsnn/kernel.hpp"

#include "bindings.hpp"
#include "classes.hpp"
#include "kernel_encode.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

using namespace kernel_encode;

void bind_unary_states(CNNKernelClass& cls) {
  const auto none = py::none();
  cls.def(
         "result_state_for_source_image",
         [](CNNKernel& self, const ImagePtr& source, const SourceStates&, const ImagePtr& destination) {
           return first_or_none(without_gil([&] { return self.result_state_batch_for_source_image({source}, {destination}); }));
         },
         "source_image"_a, "source_states"_a, "destination_image"_a, kState)
      .def(
          "result_state_batch_for_source_image",
          [](CNNKernel& self, const ImageBatch& sources, const py::object&, const ImageBatch& destinations) {
            return list_or_none(without_gil([&] { return self.result_state_batch_for_source_image(sources, destinations); }));
          },
          "source_image"_a, "source_states"_a, "destination_image"_a, kState)
      .def(
          "temporary_result_state_for_command_buffer",
          [](CNNKernel& self, const CommandBufferPtr&, const ImagePtr& source, const SourceStates&, const ImagePtr& destination) {
            return first_or_none(
                without_gil([&] { return self.result_state_batch_for_source_image({source}, {destination}, true); }));
          },
          "command_buffer"_a.none(false), "source_image"_a, "source_states"_a, "destination_image"_a, kState)
      .def(
          "temporary_result_state_batch_for_command_buffer",
          [](CNNKernel& self, const CommandBufferPtr&, const ImageBatch& sources, const py::object&,
             const ImageBatch& destinations) {
            return list_or_none(
                without_gil([&] { return self.result_state_batch_for_source_image(sources, destinations, true); }));
          },
          "command_buffer"_a.none(false), "source_image"_a, "source_states"_a, "destination_image"_a, kState)
      .def(
          "encoding_storage_size_for_source_image",
          [](const CNNKernel&, const ImagePtr&, const SourceStates&, const std::optional<ImagePtr>&) { return 0; },
          "source_image"_a, "source_states"_a = none, "destination_image"_a = none, kStorage)
      .def(
          "batch_encoding_storage_size_for_source_image",
          [](const CNNKernel&, const ImageBatch&, const py::object&, const std::optional<ImageBatch>&) { return 0; },
          "source_image"_a, "source_states"_a = none, "destination_image"_a = none, kStorage);
}

}  // namespace

void bind_kernel(py::module_&) {
  auto kernel = declared<KernelClass>();
  def_label(kernel, "Name used in messages; at first that of the kernel's data source, None without one.");
  kernel
      .def_property_readonly(
          "device", [](const Kernel& self) { return self.device() ? self.device() : default_device(); }, "The device it runs on.")
      .def_readwrite("options", &Kernel::options, "Hints; MPSKernelOptions.None_ by default.")
      .def(
          "copy_with_zone",
          [](const Kernel&, const py::object&, const DeviceArgument&) -> std::shared_ptr<Kernel> {
            throw Unsupported("MPSKernel: this kernel cannot be copied");
          },
          "zone"_a = py::none(), "device"_a = py::none(),
          "An independent copy, for another device or the same. `zone` is ignored. Raises UnsupportedError where a kernel "
          "cannot be copied.");

  const auto window = [](auto Window::*member) { return [member](const CNNKernel& self) { return self.window().*member; }; };
  auto unary = declared<CNNKernelClass>();
  bind_filter(unary);
  bind_unary_encodes(unary);
  bind_unary_states(unary);
  unary
      .def_property(
          "offset", [](const CNNKernel& self) { return self.offset; },
          [](CNNKernel& self, Offset offset) { self.offset = offset; },
          "Centre of the first window in source pixels; chosen by the padding policy before each encode.")
      .def_property(
          "clip_rect", [](const CNNKernel& self) { return self.clip_rect; },
          [](CNNKernel& self, mtl::Region region) { self.clip_rect = region; },
          "The part of the result that is written; MPSRectNoClip by default.")
      .def_readwrite("destination_feature_channel_offset", &CNNKernel::destination_feature_channel_offset,
                     "First channel of the result that is written; 0 by default.")
      .def_readwrite("source_feature_channel_offset", &CNNKernel::source_feature_channel_offset,
                     "First channel of the source that is read; 0 by default.")
      .def_readwrite("source_feature_channel_max_count", &CNNKernel::source_feature_channel_max_count,
                     "How many channels of the source are read at most.")
      .def_readwrite("edge_mode", &CNNKernel::edge_mode, "What is read beyond the edge of the source; Zero by default.")
      .def_readwrite("kernel_offset_x", &CNNKernel::kernel_offset_x,
                     "Horizontal position of the window of a filter whose stride enlarges.")
      .def_readwrite("kernel_offset_y", &CNNKernel::kernel_offset_y,
                     "Vertical position of the window of a filter whose stride enlarges.")
      .def_readwrite("zero_pad_size_x", &CNNKernel::zero_pad_size_x,
                     "Columns of zeros around the source that count in an average; 0 by default.")
      .def_readwrite("zero_pad_size_y", &CNNKernel::zero_pad_size_y,
                     "Rows of zeros around the source that count in an average; 0 by default.")
      .def_readwrite("padding", &CNNKernel::padding, "The padding policy.")
      .def_property_readonly("kernel_width", window(&Window::kernel_width), "Width of the window in pixels.")
      .def_property_readonly("kernel_height", window(&Window::kernel_height), "Height of the window in pixels.")
      .def_property_readonly("stride_in_pixels_x", window(&Window::stride_x), "Horizontal step in pixels.")
      .def_property_readonly("stride_in_pixels_y", window(&Window::stride_y), "Vertical step in pixels.")
      .def_property_readonly("dilation_rate_x", window(&Window::dilation_x), "Horizontal distance of the taps in pixels.")
      .def_property_readonly("dilation_rate_y", window(&Window::dilation_y), "Vertical distance of the taps in pixels.")
      .def_property_readonly("is_backwards", window(&Window::is_backwards), "Whether the stride enlarges.");
}

}  // namespace mpsnn
