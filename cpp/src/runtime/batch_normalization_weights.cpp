#include "mpsnn/batch_normalization_weights.hpp"

#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn {

namespace {

constexpr const char* kClass = "BatchNormalizationWeights";

void blend(Buffer& running, Buffer& batch, double momentum) {
  const float keep = float(momentum), add = float(1 - momentum);
  const auto to = running.floats(), from = batch.floats();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = keep * to[i] + add * from[i];
}

}  // namespace

BatchNormalizationWeights::BatchNormalizationWeights(std::size_t number_of_feature_channels,
                                                     const BatchNormalizationWeightsOptions& options)
    : arrays_(kClass, number_of_feature_channels, options), momentum_(options.momentum) {
  if (!(momentum_ >= 0 && momentum_ <= 1)) {
    throw InvalidArgument("BatchNormalizationWeights: momentum must be in [0, 1], got " + std::to_string(momentum_));
  }
  mean_ = TrainedGammaAndBeta::filled(kClass, "mean", options.mean, 0, arrays_.channels());
  variance_ = TrainedGammaAndBeta::filled(kClass, "variance", options.variance, 1, arrays_.channels());
}

BatchNormalizationWeights::BatchNormalizationWeights(const BatchNormalizationWeights& other)
    : CNNBatchNormalizationDataSource(other),
      arrays_(other.arrays_),
      momentum_(other.momentum_),
      mean_(TrainedGammaAndBeta::duplicate(other.mean_)),
      variance_(TrainedGammaAndBeta::duplicate(other.variance_)) {}

BatchNormalizationWeights::~BatchNormalizationWeights() = default;

std::shared_ptr<DataSource> BatchNormalizationWeights::copy() const {
  return std::shared_ptr<DataSource>(new BatchNormalizationWeights(*this));
}

bool BatchNormalizationWeights::updates_gamma_and_beta(NNTrainingStyle style) const {
  return optimizer() && style != NNTrainingStyle::UpdateDeviceNone;
}

bool BatchNormalizationWeights::updates_mean_and_variance(NNTrainingStyle style) const {
  return style != NNTrainingStyle::UpdateDeviceNone;
}

std::shared_ptr<CNNNormalizationGammaAndBetaState> BatchNormalizationWeights::update_gamma_and_beta_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) {
  auto updated = arrays_.encode_update(command_buffer, state->gradient_for_gamma(), state->gradient_for_beta());
  if (updated) state->consume_read();
  return updated;
}

std::shared_ptr<CNNNormalizationMeanAndVarianceState> BatchNormalizationWeights::update_mean_and_variance_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) {
  command_buffer->record(
      [mean = mean_, variance = variance_, momentum = momentum_, batch_mean = state->mean(), batch_variance = state->variance()] {
        blend(*mean, *batch_mean, momentum);
        blend(*variance, *batch_variance, momentum);
      },
      {mean_, variance_});
  state->consume_read();
  return std::make_shared<CNNNormalizationMeanAndVarianceState>(mean_, variance_);
}

bool BatchNormalizationWeights::update_gamma_and_beta_with_batch_normalization_state(
    const std::shared_ptr<CNNBatchNormalizationState>& state) {
  return arrays_.update(state->gradient_for_gamma(), state->gradient_for_beta());
}

bool BatchNormalizationWeights::update_mean_and_variance_with_batch_normalization_state(
    const std::shared_ptr<CNNBatchNormalizationState>& state) {
  blend(*mean_, *state->mean(), momentum_);
  blend(*variance_, *state->variance(), momentum_);
  return true;
}

}  // namespace mpsnn
