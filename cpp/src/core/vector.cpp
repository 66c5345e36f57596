#include "mpsnn/vector.hpp"

#include <string>

#include "core/checked.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"

namespace mpsnn {

namespace {

std::size_t element_bytes(DataType type, const std::string& owner) {
  const std::size_t bits = std::uint32_t(type) & 0xffff;
  if (bits == 0 || bits % 8 != 0) {
    throw InvalidArgument(owner + ": data_type must have whole bytes, got 0x" + [&] {
      std::string digits;
      for (int shift = 28; shift >= 0; shift -= 4) digits += "0123456789abcdef"[std::uint32_t(type) >> shift & 15];
      return digits;
    }());
  }
  return bits / 8;
}

void check_positive(std::size_t value, const char* name, const std::string& owner) {
  if (value == 0) throw InvalidArgument(owner + ": " + name + " must be positive, got 0");
}

/// 0 stands for the smallest stride.
std::size_t checked_stride(std::size_t bytes, std::size_t smallest, std::size_t element, const char* name,
                           const std::string& owner) {
  if (bytes == 0) return smallest;
  if (bytes < smallest || bytes % element != 0) {
    throw InvalidArgument(owner + ": " + name + " must be a multiple of " + std::to_string(element) + " and at least " +
                          std::to_string(smallest) + ", got " + std::to_string(bytes));
  }
  return bytes;
}

void check_buffer(const std::shared_ptr<Buffer>& buffer, std::size_t offset, std::size_t bytes, std::size_t element,
                  const std::string& owner) {
  if (!buffer) throw InvalidArgument(owner + ": buffer is missing");
  if (offset % element != 0) {
    throw InvalidArgument(owner + ": offset must be a multiple of " + std::to_string(element) + ", got " +
                          std::to_string(offset));
  }
  if (offset > buffer->length() || bytes > buffer->length() - offset) {
    throw InvalidArgument(owner + ": needs " + std::to_string(bytes) + " bytes from offset " + std::to_string(offset) +
                          ", the buffer has " + std::to_string(buffer->length()));
  }
}

VectorDescriptor checked(VectorDescriptor d) {
  const std::string owner = "MPSVectorDescriptor";
  const std::size_t element = element_bytes(d.data_type, owner);
  check_positive(d.length, "length", owner);
  check_positive(d.vectors, "vectors", owner);
  const std::size_t row = checked_product({d.length, element}, owner + ": length x element size");
  d.vector_bytes = checked_stride(d.vector_bytes, row, element, "vector_bytes", owner);
  checked_product({d.vectors, d.vector_bytes}, owner + ": vectors x vector_bytes");
  return d;
}

MatrixDescriptor checked(MatrixDescriptor d) {
  const std::string owner = "MPSMatrixDescriptor";
  const std::size_t element = element_bytes(d.data_type, owner);
  check_positive(d.rows, "rows", owner);
  check_positive(d.columns, "columns", owner);
  check_positive(d.matrices, "matrices", owner);
  const std::size_t row = checked_product({d.columns, element}, owner + ": columns x element size");
  d.row_bytes = checked_stride(d.row_bytes, row, element, "row_bytes", owner);
  const std::size_t matrix = checked_product({d.rows, d.row_bytes}, owner + ": rows x row_bytes");
  d.matrix_bytes = checked_stride(d.matrix_bytes, matrix, element, "matrix_bytes", owner);
  checked_product({d.matrices, d.matrix_bytes}, owner + ": matrices x matrix_bytes");
  return d;
}

std::size_t bytes_of(const VectorDescriptor& d) {
  return (d.vectors - 1) * d.vector_bytes + d.length * element_bytes(d.data_type, "MPSVector");
}

std::size_t bytes_of(const MatrixDescriptor& d) {
  return (d.matrices - 1) * d.matrix_bytes + (d.rows - 1) * d.row_bytes + d.columns * element_bytes(d.data_type, "MPSMatrix");
}

}  // namespace

std::size_t VectorDescriptor::vector_bytes_for_length(std::size_t length, DataType data_type) {
  return checked_product({length, element_bytes(data_type, "MPSVectorDescriptor")}, "MPSVectorDescriptor: length x element size");
}

std::size_t MatrixDescriptor::row_bytes_for_columns(std::size_t columns, DataType data_type) {
  return checked_product({columns, element_bytes(data_type, "MPSMatrixDescriptor")},
                         "MPSMatrixDescriptor: columns x element size");
}

Vector::Vector(std::shared_ptr<Buffer> buffer, const VectorDescriptor& descriptor, std::size_t offset)
    : device_(default_device()), descriptor_(checked(descriptor)), offset_(offset), buffer_(std::move(buffer)) {
  check_buffer(buffer_, offset_, bytes_of(descriptor_), element_bytes(descriptor_.data_type, "MPSVector"), "MPSVector");
}

Vector::Vector(std::shared_ptr<Device> device, const VectorDescriptor& descriptor)
    : device_(device ? std::move(device) : default_device()),
      descriptor_(checked(descriptor)),
      buffer_(std::make_shared<Buffer>(bytes_of(descriptor_))) {}

Matrix::Matrix(std::shared_ptr<Buffer> buffer, const MatrixDescriptor& descriptor, std::size_t offset)
    : device_(default_device()), descriptor_(checked(descriptor)), offset_(offset), buffer_(std::move(buffer)) {
  check_buffer(buffer_, offset_, bytes_of(descriptor_), element_bytes(descriptor_.data_type, "MPSMatrix"), "MPSMatrix");
}

Matrix::Matrix(std::shared_ptr<Device> device, const MatrixDescriptor& descriptor)
    : device_(device ? std::move(device) : default_device()),
      descriptor_(checked(descriptor)),
      buffer_(std::make_shared<Buffer>(bytes_of(descriptor_))) {}

}  // namespace mpsnn
