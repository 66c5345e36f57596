#include "nodes/batch_normalization_parameters.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "core/checked.hpp"
#include "mpsnn/error.hpp"
#include "mpsnn/nodes/normalization.hpp"

namespace mpsnn {

namespace {

constexpr std::array<const char*, BatchNormalizationParameters::kCount> kNames = {"gamma", "beta", "mean", "variance"};
/// Of a missing array: together they change nothing.
constexpr std::array<float, BatchNormalizationParameters::kCount> kNeutral = {1, 0, 0, 1};

/// Calls `purge` for every `load`, also when reading fails.
class LoadedSource {
 public:
  explicit LoadedSource(CNNBatchNormalizationDataSource& source) : source_(source) {}
  ~LoadedSource() {
    if (!is_open_) return;
    try {
      source_.purge();
    } catch (...) {  // the failure that brought us here is the one to report
    }
  }
  void purge() {
    is_open_ = false;
    source_.purge();
  }

 private:
  CNNBatchNormalizationDataSource& source_;
  bool is_open_ = true;
};

}  // namespace

BatchNormalizationParameters::BatchNormalizationParameters(std::shared_ptr<CNNBatchNormalizationDataSource> source,
                                                           std::string node)
    : source_(std::move(source)), node_(std::move(node)) {
  reload_from_data_source();
}

void BatchNormalizationParameters::refuse(const std::string& what) const { throw InvalidArgument(node_ + ": " + what); }

void BatchNormalizationParameters::reload_from_data_source() {
  const std::array<bool, kCount> is_read = {reads_gamma_and_beta_, reads_gamma_and_beta_, reads_mean_and_variance_,
                                            reads_mean_and_variance_};
  reads_gamma_and_beta_ = reads_mean_and_variance_ = true;

  if (!source_->load()) refuse("the data source's load returned false");
  LoadedSource loaded(*source_);
  const std::size_t channels = source_->number_of_feature_channels();
  if (channels == 0) refuse("the data source's number_of_feature_channels must be positive, got 0");
  if (!parameters.empty() && channels != channels_) {
    refuse("the data source's number_of_feature_channels was " + std::to_string(channels_) + " and is now " +
           std::to_string(channels));
  }
  const std::size_t bytes = checked_product({channels, sizeof(float)}, node_ + ": number_of_feature_channels x 4");
  const float epsilon = source_->epsilon();
  if (!(epsilon >= 0)) refuse("the data source's epsilon must not be negative, got " + std::to_string(epsilon));

  const std::array<std::span<const float>, kCount> arrays = {source_->gamma(), source_->beta(), source_->mean(),
                                                             source_->variance()};
  std::array<std::vector<float>, kCount> values;
  for (std::size_t i = 0; i < kCount; ++i) {
    values[i].assign(arrays[i].begin(), arrays[i].end());
    if (values[i].empty()) values[i].assign(channels, kNeutral[i]);
    if (values[i].size() != channels) {
      refuse(std::string("the data source's ") + kNames[i] + " has " + std::to_string(values[i].size()) +
             " values, number_of_feature_channels is " + std::to_string(channels));
    }
  }
  loaded.purge();

  channels_ = channels;
  epsilon_ = epsilon;
  if (parameters.empty()) {
    for (const char* name : kNames) parameters.push_back({name, std::make_shared<Buffer>(bytes), channels, 0});
  }
  for (std::size_t i = 0; i < kCount; ++i) {
    if (!is_read[i]) continue;
    std::copy(values[i].begin(), values[i].end(), parameters[i].values->floats().begin());
    ++parameters[i].version;
  }
}

void BatchNormalizationParameters::follow_source() {
  auto lent = source_->shared_parameters();
  const auto fits = [this](const auto& buffer) { return buffer && buffer->length() == channels_ * sizeof(float); };
  if (lent.size() == kCount && std::all_of(lent.begin(), lent.end(), fits)) lent_ = std::move(lent);
}

void BatchNormalizationParameters::refresh() {
  for (std::size_t i = 0; i < lent_.size(); ++i) {
    Parameter& parameter = parameters[i];
    const std::size_t bytes = channels_ * sizeof(float);
    if (std::memcmp(parameter.values->data(), lent_[i]->data(), bytes) == 0) continue;
    std::memcpy(parameter.values->data(), lent_[i]->data(), bytes);
    ++parameter.version;
  }
}

std::vector<StatePtr> BatchNormalizationParameters::update_with_command_buffer(
    const std::shared_ptr<CommandBuffer>& command_buffer, const StatePtr& gradient_state) {
  const auto state = std::dynamic_pointer_cast<CNNBatchNormalizationState>(gradient_state);
  const auto style = NNTrainingStyle::UpdateDeviceGPU;
  const bool has_gamma_and_beta = source_->updates_gamma_and_beta(style);
  const bool has_mean_and_variance = source_->updates_mean_and_variance(style);
  // Each method reads the state once.
  if (state->is_temporary()) {
    state->set_read_count(state->read_count() + std::size_t(has_gamma_and_beta) + std::size_t(has_mean_and_variance));
  }
  std::vector<StatePtr> results;
  const auto accept = [&](const StatePtr& result) {
    if (!result) return;
    for (std::size_t i = 0; i < 2; ++i) {
      if (result->buffer_size_at_index(i) != channels_ * sizeof(float)) {
        refuse("the data source's update returned buffers of " + std::to_string(result->buffer_size_at_index(i)) + " bytes, " +
               std::to_string(channels_) + " feature channels take " + std::to_string(channels_ * sizeof(float)));
      }
    }
    result->check_readable(node_);
    result->consume_read();
    results.push_back(result);
  };
  if (has_gamma_and_beta) accept(source_->update_gamma_and_beta_with_command_buffer(command_buffer, state));
  if (has_mean_and_variance) accept(source_->update_mean_and_variance_with_command_buffer(command_buffer, state));
  return results;
}

void BatchNormalizationParameters::take(Index index, const std::shared_ptr<Buffer>& values) {
  Parameter& parameter = parameters[index];
  // A source may have written its new values into the buffers of the state it was given.
  if (values != parameter.values) std::memcpy(parameter.values->data(), values->data(), channels_ * sizeof(float));
  ++parameter.version;
}

void BatchNormalizationParameters::reload(State& state) {
  if (auto* pair = dynamic_cast<CNNNormalizationGammaAndBetaState*>(&state)) {
    take(kGamma, pair->gamma());
    take(kBeta, pair->beta());
  } else if (auto* statistics = dynamic_cast<CNNNormalizationMeanAndVarianceState*>(&state)) {
    take(kMean, statistics->mean());
    take(kVariance, statistics->variance());
  }
}

bool BatchNormalizationParameters::update_on_cpu(const StatePtr& gradient_state) {
  const auto state = std::dynamic_pointer_cast<CNNBatchNormalizationState>(gradient_state);
  const auto style = NNTrainingStyle::UpdateDeviceCPU;
  const bool has_new_gamma_and_beta =
      source_->updates_gamma_and_beta(style) && source_->update_gamma_and_beta_with_batch_normalization_state(state);
  const bool has_new_mean_and_variance =
      source_->updates_mean_and_variance(style) && source_->update_mean_and_variance_with_batch_normalization_state(state);
  if (!has_new_gamma_and_beta && !has_new_mean_and_variance) return false;
  reads_gamma_and_beta_ = has_new_gamma_and_beta;
  reads_mean_and_variance_ = has_new_mean_and_variance;
  return true;
}

}  // namespace mpsnn
