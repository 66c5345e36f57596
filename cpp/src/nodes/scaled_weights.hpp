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
  /// While there is a kernel that multiplies, the products are there only after `restore_weights`. Plans make kernels that they
  /// do not take.
  virtual void add_multiplier() = 0;
  virtual void remove_multiplier() = 0;
  virtual ScaledWeights scaled_weights() const = 0;
};

}  // namespace mpsnn
