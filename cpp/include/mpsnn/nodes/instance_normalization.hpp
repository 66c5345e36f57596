#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "mpsnn/data_source.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/state.hpp"

namespace mpsnn {

/// Instance and group normalisation. Per image and group of channels, with the mean and variance of the group over all rows and
/// columns: gamma[c] * (x - mean) / sqrt(variance + epsilon) + beta[c].
struct MPSNN_API ImageNormalizationOp : Op, MakesState {
  // Of the data source; 0 until a graph has read it.
  std::size_t number_of_feature_channels = 0;
  std::size_t number_of_groups = 0;  ///< instance normalisation: as many as channels
  std::optional<float> epsilon;      ///< of a kernel made by hand; else the data source's counts

  template <class V>
  static void fields(V&& v) {
    v("number_of_feature_channels", &ImageNormalizationOp::number_of_feature_channels, "Channels of the data source.",
      Access::Internal);
    v("number_of_groups", &ImageNormalizationOp::number_of_groups, "Groups of channels of the data source.", Access::Internal);
  }
  Inferred infer(const InferRequest& request) const override;
  /// mean, variance: of each image and group.
  std::vector<StateDescriptor> states(const StateRequest& request) const override;
  bool is_state_shared_across_batch() const override { return false; }
};

struct MPSNN_API InstanceNormalizationOp final : OpOf<InstanceNormalizationOp, ImageNormalizationOp> {
  static constexpr const char* kKernelName = "MPSCNNInstanceNormalization";
  void visit(AttributeVisitor& visitor) override;
  std::shared_ptr<State> make_state(const StateObjectRequest& request) const override;
};
struct MPSNN_API GroupNormalizationOp final : OpOf<GroupNormalizationOp, ImageNormalizationOp> {
  static constexpr const char* kKernelName = "MPSCNNGroupNormalization";
  void visit(AttributeVisitor& visitor) override;
  std::shared_ptr<State> make_state(const StateObjectRequest& request) const override;
};

/// Has no attributes: the forward filter's decide.
struct MPSNN_API ImageNormalizationGradientOp : Op {
  template <class V>
  static void fields(V&&) {}
  Inferred infer(const InferRequest& request) const override;
  /// gradient_for_gamma, gradient_for_beta: sums over each image.
  std::vector<StateDescriptor> states(const StateRequest& request) const override;
};

struct MPSNN_API InstanceNormalizationGradientOp final : OpOf<InstanceNormalizationGradientOp, ImageNormalizationGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNInstanceNormalizationGradient";
};
struct MPSNN_API GroupNormalizationGradientOp final : OpOf<GroupNormalizationGradientOp, ImageNormalizationGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNGroupNormalizationGradient";
};

/// Base of the two forward filters.
class MPSNN_API ImageNormalizationNode : public NNFilterNode, public NNTrainableNode {
 public:
  const std::shared_ptr<ImageNormalizationDataSource>& data_source() const { return data_source_; }

 protected:
  ImageNormalizationNode(ImageNodePtr source, std::shared_ptr<ImageNormalizationDataSource> data_source);
  /// Reads the data source and completes the op.
  Lowered lower_op(std::shared_ptr<ImageNormalizationOp> op, const LowerRequest& request) const;

 private:
  std::shared_ptr<ImageNormalizationDataSource> data_source_;
};

/// MPSCNNInstanceNormalizationNode.
class MPSNN_API CNNInstanceNormalizationNode final : public NodeOf<InstanceNormalizationOp, ImageNormalizationNode> {
 public:
  CNNInstanceNormalizationNode(ImageNodePtr source, std::shared_ptr<CNNInstanceNormalizationDataSource> data_source);
  const char* class_name() const override { return "MPSCNNInstanceNormalizationNode"; }
  Lowered lower(const LowerRequest& request) const override;

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// MPSCNNGroupNormalizationNode.
class MPSNN_API CNNGroupNormalizationNode final : public NodeOf<GroupNormalizationOp, ImageNormalizationNode> {
 public:
  CNNGroupNormalizationNode(ImageNodePtr source, std::shared_ptr<CNNGroupNormalizationDataSource> data_source);
  const char* class_name() const override { return "MPSCNNGroupNormalizationNode"; }
  Lowered lower(const LowerRequest& request) const override;

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;
};

/// Base of the two gradient filters: updates the data source of the filter that made its state.
class MPSNN_API ImageNormalizationGradientNode : public NNGradientFilterNode, public NNTrainableNode {
 public:
  Lowered lower(const LowerRequest& request) const override;
  bool updates_parameters() const override;

 protected:
  ImageNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state);
};

/// MPSCNNInstanceNormalizationGradientNode.
class MPSNN_API CNNInstanceNormalizationGradientNode final
    : public NodeOf<InstanceNormalizationGradientOp, ImageNormalizationGradientNode> {
 public:
  CNNInstanceNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state);
  const char* class_name() const override { return "MPSCNNInstanceNormalizationGradientNode"; }
};

/// MPSCNNGroupNormalizationGradientNode.
class MPSNN_API CNNGroupNormalizationGradientNode final
    : public NodeOf<GroupNormalizationGradientOp, ImageNormalizationGradientNode> {
 public:
  CNNGroupNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state);
  const char* class_name() const override { return "MPSCNNGroupNormalizationGradientNode"; }
};

/// Of one image: float32 buffers with one number for each feature channel.
class MPSNN_API ImageNormalizationGradientState : public NNGradientState {
 public:
  std::shared_ptr<Buffer> gamma() const { return at(0); }
  std::shared_ptr<Buffer> beta() const { return at(1); }
  /// Null where no gradient filter computes them.
  std::shared_ptr<Buffer> gradient_for_gamma() const { return at(2); }
  std::shared_ptr<Buffer> gradient_for_beta() const { return at(3); }

 protected:
  /// In the order of the functions above; the two gradients may be missing.
  using NNGradientState::NNGradientState;

 private:
  std::shared_ptr<Buffer> at(std::size_t index) const { return index < resources_.size() ? resources_[index] : nullptr; }
};

class CNNInstanceNormalization;
class CNNGroupNormalization;

/// MPSCNNInstanceNormalizationGradientState.
class MPSNN_API CNNInstanceNormalizationGradientState final : public ImageNormalizationGradientState {
 public:
  explicit CNNInstanceNormalizationGradientState(std::vector<std::shared_ptr<Buffer>> buffers);
  /// The kernel that made it, or one that shares the parameters of the graph that did; null for a state of the caller's making.
  std::shared_ptr<CNNInstanceNormalization> instance_normalization();

 private:
  friend class CNNInstanceNormalization;
  std::shared_ptr<CNNInstanceNormalization> instance_normalization_;
};

/// MPSCNNGroupNormalizationGradientState.
class MPSNN_API CNNGroupNormalizationGradientState final : public ImageNormalizationGradientState {
 public:
  explicit CNNGroupNormalizationGradientState(std::vector<std::shared_ptr<Buffer>> buffers);
  /// The kernel that made it, or one that shares the parameters of the graph that did; null for a state of the caller's making.
  std::shared_ptr<CNNGroupNormalization> group_normalization();

 private:
  friend class CNNGroupNormalization;
  std::shared_ptr<CNNGroupNormalization> group_normalization_;
};

}  // namespace mpsnn
