#include "arrays.hpp"

#include "dlpack.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

using Format = ImageFeatureChannelFormat;

constexpr std::pair<const char*, Format> kTypes[] = {
    {"float32", Format::Float32}, {"float16", Format::Float16}, {"uint8", Format::Unorm8}, {"uint16", Format::Unorm16}};

Format format_of(const py::dtype& type) {
  for (const auto& [name, format] : kTypes) {
    if (type.equal(py::dtype(name))) return format;  // byte order included
  }
  return Format::None;
}

py::dtype dtype_of(Format format) {
  for (const auto& [name, value] : kTypes) {
    if (value == format) return py::dtype(name);
  }
  throw InvalidArgument("MPSImage: NumPy has no type for " + std::string(name_of(format)));
}

std::string text(const py::handle& object) { return py::str(object); }

// NumPy's own view of the object; for lists and other things that hold no array only where a copy is asked for.
py::array as_array(const py::object& object, const ArrayUse& use) {
  if (py::isinstance<py::array>(object)) return object;
  if (py::hasattr(object, "__dlpack__") && py::hasattr(object, "__dlpack_device__")) return array_from_dlpack(object, use.what);
  if (!use.copy && !is_array(object)) {
    throw InvalidArgument(use.what + ": expected an array, got " + text(py::type::of(object).attr("__name__")) +
                          "; copy=True makes an array of it");
  }
  return py::module_::import("numpy").attr("asarray")(object);
}

// The array in a type that an image can have; converts only where a copy is asked for, and then only numbers to float32.
py::array with_known_type(const py::array& array, const ArrayUse& use) {
  const py::dtype type = array.dtype();
  if (format_of(type) != Format::None) return array;
  const py::dtype native = type.attr("newbyteorder")("=");
  const bool swapped = format_of(native) != Format::None;
  if (use.copy && (swapped || type.kind() == 'f')) {
    return array.attr("astype")(swapped ? native : py::dtype("float32"));
  }
  const char* advice = swapped || type.kind() == 'f' ? "; pass copy=True to convert it" : "; convert the array first";
  throw InvalidArgument(use.what + ": dtype " + text(type) + " is none of float32, float16, uint8 (Unorm8), uint16 (Unorm16)" +
                        advice);
}

ImageDescriptor descriptor_of(const py::array& array, const ArrayUse& use) {
  const auto rank = array.ndim();
  if ((rank != 3 && rank != 4) || array.size() == 0) {
    throw ShapeError(use.what + ": expected an array H x W x C or N x H x W x C without empty dimensions, got shape " +
                     text(array.attr("shape")));
  }
  ImageDescriptor descriptor;
  descriptor.number_of_images = rank == 4 ? std::size_t(array.shape(0)) : 1;
  descriptor.height = std::size_t(array.shape(rank - 3));
  descriptor.width = std::size_t(array.shape(rank - 2));
  descriptor.feature_channels = std::size_t(array.shape(rank - 1));
  descriptor.channel_format = format_of(array.dtype());
  return descriptor;
}

void check_sharable(const py::array& array, const ArrayUse& use) {
  const char* problem = nullptr;
  if (!(array.flags() & py::array::c_style)) {
    problem = "is not in C order";
  } else if (reinterpret_cast<std::uintptr_t>(array.data()) % std::size_t(array.itemsize()) != 0) {
    problem = "is not aligned to its elements";
  } else if (use.writable && !array.writeable()) {
    problem = "is read-only";
  } else {
    return;
  }
  throw InvalidArgument(use.what + ": the array (shape " + text(array.attr("shape")) + ", strides " +
                        text(array.attr("strides")) + ") " + problem +
                        ", so its memory cannot be shared; pass copy=True to copy it");
}

py::array view(const ImagePtr& image, const py::object& owner) {
  const ImageView v = image->view();
  const auto element = py::ssize_t(bytes_per_channel(v.format));
  std::vector<py::ssize_t> shape{py::ssize_t(v.height), py::ssize_t(v.width), py::ssize_t(v.channels)};
  std::vector<py::ssize_t> strides{py::ssize_t(v.row_stride) * element, py::ssize_t(v.pixel_stride) * element, element};
  if (v.number > 1) {
    shape.insert(shape.begin(), py::ssize_t(v.number));
    strides.insert(strides.begin(), py::ssize_t(v.image_stride) * element);
  }
  return py::array(dtype_of(v.format), std::move(shape), std::move(strides), v.data, owner);
}

}  // namespace

bool is_array(const py::handle& object) {
  return py::isinstance<py::array>(object) || py::hasattr(object, "__dlpack__") || py::hasattr(object, "__array__") ||
         py::hasattr(object, "__array_interface__") || PyObject_CheckBuffer(object.ptr());
}

ImagePtr image_from(const py::object& object, const ArrayUse& use, std::shared_ptr<Device> device) {
  const py::array array = with_known_type(as_array(object, use), use);
  const ImageDescriptor descriptor = descriptor_of(array, use);
  if (use.copy) {
    auto image = std::make_shared<Image>(std::move(device), descriptor);
    view(image, py::cast(image)).attr("ravel")().attr("__setitem__")(py::ellipsis(), array.attr("ravel")());
    return image;
  }
  check_sharable(array, use);
  // Read-only memory is only read: the caller says so.
  return Image::wrap(std::move(device), descriptor, const_cast<void*>(array.data()), keep(array));
}

py::array array_over(const ImagePtr& image) {
  if (image->is_temporary()) {
    throw InvalidArgument(
        "MPSTemporaryImage: the CPU cannot see a temporary image; use an image of MPSImage.default_allocator() for it");
  }
  image->storage()->cpu_access();
  return view(image, py::cast(image));
}

py::array array_of_batch(const ImageBatch& batch) {
  if (batch.empty()) throw InvalidArgument("MPSImageBatch: there are no images");
  for (const ImagePtr& image : batch) array_over(image);
  const ImageView first = batch[0]->view();
  const std::size_t element = bytes_per_channel(first.format), bytes = first.image_stride * element;
  for (std::size_t i = 0; i < batch.size(); ++i) {
    const auto* data = static_cast<const std::byte*>(first.data) + i * bytes;
    if (batch[i]->storage() != batch[0]->storage() || batch[i]->view().data != data || batch[i]->number_of_images() != 1) {
      return py::module_::import("numpy").attr("stack")(py::cast(batch));
    }
  }
  const auto stride = [&](std::size_t elements) { return py::ssize_t(elements * element); };
  return py::array(dtype_of(first.format),
                   std::vector<py::ssize_t>{py::ssize_t(batch.size()), py::ssize_t(first.height), py::ssize_t(first.width),
                                            py::ssize_t(first.channels)},
                   std::vector<py::ssize_t>{py::ssize_t(bytes), stride(first.row_stride), stride(first.pixel_stride), stride(1)},
                   first.data, py::cast(batch[0]));
}

}  // namespace mpsnn
