#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "mpsnn/node.hpp"

namespace mpsnn {

/// What the normalisations by neighbours share: (delta + alpha * what the neighbours are like)^(-beta) scales each value.
struct MPSNN_API LocalNormalizationOp : Op {
  float alpha = 1, beta = 5, delta = 1;
  template <class V>
  static void fields(V&& v) {
    v("alpha", &LocalNormalizationOp::alpha, "Factor of what is found among the neighbours; not negative.", Access::ReadWrite);
    v("beta", &LocalNormalizationOp::beta, "Exponent of the divisor.", Access::ReadWrite);
    v("delta", &LocalNormalizationOp::delta, "Added to the base of the power; keeps it away from 0.", Access::ReadWrite);
  }
};

struct MPSNN_API CrossChannelNormalizationOp final : OpOf<CrossChannelNormalizationOp, LocalNormalizationOp> {
  static constexpr const char* kKernelName = "MPSCNNCrossChannelNormalization";
  std::size_t kernel_size_in_feature_channels = 5;
  template <class V>
  static void fields(V&& v) {
    LocalNormalizationOp::fields(v);
    v("kernel_size_in_feature_channels", &CrossChannelNormalizationOp::kernel_size_in_feature_channels,
      "Feature channels in a window.", Access::ReadWrite);
  }
};

/// The filters whose windows are pixels of one feature channel.
struct MPSNN_API WindowNormalizationOp : LocalNormalizationOp {
  std::size_t kernel_width = 5, kernel_height = 5;
  template <class V>
  static void fields(V&& v) {
    LocalNormalizationOp::fields(v);
    v("kernel_width", &WindowNormalizationOp::kernel_width, "Window width in pixels.", Access::ReadWrite);
    v("kernel_height", &WindowNormalizationOp::kernel_height, "Window height in pixels.", Access::ReadWrite);
  }
  Window window() const override;
  bool is_placed_by_policy() const override { return true; }
};

struct MPSNN_API SpatialNormalizationOp final : OpOf<SpatialNormalizationOp, WindowNormalizationOp> {
  static constexpr const char* kKernelName = "MPSCNNSpatialNormalization";
};

struct MPSNN_API LocalContrastNormalizationOp : OpOf<LocalContrastNormalizationOp, WindowNormalizationOp> {
  static constexpr const char* kKernelName = "MPSCNNLocalContrastNormalization";
  float p0 = 1, pm = 0, ps = 1;
  LocalContrastNormalizationOp() { beta = 0.5f, delta = 1.0f / 1024; }
  template <class V>
  static void fields(V&& v) {
    WindowNormalizationOp::fields(v);
    v("p0", &LocalContrastNormalizationOp::p0, "Share of the local mean that is taken away.", Access::ReadWrite);
    v("pm", &LocalContrastNormalizationOp::pm, "Added to the result.", Access::ReadWrite);
    v("ps", &LocalContrastNormalizationOp::ps, "Factor of the result.", Access::ReadWrite);
  }
};

/// Apple's node has no alpha, beta and delta: they are the forward filter's.
struct MPSNN_API CrossChannelNormalizationGradientOp final : OpOf<CrossChannelNormalizationGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNCrossChannelNormalizationGradient";
  std::size_t kernel_size = 5;
  template <class V>
  static void fields(V&& v) {
    v("kernel_size", &CrossChannelNormalizationGradientOp::kernel_size, "Feature channels in a window.");
  }
  Inferred infer(const InferRequest& request) const override;
};

/// Where the windows lie comes from the forward step.
struct MPSNN_API SpatialNormalizationGradientOp final : OpOf<SpatialNormalizationGradientOp, WindowNormalizationOp> {
  static constexpr const char* kKernelName = "MPSCNNSpatialNormalizationGradient";
  bool is_placed_by_policy() const override { return false; }
  Inferred infer(const InferRequest& request) const override;
};

struct MPSNN_API LocalContrastNormalizationGradientOp final
    : OpOf<LocalContrastNormalizationGradientOp, LocalContrastNormalizationOp> {
  static constexpr const char* kKernelName = "MPSCNNLocalContrastNormalizationGradient";
  LocalContrastNormalizationGradientOp() { alpha = 0; }
  template <class V>
  static void fields(V&& v) {
    LocalContrastNormalizationOp::fields([&](const char* name, auto member, const char* sentence, Access access) {
      const std::string_view field = name;
      v(name, member, sentence, field == "kernel_width" || field == "kernel_height" ? Access::ReadOnly : access);
    });
  }
  bool is_placed_by_policy() const override { return false; }
  Inferred infer(const InferRequest& request) const override;
};

/// MPSCNNNormalizationNode: base of the filters below.
class MPSNN_API CNNNormalizationNode : public NNFilterNode {
 public:
  virtual LocalNormalizationOp& normalization() = 0;

 protected:
  explicit CNNNormalizationNode(ImageNodePtr source);
};

/// MPSCNNCrossChannelNormalizationNode.
class MPSNN_API CNNCrossChannelNormalizationNode final : public NodeOf<CrossChannelNormalizationOp, CNNNormalizationNode> {
 public:
  CNNCrossChannelNormalizationNode(ImageNodePtr source, const CrossChannelNormalizationOp& op = {});
  const char* class_name() const override { return "MPSCNNCrossChannelNormalizationNode"; }
  LocalNormalizationOp& normalization() override { return attributes; }
  Lowered lower(const LowerRequest& request) const override;

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNSpatialNormalizationNode.
class MPSNN_API CNNSpatialNormalizationNode final : public NodeOf<SpatialNormalizationOp, CNNNormalizationNode> {
 public:
  CNNSpatialNormalizationNode(ImageNodePtr source, const SpatialNormalizationOp& op = {});
  const char* class_name() const override { return "MPSCNNSpatialNormalizationNode"; }
  LocalNormalizationOp& normalization() override { return attributes; }
  Lowered lower(const LowerRequest& request) const override;

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNLocalContrastNormalizationNode.
class MPSNN_API CNNLocalContrastNormalizationNode final : public NodeOf<LocalContrastNormalizationOp, CNNNormalizationNode> {
 public:
  CNNLocalContrastNormalizationNode(ImageNodePtr source, const LocalContrastNormalizationOp& op = {});
  const char* class_name() const override { return "MPSCNNLocalContrastNormalizationNode"; }
  LocalNormalizationOp& normalization() override { return attributes; }
  Lowered lower(const LowerRequest& request) const override;

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNCrossChannelNormalizationGradientNode.
class MPSNN_API CNNCrossChannelNormalizationGradientNode final
    : public NodeOf<CrossChannelNormalizationGradientOp, NNGradientFilterNode> {
 public:
  CNNCrossChannelNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                                           const CrossChannelNormalizationGradientOp& op);
  const char* class_name() const override { return "MPSCNNCrossChannelNormalizationGradientNode"; }
};

/// MPSCNNSpatialNormalizationGradientNode.
class MPSNN_API CNNSpatialNormalizationGradientNode final : public NodeOf<SpatialNormalizationGradientOp, NNGradientFilterNode> {
 public:
  CNNSpatialNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                                      const SpatialNormalizationGradientOp& op);
  const char* class_name() const override { return "MPSCNNSpatialNormalizationGradientNode"; }
  Lowered lower(const LowerRequest& request) const override;
};

/// MPSCNNLocalContrastNormalizationGradientNode.
class MPSNN_API CNNLocalContrastNormalizationGradientNode final
    : public NodeOf<LocalContrastNormalizationGradientOp, NNGradientFilterNode> {
 public:
  CNNLocalContrastNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state,
                                            const LocalContrastNormalizationGradientOp& op);
  const char* class_name() const override { return "MPSCNNLocalContrastNormalizationGradientNode"; }
  Lowered lower(const LowerRequest& request) const override;
};

}  // namespace mpsnn
