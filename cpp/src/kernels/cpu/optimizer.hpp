#pragma once

#include "core/optimizer_arrays.hpp"
#include "mpsnn/optimizer.hpp"

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

namespace cpu {

/// result = rule(values, gradient, states); states are updated in place.
void run_optimizer(const OptimizerStep& step, const OptimizerArrays& arrays);

}  // namespace cpu
}  // namespace mpsnn
