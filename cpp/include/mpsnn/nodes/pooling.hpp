#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "mpsnn/node.hpp"

namespace mpsnn {

/// What every pooling filter has: the size of its window, and the step from one window to the next.
struct MPSNN_API PoolingOp : Op {
  std::size_t kernel_width = 1, kernel_height = 1, stride_in_pixels_x = 1, stride_in_pixels_y = 1;
  template <class V>
  static void fields(V&& v) {
    v("kernel_width", &PoolingOp::kernel_width, "Window width in pixels.");
    v("kernel_height", &PoolingOp::kernel_height, "Window height in pixels.");
    v("stride_in_pixels_x", &PoolingOp::stride_in_pixels_x, "Horizontal step from window to window, in source pixels.");
    v("stride_in_pixels_y", &PoolingOp::stride_in_pixels_y, "Vertical step from window to window, in source pixels.");
  }
  Window window() const override;
  bool is_placed_by_policy() const override { return true; }
  /// Edge mode Clamp; with ExcludeEdges the padding on the low side counts as zeros in an average.
  Inferred infer(const InferRequest& request) const override;
};

struct MPSNN_API PoolingMaxOp : OpOf<PoolingMaxOp, PoolingOp> {
  static constexpr const char* kKernelName = "MPSCNNPoolingMax";
};
struct MPSNN_API PoolingAverageOp : OpOf<PoolingAverageOp, PoolingOp> {
  static constexpr const char* kKernelName = "MPSCNNPoolingAverage";
};

struct MPSNN_API PoolingL2NormOp : OpOf<PoolingL2NormOp, PoolingOp> {
  static constexpr const char* kKernelName = "MPSCNNPoolingL2Norm";
};

/// Adds the steps between the taps of a window.
template <class Base>
struct DilatedPooling : Base {
  std::size_t dilation_rate_x = 1, dilation_rate_y = 1;
  template <class V>
  static void fields(V&& v) {
    Base::fields(v);
    v("dilation_rate_x", &DilatedPooling::dilation_rate_x, "Horizontal step from tap to tap of a window, in source pixels.");
    v("dilation_rate_y", &DilatedPooling::dilation_rate_y, "Vertical step from tap to tap of a window, in source pixels.");
  }
  Window window() const override {
    Window w = Base::window();
    w.dilation_x = dilation_rate_x;
    w.dilation_y = dilation_rate_y;
    return w;
  }
};
struct MPSNN_API DilatedPoolingMaxOp : OpOf<DilatedPoolingMaxOp, DilatedPooling<PoolingOp>> {
  static constexpr const char* kKernelName = "MPSCNNDilatedPoolingMax";
};

/// The window is the forward filter's; where the windows lie comes from the forward step.
struct MPSNN_API PoolingGradientOp : PoolingOp {
  Window window() const override;
  bool is_placed_by_policy() const override { return false; }
  Inferred infer(const InferRequest& request) const override;
};

struct MPSNN_API PoolingMaxGradientOp : OpOf<PoolingMaxGradientOp, PoolingGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNPoolingMaxGradient";
};
struct MPSNN_API PoolingAverageGradientOp : OpOf<PoolingAverageGradientOp, PoolingGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNPoolingAverageGradient";
};

struct MPSNN_API PoolingL2NormGradientOp : OpOf<PoolingL2NormGradientOp, PoolingGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNPoolingL2NormGradient";
};
struct MPSNN_API DilatedPoolingMaxGradientOp : OpOf<DilatedPoolingMaxGradientOp, DilatedPooling<PoolingGradientOp>> {
  static constexpr const char* kKernelName = "MPSCNNDilatedPoolingMaxGradient";
};

template <class OpType>
OpType pooling_op(std::size_t kernel_width, std::size_t kernel_height, std::size_t stride_in_pixels_x,
                  std::size_t stride_in_pixels_y) {
  OpType op;
  op.kernel_width = kernel_width;
  op.kernel_height = kernel_height;
  op.stride_in_pixels_x = stride_in_pixels_x;
  op.stride_in_pixels_y = stride_in_pixels_y;
  return op;
}

/// A square window; without a stride its size is the stride.
template <class OpType>
OpType pooling_op(std::size_t filter_size, std::optional<std::size_t> stride = std::nullopt) {
  return pooling_op<OpType>(filter_size, filter_size, stride.value_or(filter_size), stride.value_or(filter_size));
}

template <class OpType>
OpType dilated_pooling_op(std::size_t kernel_width, std::size_t kernel_height, std::size_t stride_in_pixels_x,
                          std::size_t stride_in_pixels_y, std::size_t dilation_rate_x, std::size_t dilation_rate_y) {
  auto op = pooling_op<OpType>(kernel_width, kernel_height, stride_in_pixels_x, stride_in_pixels_y);
  op.dilation_rate_x = dilation_rate_x;
  op.dilation_rate_y = dilation_rate_y;
  return op;
}

/// MPSCNNPoolingNode: base of the pooling filters.
class MPSNN_API CNNPoolingNode : public NNFilterNode {
 public:
  virtual const PoolingOp& pooling() const = 0;

 protected:
  explicit CNNPoolingNode(ImageNodePtr source);
  /// Refuses sizes and steps of 0.
  void check() const;
};

/// MPSCNNPoolingMaxNode: the largest value of each window.
class MPSNN_API CNNPoolingMaxNode final : public NodeOf<PoolingMaxOp, CNNPoolingNode> {
 public:
  CNNPoolingMaxNode(ImageNodePtr source, const PoolingMaxOp& op);
  const char* class_name() const override { return "MPSCNNPoolingMaxNode"; }
  const PoolingOp& pooling() const override { return attributes; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNPoolingAverageNode: the mean of each window.
class MPSNN_API CNNPoolingAverageNode final : public NodeOf<PoolingAverageOp, CNNPoolingNode> {
 public:
  CNNPoolingAverageNode(ImageNodePtr source, const PoolingAverageOp& op);
  const char* class_name() const override { return "MPSCNNPoolingAverageNode"; }
  const PoolingOp& pooling() const override { return attributes; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNPoolingL2NormNode: the Euclidean norm of each window.
class MPSNN_API CNNPoolingL2NormNode final : public NodeOf<PoolingL2NormOp, CNNPoolingNode> {
 public:
  CNNPoolingL2NormNode(ImageNodePtr source, const PoolingL2NormOp& op);
  const char* class_name() const override { return "MPSCNNPoolingL2NormNode"; }
  const PoolingOp& pooling() const override { return attributes; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNDilatedPoolingMaxNode: the largest value of each window, whose taps lie apart.
class MPSNN_API CNNDilatedPoolingMaxNode final : public NodeOf<DilatedPoolingMaxOp> {
 public:
  CNNDilatedPoolingMaxNode(ImageNodePtr source, const DilatedPoolingMaxOp& op);
  /// A square window; `filter_size` is also the stride and the dilation where these are left out, both or none.
  static std::shared_ptr<CNNDilatedPoolingMaxNode> with_filter_size(ImageNodePtr source, std::size_t filter_size,
                                                                    std::optional<std::size_t> stride = std::nullopt,
                                                                    std::optional<std::size_t> dilation_rate = std::nullopt);
  const char* class_name() const override { return "MPSCNNDilatedPoolingMaxNode"; }

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNPoolingGradientNode: base of the gradients of pooling filters.
class MPSNN_API CNNPoolingGradientNode : public NNGradientFilterNode {
 public:
  virtual const PoolingOp& pooling() const = 0;

 protected:
  /// A null policy leaves the default one; either way the forward filter decides where the windows lie.
  CNNPoolingGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                         std::shared_ptr<NNPadding> padding_policy);
  void check() const;
};

class MPSNN_API CNNPoolingMaxGradientNode final : public NodeOf<PoolingMaxGradientOp, CNNPoolingGradientNode> {
 public:
  CNNPoolingMaxGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                            const PoolingMaxGradientOp& op, std::shared_ptr<NNPadding> padding_policy = nullptr);
  const char* class_name() const override { return "MPSCNNPoolingMaxGradientNode"; }
  const PoolingOp& pooling() const override { return attributes; }
};

class MPSNN_API CNNPoolingAverageGradientNode final : public NodeOf<PoolingAverageGradientOp, CNNPoolingGradientNode> {
 public:
  CNNPoolingAverageGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                                const PoolingAverageGradientOp& op, std::shared_ptr<NNPadding> padding_policy = nullptr);
  const char* class_name() const override { return "MPSCNNPoolingAverageGradientNode"; }
  const PoolingOp& pooling() const override { return attributes; }
};

class MPSNN_API CNNPoolingL2NormGradientNode final : public NodeOf<PoolingL2NormGradientOp, CNNPoolingGradientNode> {
 public:
  CNNPoolingL2NormGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                               const PoolingL2NormGradientOp& op, std::shared_ptr<NNPadding> padding_policy = nullptr);
  const char* class_name() const override { return "MPSCNNPoolingL2NormGradientNode"; }
  const PoolingOp& pooling() const override { return attributes; }
};

class MPSNN_API CNNDilatedPoolingMaxGradientNode final : public NodeOf<DilatedPoolingMaxGradientOp, CNNPoolingGradientNode> {
 public:
  CNNDilatedPoolingMaxGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                                   const DilatedPoolingMaxGradientOp& op, std::shared_ptr<NNPadding> padding_policy = nullptr);
  const char* class_name() const override { return "MPSCNNDilatedPoolingMaxGradientNode"; }
  const PoolingOp& pooling() const override { return attributes; }
};

}  // namespace mpsnn
