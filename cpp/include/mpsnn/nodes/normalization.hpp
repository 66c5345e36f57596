#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "mpsnn/data_source.hpp"
#include "mpsnn/node.hpp"
#include "mpsnn/nodes/neuron.hpp"
#include "mpsnn/state.hpp"
#include "mpsnn/whole_batch.hpp"

namespace mpsnn {

/// Per channel c, with the mean and variance of the batch or of the data source:
/// gamma[c] * (x - mean[c]) / sqrt(variance[c] + epsilon) + beta[c], then the neuron.
struct MPSNN_API BatchNormalizationOp final : Op, MakesState, SeesWholeBatch {
  CNNBatchNormalizationFlags flags = CNNBatchNormalizationFlags::Default;
  std::size_t number_of_feature_channels = 0;  ///< of the data source; 0 until a graph has read it
  NNNeuronDescriptor neuron;                   ///< set by the engine when it fuses the activation that follows
  std::optional<float> epsilon;                ///< of a kernel made by hand; else the data source's counts
  bool is_again = false;                       ///< set by the engine: with the statistics that the first time has left

  template <class V>
  static void fields(V&& v) {
    v("flags", &BatchNormalizationOp::flags,
      "Where the statistics come from. Automatic: from the batch when the result state is used (training), else from the data "
      "source; Always: from the batch; Never: from the data source.",
      Access::ReadWrite);
    v("number_of_feature_channels", &BatchNormalizationOp::number_of_feature_channels, "Channels of the data source.",
      Access::Internal);
  }
  const char* kernel_name() const override { return "MPSCNNBatchNormalization"; }
  void visit(AttributeVisitor& visitor) override;
  Inferred infer(const InferRequest& request) const override;
  /// mean, variance: those the result was made with. moments: float64, for which Apple has no data type: how many numbers they
  /// were computed from, 0 for the data source's, then means and sums of squared differences from them.
  std::vector<StateDescriptor> states(const StateRequest& request) const override;
  std::shared_ptr<State> make_state(const StateObjectRequest& request) const override;
  bool is_state_shared_across_batch() const override { return true; }
  /// Statistics that it computes itself are the batch's.
  bool sees_whole_batch() const override { return flags == CNNBatchNormalizationFlags::CalculateStatisticsAlways; }
};

/// Has no attributes: the forward filter's decide.
struct MPSNN_API BatchNormalizationGradientOp final : OpOf<BatchNormalizationGradientOp> {
  static constexpr const char* kKernelName = "MPSCNNBatchNormalizationGradient";
  template <class V>
  static void fields(V&&) {}
  Inferred infer(const InferRequest& request) const override;
  /// gradient_for_gamma, gradient_for_beta: sums over the batch.
  std::vector<StateDescriptor> states(const StateRequest& request) const override;
};

/// MPSCNNBatchNormalizationNode.
class MPSNN_API CNNBatchNormalizationNode final : public NodeOf<BatchNormalizationOp>, public NNTrainableNode {
 public:
  CNNBatchNormalizationNode(ImageNodePtr source, std::shared_ptr<CNNBatchNormalizationDataSource> data_source);
  const char* class_name() const override { return "MPSCNNBatchNormalizationNode"; }
  const std::shared_ptr<CNNBatchNormalizationDataSource>& data_source() const { return data_source_; }
  Lowered lower(const LowerRequest& request) const override;

 protected:
  std::vector<GradientFilterNodePtr> make_gradient_filters(const ImageNodePtr& gradient_image) override;

 private:
  std::shared_ptr<CNNBatchNormalizationDataSource> data_source_;
};

/// MPSCNNBatchNormalizationGradientNode: updates the data source of the filter that made its state.
class MPSNN_API CNNBatchNormalizationGradientNode final : public NodeOf<BatchNormalizationGradientOp, NNGradientFilterNode>,
                                                          public NNTrainableNode {
 public:
  CNNBatchNormalizationGradientNode(ImageNodePtr source_gradient, ImageNodePtr source_image, StateNodePtr gradient_state);
  const char* class_name() const override { return "MPSCNNBatchNormalizationGradientNode"; }
  Lowered lower(const LowerRequest& request) const override;
  bool updates_parameters() const override;
};

class CNNBatchNormalization;

/// MPSCNNBatchNormalizationState: float32 buffers with one number for each feature channel.
class MPSNN_API CNNBatchNormalizationState final : public NNGradientState {
 public:
  /// How far the kernels are that add up over several encodes; a graph does all in one.
  struct Progress {
    bool starts_statistics = true, starts_gradients = true;  ///< what was added up has been read: the next encode starts anew
    bool has_gradients = false;
  };

  /// In the order of the functions below; the two gradients may be missing.
  explicit CNNBatchNormalizationState(std::vector<std::shared_ptr<Buffer>> buffers);
  /// The kernel that made it, or one that shares the parameters of the graph that did; null for a state of the caller's making.
  std::shared_ptr<CNNBatchNormalization> batch_normalization();
  std::shared_ptr<Buffer> gamma() const { return at(0); }
  std::shared_ptr<Buffer> beta() const { return at(1); }
  std::shared_ptr<Buffer> mean() const { return at(2); }
  std::shared_ptr<Buffer> variance() const { return at(3); }
  /// Null until a gradient filter has computed them.
  std::shared_ptr<Buffer> gradient_for_gamma() const { return progress.has_gradients ? at(4) : nullptr; }
  std::shared_ptr<Buffer> gradient_for_beta() const { return progress.has_gradients ? at(5) : nullptr; }
  /// Drops what was added up: statistics and gradients. A graph does so by itself for each batch.
  void reset() { progress = {}; }
  Progress progress;

 private:
  friend class CNNBatchNormalization;
  friend class CNNBatchNormalizationStatisticsGradient;
  std::shared_ptr<Buffer> at(std::size_t index) const { return index < resources_.size() ? resources_[index] : nullptr; }
  std::shared_ptr<CNNBatchNormalization> batch_normalization_;
};

/// MPSCNNNormalizationGammaAndBetaState: new values from an update.
class MPSNN_API CNNNormalizationGammaAndBetaState final : public State {
 public:
  CNNNormalizationGammaAndBetaState(std::shared_ptr<Buffer> gamma, std::shared_ptr<Buffer> beta);
  static std::shared_ptr<CNNNormalizationGammaAndBetaState> temporary_state(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                            std::size_t number_of_feature_channels);
  const std::shared_ptr<Buffer>& gamma() const { return resources_[0]; }
  const std::shared_ptr<Buffer>& beta() const { return resources_[1]; }
};

/// MPSCNNNormalizationMeanAndVarianceState: new values from an update.
class MPSNN_API CNNNormalizationMeanAndVarianceState final : public State {
 public:
  CNNNormalizationMeanAndVarianceState(std::shared_ptr<Buffer> mean, std::shared_ptr<Buffer> variance);
  static std::shared_ptr<CNNNormalizationMeanAndVarianceState> temporary_state(
      const std::shared_ptr<CommandBuffer>& command_buffer, std::size_t number_of_feature_channels);
  const std::shared_ptr<Buffer>& mean() const { return resources_[0]; }
  const std::shared_ptr<Buffer>& variance() const { return resources_[1]; }
};

}  // namespace mpsnn
