#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "mpsnn/buffer.hpp"
#include "mpsnn/optimizer.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

/// The numbers of one step, fixed when it is encoded.
struct OptimizerStep {
  enum class Rule { Descent, Momentum, Nesterov, RMSProp, Adam, AMSGrad };
  Rule rule = Rule::Descent;
  NNOptimizerDescriptor settings;
  float learning_rate = 0;  ///< of this step: Adam's holds the correction of the moments' bias
  float epsilon = 0;
  float keep1 = 0, add1 = 0;  ///< weights of the old and the new value in the first state array
  float keep2 = 0, add2 = 0;  ///< and in the second
};

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

namespace cpu {

/// result = rule(values, gradient, states); states are updated in place.
void run_optimizer(const OptimizerStep& step, const OptimizerArrays& arrays);

}  // namespace cpu
}  // namespace mpsnn
