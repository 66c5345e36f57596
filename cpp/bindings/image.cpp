#include "mpsnn/image.hpp"

#include "arrays.hpp"
#include "bindings.hpp"
#include "classes.hpp"
#include "image_transfer.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

std::shared_ptr<Device> device_of(const Image& image) { return image.device() ? image.device() : default_device(); }

void bind_descriptor() {
  constexpr auto kReadWrite = mtl::TextureUsage::ShaderRead | mtl::TextureUsage::ShaderWrite;
  declared<ImageDescriptorClass>()
      .def(py::init([](ImageFeatureChannelFormat channel_format, std::size_t width, std::size_t height,
                       std::size_t feature_channels, std::size_t number_of_images, mtl::TextureUsage usage) {
             ImageDescriptor descriptor;
             descriptor.channel_format = channel_format;
             descriptor.width = width;
             descriptor.height = height;
             descriptor.feature_channels = feature_channels;
             descriptor.number_of_images = number_of_images;
             descriptor.usage = usage;
             return descriptor;
           }),
           "channel_format"_a, py::kw_only(), "width"_a, "height"_a, "feature_channels"_a, "number_of_images"_a = 1,
           py::arg_v("usage", kReadWrite, "mpsnn._core.MTLTextureUsage(3)"),
           "The size and storage format of an image, height x width x feature_channels.")
      .def_readwrite("width", &ImageDescriptor::width, "Pixels in a row.")
      .def_readwrite("height", &ImageDescriptor::height, "Rows.")
      .def_readwrite("feature_channels", &ImageDescriptor::feature_channels, "Numbers in a pixel.")
      .def_readwrite("number_of_images", &ImageDescriptor::number_of_images, "Images one after another in one object; 1.")
      .def_readwrite("channel_format", &ImageDescriptor::channel_format, "Storage format of the elements.")
      .def_readwrite("usage", &ImageDescriptor::usage, "What a GPU uses the texture for; no effect here.")
      .def_readwrite("storage_mode", &ImageDescriptor::storage_mode, "Who can reach the memory; no effect here.")
      .def_readwrite("cpu_cache_mode", &ImageDescriptor::cpu_cache_mode, "How the CPU caches the memory; no effect here.")
      .def_property_readonly("pixel_format", &ImageDescriptor::pixel_format, "Format of the texture on a GPU.")
      .def("__copy__", [](const ImageDescriptor& self) { return self; })
      .def(
          "__eq__", [](const ImageDescriptor& self, const ImageDescriptor& other) { return self == other; }, py::is_operator())
      .def("__repr__", [](const ImageDescriptor& self) {
        return "MPSImageDescriptor(" + std::string(name_of(self.channel_format)) + ", width=" + std::to_string(self.width) +
               ", height=" + std::to_string(self.height) + ", feature_channels=" + std::to_string(self.feature_channels) +
               ", number_of_images=" + std::to_string(self.number_of_images) + ")";
      });
}

void bind_allocator() {
  declared<ImageAllocatorClass>()
      .def(py::init<>())
      .def("image_for_command_buffer", &ImageAllocator::image_for_command_buffer, "command_buffer"_a, "image_descriptor"_a,
           "kernel"_a, "An image for the result of `kernel` (None where the library names none). Required.")
      .def("image_batch_for_command_buffer", &ImageAllocator::image_batch_for_command_buffer, "command_buffer"_a,
           "image_descriptor"_a, "kernel"_a, "count"_a,
           "`count` images of one batch; without this method `image_for_command_buffer` is asked for each.");
}

void bind_numpy(ImageClass& image) {
  image
      .def(
          "to_numpy", &array_over,
          "A view of the memory, H x W x C, or N x H x W x C where `number_of_images` is N > 1; it keeps the image alive. Raises "
          "InvalidArgumentError while encoded work is to write the image, and for temporary images; BackendError where that "
          "work failed.")
      .def(
          "__array__",
          [](const ImagePtr& self, const py::object& dtype, const py::object& copy) {
            return py::module_::import("numpy").attr("array")(array_over(self), "dtype"_a = dtype, "copy"_a = copy);
          },
          "dtype"_a = py::none(), "copy"_a = py::none(), "NumPy's protocol: as `to_numpy`, then `numpy.array`.")
      .def(
          "__dlpack__",
          [](const ImagePtr& self, const py::KWArgs<py::object>& arguments) {
            return array_over(self).attr("__dlpack__")(**arguments);
          },
          "DLPack's protocol: the memory, shared, for `torch.from_dlpack` and the like.")
      .def(
          "__dlpack_device__", [](const Image&) { return std::pair(1, 0); }, "DLPack's protocol: the CPU.");
}

void bind_permanent_image() {
  auto image = declared<ImageClass>();
  def_label(image);
  image
      .def(py::init([](const ImageDescriptor& descriptor, const DeviceArgument& device) {
             return std::make_shared<Image>(device_from(device), descriptor);
           }),
           "image_descriptor"_a, py::kw_only(), "device"_a = py::none(), "An image of zeros, allocated at the first use.")
      .def(py::init([](const ArrayLike& array, bool copy, const DeviceArgument& device) {
             return image_from(array, {.what = "MPSImage", .copy = copy}, device_from(device));
           }),
           "array"_a.none(false), py::kw_only(), "copy"_a = false, "device"_a = py::none(),
           "An image over the memory of an array, H x W x C or N x H x W x C, of float32, float16, uint8 (Unorm8) or uint16 "
           "(Unorm16): a NumPy array, or any with `__dlpack__` on the CPU. Raises InvalidArgumentError where the memory cannot "
           "be shared (not in C order, read-only, other types); with copy=True the image gets memory of its own, other float "
           "types become float32.")
      .def_static("default_allocator", &Image::default_allocator, "Makes images that outlive their command buffer.")
      .def_property_readonly("device", &device_of, "The device it belongs to.")
      .def_property_readonly("width", &Image::width, "Pixels in a row.")
      .def_property_readonly("height", &Image::height, "Rows.")
      .def_property_readonly("feature_channels", &Image::feature_channels, "Numbers in a pixel.")
      .def_property_readonly("number_of_images", &Image::number_of_images, "Images one after another in this object.")
      .def_property_readonly("feature_channel_format", &Image::feature_channel_format, "Storage format of the elements.")
      .def_property_readonly("texture_type", &Image::texture_type, "Kind of the texture on a GPU.")
      .def_property_readonly("pixel_format", &Image::pixel_format, "Format of the texture on a GPU.")
      .def_property_readonly("usage", &Image::usage, "What a GPU uses the texture for.")
      .def_property_readonly("precision", &Image::precision, "Significant bits of an element.")
      .def_property_readonly("pixel_size", &Image::pixel_size, "Bytes from one pixel to the next in the texture on a GPU.")
      .def_property_readonly(
          "parent", [](const Image& self) { return or_none(self.parent()); }, "The image that this one is a part of, or None.")
      .def("batch_representation", py::overload_cast<>(&Image::batch_representation),
           "The images one by one, over the same memory.")
      .def(
          "batch_representation_with_sub_range",
          [](Image& self, const RangeArgument& range) { return self.batch_representation(range_from(range, "sub_range")); },
          "sub_range"_a, "Some of the images one by one: (first, count) or a `range`.")
      .def(
          "sub_image_with_feature_channel_range",
          [](Image& self, const RangeArgument& range) {
            return self.sub_image_with_feature_channel_range(range_from(range, "feature_channel_range"));
          },
          "feature_channel_range"_a,
          "Some feature channels over the same memory: (first, count) or a `range`; the first is a multiple of 4.")
      .def("resource_size", &Image::resource_size, "Bytes of the storage on a GPU; 0 for parts of an image and wrapped arrays.")
      .def("set_purgeable_state", &Image::set_purgeable_state, "state"_a, "Changes nothing here; returns the former state.")
      .def(
          "synchronize_on_command_buffer",
          [](Image& self, const std::shared_ptr<CommandBuffer>& buffer) { self.synchronize_on_command_buffer(buffer); },
          "command_buffer"_a.none(false), "Makes the contents visible to the CPU where its memory is apart; no effect here.")
      .def("read_bytes", &read_bytes, "data_bytes"_a, "data_layout"_a, "image_index"_a, "bytes_per_row"_a = py::none(),
           "bytes_per_image"_a = py::none(), "region"_a = py::none(), "feature_channel_info"_a = py::none(),
           "Copies elements, unconverted, into a writable buffer. Strides are bytes, None for no gaps; `region` is "
           "MPSRectNoClip for all pixels, its origin z counts from `image_index`; `feature_channel_info` None is all channels. "
           "Raises InvalidArgumentError where the buffer is too small or a range is outside the image.")
      .def("write_bytes", &write_bytes, "data_bytes"_a, "data_layout"_a, "image_index"_a, "bytes_per_column"_a = py::none(),
           "bytes_per_row"_a = py::none(), "bytes_per_image"_a = py::none(), "region"_a = py::none(),
           "feature_channel_info"_a = py::none(), "Copies elements, unconverted, from a buffer; see `read_bytes`.")
      .def("__repr__", [](const Image& self) {
        std::string text = self.is_temporary() ? "MPSTemporaryImage(" : "MPSImage(";
        if (!self.label.empty()) text += "\"" + self.label + "\", ";
        text += "height=" + std::to_string(self.height()) + ", width=" + std::to_string(self.width()) +
                ", feature_channels=" + std::to_string(self.feature_channels());
        if (self.number_of_images() != 1) text += ", number_of_images=" + std::to_string(self.number_of_images());
        return text + ", " + name_of(self.feature_channel_format()) + ")";
      });
  bind_numpy(image);
}

void bind_temporary_image() {
  declared<TemporaryImageClass>()
      .def(py::init(&TemporaryImage::temporary_image), "command_buffer"_a.none(false), py::kw_only(), "image_descriptor"_a,
           "An image that belongs to one command buffer.")
      .def_static("default_allocator", &TemporaryImage::default_allocator, "Makes images that belong to one command buffer.")
      .def_static("prefetch_storage_with_command_buffer", &TemporaryImage::prefetch_storage, "command_buffer"_a.none(false),
                  "image_descriptor_list"_a, "A hint; no effect here.")
      .def_property("read_count", &TemporaryImage::read_count, &TemporaryImage::set_read_count,
                    "How often encodes may still read it, 1 at first; at 0 its contents are gone.");
}

}  // namespace

void bind_image(py::module_& m) {
  bind_descriptor();
  bind_allocator();
  bind_permanent_image();
  bind_temporary_image();
  m.def("mps_image_batch_increment_read_count", &image_batch_increment_read_count, "batch"_a, "amount"_a,
        "Adds to the read count of each distinct temporary image; returns how many distinct images there are.");
  m.def("mps_image_batch_synchronize", &image_batch_synchronize, "batch"_a, "cmd_buf"_a.none(false),
        "`synchronize_on_command_buffer` for each distinct image.");
  m.def("mps_image_batch_resource_size", &image_batch_resource_size, "batch"_a, "Bytes of the distinct images.");
  m.def(
      "mps_image_batch_iterate",
      [](const ImageBatch& batch, const py::typing::Callable<py::typing::Optional<py::int_>(ImagePtr, std::size_t)>& block) {
        return image_batch_iterate(batch, [&](const ImagePtr& image, std::size_t index) {
          const py::object value = block(image, index);
          return value.is_none() ? std::numeric_limits<std::ptrdiff_t>::min() : value.cast<std::ptrdiff_t>();
        });
      },
      "batch"_a, "iterator_block"_a,
      "Calls `iterator_block(image, index)` for each distinct image with the first index where it is; anything but None (or the "
      "smallest 64-bit integer) ends the walk. Returns the last value.");
}

}  // namespace mpsnn
