#include "mpsnn/buffer.hpp"

#include "arrays.hpp"
#include "bindings.hpp"
#include "classes.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

std::shared_ptr<Buffer> buffer_over(const py::object& object, bool copy) {
  if (!is_array(object)) {
    throw InvalidArgument("Buffer: expected a length in bytes or an array, got " +
                          std::string(py::str(py::type::of(object).attr("__name__"))));
  }
  const py::array array = py::isinstance<py::array>(object) ? object : py::module_::import("numpy").attr("asarray")(object);
  if (copy) {
    const auto dense = py::array::ensure(array, py::array::c_style);
    auto buffer = std::make_shared<Buffer>(std::size_t(dense.nbytes()));
    std::memcpy(buffer->data(), dense.data(), buffer->length());
    return buffer;
  }
  if (!(array.flags() & py::array::c_style) || !array.writeable()) {
    throw InvalidArgument("Buffer: the array is not in C order or is read-only, so its memory cannot be shared; pass copy=True");
  }
  return std::make_shared<Buffer>(const_cast<void*>(array.data()), std::size_t(array.nbytes()), keep(array));
}

py::array view(const std::shared_ptr<Buffer>& buffer, const py::dtype& type) {
  const auto count = py::ssize_t(buffer->length() / std::size_t(type.itemsize()));
  return py::array(type, std::vector<py::ssize_t>{count}, std::vector<py::ssize_t>{}, buffer->cpu_access(), py::cast(buffer));
}

}  // namespace

void bind_buffer(py::module_&) {
  declared<BufferClass>()
      .def(py::init([](py::ssize_t length) {
             if (length < 0) throw InvalidArgument("Buffer: length must not be negative, got " + std::to_string(length));
             return std::make_shared<Buffer>(std::size_t(length));
           }),
           "length"_a, "`length` bytes of zeros, allocated at the first use.")
      .def(py::init([](const ArrayLike& array, bool copy) { return buffer_over(array, copy); }), "array"_a.none(false),
           py::kw_only(), "copy"_a = false,
           "The memory of an array in C order, shared; a copy of its values with copy=True. Raises InvalidArgumentError for an "
           "array that cannot be shared.")
      .def_property_readonly("length", &Buffer::length, "Size in bytes.")
      .def(
          "contents", [](const std::shared_ptr<Buffer>& self) { return py::memoryview(view(self, py::dtype("uint8"))); },
          "The bytes, shared. Raises InvalidArgumentError while encoded work is to write them.")
      .def(
          "to_numpy", [](const std::shared_ptr<Buffer>& self) { return view(self, py::dtype("float32")); },
          "A flat float32 view that keeps the buffer alive; `.view(dtype)` reads it as other types. Raises "
          "InvalidArgumentError while encoded work is to write it.")
      .def(
          "__array__",
          [](const std::shared_ptr<Buffer>& self, const py::object& dtype, const py::object& copy) {
            return py::module_::import("numpy").attr("array")(view(self, py::dtype("float32")), "dtype"_a = dtype,
                                                              "copy"_a = copy);
          },
          "dtype"_a = py::none(), "copy"_a = py::none(), "NumPy's protocol.")
      .def("__len__", &Buffer::length)
      .def("__repr__", [](const Buffer& self) { return "Buffer(length=" + std::to_string(self.length()) + ")"; });
}

}  // namespace mpsnn
