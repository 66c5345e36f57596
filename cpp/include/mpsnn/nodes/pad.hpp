#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "mpsnn/node.hpp"

namespace mpsnn {

struct MPSNN_API PadOp final : Op {
  ImageCoordinate padding_size_before, padding_size_after;
  ImageEdgeMode edge_mode = ImageEdgeMode::Zero;
  float fill_value = 0;
  template <class V>
  static void fields(V&& v) {
    v("fill_value", &PadOp::fill_value, "What edge mode Constant puts around the image; 0 by default.", Access::ReadWrite);
  }
  const char* kernel_name() const override { return "MPSNNPad"; }
  void visit(AttributeVisitor& visitor) override;
  Inferred infer(const InferRequest& request) const override;
};

struct MPSNN_API PadGradientOp final : OpOf<PadGradientOp> {
  static constexpr const char* kKernelName = "MPSNNPadGradient";
  template <class V>
  static void fields(V&&) {}
  Inferred infer(const InferRequest& request) const override;
};

/// MPSNNPadNode: an image with pixels and channels around it.
class MPSNN_API NNPadNode final : public NodeOf<PadOp> {
 public:
  NNPadNode(ImageNodePtr source, const PadOp& op);
  const char* class_name() const override { return "MPSNNPadNode"; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSNNPadGradientNode: each element gets the gradients of its copies.
class MPSNN_API NNPadGradientNode final : public NodeOf<PadGradientOp, NNGradientFilterNode> {
 public:
  NNPadGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state);
  const char* class_name() const override { return "MPSNNPadGradientNode"; }
};

}  // namespace mpsnn
