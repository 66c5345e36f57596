#pragma once

#include <cstddef>
#include <memory>

#include "mpsnn/buffer.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

class CommandBuffer;
class Device;

/// MPSVectorDescriptor: `vectors` arrays of `length` numbers, `vector_bytes` apart; 0 bytes stands for one after the other.
struct MPSNN_API VectorDescriptor {
  std::size_t length = 0, vectors = 1, vector_bytes = 0;
  DataType data_type = DataType::Float32;
  static std::size_t vector_bytes_for_length(std::size_t length, DataType data_type);
  bool operator==(const VectorDescriptor&) const = default;
};

/// MPSMatrixDescriptor: `matrices` of `rows` x `columns`, columns fastest; 0 bytes stands for one after the other.
struct MPSNN_API MatrixDescriptor {
  std::size_t rows = 0, columns = 0, matrices = 1, row_bytes = 0, matrix_bytes = 0;
  DataType data_type = DataType::Float32;
  static std::size_t row_bytes_for_columns(std::size_t columns, DataType data_type);
  bool operator==(const MatrixDescriptor&) const = default;
};

/// MPSVector: numbers in a buffer.
class MPSNN_API Vector {
 public:
  /// `offset` in bytes. Throws InvalidArgument where the buffer is too short.
  Vector(std::shared_ptr<Buffer> buffer, const VectorDescriptor& descriptor, std::size_t offset = 0);
  Vector(std::shared_ptr<Device> device, const VectorDescriptor& descriptor);
  const std::shared_ptr<Device>& device() const { return device_; }
  std::size_t length() const { return descriptor_.length; }
  std::size_t vectors() const { return descriptor_.vectors; }
  DataType data_type() const { return descriptor_.data_type; }
  std::size_t vector_bytes() const { return descriptor_.vector_bytes; }
  std::size_t offset() const { return offset_; }
  const std::shared_ptr<Buffer>& data() const { return buffer_; }
  std::size_t resource_size() const { return buffer_->length(); }
  void synchronize_on_command_buffer(const std::shared_ptr<CommandBuffer>&) {}

 private:
  std::shared_ptr<Device> device_;
  VectorDescriptor descriptor_;
  std::size_t offset_ = 0;
  std::shared_ptr<Buffer> buffer_;
};

/// MPSMatrix: rows of numbers in a buffer.
class MPSNN_API Matrix {
 public:
  /// `offset` in bytes. Throws InvalidArgument where the buffer is too short.
  Matrix(std::shared_ptr<Buffer> buffer, const MatrixDescriptor& descriptor, std::size_t offset = 0);
  Matrix(std::shared_ptr<Device> device, const MatrixDescriptor& descriptor);
  const std::shared_ptr<Device>& device() const { return device_; }
  std::size_t rows() const { return descriptor_.rows; }
  std::size_t columns() const { return descriptor_.columns; }
  std::size_t matrices() const { return descriptor_.matrices; }
  DataType data_type() const { return descriptor_.data_type; }
  std::size_t row_bytes() const { return descriptor_.row_bytes; }
  std::size_t matrix_bytes() const { return descriptor_.matrix_bytes; }
  std::size_t offset() const { return offset_; }
  const std::shared_ptr<Buffer>& data() const { return buffer_; }
  std::size_t resource_size() const { return buffer_->length(); }
  void synchronize_on_command_buffer(const std::shared_ptr<CommandBuffer>&) {}

 private:
  std::shared_ptr<Device> device_;
  MatrixDescriptor descriptor_;
  std::size_t offset_ = 0;
  std::shared_ptr<Buffer> buffer_;
};

}  // namespace mpsnn
