#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mpsnn/export.hpp"
#include "mpsnn/types.hpp"

namespace mpsnn {

class CommandBuffer;
class CNNBatchNormalizationState;
class CNNConvolutionDescriptor;
class CNNConvolutionGradientState;
class CNNConvolutionWeightsAndBiasesState;
class CNNNormalizationGammaAndBetaState;
class CNNNormalizationMeanAndVarianceState;
class ImageNormalizationGradientState;
using ImageNormalizationGradientStateBatch = std::vector<std::shared_ptr<ImageNormalizationGradientState>>;

/// What every source of parameters shares.
class MPSNN_API DataSource {
 public:
  virtual ~DataSource();
  /// Data is about to be read; false makes the caller's construction or reload fail.
  virtual bool load() = 0;
  /// Balances one `load`; memory handed out may go away.
  virtual void purge() = 0;
  virtual std::string label() const { return {}; }
  /// Whether the update method for this style is implemented (never for UpdateDeviceNone).
  virtual bool updates(NNTrainingStyle) const { return false; }
  /// A copy for another graph; null means the source is shared.
  virtual std::shared_ptr<DataSource> copy() const { return nullptr; }
};

/// MPSCNNConvolutionDataSource: weights in the order O, kH, kW, I/groups.
class MPSNN_API CNNConvolutionDataSource : public DataSource {
 public:
  ~CNNConvolutionDataSource() override;
  virtual std::shared_ptr<CNNConvolutionDescriptor> descriptor() = 0;
  /// Of `weights`: Float32, Float16 or UInt8.
  virtual DataType data_type() = 0;
  virtual std::span<const std::byte> weights() = 0;
  /// For binary filters, which take `weights` as words of 32 bits whatever `data_type` says: in the order O, kH, kW, ceil(I/32),
  /// channel c is bit c % 32 of word c / 32, in the processor's byte order.
  virtual std::span<const std::byte> binary_weights() { return weights(); }
  /// One for each output channel, or empty for none.
  virtual std::span<const float> bias_terms() = 0;
  /// Precision of the weights inside the kernel.
  virtual DataType kernel_weights_data_type() { return DataType::Float16; }
  /// Empty means: decided by which of the two arrays below is there.
  virtual std::optional<CNNWeightsQuantizationType> weights_quantization_type() { return std::nullopt; }
  /// (min, max) for each output channel.
  virtual std::span<const float> ranges_for_uint8_kernel() { return {}; }
  /// 256 values.
  virtual std::span<const float> lookup_table_for_uint8_kernel() { return {}; }
  /// Encodes an update; returns the new values, or null to keep the old ones.
  virtual std::shared_ptr<CNNConvolutionWeightsAndBiasesState> update_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
      const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state);
  /// Updates on the CPU; true when the values changed and are to be read again.
  virtual bool update_with_gradient_state(const std::shared_ptr<CNNConvolutionGradientState>& gradient_state,
                                          const std::shared_ptr<CNNConvolutionWeightsAndBiasesState>& source_state);
  /// Buffers that hold the float32 values themselves, so that a graph need not copy them: (weights, biases or null).
  /// Empty when the source keeps them in another form.
  virtual std::vector<std::shared_ptr<class Buffer>> shared_parameters() { return {}; }
};

/// What the sources of all normalisations share: arrays of `number_of_feature_channels` floats, or empty for numbers that change
/// nothing.
class MPSNN_API NormalizationDataSource : public DataSource {
 public:
  ~NormalizationDataSource() override;
  virtual std::size_t number_of_feature_channels() = 0;
  virtual std::span<const float> gamma() = 0;
  virtual std::span<const float> beta() = 0;
  /// Added to variances.
  virtual float epsilon() { return 1.17549435e-38f; }
  /// The arrays, gamma and beta first, when the source keeps them as float32 buffers; empty otherwise.
  virtual std::vector<std::shared_ptr<class Buffer>> shared_parameters() { return {}; }
};

/// MPSCNNBatchNormalizationDataSource: has running statistics besides.
class MPSNN_API CNNBatchNormalizationDataSource : public NormalizationDataSource {
 public:
  ~CNNBatchNormalizationDataSource() override;
  virtual std::span<const float> mean() = 0;
  virtual std::span<const float> variance() = 0;
  /// Which of the two update methods of a style exist.
  virtual bool updates_gamma_and_beta(NNTrainingStyle) const { return false; }
  virtual bool updates_mean_and_variance(NNTrainingStyle) const { return false; }
  bool updates(NNTrainingStyle style) const override { return updates_gamma_and_beta(style) || updates_mean_and_variance(style); }
  virtual std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state);
  virtual std::shared_ptr<CNNNormalizationMeanAndVarianceState> update_mean_and_variance_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const std::shared_ptr<CNNBatchNormalizationState>& state);
  virtual bool update_gamma_and_beta_with_batch_normalization_state(const std::shared_ptr<CNNBatchNormalizationState>& state);
  virtual bool update_mean_and_variance_with_batch_normalization_state(const std::shared_ptr<CNNBatchNormalizationState>& state);
};

/// What the sources of instance and group normalisation share: statistics are those of each image. `load` and `purge` may be
/// left out. Updates get a state for each image; the source adds their gradients up.
class MPSNN_API ImageNormalizationDataSource : public NormalizationDataSource {
 public:
  ~ImageNormalizationDataSource() override;
  bool load() override { return true; }
  void purge() override {}
  /// Channels are split into as many ranges of equal size, each with a mean and a variance of its own.
  virtual std::size_t number_of_groups() { return number_of_feature_channels(); }
  virtual std::shared_ptr<CNNNormalizationGammaAndBetaState> update_gamma_and_beta_with_command_buffer(
      const std::shared_ptr<CommandBuffer>& command_buffer, const ImageNormalizationGradientStateBatch& state_batch);
  virtual bool update_gamma_and_beta_with_state_batch(const ImageNormalizationGradientStateBatch& state_batch);
};

/// MPSCNNInstanceNormalizationDataSource.
class MPSNN_API CNNInstanceNormalizationDataSource : public ImageNormalizationDataSource {
 public:
  ~CNNInstanceNormalizationDataSource() override;
};

/// MPSCNNGroupNormalizationDataSource.
class MPSNN_API CNNGroupNormalizationDataSource : public ImageNormalizationDataSource {
 public:
  ~CNNGroupNormalizationDataSource() override;
  std::size_t number_of_groups() override { return number_of_groups_; }
  virtual void set_number_of_groups(std::size_t number_of_groups) { number_of_groups_ = number_of_groups; }

 private:
  std::size_t number_of_groups_ = 0;
};

}  // namespace mpsnn
