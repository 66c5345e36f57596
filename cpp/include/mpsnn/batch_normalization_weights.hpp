#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mpsnn/normalization_weights.hpp"

namespace mpsnn {

/// What a ready source of batch normalisation is made from. Empty arrays stand for gamma 1, beta 0, mean 0, variance 1.
struct BatchNormalizationWeightsOptions : NormalizationWeightsOptions {
  std::span<const float> mean, variance;
  double momentum = 0.9;  ///< share of the running statistics that an update keeps
};

/// Arrays, and an optimizer that trains gamma and beta: a data source for which nobody has to write a class. An update sets
/// running = momentum * running + (1 - momentum) * batch, for the mean and the biased variance, also without an optimizer.
class MPSNN_API BatchNormalizationWeights final : public CNNBatchNormalizationDataSource {
 public:
  explicit BatchNormalizationWeights(std::size_t number_of_feature_channels,
                                     const BatchNormalizationWeightsOptions& options = {});
  ~BatchNormalizationWeights() override;

  bool load() override { return true; }
  void purge() override {}
  std::string label() const override { return arrays_.label(); }
  std::shared_ptr<DataSource> copy() const override;
  std::size_t number_of_feature_channels() override { return arrays_.channels(); }
  std::span<const float> gamma() override { return TrainedGammaAndBeta::values(*arrays_.gamma()); }
  std::span<const float> beta() override { return TrainedGammaAndBeta::values(*arrays_.beta()); }
  std::span<const float> mean() override { return TrainedGammaAndBeta::values(*mean_); }
  std::span<const float> variance() override { return TrainedGammaAndBeta::values(*variance_); }
  float epsilon() override { return arrays_.epsilon(); }
  double momentum() const { return momentum_; }
  const std::shared_ptr<NNOptimizer>& optimizer() const { return arrays_.optimizer(); }
  const TrainedGammaAndBeta& arrays() const { return arrays_; }

  bool updates_gamma_and_beta(NNTrainingStyle style) const override;
  bool updates_mean_and_variance(NNTrainingStyle style) const override;
  std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  std::shared_ptr<CNNNormalizationMeanAndVarianceState> update_mean_and_variance_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  bool update_gamma_and_beta_with_batch_normalization_state(const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  bool update_mean_and_variance_with_batch_normalization_state(const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  std::vector<std::shared_ptr<Buffer>> shared_parameters() override {
    return {arrays_.gamma(), arrays_.beta(), mean_, variance_};
  }

 private:
  BatchNormalizationWeights(const BatchNormalizationWeights& other);

  TrainedGammaAndBeta arrays_;
  double momentum_;
  std::shared_ptr<Buffer> mean_, variance_;
};

}  // namespace mpsnn
