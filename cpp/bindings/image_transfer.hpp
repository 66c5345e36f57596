#pragma once

#include "mpsnn/image.hpp"
#include "types.hpp"

namespace mpsnn {

/// Any object with the buffer protocol.
class BytesArgument : public py::buffer {
  PYBIND11_OBJECT_DEFAULT(BytesArgument, buffer, PyObject_CheckBuffer)
};

/// NSRange: (location, length), or a Python range with step 1.
class RangeArgument : public py::object {
  PYBIND11_OBJECT_DEFAULT(RangeArgument, object, PyObject_Type)
};
/// Throws InvalidArgument; `what` names the argument.
Range range_from(const RangeArgument& argument, const std::string& what);

using OptionalSize = std::optional<std::size_t>;
using OptionalRegion = std::optional<mtl::Region>;
using OptionalChannels = std::optional<ImageReadWriteParams>;

void read_bytes(Image& image, const BytesArgument& data_bytes, DataLayout data_layout, std::size_t image_index,
                OptionalSize bytes_per_row, OptionalSize bytes_per_image, const OptionalRegion& region,
                const OptionalChannels& feature_channel_info);
void write_bytes(Image& image, const BytesArgument& data_bytes, DataLayout data_layout, std::size_t image_index,
                 OptionalSize bytes_per_column, OptionalSize bytes_per_row, OptionalSize bytes_per_image,
                 const OptionalRegion& region, const OptionalChannels& feature_channel_info);

}  // namespace mpsnn

namespace pybind11::detail {

template <>
struct handle_type_name<mpsnn::BytesArgument> {
  static constexpr auto name = const_name("collections.abc.Buffer");
};

template <>
struct handle_type_name<mpsnn::RangeArgument> {
  static constexpr auto name = const_name("tuple[int, int] | range");
};

}  // namespace pybind11::detail
