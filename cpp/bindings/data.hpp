#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "mpsnn/error.hpp"
#include "types.hpp"

namespace mpsnn {

/// The numbers of an argument that is NSData in Apple's interface: bytes are packed float32, anything else is an array.
inline std::vector<float> floats_from_data(const py::handle& data, const std::string& what) {
  std::string_view packed;
  if (PyBytes_Check(data.ptr())) {
    packed = {PyBytes_AS_STRING(data.ptr()), std::size_t(PyBytes_GET_SIZE(data.ptr()))};
  } else if (PyByteArray_Check(data.ptr())) {
    packed = {PyByteArray_AS_STRING(data.ptr()), std::size_t(PyByteArray_GET_SIZE(data.ptr()))};
  } else {
    return floats_from(data, what);
  }
  if (packed.size() % sizeof(float) != 0) {
    throw InvalidArgument(what + ": packed float32 values take a multiple of 4 bytes, got " + std::to_string(packed.size()));
  }
  std::vector<float> values(packed.size() / sizeof(float));
  if (!values.empty()) std::memcpy(values.data(), packed.data(), packed.size());
  return values;
}

}  // namespace mpsnn
