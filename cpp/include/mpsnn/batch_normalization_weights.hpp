#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mpsnn/buffer.hpp"
#include "mpsnn/data_source.hpp"

namespace mpsnn {

class NNOptimizer;

/// What a ready source of batch normalisation is made from. Empty arrays stand for gamma 1, beta 0, mean 0, variance 1.
struct BatchNormalizationWeightsOptions {
  std::span<const float> gamma, beta, mean, variance;
  float epsilon = 1e-5f;
  double momentum = 0.9;                   ///< share of the running statistics that an update keeps
  std::shared_ptr<NNOptimizer> optimizer;  ///< copied: every source has a time step of its own; null: gamma and beta are frozen
  std::string label;
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
  std::string label() const override { return label_; }
  std::shared_ptr<DataSource> copy() const override;
  std::size_t number_of_feature_channels() override { return channels_; }
  std::span<const float> gamma() override { return values(*gamma_); }
  std::span<const float> beta() override { return values(*beta_); }
  std::span<const float> mean() override { return values(*mean_); }
  std::span<const float> variance() override { return values(*variance_); }
  float epsilon() override { return epsilon_; }
  double momentum() const { return momentum_; }
  const std::shared_ptr<NNOptimizer>& optimizer() const { return optimizer_; }
  /// The arrays the optimizer keeps beside gamma and beta.
  const std::vector<std::shared_ptr<Buffer>>& gamma_moments() const { return gamma_moments_; }
  const std::vector<std::shared_ptr<Buffer>>& beta_moments() const { return beta_moments_; }

  bool updates_gamma_and_beta(NNTrainingStyle style) const override;
  bool updates_mean_and_variance(NNTrainingStyle style) const override;
  std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  std::shared_ptr<CNNNormalizationMeanAndVarianceState> update_mean_and_variance_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  bool update_gamma_and_beta_with_batch_normalization_state(const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  bool update_mean_and_variance_with_batch_normalization_state(const std::shared_ptr<CNNBatchNormalizationState>& state) override;
  std::vector<std::shared_ptr<Buffer>> shared_parameters() override { return {gamma_, beta_, mean_, variance_}; }

 private:
  BatchNormalizationWeights(const BatchNormalizationWeights& other);
  static std::span<const float> values(Buffer& buffer);
  std::vector<struct NNOptimizerPart> parts(const CNNBatchNormalizationState& state) const;

  std::size_t channels_;
  float epsilon_;
  double momentum_;
  std::string label_;
  std::shared_ptr<NNOptimizer> optimizer_;
  std::shared_ptr<Buffer> gamma_, beta_, mean_, variance_;
  std::vector<std::shared_ptr<Buffer>> gamma_moments_, beta_moments_;  // the optimizer's own arrays
};

}  // namespace mpsnn
