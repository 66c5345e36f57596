#pragma once

#include "mpsnn/node.hpp"
#include "mpsnn/whole_images.hpp"

namespace mpsnn {

struct MPSNN_API InitialGradientOp final : OpOf<InitialGradientOp>, TakesWholeImages {
  static constexpr const char* kKernelName = "MPSNNInitialGradient";
  template <class V>
  static void fields(V&&) {}
  Inferred infer(const InferRequest& request) const override;
};

/// MPSNNInitialGradientNode: ones, the gradient of an image with respect to itself.
class MPSNN_API NNInitialGradientNode final : public NodeOf<InitialGradientOp> {
 public:
  explicit NNInitialGradientNode(ImageNodePtr source);
  const char* class_name() const override { return "MPSNNInitialGradientNode"; }
  bool starts_gradient() const override { return true; }
};

}  // namespace mpsnn
