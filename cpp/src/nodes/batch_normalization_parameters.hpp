#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mpsnn/data_source.hpp"
#include "nodes/lowered.hpp"

namespace mpsnn {

/// gamma, beta, mean and variance of one filter: always there, float32, one number for each feature channel.
class BatchNormalizationParameters final : public ParameterSet {
 public:
  enum Index { kGamma, kBeta, kMean, kVariance, kCount };

  /// Reads the source. `node` names the filter in messages.
  BatchNormalizationParameters(std::shared_ptr<CNNBatchNormalizationDataSource> source, std::string node);
  const std::shared_ptr<CNNBatchNormalizationDataSource>& source() const { return source_; }
  std::size_t channels() const { return channels_; }
  float epsilon() const { return epsilon_; }
  const float* values(Index index) const { return parameters[index].values->floats().data(); }

  /// From now on each run starts with what the source's own memory holds, where it lends it: filters that train one source agree.
  /// A run computes with a copy, so that an update in it does not change the gradients that are still to come.
  void follow_source();

  std::string label() const override { return source_->label(); }
  void reload_from_data_source() override;
  void refresh() override;
  const void* source_identity() const override { return source_.get(); }
  bool updates(NNTrainingStyle style) const override { return source_->updates(style); }
  std::vector<StatePtr> update_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                   const StatePtr& gradient_state) override;
  void reload(State& state) override;
  bool update_on_cpu(const StatePtr& gradient_state) override;

 private:
  void take(Index index, const std::shared_ptr<Buffer>& values);
  [[noreturn]] void refuse(const std::string& what) const;

  std::shared_ptr<CNNBatchNormalizationDataSource> source_;
  std::string node_;
  std::size_t channels_ = 0;
  float epsilon_ = 0;
  std::vector<std::shared_ptr<Buffer>> lent_;  // gamma, beta, mean, variance of the source it follows; empty without
  // The pairs that the next reload reads; a CPU update asks for those that changed.
  bool reads_gamma_and_beta_ = true, reads_mean_and_variance_ = true;
};

}  // namespace mpsnn
