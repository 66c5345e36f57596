#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mpsnn/data_source.hpp"
#include "nodes/lowered.hpp"

namespace mpsnn {

/// gamma, beta and whatever else one normalisation reads: always there, float32, one number for each feature channel.
class NormalizationParameters : public ParameterSet {
 public:
  enum Index { kGamma, kBeta, kMean, kVariance };

  std::size_t channels() const { return channels_; }
  float epsilon() const { return epsilon_; }
  const float* values(Index index) const { return parameters[index].values->floats().data(); }

  /// From now on each run starts with what the source's own memory holds, where it lends it: filters that train one source agree.
  /// A run computes with a copy, so that an update in it does not change the gradients that are still to come.
  void follow_source();

  std::string label() const override { return source_->label(); }
  std::function<void()> read_data_source() override { return read(false); }
  /// The same without the purge: `loaded_source` is the source.
  std::function<void()> read_and_keep_loaded() { return read(true); }
  std::function<void()> read_gamma_and_beta();
  void refresh() override;
  const void* source_identity() const override { return source_.get(); }
  bool updates(NNTrainingStyle style) const override { return source_->updates(style); }
  void reload(State& state) override;
  /// Checks what an update answered, null for nothing new, and adds it to the answers.
  void accept(const StatePtr& answer, std::vector<StatePtr>& answers) const;

 protected:
  /// `node` names the filter in messages.
  NormalizationParameters(std::shared_ptr<NormalizationDataSource> source, std::string node);
  std::function<void()> read(bool keeps_loaded);
  using Arrays = std::vector<std::span<const float>>;
  /// Called between `load` and `purge`, for this many channels: the arrays in the order of `Index`, empty where there is none.
  virtual Arrays arrays(std::size_t channels) = 0;
  void take(Index index, const std::shared_ptr<Buffer>& values);
  [[noreturn]] void refuse(const std::string& what) const;

  /// Whether the next reload reads gamma and beta, and the arrays after them: a CPU update asks for those that changed.
  bool reads_gamma_and_beta_ = true, reads_the_rest_ = true;

 private:
  const std::shared_ptr<NormalizationDataSource> source_;
  const std::string node_;
  std::size_t channels_ = 0;
  float epsilon_ = 0;
  std::vector<std::shared_ptr<Buffer>> lent_;  // the memory of the source it follows; empty without
};

class BatchNormalizationParameters final : public NormalizationParameters {
 public:
  static constexpr std::size_t kCount = 4;  ///< arrays
  std::function<void()> read_mean_and_variance();

  /// Reads the source.
  BatchNormalizationParameters(std::shared_ptr<CNNBatchNormalizationDataSource> source, std::string node,
                               const LowerRequest& request = {});
  const std::shared_ptr<CNNBatchNormalizationDataSource>& source() const { return source_; }
  std::vector<StatePtr> update_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                   const StateBatch& gradient_states) override;
  void reload(State& state) override;
  bool update_on_cpu(const StateBatch& gradient_states) override;

 private:
  Arrays arrays(std::size_t channels) override;

  const std::shared_ptr<CNNBatchNormalizationDataSource> source_;
};

/// Of instance and group normalisation.
class ImageNormalizationParameters final : public NormalizationParameters {
 public:
  /// Reads the source.
  ImageNormalizationParameters(std::shared_ptr<ImageNormalizationDataSource> source, std::string node,
                               const LowerRequest& request = {});
  const std::shared_ptr<ImageNormalizationDataSource>& source() const { return source_; }
  std::size_t groups() const { return groups_; }
  std::vector<StatePtr> update_with_command_buffer(const std::shared_ptr<CommandBuffer>& command_buffer,
                                                   const StateBatch& gradient_states) override;
  bool update_on_cpu(const StateBatch& gradient_states) override;

 private:
  Arrays arrays(std::size_t channels) override;

  const std::shared_ptr<ImageNormalizationDataSource> source_;
  std::size_t groups_ = 0;
};

}  // namespace mpsnn
