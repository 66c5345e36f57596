#include "image_transfer.hpp"

#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

/// The bytes of an object in C order, pinned while this lives.
class Bytes {
 public:
  Bytes(const py::buffer& object, bool writable) {
    if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_C_CONTIGUOUS | (writable ? PyBUF_WRITABLE : 0)) != 0) {
      py::error_already_set error;
      throw InvalidArgument("MPSImage: data_bytes must be a buffer in C order" +
                            std::string(writable ? " that is writable" : "") + ": " + error.what());
    }
  }
  ~Bytes() { PyBuffer_Release(&view_); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;
  void* data() const { return view_.buf; }
  std::size_t length() const { return std::size_t(view_.len); }

 private:
  Py_buffer view_;
};

std::size_t stride(OptionalSize value, const char* name) {
  if (value == std::size_t(0)) throw InvalidArgument(std::string("MPSImage: ") + name + " must be positive, got 0");
  return value.value_or(0);
}

Image::Transfer transfer_of(DataLayout layout, std::size_t image_index, OptionalSize bytes_per_column, OptionalSize bytes_per_row,
                            OptionalSize bytes_per_image, const OptionalRegion& region, const OptionalChannels& channels) {
  Image::Transfer transfer;
  transfer.layout = layout;
  transfer.image_index = image_index;
  transfer.bytes_per_column = stride(bytes_per_column, "bytes_per_column");
  transfer.bytes_per_row = stride(bytes_per_row, "bytes_per_row");
  transfer.bytes_per_image = stride(bytes_per_image, "bytes_per_image");
  if (region) transfer.region = *region;
  if (channels) transfer.feature_channel_info = *channels;
  return transfer;
}

}  // namespace

Range range_from(const RangeArgument& argument, const std::string& what) {
  try {
    if (py::isinstance<py::tuple>(argument)) {
      const auto [location, length] = argument.cast<std::pair<std::size_t, std::size_t>>();
      return {location, length};
    }
    if (py::hasattr(argument, "step") && argument.attr("step").cast<int>() == 1) {
      return {argument.attr("start").cast<std::size_t>(), py::len(argument)};
    }
  } catch (const py::cast_error&) {
  }
  throw InvalidArgument(what + ": expected (location, length) or a range with step 1, got " + std::string(py::repr(argument)));
}

void read_bytes(Image& image, const BytesArgument& data_bytes, DataLayout data_layout, std::size_t image_index,
                OptionalSize bytes_per_row, OptionalSize bytes_per_image, const OptionalRegion& region,
                const OptionalChannels& feature_channel_info) {
  const Bytes bytes(data_bytes, true);
  const auto transfer =
      transfer_of(data_layout, image_index, std::nullopt, bytes_per_row, bytes_per_image, region, feature_channel_info);
  py::gil_scoped_release release;
  image.read_bytes(bytes.data(), bytes.length(), transfer);
}

void write_bytes(Image& image, const BytesArgument& data_bytes, DataLayout data_layout, std::size_t image_index,
                 OptionalSize bytes_per_column, OptionalSize bytes_per_row, OptionalSize bytes_per_image,
                 const OptionalRegion& region, const OptionalChannels& feature_channel_info) {
  const Bytes bytes(data_bytes, false);
  const auto transfer =
      transfer_of(data_layout, image_index, bytes_per_column, bytes_per_row, bytes_per_image, region, feature_channel_info);
  py::gil_scoped_release release;
  image.write_bytes(bytes.data(), bytes.length(), transfer);
}

}  // namespace mpsnn
