#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "mpsnn/node.hpp"
#include "mpsnn/placed_by_kernel.hpp"

namespace mpsnn {

struct MPSNN_API ReshapeOp final : OpOf<ReshapeOp>, PlacedByKernel {
  static constexpr const char* kKernelName = "MPSNNReshape";
  std::size_t result_width = 1, result_height = 1, result_feature_channels = 1;
  template <class V>
  static void fields(V&& v) {
    // No properties of Apple's node.
    v("result_width", &ReshapeOp::result_width, "Width of the result in pixels.", Access::Internal);
    v("result_height", &ReshapeOp::result_height, "Height of the result in pixels.", Access::Internal);
    v("result_feature_channels", &ReshapeOp::result_feature_channels, "Channels of the result.", Access::Internal);
  }
  Inferred infer(const InferRequest& request) const override;
  /// To the size of the part that is written.
  Inferred place(const PlaceRequest& request) const override;
  void check(const std::string& name) const;
};

struct MPSNN_API ReshapeGradientOp final : OpOf<ReshapeGradientOp> {
  static constexpr const char* kKernelName = "MPSNNReshapeGradient";
  template <class V>
  static void fields(V&&) {}
  Inferred infer(const InferRequest& request) const override;
};

/// MPSNNReshapeNode: the same numbers in the same order, as an image of another size.
class MPSNN_API NNReshapeNode final : public NodeOf<ReshapeOp> {
 public:
  NNReshapeNode(ImageNodePtr source, const ReshapeOp& op);
  const char* class_name() const override { return "MPSNNReshapeNode"; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSNNReshapeGradientNode: the gradient in the size of the forward source.
class MPSNN_API NNReshapeGradientNode final : public NodeOf<ReshapeGradientOp, NNGradientFilterNode> {
 public:
  NNReshapeGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state);
  const char* class_name() const override { return "MPSNNReshapeGradientNode"; }
};

}  // namespace mpsnn
