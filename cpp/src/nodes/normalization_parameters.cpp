#include "nodes/normalization_parameters.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "core/checked.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/instance_normalization.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn {

namespace {

constexpr std::array<const char*, 4> kNames = {"gamma", "beta", "mean", "variance"};
/// Of a missing array: together they change nothing.
constexpr std::array<float, 4> kNeutral = {1, 0, 0, 1};

ImageNormalizationGradientStateBatch typed(const StateBatch& states) {
  ImageNormalizationGradientStateBatch batch;
  for (const StatePtr& state : states) batch.push_back(std::dynamic_pointer_cast<ImageNormalizationGradientState>(state));
  return batch;
}

}  // namespace

NormalizationParameters::NormalizationParameters(std::shared_ptr<NormalizationDataSource> source, std::string node)
    : source_(std::move(source)), node_(std::move(node)) {}

void NormalizationParameters::refuse(const std::string& what) const { throw InvalidArgument(node_ + ": " + what); }

std::function<void()> NormalizationParameters::read(bool keeps_loaded) {
  const bool reads_gamma_and_beta = reads_gamma_and_beta_, reads_the_rest = reads_the_rest_;
  reads_gamma_and_beta_ = reads_the_rest_ = true;

  auto loaded = std::make_unique<LoadedSource>(source_, node_);
  const std::size_t channels = source_->number_of_feature_channels();
  if (channels == 0) refuse("the data source's number_of_feature_channels must be positive, got 0");
  if (!parameters.empty() && channels != channels_) {
    refuse("the data source's number_of_feature_channels was " + std::to_string(channels_) + " and is now " +
           std::to_string(channels));
  }
  const std::size_t bytes = checked_product({channels, sizeof(float)}, node_ + ": number_of_feature_channels x 4");
  const float epsilon = source_->epsilon();
  if (!(epsilon >= 0)) refuse("the data source's epsilon must not be negative, got " + std::to_string(epsilon));

  std::vector<std::vector<float>> values;
  for (const std::span<const float> array : arrays(channels)) {
    const std::size_t i = values.size();
    auto& read = values.emplace_back(array.begin(), array.end());
    if (read.empty()) read.assign(channels, kNeutral[i]);
    if (read.size() != channels) {
      refuse(std::string("the data source's ") + kNames[i] + " has " + std::to_string(read.size()) +
             " values, number_of_feature_channels is " + std::to_string(channels));
    }
  }
  if (keeps_loaded) {
    loaded_source = std::move(loaded);
  } else {
    loaded->purge();
  }

  return [=, this, values = std::move(values)] {
    epsilon_ = epsilon;
    if (parameters.empty()) {
      channels_ = channels;
      for (std::size_t i = 0; i < values.size(); ++i) {
        parameters.push_back({kNames[i], std::make_shared<Buffer>(bytes), channels, 0});
      }
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!(i <= kBeta ? reads_gamma_and_beta : reads_the_rest)) continue;
      std::copy(values[i].begin(), values[i].end(), parameters[i].values->floats().begin());
      ++parameters[i].version;
    }
  };
}

std::function<void()> NormalizationParameters::read_gamma_and_beta() {
  reads_the_rest_ = false;
  return read_data_source();
}

void NormalizationParameters::follow_source() {
  auto lent = source_->shared_parameters();
  const auto fits = [this](const auto& buffer) { return buffer && buffer->length() == channels_ * sizeof(float); };
  if (lent.size() == parameters.size() && std::all_of(lent.begin(), lent.end(), fits)) lent_ = std::move(lent);
}

void NormalizationParameters::refresh() {
  for (std::size_t i = 0; i < lent_.size(); ++i) {
    Parameter& parameter = parameters[i];
    const std::size_t bytes = channels_ * sizeof(float);
    if (std::memcmp(parameter.values->data(), lent_[i]->data(), bytes) == 0) continue;
    std::memcpy(parameter.values->data(), lent_[i]->data(), bytes);
    ++parameter.version;
  }
}

void NormalizationParameters::accept(const StatePtr& answer, std::vector<StatePtr>& answers) const {
  if (!answer) return;
  for (std::size_t i = 0; i < 2; ++i) {
    if (answer->buffer_size_at_index(i) != channels_ * sizeof(float)) {
      refuse("the data source's update returned buffers of " + std::to_string(answer->buffer_size_at_index(i)) + " bytes, " +
             std::to_string(channels_) + " feature channels take " + std::to_string(channels_ * sizeof(float)));
    }
  }
  answer->check_readable(node_);
  answer->consume_read();
  answers.push_back(answer);
}

void NormalizationParameters::take(Index index, const std::shared_ptr<Buffer>& values) {
  Parameter& parameter = parameters[index];
  // A source may have written its new values into the buffers of the state it was given.
  if (values != parameter.values) std::memcpy(parameter.values->data(), values->data(), channels_ * sizeof(float));
  ++parameter.version;
}

void NormalizationParameters::reload(State& state) {
  auto* pair = dynamic_cast<CNNNormalizationGammaAndBetaState*>(&state);
  if (!pair) return;
  take(kGamma, pair->gamma());
  take(kBeta, pair->beta());
}

// Batch normalization -----------------------------------------------------------------------------------------------

BatchNormalizationParameters::BatchNormalizationParameters(std::shared_ptr<CNNBatchNormalizationDataSource> source,
                                                           std::string node, const LowerRequest& request)
    : NormalizationParameters(source, std::move(node)), source_(std::move(source)) {
  read(request.keeps_sources_loaded)();
}

std::function<void()> BatchNormalizationParameters::read_mean_and_variance() {
  reads_gamma_and_beta_ = false;
  return read_data_source();
}

NormalizationParameters::Arrays BatchNormalizationParameters::arrays(std::size_t) {
  return {source_->gamma(), source_->beta(), source_->mean(), source_->variance()};
}

std::vector<StatePtr> BatchNormalizationParameters::update_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const StateBatch& gradient_states) {
  const auto state = std::dynamic_pointer_cast<CNNBatchNormalizationState>(gradient_states.front());
  const auto style = NNTrainingStyle::UpdateDeviceGPU;
  const bool has_gamma_and_beta = source_->updates_gamma_and_beta(style);
  const bool has_mean_and_variance = source_->updates_mean_and_variance(style);
  // Each method reads the state once.
  if (state->is_temporary()) {
    state->set_read_count(state->read_count() + std::size_t(has_gamma_and_beta) + std::size_t(has_mean_and_variance));
  }
  std::vector<StatePtr> answers;
  if (has_gamma_and_beta) accept(source_->update_gamma_and_beta_with_command_buffer(command_buffer, state), answers);
  if (has_mean_and_variance) accept(source_->update_mean_and_variance_with_command_buffer(command_buffer, state), answers);
  return answers;
}

void BatchNormalizationParameters::reload(State& state) {
  NormalizationParameters::reload(state);
  auto* statistics = dynamic_cast<CNNNormalizationMeanAndVarianceState*>(&state);
  if (!statistics) return;
  take(kMean, statistics->mean());
  take(kVariance, statistics->variance());
}

bool BatchNormalizationParameters::update_on_cpu(const StateBatch& gradient_states) {
  const auto state = std::dynamic_pointer_cast<CNNBatchNormalizationState>(gradient_states.front());
  const auto style = NNTrainingStyle::UpdateDeviceCPU;
  const bool has_new_gamma_and_beta =
      source_->updates_gamma_and_beta(style) && source_->update_gamma_and_beta_with_batch_normalization_state(state);
  const bool has_new_mean_and_variance =
      source_->updates_mean_and_variance(style) && source_->update_mean_and_variance_with_batch_normalization_state(state);
  if (!has_new_gamma_and_beta && !has_new_mean_and_variance) return false;
  reads_gamma_and_beta_ = has_new_gamma_and_beta;
  reads_the_rest_ = has_new_mean_and_variance;
  return true;
}

// Instance and group normalization ----------------------------------------------------------------------------------

ImageNormalizationParameters::ImageNormalizationParameters(std::shared_ptr<ImageNormalizationDataSource> source, std::string node,
                                                           const LowerRequest& request)
    : NormalizationParameters(source, std::move(node)), source_(std::move(source)) {
  read(request.keeps_sources_loaded)();
}

NormalizationParameters::Arrays ImageNormalizationParameters::arrays(std::size_t channels) {
  const std::size_t groups = source_->number_of_groups();
  if (groups == 0) refuse("the data source's number_of_groups must be positive, got 0");
  if (channels % groups != 0) {
    refuse("the data source's number_of_feature_channels must be a multiple of number_of_groups, got " +
           std::to_string(channels) + " and " + std::to_string(groups));
  }
  if (groups_ != 0 && groups != groups_) {
    refuse("the data source's number_of_groups was " + std::to_string(groups_) + " and is now " + std::to_string(groups));
  }
  groups_ = groups;
  return {source_->gamma(), source_->beta()};
}

std::vector<StatePtr> ImageNormalizationParameters::update_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const StateBatch& gradient_states) {
  // The method reads each state once.
  for (const StatePtr& state : gradient_states) {
    if (state->is_temporary()) state->set_read_count(state->read_count() + 1);
  }
  std::vector<StatePtr> answers;
  accept(source_->update_gamma_and_beta_with_command_buffer(command_buffer, typed(gradient_states)), answers);
  return answers;
}

bool ImageNormalizationParameters::update_on_cpu(const StateBatch& gradient_states) {
  return source_->update_gamma_and_beta_with_state_batch(typed(gradient_states));
}

}  // namespace mpsnn
