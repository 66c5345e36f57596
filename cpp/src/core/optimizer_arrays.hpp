#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "mpsnn/buffer.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

/// Matrices of rows of columns; the numbers of a row follow one another.
struct OptimizerExtent {
  std::size_t matrices = 1, rows = 1, columns = 0;
  std::size_t count() const { return matrices * rows * columns; }
  bool operator==(const OptimizerExtent&) const = default;
};

struct OptimizerArray {
  std::shared_ptr<Buffer> buffer;
  std::size_t offset = 0, row_bytes = 0, matrix_bytes = 0;
  DataType data_type = DataType::Float32;
  OptimizerExtent extent;
  const char* name = "";  ///< for messages
};

/// What one step reads and writes; extents are equal. `result` may be `values`.
struct OptimizerArrays {
  OptimizerArray gradient, values, result;
  std::vector<OptimizerArray> states;
};

}  // namespace mpsnn
