#pragma once

#include <vector>

#include "mpsnn/node.hpp"

namespace mpsnn {

struct MPSNN_API SoftMaxOp : OpOf<SoftMaxOp> {
  static constexpr const char* kKernelName = "MPSCNNSoftMax";
  template <class V>
  static void fields(V&&) {}
};
struct MPSNN_API LogSoftMaxOp : OpOf<LogSoftMaxOp> {
  static constexpr const char* kKernelName = "MPSCNNLogSoftMax";
  template <class V>
  static void fields(V&&) {}
};

/// The second source is the result of the forward filter, not its source.
struct MPSNN_API SoftMaxGradientOp : OpOf<SoftMaxGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNSoftMaxGradient";
  template <class V>
  static void fields(V&&) {}
  Inferred infer(const InferRequest& request) const override;
};
struct MPSNN_API LogSoftMaxGradientOp : OpOf<LogSoftMaxGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNLogSoftMaxGradient";
  template <class V>
  static void fields(V&&) {}
  Inferred infer(const InferRequest& request) const override;
};

/// MPSCNNSoftMaxNode: e^v of each channel, divided by the sum over the channels of the pixel.
class MPSNN_API CNNSoftMaxNode final : public NodeOf<SoftMaxOp> {
 public:
  explicit CNNSoftMaxNode(ImageNodePtr source);
  const char* class_name() const override { return "MPSCNNSoftMaxNode"; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNLogSoftMaxNode: the logarithm of the softmax.
class MPSNN_API CNNLogSoftMaxNode final : public NodeOf<LogSoftMaxOp> {
 public:
  explicit CNNLogSoftMaxNode(ImageNodePtr source);
  const char* class_name() const override { return "MPSCNNLogSoftMaxNode"; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

class MPSNN_API CNNSoftMaxGradientNode final : public NodeOf<SoftMaxGradientOp, NNGradientFilterNode> {
 public:
  /// `source_image` is the result image of the forward filter.
  CNNSoftMaxGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state);
  const char* class_name() const override { return "MPSCNNSoftMaxGradientNode"; }
};

class MPSNN_API CNNLogSoftMaxGradientNode final : public NodeOf<LogSoftMaxGradientOp, NNGradientFilterNode> {
 public:
  /// `source_image` is the result image of the forward filter.
  CNNLogSoftMaxGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state);
  const char* class_name() const override { return "MPSCNNLogSoftMaxGradientNode"; }
};

}  // namespace mpsnn
