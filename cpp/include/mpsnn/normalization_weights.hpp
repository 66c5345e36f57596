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

/// What ready sources of normalisations are made from. Empty arrays stand for gamma 1, beta 0.
struct NormalizationWeightsOptions {
  std::span<const float> gamma, beta;
  float epsilon = 1e-5f;
  std::shared_ptr<NNOptimizer> optimizer;  ///< copied: every source has a time step of its own; null: gamma and beta are frozen
  std::string label;
};

/// What every ready source of a normalisation holds: gamma and beta, and an optimizer that trains them.
class MPSNN_API TrainedGammaAndBeta {
 public:
  /// `owner` is the class in messages.
  TrainedGammaAndBeta(const char* owner, std::size_t number_of_feature_channels, const NormalizationWeightsOptions& options);
  /// Deep, with the state of the optimizer.
  TrainedGammaAndBeta(const TrainedGammaAndBeta& other);
  TrainedGammaAndBeta& operator=(const TrainedGammaAndBeta&) = delete;
  ~TrainedGammaAndBeta();

  std::size_t channels() const { return channels_; }
  float epsilon() const { return epsilon_; }
  const std::string& label() const { return label_; }
  const std::shared_ptr<NNOptimizer>& optimizer() const { return optimizer_; }
  const std::shared_ptr<Buffer>& gamma() const { return gamma_; }
  const std::shared_ptr<Buffer>& beta() const { return beta_; }
  /// The arrays the optimizer keeps beside gamma and beta.
  const std::vector<std::shared_ptr<Buffer>>& gamma_moments() const { return gamma_moments_; }
  const std::vector<std::shared_ptr<Buffer>>& beta_moments() const { return beta_moments_; }

  /// One step; null, or false, without an optimizer.
  std::shared_ptr<CNNNormalizationGammaAndBetaState> encode_update(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                   const std::shared_ptr<Buffer>& gradient_for_gamma,
                                                                   const std::shared_ptr<Buffer>& gradient_for_beta);
  bool update(const std::shared_ptr<Buffer>& gradient_for_gamma, const std::shared_ptr<Buffer>& gradient_for_beta);
  /// The same with the sum of the gradients of all states.
  std::shared_ptr<CNNNormalizationGammaAndBetaState> encode_update(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                                   const ImageNormalizationGradientStateBatch& state_batch);
  bool update(const ImageNormalizationGradientStateBatch& state_batch);

  /// An array to read, as long as no encoded work is to write it.
  static std::span<const float> values(Buffer& buffer);
  /// An array of `channels` numbers: a copy of `values`, or `neutral` where they are empty.
  static std::shared_ptr<Buffer> filled(const char* owner, const char* name, std::span<const float> values, float neutral,
                                        std::size_t channels);
  static std::shared_ptr<Buffer> duplicate(const std::shared_ptr<Buffer>& buffer);

 private:
  std::size_t channels_;
  float epsilon_;
  std::string label_;
  std::shared_ptr<NNOptimizer> optimizer_;
  std::shared_ptr<Buffer> gamma_, beta_;
  std::vector<std::shared_ptr<Buffer>> gamma_moments_, beta_moments_;
};

/// The part of `Protocol`, a source of instance or group normalisation, that arrays and an optimizer can answer.
template <class Protocol>
class ImageNormalizationWeights : public Protocol {
 public:
  std::string label() const override { return arrays_.label(); }
  std::size_t number_of_feature_channels() override { return arrays_.channels(); }
  std::span<const float> gamma() override { return TrainedGammaAndBeta::values(*arrays_.gamma()); }
  std::span<const float> beta() override { return TrainedGammaAndBeta::values(*arrays_.beta()); }
  float epsilon() override { return arrays_.epsilon(); }
  bool updates(NNTrainingStyle style) const override { return arrays_.optimizer() && style != NNTrainingStyle::UpdateDeviceNone; }
  std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const ImageNormalizationGradientStateBatch& state_batch) override {
    return arrays_.encode_update(command_buffer, state_batch);
  }
  bool update_gamma_and_beta_with_state_batch(const ImageNormalizationGradientStateBatch& state_batch) override {
    return arrays_.update(state_batch);
  }
  std::vector<std::shared_ptr<Buffer>> shared_parameters() override { return {arrays_.gamma(), arrays_.beta()}; }
  const TrainedGammaAndBeta& arrays() const { return arrays_; }

 protected:
  ImageNormalizationWeights(const char* owner, std::size_t number_of_feature_channels, const NormalizationWeightsOptions& options)
      : arrays_(owner, number_of_feature_channels, options) {}
  ImageNormalizationWeights(const ImageNormalizationWeights&) = default;

 private:
  TrainedGammaAndBeta arrays_;
};

/// A ready source of instance normalisation.
class MPSNN_API InstanceNormalizationWeights final : public ImageNormalizationWeights<CNNInstanceNormalizationDataSource> {
 public:
  explicit InstanceNormalizationWeights(std::size_t number_of_feature_channels, const NormalizationWeightsOptions& options = {});
  ~InstanceNormalizationWeights() override;
  std::shared_ptr<DataSource> copy() const override;

 private:
  InstanceNormalizationWeights(const InstanceNormalizationWeights&) = default;
};

/// A ready source of group normalisation.
class MPSNN_API GroupNormalizationWeights final : public ImageNormalizationWeights<CNNGroupNormalizationDataSource> {
 public:
  GroupNormalizationWeights(std::size_t number_of_feature_channels, std::size_t number_of_groups,
                            const NormalizationWeightsOptions& options = {});
  ~GroupNormalizationWeights() override;
  std::shared_ptr<DataSource> copy() const override;
  /// Throws InvalidArgument unless it divides the channels.
  void set_number_of_groups(std::size_t number_of_groups) override;

 private:
  GroupNormalizationWeights(const GroupNormalizationWeights&) = default;
};

}  // namespace mpsnn
