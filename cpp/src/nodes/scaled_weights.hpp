#pragma once

namespace mpsnn {

/// Weights that are to be multiplied with a factor for each output; null is 1.
struct ScaledWeights {
  const float* values = nullptr;
  const float* factors = nullptr;
};

/// A parameter set whose weights are such products. A kernel that keeps them in a form of its own multiplies while it makes it.
class HasScaledWeights {
 public:
  virtual ~HasScaledWeights();
  /// From now on the kernel multiplies: the products are there only after `restore_weights`.
  virtual void leave_factors() = 0;
  virtual ScaledWeights scaled_weights() const = 0;
};

}  // namespace mpsnn
