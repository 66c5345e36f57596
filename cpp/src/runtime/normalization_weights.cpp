#include "mpsnn/normalization_weights.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/checked.hpp"
#include "mpsnn/device.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/instance_normalization.hpp"
#include "mpsnn/nodes/normalization.hpp"
#include "mpsnn/optimizer.hpp"

namespace mpsnn {

namespace {

/// Reading while encoded work writes would see half of an update. A write that failed or was dropped leaves the old values.
void* readable(Buffer& buffer) { return buffer.is_pending() ? buffer.cpu_access() : buffer.data(); }

std::vector<std::shared_ptr<Buffer>> duplicate_all(const std::vector<std::shared_ptr<Buffer>>& buffers) {
  std::vector<std::shared_ptr<Buffer>> copies;
  for (const auto& buffer : buffers) copies.push_back(TrainedGammaAndBeta::duplicate(buffer));
  return copies;
}

void add_up(const ImageNormalizationGradientStateBatch& states, Buffer& gamma_sum, Buffer& beta_sum) {
  const auto gamma = gamma_sum.floats(), beta = beta_sum.floats();
  std::ranges::fill(gamma, 0.0f);
  std::ranges::fill(beta, 0.0f);
  for (const auto& state : states) {
    const auto for_gamma = state->gradient_for_gamma()->floats(), for_beta = state->gradient_for_beta()->floats();
    for (std::size_t c = 0; c < gamma.size(); ++c) {
      gamma[c] += for_gamma[c];
      beta[c] += for_beta[c];
    }
  }
}

}  // namespace

std::span<const float> TrainedGammaAndBeta::values(Buffer& buffer) {
  return {static_cast<const float*>(readable(buffer)), buffer.length() / sizeof(float)};
}

std::shared_ptr<Buffer> TrainedGammaAndBeta::filled(const char* owner, const char* name, std::span<const float> values,
                                                    float neutral, std::size_t channels) {
  auto buffer = std::make_shared<Buffer>(channels * sizeof(float));
  if (values.empty()) {
    std::ranges::fill(buffer->floats(), neutral);
  } else if (values.size() == channels) {
    std::ranges::copy(values, buffer->floats().begin());
  } else {
    throw InvalidArgument(std::string(owner) + ": " + name + " has " + std::to_string(values.size()) +
                          " values, number_of_feature_channels is " + std::to_string(channels));
  }
  return buffer;
}

std::shared_ptr<Buffer> TrainedGammaAndBeta::duplicate(const std::shared_ptr<Buffer>& buffer) {
  auto copy = std::make_shared<Buffer>(buffer->length());
  std::memcpy(copy->data(), readable(*buffer), buffer->length());
  return copy;
}

TrainedGammaAndBeta::TrainedGammaAndBeta(const char* owner, std::size_t number_of_feature_channels,
                                         const NormalizationWeightsOptions& options)
    : channels_(number_of_feature_channels), epsilon_(options.epsilon), label_(options.label) {
  const std::string name = owner;
  if (channels_ == 0) throw InvalidArgument(name + ": number_of_feature_channels must be positive, got 0");
  if (!(epsilon_ >= 0)) throw InvalidArgument(name + ": epsilon must not be negative, got " + std::to_string(epsilon_));
  checked_product({channels_, sizeof(float)}, name + ": number_of_feature_channels x 4");
  gamma_ = filled(owner, "gamma", options.gamma, 1, channels_);
  beta_ = filled(owner, "beta", options.beta, 0, channels_);
  if (!options.optimizer) return;
  optimizer_ = options.optimizer->copy();
  for (std::size_t i = 0; i < optimizer_->state_vector_count(); ++i) {
    gamma_moments_.push_back(std::make_shared<Buffer>(gamma_->length()));
    beta_moments_.push_back(std::make_shared<Buffer>(beta_->length()));
  }
}

TrainedGammaAndBeta::TrainedGammaAndBeta(const TrainedGammaAndBeta& other)
    : channels_(other.channels_),
      epsilon_(other.epsilon_),
      label_(other.label_),
      optimizer_(other.optimizer_ ? other.optimizer_->copy() : nullptr),
      gamma_(duplicate(other.gamma_)),
      beta_(duplicate(other.beta_)),
      gamma_moments_(duplicate_all(other.gamma_moments_)),
      beta_moments_(duplicate_all(other.beta_moments_)) {}

TrainedGammaAndBeta::~TrainedGammaAndBeta() = default;

std::shared_ptr<CNNNormalizationGammaAndBetaState> TrainedGammaAndBeta::encode_update(
    const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<Buffer>& gradient_for_gamma,
    const std::shared_ptr<Buffer>& gradient_for_beta) {
  if (!optimizer_) return nullptr;
  optimizer_->encode_update(command_buffer,
                            std::array<NNOptimizerPart, 2>{NNOptimizerPart{gradient_for_gamma, gamma_, gamma_moments_},
                                                           NNOptimizerPart{gradient_for_beta, beta_, beta_moments_}});
  return std::make_shared<CNNNormalizationGammaAndBetaState>(gamma_, beta_);
}

bool TrainedGammaAndBeta::update(const std::shared_ptr<Buffer>& gradient_for_gamma,
                                 const std::shared_ptr<Buffer>& gradient_for_beta) {
  if (!optimizer_) return false;
  optimizer_->update(std::array<NNOptimizerPart, 2>{NNOptimizerPart{gradient_for_gamma, gamma_, gamma_moments_},
                                                    NNOptimizerPart{gradient_for_beta, beta_, beta_moments_}});
  return true;
}

std::shared_ptr<CNNNormalizationGammaAndBetaState> TrainedGammaAndBeta::encode_update(
    const std::shared_ptr<CommandBuffer>& command_buffer, const ImageNormalizationGradientStateBatch& state_batch) {
  if (!optimizer_ || state_batch.empty()) return nullptr;
  auto gamma_sum = std::make_shared<Buffer>(gamma_->length()), beta_sum = std::make_shared<Buffer>(beta_->length());
  command_buffer->record([state_batch, gamma_sum, beta_sum] { add_up(state_batch, *gamma_sum, *beta_sum); },
                         {gamma_sum, beta_sum});
  for (const auto& state : state_batch) state->consume_read();
  return encode_update(command_buffer, gamma_sum, beta_sum);
}

bool TrainedGammaAndBeta::update(const ImageNormalizationGradientStateBatch& state_batch) {
  if (!optimizer_ || state_batch.empty()) return false;
  auto gamma_sum = std::make_shared<Buffer>(gamma_->length()), beta_sum = std::make_shared<Buffer>(beta_->length());
  add_up(state_batch, *gamma_sum, *beta_sum);
  return update(gamma_sum, beta_sum);
}

InstanceNormalizationWeights::InstanceNormalizationWeights(std::size_t number_of_feature_channels,
                                                           const NormalizationWeightsOptions& options)
    : ImageNormalizationWeights("InstanceNormalizationWeights", number_of_feature_channels, options) {}

InstanceNormalizationWeights::~InstanceNormalizationWeights() = default;

std::shared_ptr<DataSource> InstanceNormalizationWeights::copy() const {
  return std::shared_ptr<DataSource>(new InstanceNormalizationWeights(*this));
}

GroupNormalizationWeights::GroupNormalizationWeights(std::size_t number_of_feature_channels, std::size_t number_of_groups,
                                                     const NormalizationWeightsOptions& options)
    : ImageNormalizationWeights("GroupNormalizationWeights", number_of_feature_channels, options) {
  set_number_of_groups(number_of_groups);
}

GroupNormalizationWeights::~GroupNormalizationWeights() = default;

std::shared_ptr<DataSource> GroupNormalizationWeights::copy() const {
  return std::shared_ptr<DataSource>(new GroupNormalizationWeights(*this));
}

void GroupNormalizationWeights::set_number_of_groups(std::size_t number_of_groups) {
  if (number_of_groups == 0 || number_of_feature_channels() % number_of_groups != 0) {
    throw InvalidArgument("GroupNormalizationWeights: number_of_groups must divide number_of_feature_channels, got " +
                          std::to_string(number_of_groups) + " for " + std::to_string(number_of_feature_channels()) +
                          " channels");
  }
  CNNGroupNormalizationDataSource::set_number_of_groups(number_of_groups);
}

}  // namespace mpsnn
