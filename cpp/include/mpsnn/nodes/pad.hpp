#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mpsnn/node.hpp"
#include "mpsnn/placed_by_kernel.hpp"

namespace mpsnn {

struct MPSNN_API PadOp final : Op, PlacedByKernel {
  static constexpr const char* kKernelName = "MPSNNPad";
  ImageCoordinate padding_size_before, padding_size_after;
  ImageEdgeMode edge_mode = ImageEdgeMode::Zero;
  float fill_value = 0;
  std::vector<float> fill_value_array;  ///< of kernels: a value for each channel of the result, in place of `fill_value`
  template <class V>
  static void fields(V&& v) {
    v("fill_value", &PadOp::fill_value, "What edge mode Constant puts around the image; 0 by default.", Access::ReadWrite);
  }
  const char* kernel_name() const override { return kKernelName; }
  void visit(AttributeVisitor& visitor) override;
  std::size_t result_channels(std::span<const ImageShape> sources) const override;
  /// `offset` is minus the padding before the image.
  Inferred infer(const InferRequest& request) const override;
  /// `offset`, the edge mode and the part that is written say what is around the image along x and y.
  Inferred place(const PlaceRequest& request) const override;
  bool supports(ImageEdgeMode mode) const override { return mode <= ImageEdgeMode::Constant; }
  void check(const std::string& name) const;
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
