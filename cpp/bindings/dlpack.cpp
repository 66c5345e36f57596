#include "dlpack.hpp"

#include <cstdint>

#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

// The exchange structures of DLPack 0.x ("dltensor") and 1.x ("dltensor_versioned").
struct DLDevice {
  std::int32_t device_type, device_id;
};
struct DLDataType {
  std::uint8_t code, bits;
  std::uint16_t lanes;
};
struct DLTensor {
  void* data;
  DLDevice device;
  std::int32_t ndim;
  DLDataType dtype;
  std::int64_t *shape, *strides;  // in elements; no strides means C order
  std::uint64_t byte_offset;
};
struct DLManagedTensor {
  DLTensor tensor;
  void* context;
  void (*deleter)(DLManagedTensor*);
};
struct DLManagedTensorVersioned {
  std::uint32_t major, minor;
  void* context;
  void (*deleter)(DLManagedTensorVersioned*);
  std::uint64_t flags;
  DLTensor tensor;
};

constexpr const char* kName = "dltensor";
constexpr const char* kVersionedName = "dltensor_versioned";
constexpr std::uint64_t kReadOnly = 1;
constexpr std::int32_t kCPU = 1;

std::string device_name(int type, int id) {
  static constexpr std::pair<int, const char*> kNames[] = {
      {1, "cpu"},   {2, "cuda"},  {3, "cuda_host"},  {4, "opencl"},        {7, "vulkan"},
      {8, "metal"}, {10, "rocm"}, {11, "rocm_host"}, {13, "cuda_managed"}, {14, "oneapi"}};
  for (const auto& [value, name] : kNames) {
    if (value == type) return std::string(name) + ":" + std::to_string(id);
  }
  return "device type " + std::to_string(type) + ":" + std::to_string(id);
}

py::dtype dtype_of(const DLDataType& type, const std::string& what) {
  static constexpr const char* kKinds = "iuf";  // codes 0, 1, 2
  const bool is_bool = type.code == 6 && type.bits == 8, is_byte = type.bits == 8 && type.code != 2;
  const bool is_number = type.code <= 2 && (is_byte || type.bits == 16 || type.bits == 32 || type.bits == 64);
  if (type.lanes != 1 || !(is_number || is_bool)) {
    throw InvalidArgument(what + ": NumPy has no type for DLPack's (code " + std::to_string(type.code) + ", " +
                          std::to_string(type.bits) + " bits, " + std::to_string(type.lanes) +
                          " lanes); convert it to float32 first" + (type.code == 4 ? " (code 4 is bfloat16)" : ""));
  }
  return py::dtype(is_bool ? "?" : kKinds[type.code] + std::to_string(type.bits / 8));
}

std::string shown(const py::object& object) { return py::repr(object).cast<std::string>(); }

std::pair<int, int> device_of(const py::object& source, const std::string& what) {
  const py::object device = source.attr("__dlpack_device__")();
  try {
    return device.cast<std::pair<int, int>>();
  } catch (const py::cast_error&) {
    throw InvalidArgument(what + ": __dlpack_device__ must return (device type, device id), got " + shown(device));
  }
}

py::object exported(const py::object& source) {
  const py::object method = source.attr("__dlpack__");
  try {
    return method("max_version"_a = py::make_tuple(1, 0));
  } catch (py::error_already_set& e) {
    if (!e.matches(PyExc_TypeError)) throw;
  }
  return method();  // exporters older than DLPack 1.0
}

py::capsule take(const py::object& source, const std::string& what) {
  py::object capsule = exported(source);
  if (!py::isinstance<py::capsule>(capsule))
    throw InvalidArgument(what + ": __dlpack__ must return a capsule, got " + shown(capsule));
  return py::reinterpret_steal<py::capsule>(capsule.release());
}

template <class Managed>
py::capsule own(py::capsule capsule, Managed* managed, const char* used_name) {
  capsule.set_name(used_name);  // ours now: the exporter's destructor leaves it alone
  return py::capsule(managed, [](void* p) {
    auto* tensor = static_cast<Managed*>(p);
    if (tensor->deleter) tensor->deleter(tensor);
  });
}

py::array array_over(const DLTensor& tensor, bool is_read_only, const py::capsule& owner, const std::string& what) {
  const py::dtype type = dtype_of(tensor.dtype, what);
  std::vector<py::ssize_t> shape(tensor.shape, tensor.shape + tensor.ndim), strides;
  if (tensor.strides) {
    for (int i = 0; i < tensor.ndim; ++i) strides.push_back(tensor.strides[i] * type.itemsize());
  }
  py::array array(type, std::move(shape), std::move(strides), static_cast<std::byte*>(tensor.data) + tensor.byte_offset, owner);
  if (is_read_only) array.attr("setflags")("write"_a = false);
  return array;
}

}  // namespace

py::array array_from_dlpack(const py::object& source, const std::string& what) {
  const auto device = device_of(source, what);
  if (device.first != kCPU) {
    throw InvalidArgument(what + ": the array is on device " + device_name(device.first, device.second) +
                          "; copy it to the CPU first");
  }
  const py::capsule capsule = take(source, what);
  const std::string name = capsule.name() ? capsule.name() : "";
  if (name == kVersionedName) {
    auto* managed = capsule.get_pointer<DLManagedTensorVersioned>();
    if (managed->major != 1) throw InvalidArgument(what + ": DLPack version " + std::to_string(managed->major) + " is unknown");
    return array_over(managed->tensor, managed->flags & kReadOnly, own(capsule, managed, "used_dltensor_versioned"), what);
  }
  if (name != kName) throw InvalidArgument(what + ": __dlpack__ returned a capsule named '" + name + "'");
  auto* managed = capsule.get_pointer<DLManagedTensor>();
  return array_over(managed->tensor, false, own(capsule, managed, "used_dltensor"), what);
}

}  // namespace mpsnn
