#include "mpsnn/batch_normalization_weights.hpp"

#include <algorithm>
#include <cstring>

#include "core/checked.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/normalization.hpp"
#include "mpsnn/optimizer.hpp"

namespace mpsnn {

namespace {

/// Reading while encoded work writes would see half of an update. A write that failed or was dropped leaves the old values.
void* readable(Buffer& buffer) { return buffer.is_pending() ? buffer.cpu_access() : buffer.data(); }

std::shared_ptr<Buffer> filled(const char* name, std::span<const float> values, float neutral, std::size_t channels) {
  auto buffer = std::make_shared<Buffer>(channels * sizeof(float));
  if (values.empty()) {
    std::ranges::fill(buffer->floats(), neutral);
  } else if (values.size() == channels) {
    std::ranges::copy(values, buffer->floats().begin());
  } else {
    throw InvalidArgument(std::string("BatchNormalizationWeights: ") + name + " has " + std::to_string(values.size()) +
                          " values, number_of_feature_channels is " + std::to_string(channels));
  }
  return buffer;
}

std::shared_ptr<Buffer> duplicate(const std::shared_ptr<Buffer>& buffer) {
  auto copy = std::make_shared<Buffer>(buffer->length());
  std::memcpy(copy->data(), readable(*buffer), buffer->length());
  return copy;
}

std::vector<std::shared_ptr<Buffer>> duplicate(const std::vector<std::shared_ptr<Buffer>>& buffers) {
  std::vector<std::shared_ptr<Buffer>> copies;
  for (const auto& buffer : buffers) copies.push_back(duplicate(buffer));
  return copies;
}

void blend(Buffer& running, Buffer& batch, double momentum) {
  const float keep = float(momentum), add = float(1 - momentum);
  const auto to = running.floats(), from = batch.floats();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = keep * to[i] + add * from[i];
}

}  // namespace

BatchNormalizationWeights::BatchNormalizationWeights(std::size_t number_of_feature_channels,
                                                     const BatchNormalizationWeightsOptions& options)
    : channels_(number_of_feature_channels), epsilon_(options.epsilon), momentum_(options.momentum), label_(options.label) {
  if (channels_ == 0) throw InvalidArgument("BatchNormalizationWeights: number_of_feature_channels must be positive, got 0");
  if (!(epsilon_ >= 0)) {
    throw InvalidArgument("BatchNormalizationWeights: epsilon must not be negative, got " + std::to_string(epsilon_));
  }
  if (!(momentum_ >= 0 && momentum_ <= 1)) {
    throw InvalidArgument("BatchNormalizationWeights: momentum must be in [0, 1], got " + std::to_string(momentum_));
  }
  checked_product({channels_, sizeof(float)}, "BatchNormalizationWeights: number_of_feature_channels x 4");
  gamma_ = filled("gamma", options.gamma, 1, channels_);
  beta_ = filled("beta", options.beta, 0, channels_);
  mean_ = filled("mean", options.mean, 0, channels_);
  variance_ = filled("variance", options.variance, 1, channels_);
  if (!options.optimizer) return;
  optimizer_ = options.optimizer->copy();
  for (std::size_t i = 0; i < optimizer_->state_vector_count(); ++i) {
    gamma_moments_.push_back(std::make_shared<Buffer>(gamma_->length()));
    beta_moments_.push_back(std::make_shared<Buffer>(beta_->length()));
  }
}

BatchNormalizationWeights::BatchNormalizationWeights(const BatchNormalizationWeights& other)
    : CNNBatchNormalizationDataSource(other),
      channels_(other.channels_),
      epsilon_(other.epsilon_),
      momentum_(other.momentum_),
      label_(other.label_),
      optimizer_(other.optimizer_ ? other.optimizer_->copy() : nullptr),
      gamma_(duplicate(other.gamma_)),
      beta_(duplicate(other.beta_)),
      mean_(duplicate(other.mean_)),
      variance_(duplicate(other.variance_)),
      gamma_moments_(duplicate(other.gamma_moments_)),
      beta_moments_(duplicate(other.beta_moments_)) {}

BatchNormalizationWeights::~BatchNormalizationWeights() = default;

std::shared_ptr<DataSource> BatchNormalizationWeights::copy() const {
  return std::shared_ptr<DataSource>(new BatchNormalizationWeights(*this));
}

std::span<const float> BatchNormalizationWeights::values(Buffer& buffer) {
  return {static_cast<const float*>(readable(buffer)), buffer.length() / sizeof(float)};
}

bool BatchNormalizationWeights::updates_gamma_and_beta(NNTrainingStyle style) const {
  return optimizer_ && style != NNTrainingStyle::UpdateDeviceNone;
}

bool BatchNormalizationWeights::updates_mean_and_variance(NNTrainingStyle style) const {
  return style != NNTrainingStyle::UpdateDeviceNone;
}

std::vector<NNOptimizerPart> BatchNormalizationWeights::parts(const CNNBatchNormalizationState& state) const {
  return {{state.gradient_for_gamma(), gamma_, gamma_moments_}, {state.gradient_for_beta(), beta_, beta_moments_}};
}

std::shared_ptr<CNNNormalizationGammaAndBetaState> BatchNormalizationWeights::update_gamma_and_beta_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state) {
  if (!optimizer_) return nullptr;
  optimizer_->encode_update(command_buffer, parts(*state));
  state->consume_read();
  return std::make_shared<CNNNormalizationGammaAndBetaState>(gamma_, beta_);
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
  if (!optimizer_) return false;
  optimizer_->update(parts(*state));
  return true;
}

bool BatchNormalizationWeights::update_mean_and_variance_with_batch_normalization_state(
    const std::shared_ptr<CNNBatchNormalizationState>& state) {
  blend(*mean_, *state->mean(), momentum_);
  blend(*variance_, *state->variance(), momentum_);
  return true;
}

}  // namespace mpsnn
